"""`wsconn watch` as scripts meet it: rounds, the files it keeps, lines of JSON, its end."""

from __future__ import annotations

import json
import pathlib
import re
import signal
import socket
import threading
import time

import pytest

from tests.cli.command_line import BOUND_SECONDS, authority, ended, named, posix, run, running
from wsconn import reports
from wsconn._cli import ExitCode
from wsconn.lab import Lab, faults
from wsconn.lab._healthy import healthy

SOON = ("--interval", "0.05")


class Flaky:
    """A region that is healthy but for every second connection, and tells how many came."""

    def __init__(self) -> None:
        self.served = 0
        self.third = threading.Event()

    def __call__(self, sock: socket.socket) -> None:
        self.served += 1
        if self.served >= 3:
            self.third.set()
        if self.served % 2:
            healthy(sock)


def test_rounds_and_their_summary(lab: Lab) -> None:
    """Each round has a line on stderr; the summary is on stdout; loss in some rounds is a warning."""
    lab.add("eu", fault=Flaky())
    lab.add("us")
    child = run("watch", *named(lab), *SOON, "--count", "4")
    assert child.returncode == ExitCode.WARNING
    assert child.stderr.splitlines() == [
        "round 1: 2 of 2 regions passed",
        "round 2: 1 of 2 regions passed; failed: eu closed",
        "round 3: 2 of 2 regions passed",
        "round 4: 1 of 2 regions passed; failed: eu closed",
    ]
    _, eu, us, _, verdict, rest = child.stdout.splitlines()
    assert re.fullmatch(r"eu +50%( +\d+\.\d){4}  .✗.✗ +closed", eu)
    assert re.fullmatch(r"us +0%( +\d+\.\d){5}  [▁▂▃▄▅▆▇█]{4}", us)
    assert verdict == "! warning  1 of 2 regions did not pass in every round."
    assert rest.strip().startswith("4 rounds in ")
    assert "\x1b" not in child.stdout + child.stderr


@pytest.mark.parametrize(
    ("fault", "fail_on", "code"),
    [
        (None, "warning", ExitCode.PASSED),
        ("refused", "warning", ExitCode.FAILED),
        ("refused", "never", ExitCode.PASSED),
    ],
)
def test_exit_code_tells_all_rounds(lab: Lab, fault: str | None, fail_on: str, code: ExitCode) -> None:
    """As that of a check does for one."""
    lab.add("eu", fault=fault)
    assert run("watch", "-q", *named(lab), *SOON, "--count", "2", "--fail-on", fail_on).returncode == code


def test_interval_is_from_beginning_to_beginning(lab: Lab) -> None:
    """What a round takes is part of the interval; a round that takes longer is followed by the next at once."""
    began: list[float] = []

    def note(sock: socket.socket) -> None:
        began.append(time.monotonic())
        healthy(sock)

    lab.add("eu", fault=note)
    lab.add("us", fault=faults.MUTE)
    run("watch", "-q", *named(lab), "--interval", "1.2", "--timeout", "0.6", "--count", "3")
    assert len(began) == 3
    # It is 2.4 s: with no interval 1.2 s, with one after each round 3.6 s.
    assert 1.6 < began[-1] - began[0] < 3.4


def test_lines_of_json(lab: Lab) -> None:
    """Each round is a line on stdout that reads back as the report of a check; the summary is on stderr."""
    lab.add("eu")
    child = run("watch", *named(lab), *SOON, "--count", "3", "--format", "json")
    lines = child.stdout.splitlines()
    assert [reports.from_json(line).passed_regions for line in lines] == [("eu",)] * 3
    assert "✓ passed   No round was lost." in child.stderr


def test_lines_of_json_are_added_to_a_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What was in the file stays."""
    lab.add("eu")
    file = tmp_path / "rounds.jsonl"
    for _ in range(2):
        run("watch", "-q", *named(lab), *SOON, "--count", "2", "--format", "json", "--output", str(file))
    assert [json.loads(line)["result"] for line in file.read_text("utf-8").splitlines()] == ["passed"] * 4


def test_file_for_the_textfile_collector(lab: Lab, tmp_path: pathlib.Path) -> None:
    """After each round it is replaced by the metrics of that round; nothing else is left in the directory."""
    lab.add("eu", fault=Flaky())
    file = tmp_path / "wsconn.prom"
    child = run("watch", *named(lab), *SOON, "--count", "2", "--format", "prometheus", "--output", str(file))
    assert (child.returncode, child.stdout) == (ExitCode.WARNING, "")
    assert "wsconn_check_passed_regions 0" in file.read_text("utf-8")
    assert list(tmp_path.iterdir()) == [file]


def test_text_in_a_file_is_the_summary(lab: Lab, tmp_path: pathlib.Path) -> None:
    """It is kept up to date too."""
    lab.add("eu")
    file = tmp_path / "watch.txt"
    child = run("watch", "-q", *named(lab), *SOON, "--count", "2", "--output", str(file))
    assert (child.stdout, child.stderr) == ("", "")
    assert "2 rounds in " in file.read_text("utf-8")


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_ctrl_c_shows_the_summary(lab: Lab, by: signal.Signals, tmp_path: pathlib.Path) -> None:
    """Within a round: what had settled counts, what had not does not, and half a round is in no file."""
    flaky, reached = Flaky(), threading.Event()

    def hang(sock: socket.socket) -> None:
        if flaky.third.is_set():
            reached.set()
            while sock.recv(4096):
                pass

    lab.add("eu", fault=flaky)
    lab.add("af", fault=hang)
    file = tmp_path / "wsconn.prom"
    options = ("--timeout", str(2 * BOUND_SECONDS), "--format", "prometheus", "--output", str(file))
    with running("watch", *named(lab), "--interval", "0.3", *options) as child:
        assert reached.wait(BOUND_SECONDS)
        code, stdout, stderr = ended(child, by)
    assert (code, stdout) == (ExitCode.INTERRUPTED, "")
    assert " did not pass in every round." in stderr
    assert "wsconn_check_aborted_regions 0" in file.read_text("utf-8")


@posix
def test_ctrl_c_between_two_rounds(lab: Lab) -> None:
    """It need not wait for the next round."""
    lab.add("eu")
    with running("watch", *named(lab), "--interval", str(2 * BOUND_SECONDS)) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "round 1: 1 of 1 region passed\n"
        code, stdout, stderr = ended(child)
    assert (code, stderr) == (ExitCode.INTERRUPTED, "")
    assert "✓ passed   No round was lost." in stdout


@posix
def test_ctrl_c_in_the_first_round(lab: Lab) -> None:
    """Of a region that had not settled nothing is known, and the summary says so."""
    lab.add("eu", fault=faults.REFUSED)
    lab.add("af", fault=faults.MUTE)
    with running("watch", "-v", *named(lab), "--timeout", str(2 * BOUND_SECONDS)) as child:
        assert child.stderr is not None
        while not child.stderr.readline().startswith("✗ failed   eu "):
            assert child.poll() is None
        code, stdout, stderr = ended(child)
    assert code == ExitCode.INTERRUPTED
    assert stderr.endswith("round 1 was cut short: 0 of 2 regions passed; failed: eu refused\n")
    _, eu, af, _, verdict, rest = stdout.splitlines()
    assert eu.split() == ["eu", "100%", "✗", "refused"]
    assert af.split() == ["af", "-"]
    assert verdict == "○ aborted  Interrupted: nothing is known of 1 of 2 regions."
    assert rest.strip().startswith("No whole round in ")


def test_verbose_tells_each_round_s_stages(lab: Lab) -> None:
    """As a check's does, anew in each round."""
    lab.add("eu")
    child = run("watch", "-v", *named(lab), *SOON, "--count", "2")
    assert child.stderr.count(" eu  frames ") == 2
    assert child.stderr.count("✓ passed   eu  in ") == 2


def test_insecure_is_loud(lab: Lab) -> None:
    """As with a check: on stderr, in the summary and in each line."""
    lab.add("eu", tls=True, fault=faults.WRONG_HOST)
    text = run("watch", "-q", "--insecure", *named(lab), *SOON, "--count", "1")
    assert text.stderr.startswith("WARNING: certificates are not verified")
    assert text.stdout.startswith("! Warning: certificates are not verified")
    told = json.loads(run("watch", "-q", "--insecure", *named(lab), "--count", "1", "--format", "json").stdout)
    assert told["warning"].startswith("certificates are not verified")


def test_options_of_a_check_are_those_of_a_watch(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Regions, time, trust and the request are given in the same way."""
    lab.add("eu", tls=True)
    lab.add("us", tls=True, fault=faults.MUTE)
    ca_file = authority(lab, tmp_path)
    options = ("--only", "eu", "--ca-file", ca_file, "--timeout", "5", "--header", "X-One: 1", "--proxy", "none")
    assert run("watch", "-q", *named(lab), *options, "--count", "1").returncode == ExitCode.PASSED
