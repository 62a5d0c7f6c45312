"""The command line as people and scripts meet it: a child process, its two streams and its exit code.

It runs with every warning an error, so that what it leaves open would show on stderr. The regions are mostly those of a
lab in this process; the child gets their URLs.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

import wsconn
from wsconn.lab import Lab

ROOT = pathlib.Path(wsconn.__file__).parents[1]
BOUND_SECONDS = 60  # for a child on a machine that has a lot else to do
AS_MODULE = "import runpy; runpy.run_module('wsconn', run_name='__main__', alter_sys=True)"
WITHOUT_RICH = (
    # As where it is not installed: nobody who is asked finds it.
    "import sys\n"
    "class Without:\n"
    "    def __init__(self, finder): self.finder = finder\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        return None if name.partition('.')[0] == 'rich' else self.finder.find_spec(name, path, target)\n"
    "sys.meta_path[:] = map(Without, sys.meta_path)\n"
)

posix = pytest.mark.skipif(os.name != "posix", reason="signals, terminals and /dev are POSIX")

_FOREIGN = (
    "COLUMNS",
    "LINES",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "WSCONN_REGIONS",
    "WSCONN_PAC",
    "WSCONN_SITE",
    "NO_COLOR",
    "FORCE_COLOR",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SERVICE_NAME",
)


def environment(**changes: str) -> dict[str, str]:
    """This process' own, without what would change a child's output or its way to the lab."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **changes}


def arguments(*args: str, code: str | None = None) -> list[str]:
    """Return how `wsconn` is started with `args`; `code` in its place sees them as `sys.argv[1:]`."""
    return [sys.executable, "-W", "error", *(["-m", "wsconn"] if code is None else ["-c", code]), *args]


def run(
    *args: str,
    code: str | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    **changes: str,
) -> subprocess.CompletedProcess[str]:
    """Run `wsconn` to its end; `changes` are of the environment."""
    return subprocess.run(
        arguments(*args, code=code),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        env=environment(**changes),
        timeout=BOUND_SECONDS,
        check=False,
    )


@contextlib.contextmanager
def running(*args: str, code: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run `wsconn` beside the block, until it ends or the block does; `code` comes before it."""
    with subprocess.Popen(
        arguments(*args, code=code + AS_MODULE),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    ) as child:
        bound = threading.Timer(BOUND_SECONDS, child.kill)
        bound.start()
        try:
            yield child
        finally:
            bound.cancel()
            child.kill()


def ended(child: subprocess.Popen[str], by: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """End a child by a signal; return its code, and what it wrote since to stdout and stderr."""
    child.send_signal(by)
    stdout, stderr = child.communicate()
    return child.returncode, stdout, stderr


def named(lab: Lab) -> list[str]:
    """Return the lab's regions as the command line takes them."""
    return [f"{name}={url}" for name, url in lab.regions.items()]


def authority(lab: Lab, folder: pathlib.Path) -> str:
    """Write whom to trust in the lab to a file, and return its name."""
    file = folder / "authority.pem"
    file.write_text("".join(map(ssl.DER_cert_to_PEM_cert, lab.ssl_context.get_ca_certs(binary_form=True))))
    return str(file)
