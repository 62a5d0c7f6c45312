"""Threads with little stack, as musl gives them: nothing that comes from outside ends the process there."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.protocols.pac import needs_pac

# 128 KiB is what musl gives. With 1 MiB, deep JSON ended Python 3.13 too.
SMALL_STACK = """
import pathlib, sys, threading
import wsconn, wsconn.fleet, wsconn.reports

def ask(body):
    import http.client, urllib.parse, wsconn.lab
    with wsconn.lab.Lab() as lab:
        place = urllib.parse.urlsplit(lab.control()).netloc
        control = http.client.HTTPConnection(place)
        control.request("PUT", "/regions/eu", body, {"Content-Type": "application/json"})
        answer = control.getresponse()
        control.close()
        return answer.status

def refused(read, *given):
    try:
        return read(*given)
    except ValueError as error:
        return str(error)

def run():
    try:
        print(FOUND)
    except BaseException as error:
        print(type(error).__name__, error)

text = sys.stdin.read()
threading.stack_size(128 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def found(expression: str, text: str) -> str:
    """Return what a thread with a small stack prints of this, in a process of its own."""
    code = SMALL_STACK.replace("FOUND", expression)
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


READERS = {
    "a report": "refused(wsconn.reports.from_json, text)",
    "a report in bytes": "refused(wsconn.reports.from_json, text.encode('utf-16'))",
    "a fleet's report": "refused(wsconn.fleet.from_json, text)",
    "reports to be merged": "wsconn.fleet.merge([text]).left_out[0].why",
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_deep_json_is_refused(reader: str) -> None:
    """Brackets within brackets are counted before they are read."""
    assert "nested more than 100 deep" in found(reader, '{"a":[' * 30_000)


def test_deep_json_at_the_control_of_a_lab() -> None:
    """It is refused like other requests that are wrong."""
    assert found("ask(text)", '{"a":[' * 600) == "400\n"


def test_a_deep_region_file_is_refused(tmp_path: pathlib.Path) -> None:
    """A file of regions may come from somewhere else."""
    file = tmp_path / "regions.json"
    file.write_text("[" * 60_000)
    assert "not JSON: nested more than 100 deep" in found(f"refused(wsconn.load_regions, {str(file)!r})", "")


@needs_pac
@pytest.mark.parametrize(
    "script",
    [
        "function FindProxyForURL() { return FindProxyForURL() + 1; }",
        "function FindProxyForURL() { return JSON.parse('['.repeat(5e5)); }",
        "function FindProxyForURL() { return " + "(" * 100_000,
    ],
    ids=["recursion", "JSON", "brackets"],
)
def test_a_pac_file_that_wants_all_the_stack(script: str, tmp_path: pathlib.Path) -> None:
    """A script gets its limit and an error, and the process goes on."""
    file = tmp_path / "proxy.pac"
    file.write_text(script)
    regions = "{'eu': 'ws://eu.invalid/'}"
    seen = found(f"wsconn.check({regions}, proxy='pac+{file.as_uri()}').outcomes[0].failure.evidence.pac_problem", "")
    assert "Maximum call stack size exceeded" in seen


@needs_pac
def test_other_threads_keep_their_stack(tmp_path: pathlib.Path) -> None:
    """What the program has set is as it was after a script ran."""
    file = tmp_path / "proxy.pac"
    file.write_text("function FindProxyForURL() { return 'DIRECT'; }")
    check = f"wsconn.check({{'eu': 'ws://eu.invalid/'}}, proxy='pac+{file.as_uri()}').result"
    assert found(f"{check}, threading.stack_size()", "") == f"failed {128 * 1024}\n"
