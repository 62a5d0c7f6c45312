"""Ctrl-C at any moment: silence and the code 130, from the first file of wsconn that is loaded to the end."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest

from tests.cli.command_line import BOUND_SECONDS, ROOT, arguments, environment, named, posix, run
from wsconn._cli import ExitCode
from wsconn.lab import Lab, faults

pytestmark = posix

SCRIPT = (
    "import sys\nfrom wsconn._cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"  # as pip makes it
)
# Python reads this file when it starts. It tells when a module is looked for: on a pipe, or by Ctrl-C.
SITE = """
import os, signal, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ['WATCH']:
            if 'PIPE' in os.environ:
                os.write(int(os.environ['PIPE']), b'.')
            else:
                os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Watch())
"""
FIRST = "wsconn._api"  # is loaded after what heeds Ctrl-C
DELAYS = [0, *(0.003 * 1.35**step for step in range(19))]  # seconds, up to two thirds of one
LATER = {  # modules, as they are loaded one after the other
    "check": [FIRST, "wsconn._run.handle", "wsconn._cli", "argparse", "wsconn._cli.commands.check"],
    "explain": ["wsconn._cli.commands.explain"],
}


@pytest.fixture(params=["module", "script"])
def program(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> list[str]:
    """How `wsconn` is started, both ways that people have."""
    (tmp_path / "sitecustomize.py").write_text(SITE)
    if request.param == "module":
        return arguments()
    script = tmp_path / "wsconn"
    script.write_text(SCRIPT)
    return [sys.executable, "-W", "error", str(script)]


def start(program: Sequence[str], folder: pathlib.Path, **changes: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(PYTHONPATH=os.pathsep.join([str(folder), str(ROOT)]), **changes),
        pass_fds=[int(changes["PIPE"])] if "PIPE" in changes else [],
    )


def test_ctrl_c_after_any_delay(lab: Lab, program: list[str], tmp_path: pathlib.Path) -> None:
    """Whatever the process is at, stderr stays empty; what was known may be printed, and the code is that of Ctrl-C."""
    lab.add("eu", fault=faults.MUTE)
    seen = {}
    for delay in DELAYS:
        reader, writer = os.pipe()
        with start([*program, "check", "-q", *named(lab)], tmp_path, WATCH=FIRST, PIPE=str(writer)) as child:
            os.close(writer)
            with os.fdopen(reader, "rb") as pipe:
                assert pipe.read(1) == b"."
            threading.Event().wait(delay)
            child.send_signal(signal.SIGINT)
            _, stderr = child.communicate(timeout=BOUND_SECONDS)
        seen[delay] = child.returncode, stderr
    assert seen == dict.fromkeys(DELAYS, (ExitCode.INTERRUPTED, ""))


@pytest.mark.parametrize(("command", "module"), [(command, module) for command in LATER for module in LATER[command]])
def test_ctrl_c_amid_an_import(program: list[str], command: str, module: str, tmp_path: pathlib.Path) -> None:
    """Python would show a traceback of its imports there."""
    with start([*program, command], tmp_path, WATCH=module) as child:
        stdout, stderr = child.communicate(timeout=BOUND_SECONDS)
    assert (child.returncode, stdout, stderr) == (ExitCode.INTERRUPTED, "", "")


@pytest.mark.parametrize("main", ["", "wsconn._cli"], ids=["library", "name-alone"])
def test_a_program_that_uses_the_library_keeps_its_own_ctrl_c(main: str) -> None:
    """Only the command line ends in silence: elsewhere `KeyboardInterrupt` is what it was."""
    code = f"import signal, wsconn; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, {main!r})"
    assert run(code=code).stdout == f"True {main}\n"


def test_ctrl_c_that_the_shell_has_ignored_stays_ignored(lab: Lab) -> None:
    """As with `nohup`, or a job in the background of a script."""
    lab.add("eu")
    code = (
        "import os, signal, sys\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nos.execv(sys.executable, sys.argv[1:])"
    )
    kept = (
        "import os, signal, runpy; os.kill(os.getpid(), signal.SIGINT)\nrunpy.run_module('wsconn', run_name='__main__')"
    )
    child = run(sys.executable, "-c", kept, "check", "-q", *named(lab), code=code)
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")
