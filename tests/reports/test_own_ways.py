"""What reports tell of regions that name where to connect to or from, and of what their operator says to allow."""

from __future__ import annotations

import attrs
import pytest

from tests.factories import attempt, failed, passed, result, told
from tests.reports.written import FORMATS, each_format, written
from wsconn import Cause, Evidence, RegionOutcome, Stage, reports

URL = "wss://eu.example.org/"
OWN = {"url": URL, "address": "203.0.113.7:443"}
SEEN = Evidence(scheme="wss", host="eu.example.org", port=443, connect_to="203.0.113.7:443")


def led(name: str, **seen: object) -> RegionOutcome:
    """Make a pass of a region that names where to connect to or from."""
    return passed(name, **OWN, evidence=attrs.evolve(SEEN, **seen), attempts=(attempt("203.0.113.7:443", url=URL),))


def silent(name: str, seen: Evidence) -> RegionOutcome:
    """Make a region that was not connected to in time."""
    seen = attrs.evolve(seen, stage=Stage.CONNECT, elapsed=5.0)
    failure = told(Stage.CONNECT, Cause.TIMEOUT, seen)
    return failed(
        name, Stage.CONNECT, Cause.TIMEOUT, failure.message, advice=failure.advice, evidence=seen, url=URL, attempts=()
    )


@each_format
def test_row_tells_where_a_region_was_led(name: str) -> None:
    """A pass that says nothing of the URL's own address is marked as such."""
    assert "connected to 203.0.113.7:443 in place of eu.example.org:443, from 10.8.0.2" in written(
        name, led("eu", source="10.8.0.2")
    )
    assert "in place of" not in written(name, passed("eu"))


@each_format
def test_place_to_allow_is_where_it_was_connected(name: str) -> None:
    """A firewall has to let through the place that was connected to, and not the URL's."""
    place = "203.0.113.7:443" if name == "text" else "203.0.113.7"
    report = written(name, silent("eu", SEEN), led("us"))
    table = report.partition("Hosts and ports to allow")[2].partition("Circumstances")[0].partition("Proxy Way")[0]
    assert place in table
    assert "eu.example.org" not in table


DIFFERENCES = {
    "place": (
        attrs.evolve(SEEN, connect_to=None),
        SEEN,
        "eu.example.org:443 passes at its own address, and not at 203.0.113.7:443.",
    ),
    "source": (
        attrs.evolve(SEEN, source="192.0.2.5"),
        attrs.evolve(SEEN, source="10.8.0.2"),
        "eu.example.org:443 passes from 192.0.2.5, and not from 10.8.0.2.",
    ),
    "source beside none": (
        attrs.evolve(SEEN, source="192.0.2.5"),
        SEEN,
        "eu.example.org:443 passes from 192.0.2.5, and not from the address that the system takes.",
    ),
    "both": (
        attrs.evolve(SEEN, source="192.0.2.5"),
        attrs.evolve(SEEN, source="10.8.0.2", connect_to="203.0.113.8:443"),
        ("eu.example.org:443 passes at 203.0.113.7:443 from 192.0.2.5, and not at 203.0.113.8:443 from 10.8.0.2."),
    ),
}


@pytest.mark.parametrize(("good", "bad", "said"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_one_url_by_two_ways(good: Evidence, bad: Evidence, said: str) -> None:
    """Of two regions with one URL the finding says which way works."""
    assert said in reports.findings(result(passed("a", url=URL, evidence=good), silent("b", bad)))


def test_another_url_is_no_comparison() -> None:
    """What passes by another URL says nothing of this one's ways."""
    other = passed("a", url="wss://us.example.org/", evidence=attrs.evolve(SEEN, source="192.0.2.5"))
    assert not [said for said in reports.findings(result(other, silent("b", SEEN))) if "passes" in said]


def test_one_place_for_all_is_no_portal() -> None:
    """Names that are all connected to one address on purpose do not look like a portal's."""
    regions = []
    for name in ("eu", "us"):
        seen = attrs.evolve(SEEN, stage=Stage.TLS, host=f"{name}.example.org", certificate_names=("DNS:new.example",))
        failure = told(Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH, seen)
        regions.append(
            failed(
                name,
                Stage.TLS,
                Cause.TLS_HOSTNAME_MISMATCH,
                failure.message,
                advice=failure.advice,
                evidence=seen,
                attempts=(attempt("203.0.113.7:443", Cause.TLS_HOSTNAME_MISMATCH, Stage.TLS),),
            )
        )
    report = " ".join(reports.to_text(result(*regions)).split())
    assert "portal" not in report
    assert "lead to one address" not in report
    assert "a certificate for eu.example.org on that server" in report


ALLOW = {"allow": ("*.example.org:443", "192.0.2.0/24:443"), "help": "https://help.example.org/?a=b (read in May)"}
TITLE = "Hosts and ports to allow, as the service's operator lists them"


@each_format
def test_list_of_the_operator(name: str) -> None:
    """What the operator says to allow is told with the page that says so, once for all regions."""
    report = written(name, silent("eu", attrs.evolve(SEEN, connect_to=None)), passed("us")).replace(TITLE, "")
    assert "*.example.org" not in report
    lists = [attrs.evolve(silent("eu", SEEN), **ALLOW), passed("us", **ALLOW)]
    report = written(name, *lists)
    assert report.count(TITLE) == report.count("*.example.org:443") == 1
    assert "192.0.2.0/24:443" in report.partition(TITLE)[2]
    assert "https://help.example.org/?a=b (read in May)" in report


def test_markdown_says_all_where_the_list_is_for_all() -> None:
    """No name is left out in silence, and none is told in vain."""
    lists = [attrs.evolve(silent("eu", SEEN), **ALLOW), *(passed(name, **ALLOW) for name in ("us", "ap", "sa"))]
    assert "- For all 4 regions" in written("markdown", *lists)
    assert "- For eu , us , ap and 1 more" in written("markdown", *lists, passed("me"))


def test_text_has_no_list_where_nothing_fails() -> None:
    """Nobody has to be asked for anything then."""
    assert TITLE not in written("text", passed("eu", **ALLOW))


def test_text_tells_whose_list_it_is_where_there_are_several() -> None:
    """Two services have two lists."""
    one, two = attrs.evolve(silent("eu", SEEN), **ALLOW), attrs.evolve(silent("us", SEEN), allow=("b.example:443",))
    report = written("text", one, two)
    assert f"{TITLE} (for eu) *.example.org:443, 192.0.2.0/24:443" in report
    assert f"{TITLE} (for us) b.example:443" in report


def test_missing_source_is_a_finding() -> None:
    """What this machine lacks is told as such, and not as a way that is missing."""
    seen = Evidence(stage=Stage.CONNECT, host="eu.example.org", port=443, source="10.8.0.2", no_such_source=True)
    failure = told(Stage.CONNECT, Cause.UNREACHABLE, seen)
    vpn = failed("vpn", Stage.CONNECT, Cause.UNREACHABLE, failure.message, advice=failure.advice, evidence=seen)
    found = reports.findings(result(passed("lan", url=vpn.url), vpn))
    assert found[0].endswith("fails at connect: this machine has no address 10.8.0.2 to connect from.")
    assert "network's administrator" not in FORMATS["text"](result(passed("lan", url="wss://a.example.org/"), vpn))


def test_json_keeps_all_of_it() -> None:
    """What JSON tells of a region's own ways, and of what to allow, is read back."""
    whole = result(
        attrs.evolve(led("eu", source="10.8.0.2"), **ALLOW), silent("us", attrs.evolve(SEEN, no_such_source=True))
    )
    assert reports.from_json(reports.to_json(whole)) == whole
