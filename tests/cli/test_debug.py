"""`wsconn debug`: experiments as they end, then who is in the way, and an exit code."""

from __future__ import annotations

import json
import pathlib
import time

import pytest

from tests.cli.command_line import authority, ended, named, posix, run, running
from wsconn.lab import Lab


def test_it_says_who_is_in_the_way(lab: Lab) -> None:
    """Experiments go to stderr as lines, and the report begins with the conclusion and whom to tell."""
    lab.add("eu", fault="origin-wanted")
    lab.add("us")
    done = run("debug", "--proxy", "none", "--timeout", "2", *named(lab))
    assert done.returncode == 3
    assert "takes no WebSocket without an Origin" in done.stdout.splitlines()[0]
    lines = [line for line in done.stderr.splitlines() if "eu  frames: an Origin" in line]
    assert lines
    assert all("passed" in line for line in lines)
    assert [line for line in done.stderr.splitlines() if "eu  upgrade: a browser's User-Agent (http_status)" in line]


def test_quiet(lab: Lab) -> None:
    """With -q nothing is said meanwhile."""
    lab.add("eu", fault="http-403")
    done = run("debug", "-q", "--proxy", "none", "--timeout", "1", *named(lab))
    assert (done.returncode, done.stderr) == (1, "")


def test_all_is_well(lab: Lab) -> None:
    """Where every region passes, the code is 0."""
    lab.add("eu")
    done = run("debug", "--proxy", "none", "--timeout", "5", *named(lab))
    assert done.returncode == 0
    assert "Looking into it" not in done.stderr  # nothing follows


def test_json(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The report can be had as JSON, in a file; with TLS and an authority of one's own too."""
    lab.add("eu", fault="http-404", tls=True)
    file = tmp_path / "report.json"
    trust = ("--ca-file", authority(lab, tmp_path))
    done = run("debug", "-q", "--proxy", "none", "--timeout", "1", *trust, "--output", str(file), *named(lab))
    assert done.returncode == 1
    written = json.loads(file.read_text())
    assert [conclusion["suspect"] for conclusion in written["conclusions"]] == ["path"]
    assert {"again", "plain_get"} <= {experiment["name"] for experiment in written["experiments"]}


def test_hold(lab: Lab) -> None:
    """`--hold` holds connections open, and says how they ended."""
    lab.add("eu")
    done = run("debug", "--proxy", "none", "--timeout", "2", "--hold", "0.3", "--format", "json", *named(lab))
    assert done.returncode == 0
    assert [hold["ended_by"] for hold in json.loads(done.stdout)["holds"]] == ["held", "held"]


def test_all_regions(lab: Lab) -> None:
    """`--all-regions` looks into what passed as well."""
    lab.add("eu")
    done = run("debug", "--proxy", "none", "--timeout", "2", "--all-regions", "--format", "json", *named(lab))
    names = {experiment["name"] for experiment in json.loads(done.stdout)["experiments"]}
    assert {"many_pings", "large_up", "close_at_once"} <= names


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "90000"])
def test_bad_hold(seconds: str) -> None:
    """A span that makes no sense is a usage error, told with the option's name."""
    done = run("debug", f"--hold={seconds}", "eu=ws://127.0.0.1:9/")
    assert done.returncode == 2
    assert "--hold must be more than 0" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--ping-every=1",), "--ping-every needs --hold", id="nothing is held"),
        pytest.param(("--ping-every=5", "--hold=5"), "--ping-every must be less than --hold", id="too late"),
        pytest.param(("--ping-every=0.01", "--hold=5"), "--ping-every must be at least 0.1 seconds", id="too often"),
        pytest.param(("--ping-every=nan", "--hold=5"), "--ping-every must be", id="no number"),
        pytest.param(("--ping-every=1", "--hold=-1"), "--hold must be more than 0", id="bad hold"),
    ],
)
def test_bad_ping_every(options: tuple[str, ...], said: str) -> None:
    """Pings that would never be sent are a usage error."""
    done = run("debug", *options, "eu=ws://127.0.0.1:9/")
    assert done.returncode == 2
    assert said in done.stderr


@posix
def test_interrupt(lab: Lab) -> None:
    """Ctrl-C amid the experiments ends the run; what is known by then is printed."""
    lab.add("eu", fault="http-403")
    lab.add("us", fault="mute")
    with running("debug", "--proxy", "none", "--timeout", "3", *named(lab)) as child:
        assert child.stderr
        seen = next(line for line in child.stderr if "upgrade: an Origin" in line)
        began = time.monotonic()
        code, stdout, _ = ended(child)
        assert time.monotonic() - began < 5
    assert "eu" in seen
    assert code == 130
    assert "Experiments at eu" in stdout
