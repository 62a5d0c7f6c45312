"""The examples with a window, Tk under a real X server and Qt without a screen: closing one in mid-test ends it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import time
from collections.abc import Iterator
from typing import IO

import pytest

from tests.components.programs import HOME
from wsconn.lab import Lab, faults

pytestmark = pytest.mark.components

ROOT = pathlib.Path(__file__).parents[2]
DRIVERS = pathlib.Path(__file__).parent / "windows"
EXAMPLES = ROOT / "examples"
TK = HOME / "tk" / "bin" / "python"
QT = HOME / "examples" / "bin" / "python"
BOUND_SECONDS = 30.0
END_SECONDS = 5.0  # half a second is promised from an abort to the process' end; the examples' regions have 10 s


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an X server and give its DISPLAY."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    folder = tmp_path_factory.mktemp("xvfb")
    with (folder / "output.txt").open("wb") as output:
        server = subprocess.Popen(command, pass_fds=[write], cwd=folder, stdout=output, stderr=output)
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    try:
        assert number, (folder / "output.txt").read_text()
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(BOUND_SECONDS)


@pytest.fixture
def regions(lab: Lab, tmp_path: pathlib.Path) -> pathlib.Path:
    """Write a file of two regions, one healthy and one that refuses."""
    lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.REFUSED)
    return written(lab, tmp_path)


@pytest.fixture
def mute_regions(lab: Lab, tmp_path: pathlib.Path) -> pathlib.Path:
    """Write a file of regions that never answer, so that the test is under way for the 10 s that the examples give."""
    for number in range(5):
        lab.add(f"mute-{number}", fault=faults.MUTE)
    return written(lab, tmp_path)


def written(lab: Lab, folder: pathlib.Path) -> pathlib.Path:
    file = folder / "regions.toml"
    file.write_text("".join(f"[regions.{name}]\nurl = '{url}'\n" for name, url in lab.regions.items()))
    return file


@contextlib.contextmanager
def program(python: pathlib.Path, *argv: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [str(python), *map(str, argv)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, EXAMPLES, DRIVERS))),
            "no_proxy": "127.0.0.1",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def title(display: str, ending: str, *options: str) -> str:
    """Wait until a window has such a title; return it."""
    done = subprocess.run(
        [QT, DRIVERS / "close.py", ending, *options],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_tk_tells_what_came_of_it(display: str, regions: pathlib.Path) -> None:
    """The window tells the verdict, and closing it afterwards ends the process in peace."""
    with program(TK, EXAMPLES / "tk_precheck.py", regions, DISPLAY=display) as process:
        assert title(display, ": warning", "--close") == "Connection test: warning"
        assert process.communicate(timeout=BOUND_SECONDS) == ("", "")
        assert process.returncode == 0


def test_tk_window_is_closed_in_mid_test(display: str, mute_regions: pathlib.Path) -> None:
    """The window manager's button ends the process, though no region has answered, and no thread is left."""
    with program(TK, DRIVERS / "run.py", EXAMPLES / "tk_precheck.py", mute_regions, DISPLAY=display) as process:
        assert title(display, ": testing", "--close") == "Connection test: testing"
        closed = time.monotonic()
        assert process.communicate(timeout=BOUND_SECONDS) == ("threads left: []\n", "")
        assert time.monotonic() - closed < END_SECONDS
        assert process.returncode == 0


def test_tk_window_of_many_failures_fits_the_screen(display: str, lab: Lab, tmp_path: pathlib.Path) -> None:
    """Ten regions that fail in two ways: the window is lower than the screen, and each way is told of once."""
    for number in range(10):
        lab.add(f"r{number}", fault=faults.HTTP_503 if number else faults.REFUSED)
    with program(TK, DRIVERS / "run_tk.py", written(lab, tmp_path), DISPLAY=display) as process:
        said, wrong = process.communicate(timeout=BOUND_SECONDS)
    assert (process.returncode, wrong) == (0, "")
    size, *lines = said.splitlines()
    window, screen = map(int, size.split())
    assert window < screen
    assert "r0: refused at connect" in lines
    assert "r1, r2, r3, r4, r5, r6, r7, r8, r9: http_status at upgrade" in lines
    assert said.count("HTTP 503") == 1


def test_qt_tells_what_came_of_it(regions: pathlib.Path) -> None:
    """Every outcome has reached its row when the window tells the verdict."""
    with program(QT, DRIVERS / "run_qt.py", regions, QT_QPA_PLATFORM="offscreen") as process:
        said, wrong = process.communicate(timeout=BOUND_SECONDS)
    assert said.splitlines() == [
        "Connection test: warning",
        "eu-central-1 passed",
        "sa-east-1 failed",
        "closing",
        "threads left: []",
    ]
    assert process.returncode == 0
    assert complaints(wrong) == []


def test_qt_window_is_closed_in_mid_test(mute_regions: pathlib.Path) -> None:
    """Closing the window ends the process, though no region has answered, and no thread is left."""
    with program(QT, DRIVERS / "run_qt.py", mute_regions, "300", QT_QPA_PLATFORM="offscreen") as process:
        assert process.stdout is not None
        assert line_that_is("closing", process.stdout)[0] == "Connection test: testing"
        closed = time.monotonic()
        said, wrong = process.communicate(timeout=BOUND_SECONDS)
    assert time.monotonic() - closed < END_SECONDS
    assert (said, process.returncode) == ("threads left: []\n", 0)
    assert complaints(wrong) == []


def line_that_is(expected: str, stream: IO[str]) -> list[str]:
    """Read up to a line; return those before it."""
    lines: list[str] = []
    while (line := stream.readline().rstrip("\n")) != expected:
        assert line, lines
        lines.append(line)
    return lines


def complaints(wrong: str) -> list[str]:
    """Return what was written to stderr, but for what Qt's offscreen platform always says."""
    return [line for line in wrong.splitlines() if "propagateSizeHints" not in line]
