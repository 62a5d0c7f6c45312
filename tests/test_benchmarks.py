"""The benchmark runs from end to end with the clients that the tests have, so that it cannot rot unseen."""

from __future__ import annotations

import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
BOUND_SECONDS = 60

pytestmark = pytest.mark.skipif(not (ROOT / "benchmarks").exists(), reason="needs the sources")


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )


# `websockets.sync` reads and writes in two threads: with TLS 1.3 that makes it hang now and then.
@pytest.mark.parametrize(
    ("scheme", "clients"),
    [
        ("ws", "websockets-sync,websockets,websocket-client"),
        ("wss", "websockets,websocket-client,websocket-client-alone"),
    ],
    ids=["ws", "wss"],
)
def test_every_client_opens_every_region(scheme: str, clients: str, tmp_path: pathlib.Path) -> None:
    """Each client has a row with its runs and without a false verdict, printed and written."""
    clients = f"wsconn,bare,{clients}"
    written = tmp_path / "tables.md"
    case = ("--cases", f"local:{scheme}", "--counts", "2", "--rounds", "1")
    done = benchmark(*case, "--clients", clients, "--write", str(written))
    assert done.returncode == 0, done.stderr
    assert written.read_text("utf-8") == done.stdout
    for client in [*clients.split(","), "wsconn, nothing imported"]:
        rows = re.findall(rf"^\| {client} \| 1 \| .*\| 0 of 2 \| \d+%(?: \(limit\))? \|$", done.stdout, re.MULTILINE)
        assert len(rows) == 1, done.stdout


def test_an_earlier_version_takes_part() -> None:
    """A wheel, or a checkout, is measured beside this one, with pongs too, and so is what starting it costs."""
    case = ("--cases", "local:ws:25,verified:ws:25,imports", "--counts", "25", "--rounds", "1")
    done = benchmark(*case, "--clients", "wsconn,bare", "--before", str(ROOT))
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^\| wsconn before \| 1 \| .*\| 0 of 25 \|", done.stdout, re.MULTILINE)) == 2, done.stdout
    for what in ("CPU, `ws`, 25 at once | 0.75 times", "`wsconn check` of a region that is refused, the whole process"):
        assert f"| {what}" in done.stdout


def test_aborts_and_imports_are_measured() -> None:
    """What is asked of an abort, of memory and of the import stands in the first table."""
    done = benchmark("--cases", "abort:ws:25,imports", "--rounds", "1", "--clients", "wsconn")
    assert done.returncode == 0, done.stderr
    for what in ("Abort to result, 25 in flight", "`import wsconn`, over bare Python", "`wsconn --version`"):
        assert f"| {what}" in done.stdout


@pytest.mark.parametrize(("option", "value"), [("--cases", "nonsense"), ("--clients", "nonsense")])
def test_unknown_names_are_refused(option: str, value: str) -> None:
    """A misspelt case or client ends it at once, with those that there are."""
    done = benchmark(option, value)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there are: " in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as POSIX does")
def test_ctrl_c_leaves_nothing_behind(tmp_path: pathlib.Path) -> None:
    """Interrupted in the middle of a run, it ends its processes and removes its folder."""
    command = [sys.executable, "-m", "benchmarks", "--cases", "abort:ws:25", "--clients", "wsconn"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "round" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(BOUND_SECONDS) == 130
    assert list(tmp_path.iterdir()) == []
    # Clients are told what to do over stdin; the server has the folder's files in its command.
    commands = [command_line(file) for file in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
    assert not [one for one in commands if os.fsencode(tmp_path) in one]


def command_line(file: pathlib.Path) -> bytes:
    """Return a process' command; nothing when it has ended by now."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_an_export_is_measured() -> None:
    """The benchmark of exports by OTLP runs with a collector that takes all."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.otlp", "--regions", "2", "--collectors", "takes all"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^\| takes all \| wsconn \| \d+ ms \| [\d.]+ s \|$", done.stdout, re.MULTILINE)


@pytest.mark.skipif(os.name != "posix", reason="what a process took is asked as POSIX does")
def test_reports_are_merged() -> None:
    """The benchmark of many machines makes their reports, merges them, and says what it took."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.merge", "--machines", "20", "--rounds", "2", "--formats", "csv"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "40 reports of 20 machines" in done.stdout
    assert len(re.findall(r"^\| csv \| [\d.]+ s \| [\d.]+ s \| \d+ MiB \|", done.stdout, re.MULTILINE)) == 1
    assert re.search(r"A report is [\d.]+ kB as a line of JSON", done.stdout)
