"""What a network's administrator is told to allow: what fails first, in the words of who has to allow it."""

from __future__ import annotations

import re

import pytest

from tests.factories import EVERYTHING, PROXY, attempt, failed, passed, result, told
from tests.reports.written import each_format, written
from wsconn import Cause, ConnectivityResult, Evidence, RegionOutcome, Stage, reports

DISCOVERY = "https leads to the service that names a region's server (discovery)."
DIRECT = "Hosts and ports to allow: outgoing TCP"
PROXIED = f"Hosts and ports to allow: CONNECT at the proxy {PROXY}"


def silent(name: str, **changes: object) -> RegionOutcome:
    seen = Evidence(stage=Stage.CONNECT, host=f"{name}.example.org", port=443, elapsed=10.0)
    failure = told(Stage.CONNECT, Cause.TIMEOUT, seen)
    return failed(name, Stage.CONNECT, Cause.TIMEOUT, failure.message, advice=failure.advice, evidence=seen, **changes)


@each_format
def test_what_fails_comes_first_and_is_marked(name: str) -> None:
    """Of three regions the second fails: its host is the first of the table, with what was seen there."""
    report = written(name, passed("af"), silent("eu"), passed("us")).partition(DIRECT)[2]
    places = [report.index(f"{region}.example.org") for region in ("eu", "af", "us")]
    assert places == sorted(places)
    assert report.count("✗ timeout at connect" if name != "text" else "✗ eu.example.org:443 timeout at connect") == 1
    assert report.count("works") == 2


@each_format
def test_who_connects_is_who_allows(name: str) -> None:
    """Behind a proxy it is the proxy that connects: nobody is told to allow outgoing TCP."""
    behind = (failed("eu", Stage.PROXY, Cause.PROXY_DENIED, proxy=PROXY), passed("us", proxy=PROXY))
    report = written(name, *behind)
    assert PROXIED in report
    assert "outgoing TCP" not in report
    assert "✗" in report.partition(PROXIED)[2]
    both = written(name, *behind, failed("sa", Stage.CONNECT, Cause.REFUSED))
    assert DIRECT in both
    assert PROXIED in both


@each_format
def test_several_proxies_are_one_table(name: str) -> None:
    """Where regions go through proxies of their own, the heading names none of them."""
    outcomes = [failed(f"r{n}", Stage.PROXY, Cause.PROXY_DENIED, proxy=f"http://p{n}.example:1") for n in (1, 2)]
    assert "Hosts and ports to allow: CONNECT at the proxies" in written(name, *outcomes)


@each_format
def test_discovery_is_explained_only_where_there_is_some(name: str) -> None:
    """Who has nothing to do with discovery does not read of it."""
    found = attempt("192.0.2.80:443", stage=Stage.DISCOVERY, url="https://gs.example.org/eu")
    assert DISCOVERY in written(name, silent("eu", attempts=(found,)))
    assert "discovery" not in written(name, silent("eu"))


@each_format
def test_alternate_that_failed_is_marked(name: str) -> None:
    """A region may have passed by another URL: the host of the first still fails, and the administrator sees it."""
    first = attempt("192.0.2.1:443", Cause.REFUSED, url="wss://first.example.org/")
    works = attempt("192.0.2.2:443", stage=Stage.FRAMES, url="wss://second.example.org/")
    report = written(name, passed("eu", url=works.url, attempts=(first, works)))
    table = report.partition(DIRECT)[2]
    assert table.index("first.example.org") < table.index("second.example.org")
    assert table.count("refused at connect") == 1


@each_format
def test_host_that_fails_for_some(name: str) -> None:
    """Where several regions share a host and some of them fail there, the row says how many."""
    shared = "wss://shared.example.org/"
    report = written(name, passed("eu", url=shared), silent("us", url=shared))
    assert report.partition(DIRECT)[2].count("timeout at connect (1 of 2)") == 1


@each_format
@pytest.mark.parametrize("url", ["ws://127.0.0.1:8080/", "ws://[::1]:8080/", "ws://localhost/"])
def test_nobody_has_to_allow_loopback(name: str, url: str) -> None:
    """What stays on this machine meets no firewall of the network."""
    assert "Hosts and ports" not in written(name, failed("eu", Stage.CONNECT, Cause.REFUSED, url=url))


@pytest.mark.parametrize("cause", [Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR], ids=str)
def test_what_was_not_tested_is_not_blamed(cause: Cause) -> None:
    """A fault of this machine says nothing of a host."""
    report = written("markdown", failed("eu", Stage.CONNECT, cause))
    assert "○ not tested eu.example.org" in report


def test_text_has_no_table_where_nothing_fails() -> None:
    """At a terminal nobody has to be asked for anything then."""
    assert "Hosts and ports" not in reports.to_text(result(passed("eu")))


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_text_leaves_out_columns_and_no_host(width: int) -> None:
    """Where a terminal is narrow the last columns go; host, port and sign stay whole."""
    lines = reports.to_text(EVERYTHING, width=width).splitlines()
    rows = [line for line in lines if re.match(r"[✓✗○] \S+:\d+", line)]
    assert len(rows) == 8
    assert "✗ ap-south-1.example.org:443" in {row[:28] for row in rows}
    assert all(len(row) <= max(width, 30) for row in rows)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("eu", "us"), "(The same goes for us.example.org:443.)"),
        (("eu", "us", "sa"), "(The same goes for us.example.org:443 and sa.example.org:443.)"),
        (tuple("abcdefgh"), "(The host is that of a; the other regions have their own.)"),
    ],
    ids=["two", "three", "many"],
)
@pytest.mark.parametrize("name", ["markdown", "html"])
def test_hosts_of_a_small_group_are_named(name: str, names: tuple[str, ...], said: str) -> None:
    """An administrator who reads the advice alone sees every host that it is about, as long as they are few."""
    assert said.replace(" ", "") in written(name, *map(silent, names)).replace(" ", "")


@pytest.mark.parametrize("name", ["text", "markdown", "html", "json", "prometheus"])
def test_source_is_told_if_asked_for(name: str) -> None:
    """This machine's own addresses are in a report only where somebody hands them over."""
    write = getattr(reports, f"to_{name}")
    outcome: ConnectivityResult = result(silent("eu"))
    assert "10.1.2.3" in write(outcome, tested_from=("10.1.2.3",))
    assert "ested from" not in write(outcome)
    assert "tested_from" not in write(outcome)
