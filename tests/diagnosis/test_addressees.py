"""Whom advice sends a person to first: nobody goes to the network's administrator for what others alone can mend."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories import PUBLIC, ZSCALER, signed
from wsconn import Cause, Evidence, Stage
from wsconn._diagnosis.advice import advice_on

# By what a sentence says, who is to act: the earliest of these words names the first.
WORDS = {
    "user": r"--[a-z]|shorter headers|the URL's path|in the URL|begin with wss|offers wss|in a browser",
    "operator": r"operator",
    "administrator": r"network's administrator",
    "this machine": r"this machine",
}
WSS = {"scheme": "wss", "tls": signed(PUBLIC)}
WS = {"scheme": "ws"}
INSPECTED = {"scheme": "wss", "tls": signed(ZSCALER)}
HERE = {"scheme": "wss", "tls": signed("CN=Avast Web/Mail Shield Root, O=Avast Web/Mail Shield")}
BOTH_SENT = {"origin_sent": True, "subprotocols_offered": True}
STATUS, UPGRADE = Cause.HTTP_STATUS, Stage.UPGRADE


def first_addressee(advice: str) -> str | None:
    found = {who: match.start() for who, words in WORDS.items() if (match := re.search(words, advice))}
    return min(found, key=found.__getitem__) if found else None


def seen(**facts: Any) -> Evidence:
    return Evidence(**{"stage": UPGRADE, "host": "eu.example", "port": 443, "connected": True, "elapsed": 2.0, **facts})


STATUSES: dict[str, tuple[dict[str, Any], str]] = {
    **{f"{status}, nothing sent": (WSS | {"http_status": status}, "user") for status in (400, 401, 403, 500, 501, 502)},
    **{f"{status}, both sent": (WSS | BOTH_SENT | {"http_status": status}, "user") for status in (400, 401, 403)},
    **{f"{status} without TLS": (WS | {"http_status": status}, "user") for status in (400, 401, 403, 406, 422, 502)},
    **{f"{status} through an inspection": (INSPECTED | {"http_status": status}, "user") for status in (400, 403)},
    **{f"{status}": (WSS | {"http_status": status}, "operator") for status in (404, 410, 426, 503, 504, 505, 521, 599)},
    **{f"{status} of a gateway": (WS | {"http_status": status}, "operator") for status in (404, 426, 503, 504, 505)},
    "404 through an inspection": (INSPECTED | {"http_status": 404}, "operator"),
    "200, empty": (WSS | {"http_status": 200, "body_empty": True}, "user"),
    "200, a page": (WSS | {"http_status": 200}, "user"),
    "200, empty, without TLS": (WS | {"http_status": 200, "body_empty": True}, "user"),
    "200, a page, without TLS": (WS | {"http_status": 200}, "user"),
    "511 over TLS": (WSS | {"http_status": 511}, "operator"),
    "407 over TLS": (WSS | {"http_status": 407}, "operator"),
    "407 without TLS": (WS | {"http_status": 407}, "administrator"),
    "418 over TLS": (WSS | {"http_status": 418}, "user"),
    "a subprotocol named": (WS | {"http_status": 400, "subprotocol": "sip"}, "user"),
    "a bot check": (WSS | {"http_status": 403, "bot_check": "challenge", "server": "cloudflare"}, "operator"),
    "200 of a program here": (HERE | {"http_status": 200}, "this machine"),
    "another version": (WSS | {"http_status": 426, "websocket_versions": "8, 7"}, "operator"),
}
OTHERS: dict[str, tuple[Cause, dict[str, Any], str]] = {
    "ended, nothing sent": (Cause.CLOSED, WS, "user"),
    "ended inside TLS": (Cause.CLOSED, WSS, "user"),
    "ended where TLS is opened": (Cause.CLOSED, INSPECTED, "user"),
    "a redirect over TLS": (Cause.REDIRECTED, WSS | {"http_status": 302, "location": "/login"}, "user"),
    "a redirect without TLS": (Cause.REDIRECTED, WS | {"http_status": 302, "location": "/login"}, "user"),
    "a subprotocol unasked": (Cause.BAD_UPGRADE, WS | {"http_status": 101, "subprotocol": "sip"}, "user"),
    "an extension unasked": (Cause.BAD_UPGRADE, WS | {"extensions": "permessage-deflate"}, "operator"),
    "TLS on a ws port": (Cause.BAD_UPGRADE, WS | {"speaks_tls": True}, "user"),
    "a draft": (Cause.BAD_UPGRADE, WS | {"draft_headers": True}, "operator"),
    "a wrong 101 over TLS": (Cause.BAD_UPGRADE, WSS | {"http_status": 101}, "operator"),
    "no HTTP over TLS": (Cause.BAD_UPGRADE, WSS, "user"),
    "HTTP/2 alone": (Cause.BAD_UPGRADE, WS | {"speaks_http2": True}, "user"),
    "a redirect to TLS": (Cause.REDIRECTED, WS | {"http_status": 302, "location": "https://eu.example/"}, "user"),
    "masked frames": (Cause.BAD_FRAMES, WS | {"stage": Stage.FRAMES}, "user"),
    "masked frames over TLS": (Cause.BAD_FRAMES, WSS | {"stage": Stage.FRAMES}, "operator"),
    "no pong": (Cause.NO_PONG, WS | {"stage": Stage.FRAMES}, "user"),
    "no pong over TLS": (Cause.NO_PONG, WSS | {"stage": Stage.FRAMES}, "user"),
    "no pong where TLS is opened": (Cause.NO_PONG, INSPECTED | {"stage": Stage.FRAMES}, "administrator"),
    "two answers": (Cause.BAD_FRAMES, WS | {"stage": Stage.FRAMES, "second_answer": "HTTP/1.1 400 No"}, "operator"),
    "ended after the 101": (Cause.CLOSED, WS | {"stage": Stage.FRAMES}, "user"),
    "reset after the 101": (Cause.CLOSED, WSS | {"stage": Stage.FRAMES, "os_error": "ECONNRESET"}, "user"),
    "no answer over TLS": (Cause.TIMEOUT, WSS, "operator"),
    "no answer to a large request": (Cause.TIMEOUT, WS | {"request_bytes": 2000}, "user"),
    "no answer to a large request over TLS": (Cause.TIMEOUT, WSS | {"request_bytes": 2000}, "user"),
    "no answer where TLS is opened": (Cause.TIMEOUT, INSPECTED, "administrator"),
    "nothing loaded": (Cause.TIMEOUT, WS | {"not_loaded": "websocket-client"}, "this machine"),
}
TABLE = {**{name: (STATUS, *row) for name, row in STATUSES.items()}, **OTHERS}


@pytest.mark.parametrize(("cause", "facts", "who"), TABLE.values(), ids=TABLE.keys())
def test_who_is_to_act_first(cause: Cause, facts: dict[str, Any], who: str) -> None:
    """The first whom advice names can mend it."""
    advice = advice_on(cause, seen(**facts)).replace("This machine", "this machine")
    assert first_addressee(advice) == who, advice


@pytest.mark.parametrize("status", [*range(200, 208), *range(400, 430), 431, 451, *range(500, 512), 520, 530, 599])
def test_over_verified_tls_a_status_is_no_matter_of_the_networks(status: int) -> None:
    """Nobody on the way can have answered: neither a portal nor a firewall nor the network's administrator is named."""
    for server in (None, "nginx", "Apache/2.4", "cloudflare", "BarracudaHTTP 4.0"):
        advice = advice_on(STATUS, seen(**WSS, http_status=status, server=server))
        assert not re.search("administrator|portal|firewall|on the way", advice), advice


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 422, 500, 501, 502])
@pytest.mark.parametrize("way", [WS, WSS, INSPECTED], ids=["ws", "wss", "inspected"])
def test_what_was_not_sent_is_named_before_anybody_is_suspected(way: dict[str, Any], status: int) -> None:
    """Origin and subprotocol come before firewalls, logins and administrators."""
    advice = advice_on(STATUS, seen(**way, http_status=status))
    named = max(advice.index("--origin"), advice.index("--subprotocol"))
    suspected = re.search("administrator|firewall|credentials|bot", advice)
    assert suspected is None or named < suspected.start()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"origin_sent": True}, "may refuse the Origin that was sent"),
        ({"subprotocols_offered": True}, "refuse the subprotocol that was offered"),
        (BOTH_SENT, "may refuse the Origin or the subprotocol that was sent"),
    ],
    ids=["an Origin", "a subprotocol", "both"],
)
@pytest.mark.parametrize("cause", [STATUS, Cause.CLOSED], ids=str)
def test_what_was_sent_may_be_what_is_refused(cause: Cause, sent: dict[str, Any], said: str) -> None:
    """Whoever has sent one is not told to send one."""
    advice = advice_on(cause, seen(**WS, **sent, http_status=403))
    assert said in advice
    assert "neither was sent" not in advice


GATEWAYS = {
    "nginx": ({"server": "nginx/1.22.1"}, (400, 426, 505), "proxy_http_version 1.1"),
    "openresty": ({"server": "openresty"}, (426,), "proxy_set_header Upgrade $http_upgrade"),
    "Apache": ({"server": "Apache/2.4.57 (Debian)"}, (400, 426, 505), "upgrade=websocket"),
    "lighttpd": ({"server": "lighttpd/1.4.69"}, (400, 426), 'proxy.header = ("upgrade" => "enable")'),
    "Varnish": ({"server": "Python/3.11", "via": "1.1 varnish (Varnish/7.1)"}, (400, 426), "return (pipe)"),
    "h2o": ({"server": "h2o/2.2.5"}, (400, 426), "proxy.websocket: ON"),
    "Traffic Server": ({"server": "ATS/9.2.5"}, (400, 404, 426), "map line from ws://"),
    "Traffic Server by Via": (
        {"via": "http/1.1 edge (ApacheTrafficServer/9.2.5 [uScMsEf p eC:t cCMi p sF])"},
        (404, 426),
        "map line from ws://",
    ),
    "Envoy": ({"server": "istio-envoy"}, (400, 403, 426), "upgrade_type: websocket"),
    "somebody": ({}, (426, 505), "proxy_http_version 1.1"),
}


@pytest.mark.parametrize(("facts", "statuses", "needs"), GATEWAYS.values(), ids=GATEWAYS.keys())
@pytest.mark.parametrize("way", [WS, WSS], ids=["ws", "wss"])
def test_each_gateway_has_its_own_line(
    way: dict[str, Any], facts: dict[str, Any], statuses: tuple[int, ...], needs: str
) -> None:
    """What its operator must write into its configuration, and no other's."""
    for status in statuses:
        advice = advice_on(STATUS, seen(**way, **facts, http_status=status))
        assert needs in advice, advice
        assert "operator" in advice[: advice.index(needs)]
        assert (
            not facts or len(re.findall("proxy_http_version|upgrade=websocket|return .pipe|webs.cket: ON", advice)) <= 1
        )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    ("host", "location", "wants_tls"),
    [
        ("eu.example", "https://eu.example/ws", True),
        ("eu.example", "HTTPS://EU.example:443/ws", True),
        ("2001:db8::1", "https://[2001:db8::1]/", True),
        ("eu.example", "https://eu.example.portal.example/", False),
        ("eu.example", "https://portal.example/?to=eu.example", False),
        ("eu.example", "https://eu.example@portal.example/", False),
        ("eu.example", "http://eu.example/login", False),
        ("eu.example", "/login", False),
        ("eu.example", "//portal.example/", False),
    ],
)
def test_a_redirect_to_https_on_the_same_host_asks_for_wss(
    status: int, host: str, location: str, wants_tls: bool
) -> None:
    """That is no portal, which has no certificate for the host, and not that the service has moved."""
    advice = advice_on(Cause.REDIRECTED, seen(**WS | {"host": host}, http_status=status, location=location))
    assert ("wants TLS: begin the URL with wss://" in advice) == wants_tls
    assert ("portal" in advice) == (not wants_tls and status in (302, 307))


@pytest.mark.parametrize("location", ["/ws/", "http://eu.example/ws/", "https://portal.example/"])
def test_what_has_moved_on_the_same_host_has_another_path(location: str) -> None:
    """A slash at the end is what mostly lacks; whatever is elsewhere has moved."""
    advice = advice_on(Cause.REDIRECTED, seen(**WS, http_status=301, location=location))
    assert ("another path on the same host" in advice) == ("portal" not in location)
    assert ("has moved" in advice) == ("portal" in location)


def test_a_login_of_the_service_itself_may_redirect() -> None:
    """A redirect that stays at the host may be the application's; a portal is suspected first."""
    advice = advice_on(Cause.REDIRECTED, seen(**WS, http_status=302, location="/accounts/login/"))
    assert "Or the service itself wants a login, or another path" in advice
    elsewhere = advice_on(Cause.REDIRECTED, seen(**WS, http_status=302, location="http://portal.example/"))
    assert "wants a login" not in elsewhere


def test_once_a_websocket_has_opened_no_path_is_to_be_checked() -> None:
    """It was right: what comes after is the server's to mend."""
    for cause in (Cause.BAD_FRAMES, Cause.CLOSED, Cause.NO_PONG):
        assert "path" not in advice_on(cause, seen(**WSS, stage=Stage.FRAMES))
    assert "path" not in advice_on(Cause.BAD_UPGRADE, seen(**WSS, http_status=101))
    assert "path" in advice_on(Cause.CLOSED, seen(**WSS))


def test_a_redirect_over_verified_tls_is_the_services_own() -> None:
    """No portal can have sent it."""
    advice = advice_on(Cause.REDIRECTED, seen(**WSS, http_status=302, location="/login"))
    assert "portal" not in advice
    assert "--header" in advice


@pytest.mark.parametrize("named", ["sip", "xmpp, other", "graphql-transport-ws"])
def test_a_subprotocol_that_the_server_names_can_be_copied(named: str) -> None:
    """The option has the first of those that it names."""
    for cause in (STATUS, Cause.BAD_UPGRADE):
        assert f"--subprotocol {named.split(',')[0]}," in advice_on(
            cause, seen(**WS, http_status=400, subprotocol=named)
        )


@pytest.mark.parametrize("named", ["$(reboot)", "a`b`", "a;b", "-rf", "a|b", "..."])
def test_nothing_for_a_shell_is_offered_to_be_copied(named: str) -> None:
    """A peer's words do not get into a command."""
    assert f"--subprotocol {named}" not in advice_on(STATUS, seen(**WS, http_status=400, subprotocol=named))


def test_a_browsers_user_agent_is_no_advice_to_who_has_sent_one() -> None:
    """It was the user's own that was refused."""
    assert "User-Agent" in advice_on(STATUS, seen(**WSS, http_status=403))
    assert "User-Agent" not in advice_on(STATUS, seen(**WSS, http_status=403, own_user_agent=True))


@pytest.mark.parametrize("way", [WS, WSS, INSPECTED], ids=["ws", "wss", "inspected"])
def test_no_pong_names_the_way_to_do_without(way: dict[str, Any]) -> None:
    """Some servers never answer a ping, and their operators know."""
    assert "--no-verify-frames" in advice_on(Cause.NO_PONG, seen(**way, stage=Stage.FRAMES))
