"""The programs in examples/ that need nothing but wsconn; tests/components has those with a window or with Django."""

from __future__ import annotations

import json
import os
import pathlib
import runpy
import subprocess
import sys
import threading

import pytest

from wsconn.lab import Lab, faults

ROOT = pathlib.Path(__file__).parents[1]
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
    completed: list[object] = []
    told = threading.Event()
    call = runpy.run_path(str(EXAMPLES / "daily_port.py"))["Precall"](
        lab.regions, on_test_completed=lambda results: (completed.append(results), told.set())
    )
    call.abort_test_websocket_connectivity()  # there is none yet
    timer = threading.Timer(0.2, call.abort_test_websocket_connectivity)
    timer.start()
    results = call.test_websocket_connectivity()
    timer.join()
    assert results == {
        "result": "aborted",
        "passedRegions": [],
        "failedRegions": [],
        "abortedRegions": ["eu-central-1"],
    }
    assert told.wait(BOUND_SECONDS)
    assert completed == [results]
