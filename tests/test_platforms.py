"""What differs on Windows and macOS, as far as it can be shown on any system: each program here lacks, or has, what
another system's Python would. `docs/explanation/tried.md` lists what could not be tried.
"""

from __future__ import annotations

import json
import pathlib
import ssl
import subprocess
import sys
import textwrap

import pytest

import wsconn
from tests.processes import posix
from wsconn import Cause, Region
from wsconn._proxies import Proxies
from wsconn._regions import parse_url
from wsconn._stages.tls import failure
from wsconn._system_proxies import as_meant
from wsconn.lab import Lab

PACKAGE = pathlib.Path(wsconn.__file__).parent
SHOWN_CLOCKS = {"monotonic", "perf_counter", "monotonic_ns", "perf_counter_ns"}


def run(program: str, *arguments: str) -> list[str]:
    """Run a program in a process of its own and return the lines that it prints."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@posix
def test_a_system_without_poll(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Windows has `select` alone: regions pass, fail, time out and are aborted all the same, and TLS is spoken."""
    lab.add("near")
    lab.add("secure", tls=True, latency=0.02)
    lab.add("shut", fault="refused")
    lab.add("silent", fault="mute")
    lab.add("lost", fault="black-hole")
    authority = tmp_path / "authority.pem"
    authority.write_text("".join(map(ssl.DER_cert_to_PEM_cert, lab.ssl_context.get_ca_certs(binary_form=True))))
    lines = run(
        """
        import select, selectors
        del selectors.PollSelector, select.poll
        import json, ssl, sys, time
        import wsconn
        from wsconn._io import waiting

        print(waiting._Selector.__name__)
        regions, trust = json.loads(sys.argv[1]), ssl.create_default_context(cafile=sys.argv[2])
        result = wsconn.check(regions, timeout=4, proxy=None, ssl_context=trust)
        print(*(f"{o.region}={o.failure.cause if o.failure else o.status}" for o in result.outcomes))
        handle = wsconn.start(regions, timeout=30, proxy=None, ssl_context=trust)
        next(handle.as_completed(10))
        began = time.monotonic()
        with handle:
            handle.abort()
        print(handle.result().result, time.monotonic() - began < 2)
        """,
        json.dumps(dict(lab.regions)),
        str(authority),
    )
    assert lines == [
        "_Select",
        "near=passed secure=passed shut=refused silent=timeout lost=timeout",
        "aborted True",
    ]


def test_the_numbers_of_windows_errors() -> None:
    """Winsock's own numbers are read as the errors that they are, and told by the names that every system has."""
    lines = run(
        """
        import errno, socket
        for name, number in {"WSAEACCES": 10013, "WSAEMFILE": 10024, "WSAECONNREFUSED": 10061}.items():
            setattr(errno, name, number)
            errno.errorcode[number] = name
        from wsconn._stages.connect import _cause
        from wsconn._diagnosis.evidence import symbol

        for number in 10013, 10024:
            print(_cause(number, socket.AF_INET, at_once=True), symbol(OSError(number, "")))
        print(symbol(OSError(10061, "")))
        """
    )
    assert lines == ["blocked_locally EACCES", "local_limit EMFILE", "ECONNREFUSED"]


@posix
def test_a_system_without_fork() -> None:
    """Windows has no `fork`, and so nothing to register for it: the package loads without."""
    assert run(
        "import os\ndel os.fork, os.register_at_fork\nimport wsconn, wsconn._arguments\nprint(wsconn.__version__)"
    ) == [wsconn.__version__]


def test_there_is_one_clock() -> None:
    """Durations come from `_deadline.now`: on Windows before Python 3.13 `time.monotonic` ticks every 15.6 ms only."""
    engine = [file for file in PACKAGE.glob("_*.py") if file.name != "_deadline.py"]
    asked = [file.name for file in engine for clock in SHOWN_CLOCKS if f"time.{clock}" in file.read_text("utf-8")]
    assert asked == []


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ({"socks": "http://proxy.example.org:1080"}, "socks5h://proxy.example.org:1080"),
        ({"socks": "socks4://proxy.example.org:1080"}, "socks4://proxy.example.org:1080"),
        ({"https": "http://web.example.org:3128", "socks": "http://s.example.org"}, "http://web.example.org:3128"),
    ],
    ids=["macOS", "Windows", "both"],
)
def test_a_proxy_for_socks_in_the_systems_settings(system: dict[str, str], expected: str) -> None:
    """CPython writes http:// before macOS' proxy for SOCKS; it is spoken to as what it is."""
    chosen = Proxies(system=as_meant(system)).choose(parse_url("wss://eu.example.org/"))
    assert str(chosen) == f"{expected} (from the system's settings)"


def test_a_context_that_verifies_by_itself() -> None:
    """What asks Windows or macOS about a certificate raises errors of its own making, which may have no code."""
    bare = failure(ssl.SSLCertVerificationError("Peer sent no certificates to verify"))
    assert bare.cause is Cause.TLS_UNTRUSTED
    assert bare.evidence
    assert bare.evidence.detail == "Peer sent no certificates to verify"
    coded = ssl.SSLCertVerificationError("“eu” certificate is not trusted")
    coded.verify_code, coded.verify_message = -67843, "“eu” certificate is not trusted"
    assert failure(coded).cause is Cause.TLS_UNTRUSTED


def test_paths_of_regions_are_the_systems(tmp_path: pathlib.Path) -> None:
    """A path is what the system takes for one: a `str` with the system's separator, or a `PathLike`."""
    file = tmp_path / "regions.toml"
    file.write_text('[regions.eu]\nurl = "wss://eu.example.org/"\n', encoding="utf-8")
    expected = (Region("eu", "wss://eu.example.org/"),)
    assert wsconn.load_regions(str(file)) == wsconn.load_regions(file) == expected
