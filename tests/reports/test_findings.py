"""What the failures of a test share, said in a sentence: a table of results and of what is true of them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import aborted, attempt, failed, passed, result, signed, until
from wsconn import Cause, Evidence, RegionOutcome, Stage, Status, Timings
from wsconn.reports import findings

NAMES = [f"r{number}" for number in range(1, 26)]
PROXY = "http://proxy.example:3128 (from https_proxy)"
ZSCALER = "CN=Zscaler Intermediate Root CA (zscaler.net), OU=Zscaler Inc., O=Zscaler Inc., C=US"
SECOND_ZSCALER = "CN=Zscaler Intermediate Root CA (zscalertwo.net), O=Zscaler Inc., C=US"
PUBLIC = "CN=R11, O=Let's Encrypt, C=US"
NOT_READY = Evidence(stage=Stage.TLS, not_loaded="the system's root certificates")
NO_ORIGIN = Evidence(stage=Stage.UPGRADE, http_status=403)
LOGIN_WANTED = Evidence(stage=Stage.UPGRADE, http_status=401, login_challenge='Basic realm="a"')
BOT_CHECK = Evidence(stage=Stage.UPGRADE, http_status=202, bot_check="challenge", bot_check_header="x-amzn-waf-action")
WITH_ORIGIN = Evidence(stage=Stage.UPGRADE, http_status=403, origin_sent=True)
SILENT = Evidence(silent_name_server="192.0.2.53")
SEARCHED = Evidence(
    host="eu.example.org", canonical_name="eu.example.org.corp.test", search_domain="corp.test", stage=Stage.CONNECT
)
SENT = Evidence(http_status=302, location="http://portal.example/login")
LEFT_OUT = Evidence(verify_code=20, certificates_sent=1, top_issuer=PUBLIC)
V4, V6 = "192.0.2.1:443", "[2001:db8::1]:443"


def all_failed(
    stage: Stage, cause: Cause, *, names: list[str] | None = None, **changes: object
) -> tuple[RegionOutcome, ...]:
    return tuple(failed(name, stage, cause, **changes) for name in names or NAMES)  # type: ignore[arg-type]  # fields of an outcome


def all_failed_on(scheme: str, stage: Stage, cause: Cause, **changes: object) -> tuple[RegionOutcome, ...]:
    """Make two regions that fail alike, on hosts of their own."""
    return tuple(
        failed(name, stage, cause, url=f"{scheme}://{name}.example.org/", **changes)  # type: ignore[arg-type]  # fields of an outcome
        for name in ("eu", "us")
    )


def all_passed(names: list[str], **changes: object) -> tuple[RegionOutcome, ...]:
    return tuple(passed(name, **changes) for name in names)


def untrusted(name: str, issuer: str | None = ZSCALER) -> RegionOutcome:
    return failed(name, Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(issuer))


def dual(name: str, seconds: float, cause: Cause = Cause.TIMEOUT) -> RegionOutcome:
    """Make the outcome of a region that IPv4 reached after IPv6 had failed."""
    return passed(name, attempts=(attempt(V6, cause, duration=seconds), attempt(V4, stage=Stage.FRAMES)))


STALLED = Evidence(stage=Stage.TLS, stalled_seconds=4.0)
ENDING = Evidence(stage=Stage.RESOLVE, shutting_down=True)
THROUGH = Evidence(stage=Stage.TLS, scheme="wss", proxy="http://p.example:3128")
NOT_BEGUN = {"timings": Timings(), "duration": 0.0001}

TABLE: dict[str, tuple[tuple[RegionOutcome, ...], tuple[str, ...]]] = {
    "the process stood still": (
        all_failed_on("wss", Stage.TLS, Cause.TIMEOUT, evidence=STALLED),
        ("Both regions fail at TLS: this process itself stood still past the deadline.",),
    ),
    "the program was ending": (
        all_failed_on("wss", Stage.RESOLVE, Cause.LOCAL_LIMIT, evidence=ENDING),
        ("2 regions could not be tested: this program was ending.",),
    ),
    "a proxy that says yes": (
        all_failed_on("wss", Stage.TLS, Cause.CLOSED, evidence=THROUGH),
        ("Both regions fail at TLS: the connection is ended; the proxy may never have reached the servers.",),
    ),
    "nothing": ((), ("No region was tested.",)),
    "one passed": ((passed("eu"),), ("The region eu passed.",)),
    "all passed": (
        (passed("eu", round_trip=0.03), passed("us", round_trip=0.1)),
        ("Both regions passed.",),
    ),
    "all passed without frames": (
        all_passed(["eu", "us"], timings=until(Stage.UPGRADE)),
        ("Both regions passed.", "No frames were exchanged: an open WebSocket alone counted as a pass."),
    ),
    "all were closed at once": (
        all_passed(["eu", "us"], close_code=1008),
        (
            "Both regions passed.",
            "Both regions opened the WebSocket and closed it at once: a pass, as no login is tested.",
        ),
    ),
    "one was closed at once": (
        (passed("eu"), passed("us", close_code=4401, close_reason="log in")),
        (
            "Both regions passed.",
            "us (1 of 2 regions) opened the WebSocket and closed it at once: a pass, as no login is tested.",
        ),
    ),
    # --- one cause for all
    "re-signed by one maker": (
        tuple(map(untrusted, NAMES)),
        ("All 25 regions fail at TLS: the certificate is not trusted, signed by Zscaler Inc.",),
    ),
    "re-signed by one maker under two names": (
        (untrusted("eu"), untrusted("us", SECOND_ZSCALER)),
        ("Both regions fail at TLS: the certificate is not trusted, signed by Zscaler Inc.",),
    ),
    "untrusted for different issuers": (
        (untrusted("eu"), untrusted("us", "CN=Lab CA")),
        ("Both regions fail at TLS: the certificate is not trusted.",),
    ),
    "untrusted, and one issuer is not known": (
        (untrusted("eu"), untrusted("us", None)),
        ("Both regions fail at TLS: the certificate is not trusted.",),
    ),
    "one issuer, two causes": (
        (untrusted("eu"), failed("us", Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH, tls=signed(ZSCALER))),
        (
            "Both regions fail at TLS, in 2 different ways.",
            "eu (1 of 2 regions) fails at TLS: the certificate is not trusted, signed by Zscaler Inc.",
            "us (1 of 2 regions) fails at TLS: the certificate is for another name, signed by Zscaler Inc.",
        ),
    ),
    "not for this name, of a known authority": (
        all_failed(Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH, tls=signed("CN=R11, O=Let's Encrypt")),
        ("All 25 regions fail at TLS: the certificate is for another name.",),
    ),
    "one authority, two causes that are not of trust": (
        (
            failed("eu", Stage.TLS, Cause.TLS_NOT_YET_VALID, tls=signed("CN=Lab CA")),
            failed("us", Stage.TLS, Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, tls=signed("CN=Lab CA")),
        ),
        (
            "Both regions fail at TLS, in 2 different ways.",
            "eu (1 of 2 regions) fails at TLS: the certificate is not valid yet.",
            "us (1 of 2 regions) fails at TLS: the server wants a client certificate.",
        ),
    ),
    "an intermediate left out, where another region has the same authority": (
        (
            failed("eu", Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(PUBLIC), evidence=LEFT_OUT),
            passed("us", tls=signed(PUBLIC)),
        ),
        (
            "eu (1 of 2 regions) fails at TLS: the certificate is not trusted, signed by Let's Encrypt.",
            (
                "eu (1 of 2 regions) fails with a certificate of an authority that another region passes with: the"
                " server leaves out the intermediate certificate, and its operator must have it sent."
            ),
        ),
    ),
    "an intermediate left out, where no other region has that authority": (
        (
            failed("eu", Stage.TLS, Cause.TLS_UNTRUSTED, tls=signed(PUBLIC), evidence=LEFT_OUT),
            passed("us", tls=signed("CN=Other")),
        ),
        ("eu (1 of 2 regions) fails at TLS: the certificate is not trusted, signed by Let's Encrypt.",),
    ),
    "an intermediate that expired": (
        (
            failed(
                "eu",
                Stage.TLS,
                Cause.TLS_EXPIRED,
                tls=signed(PUBLIC, not_after=datetime(2030, 1, 1, tzinfo=UTC)),
                evidence=Evidence(faulty_role="intermediate", faulty_date=datetime(2020, 1, 1, tzinfo=UTC)),
            ),
        ),
        ("The region eu fails at TLS: an intermediate certificate expired on 2020-01-01.",),
    ),
    "roots that are nowhere": (
        all_failed(Stage.TLS, Cause.TLS_UNTRUSTED, evidence=Evidence(setting="SSL_CERT_FILE")),
        ("All 25 regions fail at TLS: this machine's setting SSL_CERT_FILE leads nowhere.",),
    ),
    "one region re-signed": (
        (untrusted("eu"),),
        ("The region eu fails at TLS: the certificate is not trusted, signed by Zscaler Inc.",),
    ),
    "dropped": (
        all_failed(Stage.CONNECT, Cause.TIMEOUT),
        ("All 25 regions fail at connect: no answer comes in time; a firewall most likely drops the packets.",),
    ),
    "dropped, but it is one host": (
        all_failed(Stage.CONNECT, Cause.TIMEOUT, url="wss://one.example.org/"),
        ("All 25 regions fail at connect: no answer comes in time.",),
    ),
    "frames are swallowed": (
        all_failed_on("ws", Stage.FRAMES, Cause.NO_PONG),
        (
            (
                "Both regions fail at the first frames: the WebSocket opens, but no frame comes back;"
                " something on the way seems to let the upgrade pass and to hold the frames back."
            ),
        ),
    ),
    "frames are swallowed inside TLS": (
        all_failed(Stage.FRAMES, Cause.NO_PONG, tls=signed(PUBLIC)),
        (
            (
                "All 25 regions fail at the first frames: the WebSocket opens, but no frame comes back;"
                " a gateway in front of the servers seems to let the upgrade pass and to hold the frames back."
            ),
        ),
    ),
    "frames are swallowed where TLS is opened": (
        all_failed(Stage.FRAMES, Cause.NO_PONG, tls=signed(ZSCALER)),
        (
            (
                "All 25 regions fail at the first frames: the WebSocket opens, but no frame comes back;"
                " Zscaler, which opens TLS on the way, seems to let the upgrade pass and to hold the frames back."
            ),
        ),
    ),
    "frames are swallowed with and without TLS": (
        (
            *all_failed_on("ws", Stage.FRAMES, Cause.NO_PONG),
            *all_failed(Stage.FRAMES, Cause.NO_PONG, names=["af", "sa"]),
        ),
        ("All 4 regions fail at the first frames: the WebSocket opens, but no frame comes back.",),
    ),
    "the request is not answered": (
        all_failed_on("ws", Stage.UPGRADE, Cause.TIMEOUT),
        (
            (
                "Both regions fail at the upgrade: no answer comes in time;"
                " something on the way most likely lets HTTP pass, but not the upgrade."
            ),
        ),
    ),
    "the request is not answered where TLS is not verified": (
        all_failed(Stage.UPGRADE, Cause.CLOSED, tls=signed(None)),
        ("All 25 regions fail at the upgrade: the connection is ended.",),
    ),
    "this machine was not ready": (
        all_failed(Stage.TLS, Cause.TIMEOUT, evidence=NOT_READY),
        ("All 25 regions fail at TLS: this machine was too slow to load what a test needs.",),
    ),
    "the request is not answered inside TLS": (
        all_failed(Stage.UPGRADE, Cause.CLOSED, tls=signed(PUBLIC)),
        (
            (
                "All 25 regions fail at the upgrade: the connection is ended;"
                " the servers, or a gateway before them, seem to take no WebSocket there."
            ),
        ),
    ),
    "one status": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, http_status=403),
        ("All 25 regions fail at the upgrade: the answer is HTTP 403.",),
    ),
    "refused without an Origin": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, evidence=NO_ORIGIN, http_status=403, tls=signed(PUBLIC)),
        (
            (
                "All 25 regions fail at the upgrade: the answer is HTTP 403; no Origin was sent, which servers for"
                " browsers may want (--origin)."
            ),
        ),
    ),
    "a login is wanted": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, evidence=LOGIN_WANTED, http_status=401),
        ("All 25 regions fail at the upgrade: the servers want a login (HTTP 401).",),
    ),
    "taken for a bot": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, evidence=BOT_CHECK, http_status=202),
        ("All 25 regions fail at the upgrade: AWS WAF takes this check for a bot.",),
    ),
    "refused with an Origin": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, evidence=WITH_ORIGIN, http_status=403),
        ("All 25 regions fail at the upgrade: the answer is HTTP 403.",),
    ),
    "overloaded, whatever was sent": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, evidence=NO_ORIGIN, http_status=503),
        ("All 25 regions fail at the upgrade: the answer is HTTP 503.",),
    ),
    "one refused without an Origin": (
        (failed("eu", Stage.UPGRADE, Cause.HTTP_STATUS, evidence=NO_ORIGIN, http_status=403),),
        ("The region eu fails at the upgrade: the answer is HTTP 403.",),
    ),
    "one status of a portal": (
        all_failed_on("ws", Stage.UPGRADE, Cause.HTTP_STATUS, http_status=511),
        ("Both regions fail at the upgrade: the answer is HTTP 511; a portal or block page seems to answer.",),
    ),
    "one status of a page inside TLS": (
        all_failed(Stage.UPGRADE, Cause.HTTP_STATUS, http_status=200, tls=signed(PUBLIC)),
        ("All 25 regions fail at the upgrade: the answer is HTTP 200.",),
    ),
    "different statuses": (
        (
            failed("eu", Stage.UPGRADE, Cause.HTTP_STATUS, http_status=403),
            failed("us", Stage.UPGRADE, Cause.HTTP_STATUS, http_status=503),
        ),
        ("Both regions fail at the upgrade: the answer is an ordinary HTTP status.",),
    ),
    "sent to one portal": (
        all_failed_on("ws", Stage.UPGRADE, Cause.REDIRECTED, evidence=SENT, http_status=302),
        (
            (
                "Both regions fail at the upgrade: the answer is a redirect to portal.example; a portal seems"
                " to want a login."
            ),
        ),
    ),
    "sent elsewhere inside TLS": (
        all_failed(Stage.UPGRADE, Cause.REDIRECTED, evidence=SENT, http_status=302, tls=signed(PUBLIC)),
        ("All 25 regions fail at the upgrade: the answer is a redirect to portal.example.",),
    ),
    "moved for good": (
        all_failed(Stage.UPGRADE, Cause.REDIRECTED, evidence=SENT, http_status=301),
        ("All 25 regions fail at the upgrade: the answer is a redirect to portal.example.",),
    ),
    "clock behind": (
        all_failed(Stage.TLS, Cause.TLS_NOT_YET_VALID),
        ("All 25 regions fail at TLS: the certificate is not valid yet; this machine's clock seems to be behind.",),
    ),
    "one certificate expired": (
        all_failed(Stage.TLS, Cause.TLS_EXPIRED, tls=signed(None, not_after=datetime(2025, 6, 1, tzinfo=UTC))),
        ("All 25 regions fail at TLS: the certificate expired on 2025-06-01.",),
    ),
    "certificates expired": (
        all_failed(Stage.TLS, Cause.TLS_EXPIRED),
        ("All 25 regions fail at TLS: the certificate has expired, or this machine's clock is ahead.",),
    ),
    # --- the proxy
    "the proxy wants a login": (
        all_failed(Stage.PROXY, Cause.PROXY_AUTH_REQUIRED, proxy=PROXY),
        (f"All 25 regions fail at the proxy {PROXY}: it wants a login.",),
    ),
    "the proxy refuses a login": (
        all_failed(
            Stage.PROXY, Cause.PROXY_AUTH_REQUIRED, proxy=PROXY, evidence=Evidence(stage=Stage.PROXY, login_sent=True)
        ),
        (f"All 25 regions fail at the proxy {PROXY}: it refused the login.",),
    ),
    "the proxy refuses a ticket": (
        all_failed(
            Stage.PROXY,
            Cause.PROXY_AUTH_REQUIRED,
            proxy=PROXY,
            evidence=Evidence(stage=Stage.PROXY, logins_refused=("Negotiate",)),
        ),
        (f"All 25 regions fail at the proxy {PROXY}: it refused the login.",),
    ),
    "the proxy's name is not known": (
        all_failed(Stage.PROXY, Cause.DNS_FAILED, proxy=PROXY),
        (f"All 25 regions fail at the proxy {PROXY}: the name could not be looked up.",),
    ),
    "the proxy's certificate is not trusted": (
        all_failed(
            Stage.PROXY, Cause.TLS_UNTRUSTED, proxy=PROXY, evidence=Evidence(stage=Stage.PROXY, tls=signed("O=Corp CA"))
        ),
        (f"All 25 regions fail at the proxy {PROXY}: the certificate is not trusted, signed by Corp CA.",),
    ),
    "the proxy wants a client certificate": (
        all_failed(Stage.PROXY, Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, proxy=PROXY),
        (f"All 25 regions fail at the proxy {PROXY}: it wants a client certificate.",),
    ),
    "several proxies": (
        tuple(failed(name, Stage.PROXY, Cause.PROXY_DENIED, proxy=f"http://{name}:1 (from x)") for name in ("a", "b")),
        ("Both regions fail at the proxy: it refuses to connect to the server.",),
    ),
    "only the proxy's way fails": (
        (
            *all_passed(["eu", "us"]),
            *all_failed(Stage.TLS, Cause.CLOSED, names=["af", "sa"], proxy=PROXY),
        ),
        (
            f"What goes directly passes, what goes through the proxy {PROXY} does not.",
            (
                "af and sa (2 of 4 regions) fail at TLS: the connection is ended; a firewall most likely"
                " filters TLS by the server's name."
            ),
        ),
    ),
    "only the direct way fails": (
        (
            *all_passed(["eu", "us"], proxy=PROXY),
            *all_failed(Stage.CONNECT, Cause.REFUSED, names=["af", "sa"]),
        ),
        (
            f"What goes through the proxy {PROXY} passes, what goes directly does not.",
            "af and sa (2 of 4 regions) fail at connect: the connection is refused.",
        ),
    ),
    # --- offline, or only DNS
    "offline": (
        all_failed(Stage.RESOLVE, Cause.DNS_FAILED),
        ("No name resolves: this machine seems to be offline.",),
    ),
    "offline, and the name server is silent": (
        (*all_failed(Stage.RESOLVE, Cause.TIMEOUT, names=["a"]), *all_failed(Stage.RESOLVE, Cause.DNS_FAILED)),
        ("No name resolves: this machine seems to be offline.",),
    ),
    "no name exists": (
        all_failed(Stage.RESOLVE, Cause.DNS_NOT_FOUND),
        ("No name resolves: the names are wrong, a DNS filter denies them, or this machine is offline.",),
    ),
    "no route": (
        all_failed(Stage.CONNECT, Cause.UNREACHABLE, os_error="ENETUNREACH"),
        ("There is no way to any address: this machine seems to be offline.",),
    ),
    "a router refuses": (
        all_failed(Stage.CONNECT, Cause.UNREACHABLE, os_error="EHOSTUNREACH"),
        ("All 25 regions fail at connect: there is no way to the address.",),
    ),
    "one name cannot be looked up": (
        (failed("eu", Stage.RESOLVE, Cause.DNS_FAILED),),
        ("The region eu fails at the name lookup: the name could not be looked up.",),
    ),
    "not offline, as one region passed": (
        (passed("eu"), *all_failed(Stage.RESOLVE, Cause.DNS_FAILED, names=["af", "sa"])),
        (
            "af and sa (2 of 3 regions) fail at the name lookup: the name could not be looked up.",
            "This machine is online and other names resolve: the fault is with the names, or with their name servers.",
        ),
    ),
    "the first name server is silent": (
        (
            passed("eu", evidence=SILENT, timings=Timings(resolve=5.004)),
            passed("us", evidence=SILENT, timings=Timings(resolve=5.011)),
        ),
        (
            (
                "The first name server, 192.0.2.53, does not answer: a lookup takes 5011 ms, until the next one has."
                " Have it repaired, or removed from this machine's settings."
            ),
            "Both regions passed.",
        ),
    ),
    "found through the search list": (
        (passed("eu", evidence=SEARCHED), failed("us", Stage.CONNECT, Cause.REFUSED, evidence=SEARCHED)),
        (
            "us (1 of 2 regions) fails at connect: the connection is refused.",
            (
                "The name eu.example.org was found as eu.example.org.corp.test, through this machine's DNS search list:"
                " what answers there may be another server."
            ),
        ),
    ),
    "an endpoint's name is not answered": (
        (
            passed("eu"),
            failed(
                "us", Stage.DISCOVERY, Cause.DNS_FAILED, evidence=Evidence(stage=Stage.RESOLVE, discovery="https://d")
            ),
        ),
        (
            "us (1 of 2 regions) fails at discovery, asking us.example.org: the name could not be looked up.",
            "This machine is online and other names resolve: the fault is with the names, or with their name servers.",
        ),
    ),
    "not offline, as one region was refused": (
        (
            failed("eu", Stage.CONNECT, Cause.REFUSED),
            *all_failed(Stage.RESOLVE, Cause.DNS_FAILED, names=["af", "sa"]),
        ),
        (
            "af and sa (2 of 3 regions) fail at the name lookup: the name could not be looked up.",
            "eu (1 of 3 regions) fails at connect: the connection is refused.",
        ),
    ),
    # --- discovery
    "discovery is not there": (
        all_failed(Stage.DISCOVERY, Cause.BAD_DISCOVERY, url="https://gs.example.org/rooms"),
        (
            "All 25 regions fail at discovery, asking gs.example.org: what answers does not name the server.",
            "Nothing is known yet about WebSocket from here.",
        ),
    ),
    "discovery is behind a proxy": (
        all_failed(Stage.DISCOVERY, Cause.PROXY_AUTH_REQUIRED, url="https://gs.example.org/rooms", proxy=PROXY),
        (
            "All 25 regions fail at discovery, asking gs.example.org: the proxy wants a login.",
            "Nothing is known yet about WebSocket from here.",
        ),
    ),
    "discovery is re-signed": (
        all_failed(Stage.DISCOVERY, Cause.TLS_UNTRUSTED, url="https://gs.example.org/rooms", tls=signed(ZSCALER)),
        (
            (
                "All 25 regions fail at discovery, asking gs.example.org: the certificate is not trusted, signed by"
                " Zscaler Inc."
            ),
            "Nothing is known yet about WebSocket from here.",
        ),
    ),
    # --- contrasts
    "wss passes": (
        (*all_passed(["eu"]), *all_failed(Stage.UPGRADE, Cause.CLOSED, names=["af", "sa"], url="ws://one/")),
        (
            "wss passes, ws does not.",
            "af and sa (2 of 3 regions) fail at the upgrade: the connection is ended.",
        ),
    ),
    "ws passes": (
        (passed("eu", url="ws://eu/"), *all_failed(Stage.TLS, Cause.TIMEOUT, names=["af", "sa"], url="wss://one/")),
        (
            "ws passes, wss does not.",
            "af and sa (2 of 3 regions) fail at TLS: no answer comes in time.",
        ),
    ),
    "one ws region fails": (
        (passed("eu"), failed("us", Stage.CONNECT, Cause.REFUSED, url="ws://us/")),
        ("us (1 of 2 regions) fails at connect: the connection is refused.", "wss passes, ws does not."),
    ),
    "one ws region has no name": (
        (passed("eu"), failed("us", Stage.RESOLVE, Cause.DNS_NOT_FOUND, url="ws://us/")),
        ("us (1 of 2 regions) fails at the name lookup: the name server knows no such name.",),
    ),
    "one region on another port fails": (
        (*all_passed(["eu", "us"]), failed("af", Stage.CONNECT, Cause.REFUSED, url="wss://af:8443/")),
        ("af (1 of 3 regions) fails at connect: the connection is refused.",),
    ),
    "one port passes": (
        (*all_passed(["eu"]), *all_failed(Stage.CONNECT, Cause.REFUSED, names=["af", "sa"], url="wss://one:8443/")),
        (
            "Port 443 passes, port 8443 does not.",
            "af and sa (2 of 3 regions) fail at connect: the connection is refused.",
        ),
    ),
    # --- addresses
    "IPv6 is silent": (
        (dual("eu", 0.25), dual("us", 0.3)),
        ("IPv6 fails everywhere, IPv4 works: calls will work, a little later.", "Both regions passed."),
    ),
    "IPv6 was outrun": (
        (dual("eu", 0.4, Cause.OUTRUN),),
        ("IPv6 fails, IPv4 works: calls will work, a little later.", "The region eu passed."),
    ),
    "IPv6 was outrun without a head start": (
        (
            passed(
                "eu",
                attempts=(attempt(V4, stage=Stage.FRAMES), attempt(V6, Cause.OUTRUN, duration=0.4)),
            ),
        ),
        ("The region eu passed.",),
    ),
    "IPv6 is refused at once": (
        (dual("eu", 0.001, Cause.UNREACHABLE),),
        ("IPv6 fails, IPv4 works: calls will work.", "The region eu passed."),
    ),
    "IPv6 works for one": (
        (dual("eu", 0.25), passed("us", attempts=(attempt(V6, stage=Stage.FRAMES),))),
        ("Both regions passed.",),
    ),
    "IPv6 fails only where IPv4 does": (
        (
            passed("eu", attempts=(attempt(V4, stage=Stage.FRAMES),)),
            failed(
                "us",
                Stage.CONNECT,
                Cause.REFUSED,
                attempts=(attempt(V6, Cause.REFUSED), attempt("192.0.2.2:443", Cause.REFUSED)),
            ),
        ),
        ("us (1 of 2 regions) fails at connect: the connection is refused.",),
    ),
    "IPv6 to a proxy tells nothing": (
        (attrs.evolve(dual("eu", 0.25), proxy=PROXY),),
        ("The region eu passed.",),
    ),
    "IPv4 connects, and nothing passes": (
        (
            failed(
                "eu",
                Stage.TLS,
                Cause.NOT_TLS,
                attempts=(attempt(V6, Cause.TIMEOUT, duration=0.3), attempt(V4, Cause.NOT_TLS, Stage.TLS)),
            ),
        ),
        (
            "The region eu fails at TLS: what answers does not speak TLS.",
            "IPv6 fails, IPv4 works.",
        ),
    ),
    "all names lead to one address": (
        all_failed(Stage.TLS, Cause.NOT_TLS, attempts=(attempt("10.0.0.1:443", Cause.NOT_TLS, Stage.TLS),)),
        (
            "All 25 regions fail at TLS: what answers does not speak TLS.",
            "The names of all that fail lead to one address, 10.0.0.1.",
        ),
    ),
    "an address that a passed one has too": (
        (
            passed("eu", attempts=(attempt(V4, stage=Stage.FRAMES),)),
            *all_failed(Stage.TLS, Cause.NOT_TLS, names=["a", "b"], attempts=(attempt(V4, Cause.NOT_TLS, Stage.TLS),)),
        ),
        ("a and b (2 of 3 regions) fail at TLS: what answers does not speak TLS.",),
    ),
    # --- a mixture
    "one of many": (
        (*all_passed(NAMES[:24]), failed("r25", Stage.CONNECT, Cause.REFUSED)),
        ("r25 (1 of 25 regions) fails at connect: the connection is refused.",),
    ),
    "some of many": (
        (*all_passed(NAMES[:20]), *all_failed(Stage.CONNECT, Cause.REFUSED, names=NAMES[20:])),
        ("5 of 25 regions fail at connect: the connection is refused.",),
    ),
    "most for one cause": (
        (*map(untrusted, NAMES[:24]), failed("r25", Stage.CONNECT, Cause.REFUSED)),
        (
            "24 of 25 regions fail at TLS: the certificate is not trusted, signed by Zscaler Inc.",
            "r25 (1 of 25 regions) fails at connect: the connection is refused.",
        ),
    ),
    "each of four ways has its line": (
        (
            passed("ok"),
            *all_failed(Stage.CONNECT, Cause.REFUSED, names=["a", "b"]),
            *all_failed(Stage.CONNECT, Cause.TIMEOUT, names=["c", "d"]),
            failed("e", Stage.RESOLVE, Cause.DNS_NOT_FOUND),
            failed("f", Stage.UPGRADE, Cause.BAD_UPGRADE),
        ),
        (
            "6 of 7 regions fail, in 4 different ways.",
            "a and b (2 of 7 regions) fail at connect: the connection is refused.",
            (
                "c and d (2 of 7 regions) fail at connect: no answer comes in time; a firewall most likely drops the"
                " packets."
            ),
            "e (1 of 7 regions) fails at the name lookup: the name server knows no such name.",
            "f (1 of 7 regions) fails at the upgrade: the answer breaks the rules of the upgrade.",
        ),
    ),
    # --- what says nothing about the regions
    "out of descriptors": (
        (*all_passed(["eu"]), *all_failed(Stage.RESOLVE, Cause.LOCAL_LIMIT, names=["us", "af"])),
        (
            "2 regions could not be tested: this machine had no descriptors, threads, ports or memory left.",
            "eu, the only region that was tested, passed.",
        ),
    ),
    "a fault of wsconn": (
        all_failed(Stage.RESOLVE, Cause.INTERNAL_ERROR, names=["eu"]),
        ("wsconn itself failed on 1 region: nothing is known about it.",),
    ),
    "not begun": (
        (
            failed("eu", Stage.UPGRADE, Cause.TIMEOUT),
            *all_failed(Stage.RESOLVE, Cause.TIMEOUT, names=["us", "af"], **NOT_BEGUN),
        ),
        (
            "eu, the only region that was tested, fails at the upgrade: no answer comes in time.",
            "The time for the whole test was over before 2 regions had begun.",
        ),
    ),
    "aborted before anything": (
        (aborted("eu"), aborted("us")),
        ("The test was aborted before any region had settled: nothing is known.",),
    ),
    "aborted with passes": (
        (passed("eu"), passed("us"), aborted("af")),
        (
            "The test was aborted: 1 of 3 regions had not settled.",
            "Both regions that were tested passed.",
        ),
    ),
    "aborted with failures": (
        (*map(untrusted, ["eu", "us"]), aborted("af")),
        (
            "Both regions that were tested fail at TLS: the certificate is not trusted, signed by Zscaler Inc.",
            "The test was aborted: 1 of 3 regions had not settled.",
        ),
    ),
    "a failure without a reason": (
        (RegionOutcome(region="eu", url=None, status=Status.FAILED),),
        ("The region eu fails, and no reason is recorded.",),
    ),
}


@pytest.mark.parametrize(("outcomes", "said"), TABLE.values(), ids=TABLE.keys())
def test_findings_say_what_the_regions_share(outcomes: tuple[RegionOutcome, ...], said: tuple[str, ...]) -> None:
    """Each result has its sentences, the most telling first, and none that is not true of it."""
    assert findings(result(*outcomes)) == said


def test_every_failure_has_a_finding() -> None:
    """Each cause at each stage makes sentences that are whole, alone and shared, with little known or much."""
    for stage, cause in itertools.product(Stage, Cause):
        for changes in ({}, {"proxy": PROXY, "tls": signed(ZSCALER), "http_status": 403}, {"url": None}):
            for names in (["eu"], ["eu", "us"]):
                said = findings(result(*all_failed(stage, cause, names=names, **changes)))
                assert said
                for sentence in said:
                    assert sentence.endswith(".")
                    assert not sentence.endswith("..")
                    assert "None" not in sentence
                    assert "{" not in sentence
                    assert "  " not in sentence


some_outcome = st.builds(
    RegionOutcome,
    region=st.text(min_size=1, max_size=8),
    url=st.none() | st.text(max_size=20) | st.sampled_from(["wss://eu.example.org/", "ws://[::1]:80/"]),
    status=st.sampled_from(Status),
    attempts=st.lists(
        st.builds(
            attempt,
            st.none() | st.text(max_size=9) | st.sampled_from([V4, V6]),
            st.none() | st.sampled_from(Cause),
            st.sampled_from(Stage),
        ),
        max_size=2,
    ).map(tuple),
    round_trip=st.none() | st.floats(),
)


@given(st.lists(some_outcome, max_size=5))
def test_findings_say_something_of_anything(outcomes: list[RegionOutcome]) -> None:
    """There is at least one sentence, and each is one printable line, whatever somebody has put together by hand."""
    said = findings(result(*outcomes))
    assert said
    assert all(sentence.isprintable() and sentence.endswith(".") for sentence in said)
