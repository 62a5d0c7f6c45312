"""What all regions tell together about what to do, where one of them alone knew less when it settled."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from tests.engine import start_in
from tests.factories import PUBLIC, ZSCALER, attempt, failed, passed, result, signed, told
from tests.probe.proxies import proxy, read_request, tunnel
from wsconn import Attempt, Cause, Evidence, RegionOutcome, Stage, TlsInfo, reports
from wsconn.lab import Lab
from wsconn.reports._analysis.groups import grouped

PROXY = "http://proxy.example:3128 (from https_proxy)"
PORTAL = "192.0.2.1:443"
OTHER = "192.0.2.9:443"
V6 = "[2001:db8::1]:443"
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def ended(
    name: str,
    stage: Stage,
    cause: Cause,
    *,
    url: str | None = None,
    attempts: tuple[Attempt, ...] = (),
    tls: TlsInfo | None = None,
    proxy: str | None = None,
    **seen: Any,
) -> RegionOutcome:
    """Make a region that failed as the engine tells it: message and advice follow from the evidence."""
    host = f"{name}.example.org"
    evidence = Evidence(**{"stage": stage, "scheme": "wss", "host": host, "port": 443, "elapsed": 9.0, **seen}, tls=tls)
    failure = told(stage, cause, evidence)
    made = failed(name, stage, cause, url=url or f"wss://{host}/", attempts=attempts, tls=tls, proxy=proxy)
    return attrs.evolve(made, failure=failure, http_status=evidence.http_status)


def at(address: str, cause: Cause, stage: Stage = Stage.TLS) -> dict[str, Any]:
    """Return the fields of a region that one address was tried for."""
    return {"address": address, "attempts": (attempt(address, cause, stage),)}


def stranger(name: str, address: str = PORTAL, owner: str = "portal.hotel.example", **seen: Any) -> RegionOutcome:
    """Make a region in whose place somebody else answers."""
    where = at(address, Cause.TLS_HOSTNAME_MISMATCH)
    shown = signed(PUBLIC, subject=f"CN={owner}")
    return ended(name, Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH, tls=shown, **where, **seen)


def untrusted(name: str, issuer: str, code: int = 20, **seen: Any) -> RegionOutcome:
    return ended(name, Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(issuer), verify_code=code, **seen)


def plain(name: str, cause: Cause = Cause.CLOSED, port: int = 80, **seen: Any) -> RegionOutcome:
    """Make a region that failed to upgrade without TLS."""
    url = f"ws://{name}.example.org:{port}/"
    return ended(name, Stage.UPGRADE, cause, url=url, **{"scheme": "ws", "port": port, **seen})


def unnamed(name: str, cause: Cause = Cause.DNS_FAILED, **changes: Any) -> RegionOutcome:
    return ended(name, Stage.RESOLVE, cause, **changes)


def expired(name: str, **seen: Any) -> RegionOutcome:
    return ended(name, Stage.TLS, Cause.TLS_EXPIRED, tls=signed(PUBLIC, not_after=NOW), clock=NOW, **seen)


def silent(name: str, address: str = V6, cause: Cause = Cause.TIMEOUT, **seen: Any) -> RegionOutcome:
    """Make a region that no TCP connection was had to."""
    made = ended(name, Stage.CONNECT, cause, **at(address, cause, Stage.CONNECT), **seen)
    return attrs.evolve(made, failure=attrs.evolve(made.failure, os_error=seen.get("os_error")))  # type: ignore[arg-type]  # it failed


def discovering(name: str) -> RegionOutcome:
    url = f"https://gs.example.org/{name}"
    return ended(name, Stage.DISCOVERY, Cause.BAD_DISCOVERY, url=url, discovery=url)


V4_PASSED = passed("us", attempts=(attempt(OTHER, stage=Stage.FRAMES),))
BY_TLS = passed("us", tls=signed(PUBLIC))
BY_PROXY = passed("us", proxy=PROXY)

# What happened; the region looked at; how its advice begins, or what is in it; what is not.
BETTER: dict[str, tuple[tuple[RegionOutcome, ...], str, str, str]] = {
    "portal": (
        (stranger("eu"), stranger("us")),
        "eu",
        "lead to one address, 192.0.2.1, where the certificate is for portal.hotel.example: most likely a portal",
        "Check the host name in the URL",
    ),
    "portal whose DNS names are seen": (
        tuple(stranger(name, owner="x", certificate_names=("DNS:login.hotel.example",)) for name in ("eu", "us")),
        "us",
        "where the certificate is for login.hotel.example: most likely a portal",
        "Check the host name in the URL",
    ),
    "portal without TLS beside a strange certificate": (
        (stranger("eu"), ended("us", Stage.TLS, Cause.NOT_TLS, **at(PORTAL, Cause.NOT_TLS))),
        "us",
        "Open any web page in a browser, and log in",
        "whether the URL should begin with ws://",
    ),
    "portal that redirects what has no TLS": (
        (
            stranger("eu"),
            plain("us", Cause.REDIRECTED, http_status=302, **at(PORTAL, Cause.REDIRECTED, Stage.UPGRADE)),
        ),
        "us",
        "Open any web page in a browser, and log in",
        "most likely wants attention",
    ),
    "intermediate left out": (
        (BY_TLS, untrusted("eu", PUBLIC)),
        "eu",
        f"The region us passed with a certificate of the same authority, {PUBLIC}, so this machine trusts it",
        "have its root certificate installed",
    ),
    "an intermediate above it left out": (
        (BY_TLS, untrusted("eu", "CN=Another", top_issuer=PUBLIC)),
        "eu",
        f"The region us passed with a certificate of an authority above this one, {PUBLIC}, so this machine trusts it",
        "update this machine's root certificates",
    ),
    "one in the midst left out": (
        (BY_TLS, untrusted("eu", PUBLIC, top_issuer="CN=Another")),
        "eu",
        f"The region us passed with a certificate of the same authority, {PUBLIC}, so this machine trusts it",
        "update this machine's root certificates",
    ),
    "online, and one name is not answered": (
        (passed("us"), unnamed("eu")),
        "eu",
        "The region us passed, so this machine is online: the fault is most likely with this name.",
        "Check that this machine is online",
    ),
    "online, and the name server is silent on one name": (
        (passed("us"), unnamed("eu", Cause.TIMEOUT)),
        "eu",
        "The region us passed, so this machine is online",
        "check that this machine is online",
    ),
    "online, and one address has no way": (
        (passed("us"), silent("eu", "192.0.2.5:443", Cause.UNREACHABLE, os_error="EHOSTUNREACH")),
        "eu",
        "The region us passed, so this machine is online: only the way to this address is missing.",
        "Check that this machine is connected",
    ),
    "no name is found": (
        (unnamed("eu", Cause.DNS_NOT_FOUND), unnamed("us", Cause.DNS_FAILED)),
        "eu",
        "No name is found from here, so check first that this machine is online",
        "other networks",
    ),
    "passes through the proxy alone": (
        (BY_PROXY, silent("eu", OTHER)),
        "eu",
        f"All that passed went through the proxy {PROXY}, and what fails went directly: check why (no_proxy",
        "A firewall most likely drops the packets",
    ),
    "passes without the proxy alone": (
        (passed("us"), *(ended(name, Stage.TLS, Cause.CLOSED, proxy=PROXY) for name in ("eu", "af"))),
        "eu",
        f"all that fail went through the proxy {PROXY}: ask its administrator",
        "A firewall that filters TLS",
    ),
    "one family works": (
        (V4_PASSED, silent("eu"), silent("af")),
        "af",
        "The region us passed over IPv4. Over IPv6, which is all that was tried here, nothing connects",
        "A firewall most likely drops the packets",
    ),
    "one family has no route": (
        (V4_PASSED, silent("eu", V6, Cause.UNREACHABLE, os_error="ENETUNREACH")),
        "eu",
        "ask the network's administrator for IPv6, or the service's operator for an IPv4 address",
        "Check that this machine is connected",
    ),
    "the clock is right": (
        (BY_TLS, expired("eu")),
        "eu",
        "the clock is most likely right: tell the service's operator that the server's certificate has expired.",
        "Check this machine's clock",
    ),
    "the clock is right, and an intermediate expired": (
        (BY_TLS, expired("eu", faulty_role="intermediate")),
        "eu",
        "that the intermediate certificate that the server sends has expired.",
        "Check this machine's clock",
    ),
    "WebSocket passes without TLS": (
        (passed("us", url="ws://us.example.org/"), plain("eu")),
        "eu",
        "so this network lets WebSocket pass: check the path of the URL, and ask the service's operator.",
        "lets HTTP pass and not the upgrade",
    ),
    "discovery fails, and others passed": (
        (passed("us"), discovering("eu")),
        "eu",
        "did not answer as expected; other regions passed, so WebSocket works from here. Open the discovery address",
        "nothing is known yet",
    ),
}


def proxied(
    name: str, cause: Cause = Cause.PROXY_TARGET_UNREACHABLE, *, connected: bool = True, **seen: Any
) -> RegionOutcome:
    """Make a region that a proxy opened no tunnel to."""
    own = {"proxy_source": "https_proxy", "proxy_host": "proxy.example", "connected": connected}
    return ended(name, Stage.PROXY, cause, proxy=PROXY, **own, **seen)


def behind(name: str, cause: Cause, stage: Stage = Stage.TLS) -> RegionOutcome:
    """Make a region that a proxy opened a tunnel to."""
    made = ended(name, stage, cause, proxy=PROXY)
    assert made.failure is not None
    evidence = attrs.evolve(made.failure.evidence or Evidence(), proxy="http://proxy.example:3128")
    return attrs.evolve(made, failure=told(stage, cause, evidence))


BETTER |= {
    "the proxy gets out for others": (
        (BY_PROXY, proxied("eu", http_status=503)),
        "eu",
        "The region us passed through the same proxy, so the proxy works and has a way out: check the host and port",
        "The proxy itself works. Ask its administrator",
    ),
    "the proxy is one for others": (
        (BY_PROXY, proxied("eu", Cause.PROXY_BAD_ANSWER, http_status=400)),
        "eu",
        "passed through the same proxy, so https_proxy is right: ask the proxy's administrator to try",
        "If it is some other server",
    ),
    "the proxy is up for others": (
        (BY_PROXY, proxied("eu", Cause.REFUSED, connected=False)),
        "eu",
        "so the proxy is up, and most likely takes no more connections at once: test fewer regions at once",
        "ask the network's administrator whether it is up",
    ),
    "the proxy wants no login of others": (
        (BY_PROXY, proxied("eu", Cause.PROXY_DENIED, http_status=302, location="http://why.example/")),
        "eu",
        "so no login is missing: ask its administrator to allow CONNECT to eu.example.org port 443.",
        "if a login appears there",
    ),
    "the proxy reaches nothing": (
        (proxied("eu", http_status=502), proxied("af", http_status=503, proxy_problem="name")),
        "af",
        "The proxy reaches none of these servers, so most likely it has no way out itself. Ask its administrator",
        "check its spelling",
    ),
    "a web server for a proxy": (
        (proxied("eu", http_status=404), proxied("af", http_status=404)),
        "af",
        "If https_proxy leads to a web server and not to a proxy, correct that.",
        "does not find the name",
    ),
    "the proxy says yes to all": (
        (behind("eu", Cause.CLOSED), behind("af", Cause.TIMEOUT)),
        "eu",
        f"Through the proxy {PROXY} nothing came back from any of these servers: most likely it reaches none of them",
        "may never have reached the server",
    ),
    "the proxy says yes, or that it could not": (
        (behind("eu", Cause.CLOSED), proxied("af", http_status=503)),
        "eu",
        "nothing came back from any of these servers",
        "may never have reached the server",
    ),
    "the proxy answers itself": (
        (behind("eu", Cause.NOT_TLS), behind("af", Cause.NOT_TLS)),
        "af",
        "what came back was not TLS: most likely the proxy's own answer. Open any web page in a browser that uses it",
        "What came may be the proxy's own words",
    ),
    "different owners, one unknown authority": (
        tuple(
            ended(name, Stage.TLS, Cause.TLS_UNTRUSTED, url=f"wss://{host}/", tls=signed("CN=Corp CA"), verify_code=20)
            for name, host in (("eu", "eu.example.org"), ("us", "us.example.net"))
        ),
        "us",
        "show certificates of one authority, CN=Corp CA, which this machine does not trust, so none of them",
        "Otherwise tell the service's operator",
    ),
    "no TLS anywhere": (
        tuple(
            ended(name, Stage.TLS, Cause.NOT_TLS, url=f"wss://{host}/", **at(address, Cause.NOT_TLS))
            for name, host, address in (("eu", "eu.example.org", PORTAL), ("us", "us.example.net", OTHER))
        ),
        "us",
        "None of these servers speaks TLS from here, though they have different owners: most likely a portal",
        "whether the URL should begin with ws://",
    ),
}

OWN: dict[str, tuple[RegionOutcome, ...]] = {
    "two addresses are no portal": (stranger("eu"), stranger("us", OTHER)),
    "the service's own certificate is no portal's": (
        stranger("eu", owner="www.example.org"),
        stranger("us", owner="www.example.org"),
    ),
    "one behind a good certificate is no portal's": (
        stranger("eu"),
        ended("us", Stage.UPGRADE, Cause.HTTP_STATUS, http_status=404, tls=signed(PUBLIC), **at(PORTAL, Cause.CLOSED)),
    ),
    "the search list led there": (stranger("eu", search_domain="corp"), stranger("us", search_domain="corp")),
    "an inspecting proxy at one address": tuple(
        ended(name, Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(ZSCALER), **at(PORTAL, Cause.TLS_UNTRUSTED))
        for name in ("eu", "us")
    ),
    "one host is no portal": (stranger("eu"),),
    "another authority": (BY_TLS, untrusted("eu", "CN=Lab CA")),
    "an inspecting proxy whose root is here for some": (
        passed("us", tls=signed(ZSCALER)),
        untrusted("eu", ZSCALER),
    ),
    "a self-signed certificate": (BY_TLS, untrusted("eu", PUBLIC, code=18)),
    "nothing passed": (unnamed("eu"), silent("us", OTHER)),
    "only this machine itself passed": (passed("us", url="wss://localhost/"), unnamed("eu")),
    "only the proxy's way passed": (BY_PROXY, ended("eu", Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed("CN=Lab CA"))),
    "its name server is known to fail": (passed("us"), unnamed("eu", failing_name_server="192.0.2.53")),
    "its family is known to be missing": (
        passed("us"),
        silent("eu", OTHER, Cause.UNREACHABLE, missing_route="IPv6", os_error="ENETUNREACH"),
    ),
    "it had little time": (passed("us"), unnamed("eu", Cause.TIMEOUT, elapsed=0.3)),
    "it stood still": (passed("us"), unnamed("eu", Cause.TIMEOUT, stalled_seconds=4.0)),
    "lookups were replaced": (passed("us"), unnamed("eu", replaced="socket.getaddrinfo")),
    "its request is large": (passed("us", url="ws://us.example.org/"), plain("eu", Cause.TIMEOUT, request_bytes=2000)),
    "names that no public DNS has": (
        unnamed("eu", Cause.DNS_NOT_FOUND, host="eu.localhost"),
        unnamed("us", Cause.DNS_NOT_FOUND, host="printer.local"),
    ),
    "a lone silent IPv6 server": (V4_PASSED, silent("eu")),
    "both families work": (
        passed("us", attempts=(attempt("[2001:db8::7]:443", stage=Stage.FRAMES), attempt(OTHER, Cause.OUTRUN))),
        silent("eu"),
    ),
    "no certificate was seen that is valid": (passed("us", url="ws://us.example.org/"), expired("eu")),
    "a root of this machine expired": (BY_TLS, expired("eu", faulty_role="root")),
    "WebSocket passes on another port": (passed("us", url="ws://us.example.org:8080/"), plain("eu")),
    "WebSocket passes inside TLS": (passed("us"), plain("eu")),
    "a tunnel to one of two": (BY_PROXY, behind("eu", Cause.CLOSED)),
    "one host behind a proxy": (behind("eu", Cause.CLOSED),),
    "a proxy that is down": (
        proxied("eu", Cause.REFUSED, connected=False),
        proxied("af", Cause.REFUSED, connected=False),
    ),
    "a proxy that is full": (BY_PROXY, proxied("eu", http_status=502, proxy_problem="limit")),
    "another proxy passed": (passed("us", proxy="http://other.example:3128 (from ws_proxy)"), proxied("eu")),
    "a proxy that says why": (BY_PROXY, proxied("eu", http_status=503, proxy_problem="refused")),
    "a proxy that takes no names": (proxied("eu", socks_code=8), proxied("af", socks_code=8)),
    "an onion service": (BY_PROXY, proxied("eu", socks_code=0xF0)),
    "two owners, two authorities": tuple(
        ended(name, Stage.TLS, Cause.TLS_UNTRUSTED, url=f"wss://{host}/", tls=signed(f"CN={name}"), verify_code=20)
        for name, host in (("eu", "eu.example.org"), ("us", "us.example.net"))
    ),
    "one owner, one authority": tuple(untrusted(name, "CN=Corp CA") for name in ("eu", "us")),
    "one owner without TLS": tuple(
        ended(name, Stage.TLS, Cause.NOT_TLS, **at(address, Cause.NOT_TLS))
        for name, address in (("eu", PORTAL), ("us", OTHER))
    ),
    "one that fails through the proxy": (passed("us"), ended("eu", Stage.TLS, Cause.CLOSED, proxy=PROXY)),
    "no discovery was answered": (discovering("eu"), discovering("us")),
    "a setting of this machine's": (
        BY_TLS,
        ended("eu", Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(PUBLIC), verify_code=20, setting="SSL_CERT_FILE"),
    ),
}


@pytest.mark.parametrize(("outcomes", "name", "said", "not_said"), BETTER.values(), ids=BETTER.keys())
def test_all_regions_together_know_better(
    outcomes: tuple[RegionOutcome, ...], name: str, said: str, not_said: str
) -> None:
    """What the others show comes in place of what a region had to suppose, in each report; its own record stays."""
    told = result(*outcomes)
    failure = told.outcome(name).failure
    assert failure is not None
    assert not_said in failure.advice
    for write in (reports.to_text, reports.to_markdown, reports.to_html):
        report = " ".join(write(told).replace("`", "").replace("&#39;", "'").split())
        assert said in report
        assert not_said not in report
    assert reports.from_json(reports.to_json(told)) == told


OWN |= {
    f"a proxy's certificate: {cause}": (
        BY_TLS,
        attrs.evolve(ended("eu", Stage.PROXY, cause, proxy=PROXY, **at(PORTAL, cause, Stage.PROXY)), tls=None),
        attrs.evolve(ended("af", Stage.PROXY, cause, proxy=PROXY, **at(PORTAL, cause, Stage.PROXY)), tls=None),
    )
    for cause in (Cause.TLS_UNTRUSTED, Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID, Cause.NOT_TLS)
}

OWN["a proxy's certificate of an authority that another region passes with"] = (
    BY_TLS,
    ended("eu", Stage.PROXY, Cause.TLS_UNTRUSTED, proxy=PROXY, tls=signed(PUBLIC), verify_code=20, top_issuer=PUBLIC),
)
OWN["a product that opens TLS, and one region trusts it"] = (
    passed("us", tls=signed(ZSCALER)),
    untrusted("eu", ZSCALER, top_issuer=ZSCALER),
)


@pytest.mark.parametrize("outcomes", OWN.values(), ids=OWN.keys())
def test_a_region_keeps_its_own_advice(outcomes: tuple[RegionOutcome, ...]) -> None:
    """Where the others show nothing that bears on it, or its own evidence tells more, the report has what it said."""
    report = " ".join(reports.to_text(result(*outcomes), width=100).split())
    for group in grouped(outcomes):
        for advice in group.advice:
            assert advice.text == advice.failure.advice
            assert advice.text in report


def test_better_advice_is_told_once() -> None:
    """What is to be done about two causes is told with the first."""
    mixed = (stranger("eu"), stranger("us"), ended("af", Stage.TLS, Cause.NOT_TLS, **at(PORTAL, Cause.NOT_TLS)))
    assert [advice.text for group in grouped(mixed) for advice in group.advice][1:] == ["As for eu."]
    assert "  region   af\n  advice   As for eu.\n" in reports.to_text(result(*mixed))
    assert reports.to_markdown(result(*mixed)).count("All these names lead to") == 1


REFUTED: dict[str, tuple[tuple[RegionOutcome, ...], str]] = {
    "no clock": (
        (BY_TLS, *(ended(name, Stage.TLS, Cause.TLS_NOT_YET_VALID, tls=signed(PUBLIC)) for name in ("eu", "af"))),
        "eu and af (2 of 3 regions) fail at TLS: the certificate is not valid yet.",
    ),
    "no clock, and several dates": (
        (BY_TLS, expired("eu"), ended("af", Stage.TLS, Cause.TLS_EXPIRED, tls=signed(PUBLIC), clock=NOW)),
        "eu and af (2 of 3 regions) fail at TLS: the certificate has expired.",
    ),
    "no firewall": (
        (V4_PASSED, silent("eu"), silent("af")),
        "eu and af (2 of 3 regions) fail at connect: no answer comes in time.",
    ),
    "nothing on the way": (
        (passed("us", url="ws://us.example.org/"), plain("eu"), plain("af")),
        "eu and af (2 of 3 regions) fail at the upgrade: the connection is ended.",
    ),
}


@pytest.mark.parametrize(("outcomes", "said"), REFUTED.values(), ids=REFUTED.keys())
def test_findings_suspect_nothing_that_another_region_refutes(outcomes: tuple[RegionOutcome, ...], said: str) -> None:
    """The finding says what the failures share, and not what a region that passed has shown to be otherwise."""
    assert said in reports.findings(result(*outcomes))


def test_names_of_regions_are_marked() -> None:
    """In Markdown a region that the advice names is code: its name may be anything."""
    hostile = "[x](https://evil.example)"
    report = reports.to_markdown(result(passed(hostile, url="wss://us.example.org/"), unnamed("eu")))
    assert f"The region `{hostile}` passed, so this machine is online" in report


def test_a_real_region_that_passed_shows_that_this_machine_is_online() -> None:
    """The name that nobody answers for is not this machine's fault, as another region has passed."""
    with Lab() as lab:
        url = lab.add("us").replace("127.0.0.1", "us.lab.invalid")
        lab.name("us.lab.invalid", ["127.0.0.1"])
        lab.name("eu.lab.invalid", None)
        told = start_in(lab, {"us": url, "eu": "ws://eu.lab.invalid/"}, timeout=2).result(timeout=20)
    report = " ".join(reports.to_text(told).split())
    assert told.passed_regions == ("us",)
    assert "check that this machine is online" not in report.lower()


def test_a_real_portal_comes_before_the_host_name() -> None:
    """Where all names lead to one address and its certificate is a stranger's, the first advice is to log in."""
    with Lab() as lab:
        url = lab.add("portal", fault="wrong-host", tls=True)
        hosts = ("eu.lab.invalid", "us.lab.invalid")
        for host in hosts:
            lab.name(host, ["127.0.0.1"])
        told = start_in(lab, {host: url.replace("127.0.0.1", host) for host in hosts}).result(timeout=20)
    report = " ".join(reports.to_text(told).split())
    assert "lead to one address, 127.0.0.1, where the certificate is for wrong.example: most likely a portal" in report
    assert "Check the host name" not in report
    assert all("Check the host name" in outcome.failure.advice for outcome in told.outcomes if outcome.failure)


def test_a_real_proxy_that_reaches_one_region_of_two() -> None:
    """It works, as the other region shows: what is to be checked is the server."""

    def talk(sock: socket.socket) -> None:
        if sock.recv(4096, socket.MSG_PEEK).startswith(b"CONNECT 127.0.0.1:"):
            tunnel(sock)
        else:
            read_request(sock)
            sock.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    with Lab() as lab, proxy(talk) as port:
        regions = {"us": lab.add("us"), "eu": "wss://eu.example/"}
        told = start_in(lab, regions, proxy=f"http://127.0.0.1:{port}", timeout=20).result(timeout=30)
    assert told.passed_regions == ("us",)
    report = " ".join(reports.to_text(told).split())
    assert (
        "The region us passed through the same proxy, so the proxy works and has a way out: check the host and port"
        in report
    )
