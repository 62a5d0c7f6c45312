"""The programs in examples/ that need nothing but wsconn; tests/components has those with a window or with Django."""

from __future__ import annotations

import json
import os
import pathlib
import re
import runpy
import subprocess
import sys
import threading

import pytest

from wsconn.lab import Lab, faults

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
BOUND_SECONDS = 60

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="needs the sources")


def regions(lab: Lab, folder: pathlib.Path) -> str:
    """Write the lab's regions to a file and return its path."""
    file = folder / "regions.toml"
    file.write_text("".join(f"[regions.{name}]\nurl = '{url}'\n" for name, url in lab.regions.items()), "utf-8")
    return str(file)


def run(program: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / program, *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "no_proxy": "127.0.0.1"},
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_plain_script(lab: Lab, tmp_path: pathlib.Path) -> None:
    """It tells each region, why one failed, what to do, and which is the fastest."""
    lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.http_status(403))
    done = run("plain.py", regions(lab, tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("passed  eu-central-1\nfailed  sa-east-1\n        127.0.0.1:")
    assert "HTTP 403" in done.stdout
    assert done.stdout.endswith("warning: the fastest region is eu-central-1\n")


def test_plain_script_where_nothing_can_be_reached(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Its exit code says so."""
    lab.add("sa-east-1", fault=faults.REFUSED)
    done = run("plain.py", regions(lab, tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("\nfailed\n")


@pytest.mark.parametrize("text", [None, "regions.eu = 1"], ids=["no-file", "unfit"])
def test_plain_script_with_a_file_that_will_not_do(tmp_path: pathlib.Path, text: str | None) -> None:
    """It ends with a line that names the file, and with another code than where nothing can be reached."""
    file = tmp_path / "regions.toml"
    if text is not None:
        file.write_text(text)
    done = run("plain.py", str(file))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith("plain.py: ")
    assert str(file) in done.stderr


def test_the_port_of_daily_js(lab: Lab, tmp_path: pathlib.Path) -> None:
    """It prints daily-js' object and the sentence for its result."""
    lab.add("eu-central-1")
    lab.add("us-east-1", fault=faults.SWALLOWED_FRAMES)  # to daily-js an open socket is a pass
    lab.add("sa-east-1", fault=faults.REFUSED)
    done = run("daily_port.py", regions(lab, tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    told, end = json.JSONDecoder().raw_decode(done.stdout)
    assert told == {
        "result": "warning",
        "passedRegions": ["eu-central-1", "us-east-1"],
        "failedRegions": ["sa-east-1"],
        "abortedRegions": [],
    }
    assert done.stdout[end:] == "\nSome regions cannot be reached: sa-east-1\n"


def test_the_port_of_daily_js_is_aborted(lab: Lab) -> None:
    """The abort, called on another thread, ends the test early, and `test-completed` is told the same object."""
    lab.add("eu-central-1", fault=faults.MUTE)
    told = threading.Event()
    completed: list[object] = []
    call = runpy.run_path(str(EXAMPLES / "daily_port.py"))["Precall"](
        lab.regions, on_test_completed=lambda results: (completed.append(results), told.set())
    )
    call.abort_test_websocket_connectivity()  # there is none yet

    def abort() -> None:
        while not told.wait(0.2):  # the first may come before there is a test
            call.abort_test_websocket_connectivity()

    aborter = threading.Thread(target=abort)
    aborter.start()
    results = call.test_websocket_connectivity()
    aborter.join()
    assert results == {
        "result": "aborted",
        "passedRegions": [],
        "failedRegions": [],
        "abortedRegions": ["eu-central-1"],
    }
    assert told.wait(BOUND_SECONDS)
    assert completed == [results]


@pytest.fixture
def command(tmp_path: pathlib.Path) -> dict[str, str]:
    """Return an environment in which a shell finds `wsconn`."""
    program = tmp_path / "bin" / "wsconn"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wsconn "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join((str(program.parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "no_proxy": "127.0.0.1"}


def shell(argv: list[str], environment: dict[str, str], folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=BOUND_SECONDS, check=False
    )


@pytest.mark.skipif(os.name != "posix", reason="it is a script for a POSIX shell")
@pytest.mark.parametrize(("with_healthy", "code"), [(True, 0), (False, 1)], ids=["some", "none"])
def test_ci_gate(lab: Lab, tmp_path: pathlib.Path, command: dict[str, str], with_healthy: bool, code: int) -> None:
    """It fails where no region can be reached, and puts the report where the service shows it."""
    if with_healthy:
        lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.REFUSED)
    summary = tmp_path / "summary.md"
    environment = {**command, "GITHUB_STEP_SUMMARY": str(summary)}
    done = shell(["sh", str(EXAMPLES / "ci_gate.sh"), regions(lab, tmp_path)], environment, tmp_path)
    assert done.returncode == code, done.stderr
    assert "sa-east-1" in (tmp_path / "regions-report.md").read_text("utf-8")
    assert summary.read_text("utf-8") == (tmp_path / "regions-report.md").read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="it is a script for a POSIX shell")
def test_ci_gate_without_regions(tmp_path: pathlib.Path, command: dict[str, str]) -> None:
    """Misuse is told apart from a failure, and an old report is not taken for a new one."""
    (tmp_path / "regions-report.md").write_text("of yesterday")
    summary = tmp_path / "summary.md"
    environment = {**command, "GITHUB_STEP_SUMMARY": str(summary)}
    assert shell(["sh", str(EXAMPLES / "ci_gate.sh"), "nowhere.toml"], environment, tmp_path).returncode == 2
    assert not summary.exists()


@pytest.mark.skipif(os.name != "posix", reason="it is a script for a POSIX shell")
def test_ci_gate_without_an_argument(tmp_path: pathlib.Path, command: dict[str, str]) -> None:
    """It says how it is used, and leaves no report of yesterday."""
    (tmp_path / "regions-report.md").write_text("of yesterday")
    done = shell(["sh", str(EXAMPLES / "ci_gate.sh")], command, tmp_path)
    assert done.returncode not in (0, 1)
    assert done.stderr.endswith("usage: ci_gate.sh FILE-OF-REGIONS\n")
    assert not (tmp_path / "regions-report.md").exists()


@pytest.mark.skipif(os.name != "posix", reason="cron is POSIX'")
def test_cron_job(lab: Lab, tmp_path: pathlib.Path, command: dict[str, str]) -> None:
    """The crontab's line has a time, a user and a command, which writes the metrics and says nothing."""
    lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.REFUSED)
    lines = (EXAMPLES / "prometheus" / "wsconn.cron").read_text("utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match("[A-Z_]+=", line))
    assert set(settings) == {"PATH", "WSCONN_REGIONS", "TO"}
    (line,) = [line for line in lines if re.match("[*0-9]", line)]
    *when, _user, job = line.split(" ", 6)
    assert when == ["*/5", "*", "*", "*", "*"]
    assert "%" not in job  # which is a line's end to cron
    here = {**command, "WSCONN_REGIONS": regions(lab, tmp_path), "TO": str(tmp_path / "wsconn.prom")}
    done = shell(["sh", "-c", job], here, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "wsconn.prom").stat().st_mode & 0o004, "node exporter, another user, cannot read it"
    assert 'wsconn_region_up{region="sa-east-1"} 0' in (tmp_path / "wsconn.prom").read_text("utf-8")
