"""`wsconn lab` for a program in any language: its line of JSON, its file, its control."""

from __future__ import annotations

import json
import pathlib
import socket
import urllib.request
from typing import Any

import pytest

import wsconn
from tests.cli.command_line import ended, posix, run, running
from wsconn._cli import ExitCode

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str, method: str = "GET", body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - ours
    with DIRECT.open(request, timeout=60) as answer:
        return json.load(answer)


@posix
def test_a_program_breaks_and_heals_a_region(tmp_path: pathlib.Path) -> None:
    """All it needs is in the line, and in the file, which is there as long as the lab is."""
    file = tmp_path / "ready.json"
    file.write_text("of a lab that was killed")
    with running("lab", "eu=healthy", "us=http-503", "--control", "0", "--ready-file", str(file), "-q") as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert file.read_text() == line
        ready = json.loads(line)
        regions = {name: region["url"] for name, region in ready["regions"].items()}
        control = ready["control"]
        assert ready["authority"] is None
        assert wsconn.check(regions, proxy=None).failed_regions == ("us",)
        assert ask(f"{control}/regions/eu", "PUT", {"fault": "close-1013"})["url"] == regions["eu"]
        ask(f"{control}/regions/us", "PUT", {"fault": "healthy"})
        result = wsconn.check(regions, proxy=None)
        assert (result.outcome("eu").close_code, result.failed_regions) == (1013, ())
        assert ask(f"{control}/regions", "DELETE") == ready["regions"]
        code, rest, stderr = ended(child)
    assert (code, rest, stderr) == (ExitCode.PASSED, "", "")
    assert list(tmp_path.iterdir()) == []


@posix
def test_proxy_of_a_lab() -> None:
    """It is in the line, and does what a region's fault says."""
    with running("lab", "eu=healthy", "us=proxy-yes-at-once", "-q") as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        regions = {name: region["url"] for name, region in ready["regions"].items()}
        direct = wsconn.check(regions, proxy=None)
        through = wsconn.check(regions, proxy=ready["proxy"], timeout=1)
        ended(child)
    assert (direct.failed_regions, through.failed_regions) == ((), ("us",))
    assert ready["control"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--control", "65536"], "--control must be a port from 0 to 65535, not 65536"),
        (["--control", "-1"], "--control must be a port from 0 to 65535, not -1"),
        (["--control", "x"], "--control must be a whole number, not 'x'"),
        (["--ready-file", "no/such/folder"], "--ready-file no/such/folder: there is no directory no/such"),
        (["--ready-file", "."], "--ready-file .: is a directory"),
        (["--ready-file", ""], "--ready-file needs the name of a file"),
    ],
)
def test_usage_errors(arguments: list[str], said: str) -> None:
    """Each names the option and its value; nothing is served."""
    child = run("lab", "eu=healthy", *arguments)
    assert (child.returncode, child.stdout) == (ExitCode.USAGE, "")
    assert said in child.stderr
    assert len(child.stderr.splitlines()) == 1


def test_a_port_that_is_taken() -> None:
    """It says which, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        child = run("lab", "eu=healthy", "--control", str(port))
    assert child.returncode == ExitCode.USAGE
    assert child.stderr.startswith(f"wsconn lab: --control {port}: ")
    assert "--control 0" in child.stderr
