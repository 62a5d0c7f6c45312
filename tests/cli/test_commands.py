"""The command line: exit codes, errors of use, what is printed, being interrupted, streams that fail, and the demo."""

from __future__ import annotations

import json
import os
import pathlib
import select
import signal
import socket
import threading
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsconn
from tests.cli.command_line import (
    AS_MODULE,
    BOUND_SECONDS,
    authority,
    ended,
    named,
    posix,
    run,
    running,
)
from wsconn import Cause, ConnectivityResult, Failure, RegionOutcome, Stage, Status, Timings, Verdict
from wsconn._cli import ExitCode
from wsconn._cli.commands.demo import _BROKEN, _set_up
from wsconn.lab import Lab, faults
from wsconn.reports import ASCII_SIGNS, to_text


def outcome(name: str = "eu", status: Status = Status.PASSED, **changes: Any) -> RegionOutcome:
    """Make an outcome by hand, for the text that is made of it."""
    failure = Failure(stage=Stage.CONNECT, cause=Cause.REFUSED, message="it refused", advice="ask why")
    failed = {"failure": failure} if status is Status.FAILED else {}
    return RegionOutcome(region=name, url="ws://h/", status=status, **{**failed, **changes})


def result(*outcomes: RegionOutcome) -> ConnectivityResult:
    return ConnectivityResult(outcomes=outcomes, started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), duration=1.25)


# --- exit codes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regions", "code"),
    [
        pytest.param({"eu": None, "us": None}, ExitCode.PASSED, id="passed"),
        pytest.param({"eu": "refused", "us": "http-403"}, ExitCode.FAILED, id="failed"),
        pytest.param({"eu": None, "us": "refused"}, ExitCode.WARNING, id="warning"),
    ],
)
def test_exit_code_tells_the_result(lab: Lab, regions: dict[str, str | None], code: ExitCode) -> None:
    """A script need not read the output; and with -q there is nothing on stderr when all went its way."""
    for name, fault in regions.items():
        lab.add(name, fault=fault)
    child = run("check", *named(lab), "-q")
    assert (child.returncode, child.stderr) == (code, "")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_an_exit_code_of_its_name(verdict: Verdict) -> None:
    """`aborted` too, which the command line itself only meets together with Ctrl-C."""
    assert ExitCode.of(verdict).name.lower() == verdict


def test_help_tells_the_exit_codes() -> None:
    """The codes are documented where somebody looks who has only the program."""
    child = run("--help")
    assert (child.returncode, child.stderr) == (0, "")
    told = " ".join(child.stdout.split())
    assert told.endswith(" ".join(["exit codes:", *(f"{code.value} {code.meaning}" for code in ExitCode)]))


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", ["", "check", "watch", "proxy", "lab", "demo", "explain"])
def test_help_of_each_command(command: str, columns: int) -> None:
    """It fits the terminal, and a locale that knows ASCII only."""
    child = run(*command.split(), "--help", PYTHONIOENCODING="ascii", COLUMNS=str(columns))
    assert (child.returncode, child.stderr) == (0, "")
    assert child.stdout.startswith(f"usage: {' '.join(['wsconn', *command.split()])} [-h]")
    assert max(map(len, child.stdout.splitlines())) <= columns


def test_help_of_the_lab_promises_no_stages() -> None:
    """They happen in another program."""
    assert "stages" in " ".join(run("check", "--help").stdout.split())
    assert "stages" not in run("lab", "--help").stdout


def test_version() -> None:
    """`--version` prints the library's version and loads nothing for it, not even a parser."""
    child = run("--version")
    assert (child.returncode, child.stdout, child.stderr) == (0, f"wsconn {wsconn.__version__}\n", "")
    assert loaded_by("--version", "argparse logging wsconn._cli.parser wsconn._cli.commands wsconn.reports") == []


def test_a_check_loads_what_it_needs(lab: Lab) -> None:
    """No other command, format or option is, and no way to a server that no region goes."""
    lab.add("down", fault="refused")
    lab.add("behind", fault="refused", tls=True)
    others = "wsconn._cli.commands.debug wsconn._debug wsconn.fleet wsconn.lab wsconn.reports._debugger"
    formats = "wsconn.reports._html wsconn.reports._json wsconn.reports._markdown wsconn.reports._prometheus"
    ways = "wsconn._stages.proxy wsconn._protocols.socks_replies wsconn._stages.discovery"
    libraries = "json secrets difflib jinja2 rich"
    unwanted = f"{others} {formats} {ways} {libraries}"
    assert loaded_by("check", "-q", *named(lab), unwanted) == []


def loaded_by(*words: str) -> list[str]:
    """Run a command and return which modules, of those that the last word names, it has loaded."""
    *args, modules = words
    told = f"import atexit, sys\natexit.register(lambda: print(*(set({modules.split()}) & set(sys.modules))))\n"
    return sorted(run(*args, code=told + AS_MODULE).stdout.splitlines()[-1].split())


# --- what is printed -----------------------------------------------------------------------------------------------


def test_json_has_the_fields_of_daily_js_and_whole_outcomes(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The keys are those of the records, in their order; enums are words and times are ISO 8601."""
    lab.add("eu", tls=True)
    lab.add("us", fault=faults.http_status(503))
    child = run("check", *named(lab), "-q", "--format", "json", SSL_CERT_FILE=authority(lab, tmp_path))
    assert (child.returncode, child.stderr) == (ExitCode.WARNING, "")
    told = json.loads(child.stdout)
    daily = ["result", "passedRegions", "failedRegions", "abortedRegions"]
    assert list(told) == ["findings", *daily, "schema", "started_at", "duration", "machine", "outcomes"]
    assert [told["result"], told["passedRegions"], told["failedRegions"]] == ["warning", ["eu"], ["us"]]
    eu, us = told["outcomes"]
    assert list(eu) == list(us) == [field.name for field in attrs.fields(RegionOutcome)]
    assert (eu["status"], eu["failure"], eu["http_status"]) == ("passed", None, 101)
    assert datetime.fromisoformat(eu["tls"]["not_after"]).tzinfo is not None
    assert eu["timings"]["tls"] > 0
    assert (us["failure"]["stage"], us["failure"]["cause"], us["tls"]) == ("upgrade", "http_status", None)


def test_text_tells_each_region_and_last_the_verdict(lab: Lab) -> None:
    """A word and a sign per region, why one failed and what to do, and what that means for a call."""
    lab.add("eu-west-1")
    lab.add("sa-east-1", fault=faults.redirect("https://portal.example/"))
    child = run("check", *named(lab))
    finding, why, regions, _ = child.stdout.split("\n\n")
    assert finding.startswith("  finding  sa-east-1 (1 of 2 regions) fails at the upgrade: ")
    head, eu, sa = regions.splitlines()
    assert head.split() == ["region", "resolve", "connect", "upgrade", "frames"]
    assert eu.startswith("✓ passed   eu-west-1 ")
    assert eu.count(" ms") == 4
    assert sa.startswith("✗ failed   sa-east-1 ")
    assert sa.count(" ms") == 3
    assert why.startswith("  cause    redirected, in the stage upgrade\n  region   sa-east-1\n  advice   ")
    assert "\n  seen     127.0.0.1:" in why
    assert "! warning  A WebSocket can be opened to 1 of 2 regions." in child.stdout


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_text_fits_the_terminal(lab: Lab, columns: int) -> None:
    """Lines are wrapped to the width there is, and their text keeps its column."""
    lab.add("sa-east-1", fault=faults.http_status(403))
    child = run("check", *named(lab), COLUMNS=str(columns))
    assert max(map(len, child.stdout.splitlines())) <= columns
    labels = ("finding", "cause", "region", "advice", "seen")
    blank, labelled = " " * 11, ("✗ failed   ", *(f"  {label:7}  " for label in labels))
    assert all(line.startswith((blank, *labelled)) for line in child.stdout.splitlines() if line)


def test_text_in_a_locale_without_the_signs(lab: Lab) -> None:
    """In ASCII the signs are ASCII and a name that is not is escaped; nothing is lost and nothing raises."""
    lab.add("são-paulo", fault="refused")
    child = run("check", *named(lab), PYTHONIOENCODING="ascii")
    assert child.returncode == ExitCode.FAILED
    assert (child.stdout + child.stderr).isascii()
    assert r"x failed   s\xe3o-paulo" in child.stdout
    assert r"x failed   s\xe3o-paulo  refused, in the stage connect, after " in child.stderr


@pytest.mark.parametrize(
    ("outcomes", "meaning"),
    [
        ([outcome()], "✓ passed   A WebSocket can be opened to the region."),
        (
            [outcome(round_trip=0.25), outcome("us", round_trip=0.03)],
            "A WebSocket can be opened to both regions. The fastest is us, with a round trip of 30 ms.",
        ),
        ([outcome(), outcome("us")], "A WebSocket can be opened to both regions."),
        ([outcome(), outcome("us"), outcome("af")], "A WebSocket can be opened to all 3 regions."),
        (
            [outcome(), outcome("us"), outcome("af", Status.FAILED)],
            "! warning  A WebSocket can be opened to 2 of 3 regions.",
        ),
        ([outcome(status=Status.FAILED)], "✗ failed   No working WebSocket could be opened to the region."),
        (
            [outcome(status=Status.FAILED), outcome("us", Status.FAILED)],
            "No working WebSocket could be opened to either region.",
        ),
        (
            [outcome(), outcome("us", Status.FAILED), outcome("af", Status.ABORTED)],
            "○ aborted  The test was ended early. Of 3 regions, 1 passed, 1 failed, and of 1 nothing is known.",
        ),
    ],
)
def test_verdict_is_explained(outcomes: list[RegionOutcome], meaning: str) -> None:
    """The last words are plain ones, in the right number."""
    *_, last = to_text(result(*outcomes)).split("\n\n")
    assert " ".join(meaning.split()) in " ".join(last.split())


any_text = st.text(max_size=30)
any_outcome = st.builds(
    RegionOutcome,
    region=st.text(min_size=1, max_size=30),
    url=any_text,
    status=st.just(Status.FAILED),
    timings=st.builds(Timings, resolve=st.none() | st.floats(0, 9), frames=st.none() | st.floats(0, 9)),
    failure=st.builds(
        Failure, stage=st.sampled_from(Stage), cause=st.sampled_from(Cause), message=any_text, advice=any_text
    ),
)


@given(st.lists(any_outcome, max_size=4), st.integers(0, 200))
def test_text_holds_no_control_characters(outcomes: list[RegionOutcome], width: int) -> None:
    """Whatever a record holds, a terminal gets printable characters and line ends."""
    report = to_text(result(*outcomes), width=width, signs=ASCII_SIGNS)
    assert report.endswith("\n")
    assert report.replace("\n", "").isprintable()


# --- being interrupted, and streams that fail ------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_ctrl_c_prints_what_is_known(lab: Lab, form: str, by: signal.Signals) -> None:
    """Being interrupted in the midst of a check aborts it: the outcomes so far are printed, the code is 130."""
    reached = threading.Event()

    def hang(sock: socket.socket) -> None:
        reached.set()
        while sock.recv(4096):
            pass

    lab.add("refusing", fault="refused")
    lab.add("hanging", fault=hang)
    with running("check", *named(lab), "--timeout", str(2 * BOUND_SECONDS), "--format", form) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("✗ failed   refusing  refused, in the stage connect, after ")
        assert reached.wait(BOUND_SECONDS)
        code, stdout, stderr = ended(child, by)
    assert (code, stderr) == (ExitCode.INTERRUPTED, "")
    if form == "json":
        assert json.loads(stdout)["abortedRegions"] == ["hanging"]
        assert json.loads(stdout)["failedRegions"] == ["refusing"]
    else:
        assert "○ aborted  hanging" in stdout
        assert "✗ failed   refusing" in stdout


@posix
def test_ctrl_c_pressed_again_and_again(lab: Lab) -> None:
    """People press it more than once: the report is printed all the same."""
    lab.add("refusing", fault="refused")
    lab.add("hanging", fault=faults.MUTE)
    with running("check", *named(lab), "--timeout", str(2 * BOUND_SECONDS)) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("✗ failed   refusing  ")
        while not select.select([child.stdout], [], [], 0.001)[0]:  # until there is a report, or none
            child.send_signal(signal.SIGINT)
        stdout, stderr = child.communicate()
    assert (child.returncode, stderr) == (ExitCode.INTERRUPTED, "")
    assert "○ aborted  hanging" in stdout


@posix
def test_ctrl_c_in_the_demo_shows_what_is_known() -> None:
    """It ends as a check does; whether all was as set up is not known then."""
    with running("demo") as child:
        assert child.stderr is not None
        assert "9 of them broken on purpose" in child.stderr.readline()
        assert child.stderr.readline()  # a region has settled
        code, stdout, stderr = ended(child)
    assert code == ExitCode.INTERRUPTED
    assert "○ aborted  af-south-1" in stdout
    assert "demo: " not in stderr


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_stream_that_is_closed_is_left_alone(lab: Lab, stream: str, tmp_path: pathlib.Path) -> None:
    """Where nothing is to go to the stream it is not missed, and none of it goes to the other one."""
    closed = f"import sys; sys.{stream} = None\n" + AS_MODULE
    child = run("check", f"eu={lab.add('eu')}", "chekc", code=closed)
    assert (child.returncode, child.stdout) == (ExitCode.USAGE, "")
    child = run("check", "-q", f"eu={lab.regions['eu']}", "--output", str(tmp_path / "report.txt"), code=closed)
    assert (child.returncode, child.stdout, child.stderr) == (ExitCode.PASSED, "", "")


@pytest.mark.parametrize("args", [["check", "-q", "eu=URL"], ["explain"], ["lab", "--list"]], ids=lambda args: args[0])
def test_stdout_that_is_closed_loses_no_report_in_silence(lab: Lab, args: list[str]) -> None:
    """What a shell's `>&-` takes away (Python has `None` then) is missed where the report was to go there."""
    url = lab.add("eu")
    child = run(*(arg.replace("URL", url) for arg in args), code="import sys; sys.stdout = None\n" + AS_MODULE)
    assert child.returncode == ExitCode.INTERNAL
    assert child.stderr == "wsconn: cannot write to stdout: it is closed\n"


@pytest.mark.parametrize("args", [["check", "-q", "eu=URL"], ["--help"], ["--version"]], ids=lambda args: args[0])
def test_reader_that_left_is_no_error(lab: Lab, args: list[str]) -> None:
    """`wsconn … | head` says nothing about the pipe, and the code still tells the result."""
    url = lab.add("eu")
    reader, writer = os.pipe()
    os.close(reader)
    try:
        child = run(*(arg.replace("URL", url) for arg in args), stdout=writer)
    finally:
        os.close(writer)
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("args", [["check", "-q", "eu=URL"], ["--help"]], ids=lambda args: args[0])
def test_full_disk_is_one_line(lab: Lab, args: list[str], unbuffered: str) -> None:
    """A result that could not be written is not a result; in a container Python often writes without a buffer."""
    url = lab.add("eu")
    with pathlib.Path("/dev/full").open("w") as full:
        child = run(*(arg.replace("URL", url) for arg in args), stdout=full.fileno(), PYTHONUNBUFFERED=unbuffered)
    assert child.returncode == ExitCode.INTERNAL
    assert child.stderr == "wsconn: cannot write to stdout: No space left on device\n"


FAULTY = (
    "import wsconn\n"
    "def start(*args, **kwargs): raise RuntimeError('boom\\n\\x1b[31m')\n"
    "wsconn.start = start\n" + AS_MODULE
)


def test_too_little_memory_is_no_fault_of_ours() -> None:
    """The line says what is missing, and asks for no report."""
    child = run("check", "a=ws://h/", code=FAULTY.replace("RuntimeError('boom\\n\\x1b[31m')", "MemoryError"))
    assert (child.returncode, child.stdout) == (ExitCode.INTERNAL, "")
    assert child.stderr == "wsconn: there is not enough memory on this machine\n"


def test_fault_of_our_own_is_one_line() -> None:
    """No traceback reaches a person; a maintainer gets the kind, the words and the line."""
    child = run("check", "a=ws://h/", code=FAULTY)
    assert (child.returncode, child.stdout) == (ExitCode.INTERNAL, "")
    assert child.stderr == (
        "wsconn: internal error: RuntimeError: boom\\n\\x1b[31m (<string>, line 2); please report it\n"
    )


@pytest.mark.parametrize(("args", "shown"), [(["-v"], False), (["-vv"], True)], ids=["-v", "-vv"])
def test_traceback_is_for_those_who_ask(args: list[str], shown: bool) -> None:
    """At -vv it comes before the line, with its control characters escaped."""
    child = run("check", "a=ws://h/", *args, code=FAULTY)
    assert child.returncode == ExitCode.INTERNAL
    assert ("Traceback (most recent call last):\n" in child.stderr) is shown
    assert child.stderr.endswith("; please report it\n")
    assert child.stderr.replace("\n", "").isprintable()


def test_fault_that_costs_one_region_shows_its_traceback_too(lab: Lab) -> None:
    """The engine goes on after a fault of its own, and logs it: at -vv that is said."""
    broken = "from wsconn._probe.probe import Probe\ndef fail(*_): raise RuntimeError('boom')\nProbe.attempt = fail\n"
    code = broken + AS_MODULE
    region = f"eu={lab.add('eu')}"
    quiet, loud = run("check", region, code=code), run("check", region, "-vv", code=code)
    assert quiet.returncode == loud.returncode == ExitCode.FAILED
    assert "Traceback" not in quiet.stderr
    assert "Traceback (most recent call last):\n" in loud.stderr
    assert "RuntimeError: boom\n" in loud.stderr


# --- demo ----------------------------------------------------------------------------------------------------------


def test_demo_shows_what_it_set_up() -> None:
    """It sees 25 regions, tells each broken one with its cause, and ends with 0; a proxy that is set is not asked."""
    child = run("demo", ALL_PROXY="http://127.0.0.1:9")
    assert child.returncode == ExitCode.PASSED, child.stdout
    lines = child.stdout.splitlines()
    assert {line.split()[2] for line in lines if line.startswith("✗ failed   ")} == set(_BROKEN)
    assert sum(line.startswith("✓ passed   ") for line in lines) == 25 - len(_BROKEN)
    for broken in _BROKEN.values():
        assert any(f"  cause    {cause}, in the stage {broken.stage}" in lines for cause in broken.causes)
    assert "! warning  A WebSocket can be opened to 16 of 25 regions." in child.stdout
    first, *settled, last = child.stderr.splitlines()
    assert first == "25 regions on this machine, 9 of them broken on purpose:"
    assert len(settled) == 25
    assert last == "demo: as set up: 16 healthy regions passed, 9 broken ones failed for the right cause."


def test_demo_tells_a_surprise() -> None:
    """With too little time for a far region, which is healthy, it says so and ends with 1."""
    code = "from wsconn._cli.commands import demo; demo._TIMEOUT_SECONDS = 0.2\n" + AS_MODULE
    child = run("demo", code=code)
    assert child.returncode == ExitCode.FAILED, child.stdout
    assert "demo: surprise: ap-southeast-2 was set up for passed, and the check said timeout in " in child.stderr


@pytest.mark.parametrize("extra", ["trustme", "websockets"])
@pytest.mark.parametrize("command", ["demo", "lab"])
def test_without_the_lab_there_is_its_install_line(extra: str, command: str) -> None:
    """Whoever has not installed the extra gets its install line; no traceback, code 2."""
    child = run(command, code=f"import sys; sys.modules[{extra!r}] = None\n" + AS_MODULE)
    assert (child.returncode, child.stdout) == (ExitCode.USAGE, "")
    assert child.stderr == f'wsconn {command}: wsconn.lab needs {extra}; try pip install "wsconn[lab]"\n'


class LabWithoutBlackHole(Lab):
    """A lab as it is on Windows, whose kernel answers for a full queue."""

    def add(self, name: str, **wanted: Any) -> str:
        if wanted.get("fault") is faults.BLACK_HOLE:
            raise OSError("no black hole here")
        return super().add(name, **wanted)


def test_demo_without_a_black_hole_shows_the_next_best() -> None:
    """Where the platform has none, another silence takes its place and is expected as such."""
    with LabWithoutBlackHole() as lab:
        broken = _set_up(lab)
        assert len(lab.regions) == 25
    assert (broken["af-south-1"].stage, broken["af-south-1"].causes) == (Stage.UPGRADE, (Cause.TIMEOUT,))
