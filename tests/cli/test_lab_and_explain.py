"""`wsconn lab`, which serves regions for other programs, and `wsconn explain`."""

from __future__ import annotations

import pathlib
import signal
import ssl
import tomllib
from importlib.metadata import version
from typing import Any

import pytest
from websockets.sync.client import connect

import wsconn
from tests.cli.command_line import BOUND_SECONDS, ended, posix, run, running
from wsconn import Cause, reports
from wsconn._cli import ExitCode
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn.lab import FAULTS

DIRECT: dict[str, Any] = {"proxy": None} if int(version("websockets").partition(".")[0]) >= 15 else {}
UNSEEN = ("hanging-name", "blocked-name")  # only `lab.getaddrinfo` knows their names

# --- lab -----------------------------------------------------------------------------------------------------------


def regions_of(child: Any, number: int) -> dict[str, str]:
    """Read the file of regions that a lab prints; it does not end, so what it holds says where it does."""
    lines: list[str] = []
    while sum(line.startswith("url") for line in lines) < number:
        lines.append(child.stdout.readline())
        assert lines[-1], child.stderr.read()
    return {name: way["url"] for name, way in tomllib.loads("".join(lines))["regions"].items()}


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_lab_serves_until_it_is_told_to_end(by: signal.Signals) -> None:
    """Each region is what was asked for; the end is no failure."""
    with running("lab", "eu=healthy", "us=http-503", "af=http-418", "sa=close-4000") as child:
        result = wsconn.check(regions_of(child, 4), proxy=None)
        code, _, stderr = ended(child, by)
    assert (code, stderr) == (ExitCode.PASSED, "Serving 4 regions on this machine until Ctrl-C.\n")
    assert result.passed_regions == ("eu", "sa")
    assert [result.outcome(name).http_status for name in ("us", "af")] == [503, 418]
    assert result.outcome("sa").close_code == 4000


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
def test_authority_of_a_lab_is_printed_and_goes_with_it() -> None:
    """Without `--ca-file` it is in a file of its own, whose name is in the regions; another's client can use it."""
    with running("lab", "eu=healthy", "--tls") as child:
        assert child.stdout is not None
        child.stdout.readline()
        place = child.stdout.readline()
        assert place.startswith("# The authority that signed their certificates: ")
        ca_file = pathlib.Path(place.partition(": ")[2].strip())
        url = regions_of(child, 1)["eu"]
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
        regions = regions_of(child, 2)
        ended(child)
    assert [regions[name].partition(":")[0] for name in ("eu", "us")] == ["ws", "wss"]


@posix
def test_latency() -> None:
    """It is the round trip of each region."""
    with running("lab", "eu=healthy", "--latency", "0.2", "-q") as child:
        result = wsconn.check(regions_of(child, 1), proxy=None)
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
    assert printed == f"{cause} meaning {told.meaning} how it comes {told.origin} what to do {told.advice}"


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
