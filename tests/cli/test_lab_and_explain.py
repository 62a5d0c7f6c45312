"""`wsconn lab`, which serves regions for other programs, and `wsconn explain`."""

from __future__ import annotations

import json
import pathlib
import signal
import ssl
import sys
import tomllib
from importlib.metadata import version
from typing import Any

import pytest
from websockets.sync.client import connect

import wsconn
from tests.cli.command_line import AS_MODULE, BOUND_SECONDS, ended, posix, run, running
from wsconn import Cause, Stage, reports
from wsconn._cli import ExitCode
from wsconn._cli.stages import STAGES
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn.lab import FAULTS

DIRECT: dict[str, Any] = {"proxy": None} if int(version("websockets").partition(".")[0]) >= 15 else {}
UNSEEN = ("hanging-name", "blocked-name", "portal-dns")  # only `lab.getaddrinfo` knows their names

# --- lab -----------------------------------------------------------------------------------------------------------


def served_by(child: Any) -> Any:
    """Read the line that a lab prints once its regions are there."""
    line = child.stdout.readline()
    assert line, child.stderr.read()
    return json.loads(line)


def regions_of(child: Any) -> dict[str, str]:
    """Return the URLs of its regions."""
    return {name: region["url"] for name, region in served_by(child)["regions"].items()}


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_lab_serves_until_it_is_told_to_end(by: signal.Signals) -> None:
    """Each region is what was asked for; the end is no failure."""
    with running("lab", "eu=healthy", "us=http-503", "af=http-418", "sa=close-4000") as child:
        result = wsconn.check(regions_of(child), proxy=None)
        code, _, stderr = ended(child, by)
    assert (code, stderr) == (ExitCode.PASSED, "Serving 4 regions on this machine until Ctrl-C.\n")
    assert result.passed_regions == ("eu", "sa")
    assert [result.outcome(name).http_status for name in ("us", "af")] == [503, 418]
    assert result.outcome("sa").close_code == 4000


@pytest.mark.skipif(sys.platform != "linux", reason="tgkill is there on Linux alone")
def test_lab_ends_though_another_thread_has_the_signal() -> None:
    """Linux may hand Ctrl-C to any thread, one that has just begun above all, and wakes no other."""
    ctypes = pytest.importorskip("ctypes", reason="this Python was built without libffi")
    system = ctypes.CDLL(None)
    if not hasattr(system, "tgkill"):
        pytest.skip("musl has no tgkill")
    with running("lab", "eu=healthy") as child:
        regions_of(child)
        [other] = {int(each.name) for each in pathlib.Path(f"/proc/{child.pid}/task").iterdir()} - {child.pid}
        assert child.stderr is not None
        assert child.stderr.readline()  # then it waits
        assert system.tgkill(child.pid, other, signal.SIGINT) == 0
        assert child.wait(BOUND_SECONDS / 2) == ExitCode.PASSED


@posix
def test_check_of_a_lab_by_its_files(tmp_path: pathlib.Path) -> None:
    """The files that the lab writes are those that the check reads, with TLS."""
    file, ca_file = tmp_path / "lab.toml", tmp_path / "lab-ca.pem"
    files = ("--output", str(file), "--ca-file", str(ca_file))
    with running("lab", "eu=healthy", "us=expired", "são paulo=mute", "--tls", *files) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "Serving 3 regions on this machine until Ctrl-C.\n"
        options = ("--timeout", "1", "--proxy", "none", "--format", "json", "-q")
        checked = run("check", "--regions", str(file), "--ca-file", str(ca_file), *options)
        code, stdout, _ = ended(child)
    assert (code, stdout) == (ExitCode.PASSED, "")
    result = reports.from_json(checked.stdout)
    assert [failure and failure.cause for failure in (outcome.failure for outcome in result.outcomes)] == [
        None,
        "tls_expired",
        "timeout",
    ]
    assert f"# The authority that signed their certificates: {ca_file}\n" in file.read_text("utf-8")
    assert ca_file.exists()


@posix
def test_file_of_regions_goes_to_stdout_where_asked() -> None:
    """The line of JSON is not there then."""
    with running("lab", "eu=healthy", "--output", "-", "--quiet") as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(4)]
        code, stdout, _ = ended(child)
    assert (code, stdout) == (ExitCode.PASSED, "")
    assert list(tomllib.loads("".join(lines))["regions"]) == ["eu"]


@posix
def test_authority_of_a_lab_is_printed_and_goes_with_it() -> None:
    """Without `--ca-file` it is in a file of its own, whose name is in the line; another's client can use it."""
    with running("lab", "eu=healthy", "--tls") as child:
        ready = served_by(child)
        ca_file, url = pathlib.Path(ready["authority"]), ready["regions"]["eu"]["url"]
        context = ssl.create_default_context(cafile=str(ca_file))
        with connect(url, ssl=context, open_timeout=BOUND_SECONDS, **DIRECT) as connection:
            connection.ping().wait(BOUND_SECONDS)
        ended(child)
    assert not ca_file.exists()
    assert not ca_file.parent.exists()


@posix
def test_faults_of_tls_are_served_with_tls() -> None:
    """Without `--tls` the others are not."""
    with running("lab", "eu=healthy", "us=untrusted") as child:
        regions = regions_of(child)
        ended(child)
    assert [regions[name].partition(":")[0] for name in ("eu", "us")] == ["ws", "wss"]


@posix
def test_latency() -> None:
    """It is the round trip of each region."""
    with running("lab", "eu=healthy", "--latency", "0.2", "-q") as child:
        result = wsconn.check(regions_of(child), proxy=None)
        _, _, stderr = ended(child)
    assert stderr == ""
    assert result.outcomes[0].round_trip is not None
    assert result.outcomes[0].round_trip >= 0.2


@pytest.mark.parametrize("columns", [30, 40, 80, 200])
def test_list_tells_all_faults(columns: int) -> None:
    """Each is described whole, with its stage and causes, in lines that fit, if another program can see it."""
    child = run("lab", "--list", COLUMNS=str(columns))
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")
    listed, more = child.stdout.split("\n\n")
    assert [line.split()[0] for line in listed.splitlines() if not line.startswith(" ")] == [
        "healthy",
        *(name for name in FAULTS if name not in UNSEEN),
    ]
    told = " ".join(listed.split())
    for fault in (fault for name, fault in FAULTS.items() if name not in UNSEEN):
        assert fault.summary in told
        if columns > len("  tls_client_certificate_required"):
            cells = (fault.name, fault.stage or "passes", ", ".join(fault.causes), fault.summary)
            assert " ".join(filter(None, cells)) in told
    assert max(map(len, child.stdout.splitlines())) <= min(columns, 100)
    assert more.startswith("Any http-STATUS")


# --- explain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", list(Cause))
def test_explain_has_what_the_engine_reads(cause: Cause, capsys: pytest.CaptureFixture[str]) -> None:
    """Meaning, origin and advice are those of the table, whole."""
    import argparse

    from wsconn._cli.commands.explain import explain

    assert explain(argparse.Namespace(cause=cause.upper().replace("_", "-"))) is ExitCode.PASSED
    printed = " ".join(capsys.readouterr().out.split())
    told = EXPLANATIONS[cause]
    frame = f"{cause} meaning {told.meaning} why it happens {told.origin} what to do {told.advice}"
    assert printed.partition(" see it ")[0] == frame


def test_explain_leads_to_the_lab() -> None:
    """Where the lab has faults that bring the cause about, their command is there; and the lab knows causes."""
    assert run("explain", "no_pong").stdout.endswith("see it          wsconn lab eu=swallowed-frames\n")
    assert "see it" not in run("explain", "outrun").stdout
    assert "there is no fault 'no_pong'; try swallowed-frames" in run("lab", "eu=no_pong").stderr
    code = "import sys; sys.modules['trustme'] = None\n" + AS_MODULE
    assert "see it" not in run("explain", "no_pong", code=code).stdout


@pytest.mark.parametrize("stage", list(Stage))
def test_explain_has_stages(stage: Stage) -> None:
    """What each covers, and the causes that begin there."""
    child = run("explain", stage.upper())
    assert child.returncode == ExitCode.PASSED
    printed = " ".join(child.stdout.split())
    assert printed.startswith(f"{stage} what it covers ")
    assert printed.endswith("timeout, closed, local_limit, internal_error")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("101", ["HTTP status 101 (Switching Protocols)", "The WebSocket opened"]),
        ("302", ["HTTP status 302 (Found)", "redirected", EXPLANATIONS[Cause.REDIRECTED].advice]),
        ("403", ["HTTP status 403 (Forbidden)", "http_status", EXPLANATIONS[Cause.PROXY_DENIED].advice]),
        ("407", ["proxy_auth_required"]),
        ("503", [EXPLANATIONS[Cause.HTTP_STATUS].advice, "proxy_target_unreachable"]),
        ("599", ["HTTP status 599 http_status"]),
    ],
)
def test_explain_has_statuses(status: str, said: list[str]) -> None:
    """Each with the causes that it can have, a server's and a proxy's."""
    child = run("explain", status)
    assert child.returncode == ExitCode.PASSED
    assert [part for part in said if part not in " ".join(child.stdout.split())] == []


def test_every_cause_begins_in_a_stage() -> None:
    """But for the one that is in attempts alone."""
    assert {cause for _, causes in STAGES.values() for cause in causes} == set(Cause) - {Cause.OUTRUN}


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_explain_fits_the_terminal(columns: int) -> None:
    """Lines are wrapped to the width there is, and no wider than is good to read."""
    child = run("explain", "tls_untrusted", COLUMNS=str(columns))
    assert (child.returncode, child.stderr) == (ExitCode.PASSED, "")
    assert max(map(len, child.stdout.splitlines())) <= min(columns, 100)


@pytest.mark.parametrize("columns", [40, 80])
def test_explain_without_a_cause_tells_all(columns: int) -> None:
    """Every cause is there, with its meaning."""
    child = run("explain", COLUMNS=str(columns))
    assert child.returncode == ExitCode.PASSED
    printed = " ".join(child.stdout.split())
    assert [cause for cause in Cause if f"{cause} {EXPLANATIONS[cause].meaning}" not in printed] == []
    assert max(map(len, child.stdout.splitlines())) <= columns
