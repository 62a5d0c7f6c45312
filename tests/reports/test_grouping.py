"""Many failures in one report: what is alike is told once, and finding and advice are on the first and last screen."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.factories import PUBLIC, ZSCALER, failed, passed, result, told
from wsconn import Cause, Evidence, RegionOutcome, Stage, TlsInfo, reports


def ended(name: str, stage: Stage, cause: Cause, **seen: Any) -> RegionOutcome:
    """Make a region that failed as the engine tells it: message and advice follow from the evidence."""
    host = f"{name}.signal.example.org"
    evidence = Evidence(**{"stage": stage, "scheme": "wss", "host": host, "port": 443, "elapsed": 10.0, **seen})
    made = failed(name, stage, cause, url=f"wss://{host}/", tls=evidence.tls)
    return attrs.evolve(made, failure=told(stage, cause, evidence))


def inspected(names: list[str]) -> tuple[RegionOutcome, ...]:
    """Make regions that one inspecting proxy stands before."""
    return tuple(
        ended(
            name,
            Stage.TLS,
            Cause.TLS_UNTRUSTED,
            address=f"192.0.2.{place}:443",
            elapsed=0.1 * place,
            detail="unable to get local issuer certificate",
            verify_code=20,
            tls=TlsInfo(issuer=ZSCALER, subject=f"CN={name}.signal.example.org"),
        )
        for place, name in enumerate(names, 1)
    )


TEN = [f"region-{number}" for number in range(1, 11)]
FIRST_OF_MIXED = "7 of 25 regions fail, in 6 different ways."
MIXED = (
    *(passed(f"good-{number}") for number in range(18)),
    ended("eu-north-1", Stage.RESOLVE, Cause.DNS_NOT_FOUND),
    ended("eu-south-1", Stage.FRAMES, Cause.NO_PONG, tls=TlsInfo(issuer=PUBLIC)),
    ended("me-south-1", Stage.CONNECT, Cause.TIMEOUT, address="192.0.2.3:443"),
    ended("me-central-1", Stage.CONNECT, Cause.TIMEOUT, address="192.0.2.4:443"),
    ended("ap-east-1", Stage.CONNECT, Cause.REFUSED, address="192.0.2.5:443"),
    ended("sa-east-1", Stage.UPGRADE, Cause.HTTP_STATUS, http_status=404, tls=TlsInfo(issuer=PUBLIC)),
    *inspected(["af-south-1"]),
)
WHOLE: dict[str, tuple[tuple[RegionOutcome, ...], str]] = {
    "ten alike": (inspected(TEN), "All 10 regions fail at TLS"),
    "all alike, and very many": (
        inspected([f"region-{number}" for number in range(128)]),
        "All 128 regions fail at TLS",
    ),
    "mixed": (MIXED, FIRST_OF_MIXED),
}


@pytest.mark.parametrize(("outcomes", "finding"), WHOLE.values(), ids=WHOLE.keys())
def test_first_and_last_screen_say_whom_to_ask(outcomes: tuple[RegionOutcome, ...], finding: str) -> None:
    """At 80 columns the first 24 lines of a text report hold the finding and whom to ask, and the last 24 lines too."""
    lines = reports.to_text(result(*outcomes)).splitlines()
    assert len(lines) > 24
    for screen in (lines[:24], lines[-24:]):
        words = " ".join(" ".join(screen).split())
        assert finding in words
        assert "ask the network's administrator" in words.replace("Ask", "ask")


@pytest.mark.parametrize(("outcomes", "finding"), WHOLE.values(), ids=WHOLE.keys())
def test_markdown_begins_with_what_to_do(outcomes: tuple[RegionOutcome, ...], finding: str) -> None:
    """What is to be done stands above the table, however long that is."""
    before, _, _ = reports.to_markdown(result(*outcomes)).partition("| | region |")
    assert before.startswith(f"**{finding}")
    assert "**What to do**" in before


def test_equal_failures_are_one_group() -> None:
    """Ten regions that fail alike take a row each, and their cause and message are told once."""
    report = reports.to_text(result(*inspected(TEN)))
    words = " ".join(report.split())
    assert len(report.splitlines()) <= 50
    assert report.count("  cause    tls_untrusted, in the stage tls\n") == 1
    assert words.count("is not trusted (unable to get local issuer certificate)") == 1
    assert words.count("(and 9 more like it)") == 1
    assert f"regions {', '.join(TEN)} " in words
    assert report.count("✗ failed   region-") == 10


def test_messages_that_differ_are_told_each() -> None:
    """What differs in more than server and time is no more of the same."""
    statuses = (("eu", 404), ("us", 410), ("af", 404))
    outcomes = [ended(name, Stage.UPGRADE, Cause.HTTP_STATUS, http_status=status) for name, status in statuses]
    words = " ".join(reports.to_text(result(*outcomes)).split())
    assert (
        "seen eu: eu.signal.example.org:443 answered HTTP 404 instead of opening a WebSocket (and 1 more like" in words
    )
    assert "seen us: us.signal.example.org:443 answered HTTP 410 instead of opening a WebSocket" in words


def test_a_short_report_repeats_nothing() -> None:
    """What fits a screen ends with the verdict, and has its finding once."""
    report = reports.to_text(result(passed("us"), *inspected(["eu"])))
    assert report.count("finding") == 1
    assert report.count("advice") == 1


def test_each_cause_has_its_line_the_largest_first() -> None:
    """Of six ways to fail five are told, that of several regions before the others."""
    first, second, *others = reports.findings(result(*MIXED))
    assert first == FIRST_OF_MIXED
    assert second.startswith("me-south-1 and me-central-1 (2 of 25 regions) fail at connect: no answer comes in time")
    *told, not_told = others
    assert [sentence.split()[0] for sentence in told] == ["eu-north-1", "eu-south-1", "ap-east-1", "sa-east-1"]
    assert not_told == "1 other fails in other ways."


def test_equal_messages_are_one_line_in_markdown() -> None:
    """A message that several regions have word for word stands beside their names once."""
    alike = [failed(name, Stage.CONNECT, Cause.REFUSED, "nobody is there") for name in ("eu", "us")]
    assert "- `eu`, `us`: `nobody is there`\n" in reports.to_markdown(result(*alike))
