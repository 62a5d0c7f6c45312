"""Who is asked first: nobody is sent to an administrator for what they alone can mend, nor to an operator for a proxy."""

from __future__ import annotations

import re

import pytest

from wsconn import Cause, Evidence, Stage
from wsconn._diagnosis.advice import advice_on

USER, PROXY, NETWORK, OPERATOR = "the user", "the proxy's administrator", "the network's administrator", "the operator"
# Whom a sentence sends a person to; who is sent to nobody is to do something themselves.
SENT_TO = {
    PROXY: re.compile(r"proxy's administrator|\b[Aa]sk its administrator|by its administrator"),
    NETWORK: re.compile(r"network's administrator"),
    OPERATOR: re.compile(r"service's operator|\b(tell|ask) its operator"),
}
EU = {"host": "eu.example", "port": 443, "scheme": "wss"}
BY = {**EU, "stage": Stage.PROXY, "proxy": "http://p.example:3128", "proxy_host": "p.example", "connected": True}
SOCKS = {**BY, "proxy": "socks5h://p.example:1080"}
THROUGH = {**BY, "stage": Stage.TLS}
AUTH, DENIED, UNREACHED, UNFIT = (
    *(Cause.PROXY_AUTH_REQUIRED, Cause.PROXY_DENIED, Cause.PROXY_TARGET_UNREACHABLE, Cause.PROXY_UNSUPPORTED),
)
TABLE = {
    "no login": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Basic",)), USER),
    "wrong login": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Basic",), login_sent=True), USER),
    "Digest": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Digest",), login_sent=True), USER),
    "NTLM": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("NTLM",)), USER),
    "portal of the network": (AUTH, Evidence(**BY, http_status=511), USER),
    "SOCKS login": (AUTH, Evidence(**SOCKS), USER),
    "SOCKS with GSSAPI": (AUTH, Evidence(**SOCKS, auth_schemes=("GSSAPI",)), PROXY),
    "SOCKS takes no password": (AUTH, Evidence(**SOCKS, login_sent=False), PROXY),
    "SOCKS 4 user": (AUTH, Evidence(**{**BY, "proxy": "socks4://p.example:1080"}, socks_code=0x5D), USER),
    "403": (DENIED, Evidence(**BY, http_status=403), PROXY),
    "302": (DENIED, Evidence(**BY, http_status=302, location="http://why.example/"), PROXY),
    "402": (DENIED, Evidence(**BY, http_status=402), USER),
    "429": (DENIED, Evidence(**BY, http_status=429), USER),
    "SOCKS command": (DENIED, Evidence(**SOCKS, socks_code=7), PROXY),
    "503": (UNREACHED, Evidence(**BY, http_status=503), PROXY),
    "404": (UNREACHED, Evidence(**BY, http_status=404), USER),
    "597": (UNREACHED, Evidence(**BY, http_status=597), PROXY),
    "SOCKS takes no names": (UNREACHED, Evidence(**SOCKS, socks_code=8), USER),
    "SOCKS takes no IPv6": (UNREACHED, Evidence(**{**SOCKS, "host": "2001:db8::1"}, socks_code=8), USER),
    "no such onion service": (UNREACHED, Evidence(**SOCKS, socks_code=0xF0), USER),
    "onion service down": (UNREACHED, Evidence(**SOCKS, socks_code=0xF2), USER),
    "onion service with a key": (UNREACHED, Evidence(**SOCKS, socks_code=0xF4), OPERATOR),
    "no onion address": (UNREACHED, Evidence(**SOCKS, socks_code=0xF6), USER),
    "ssh -D": (Cause.CLOSED, Evidence(**SOCKS, socks_greeted=True), USER),
    "dead proxy": (Cause.REFUSED, Evidence(**BY), NETWORK),
    "dead proxy of this machine": (Cause.REFUSED, Evidence(**{**BY, "proxy_host": "127.0.0.1"}), USER),
    "password not encoded": (UNFIT, Evidence(**{**BY, "proxy": None}, unencoded="#"), USER),
    "quotes": (UNFIT, Evidence(**{**BY, "proxy": None}, in_quotes=True), USER),
    "https proxy": (UNFIT, Evidence(**{**BY, "proxy": "https://p.example:3128"}), USER),
    "yes, then the end": (Cause.CLOSED, Evidence(**THROUGH), PROXY),
    "yes, then silence": (Cause.TIMEOUT, Evidence(**THROUGH, elapsed=5.0), PROXY),
    "yes, then the end, plain": (
        Cause.CLOSED,
        Evidence(**{**THROUGH, "stage": Stage.UPGRADE, "scheme": "ws"}),
        PROXY,
    ),
    "yes, then silence, plain": (
        Cause.TIMEOUT,
        Evidence(**{**THROUGH, "stage": Stage.UPGRADE, "scheme": "ws"}, elapsed=5.0),
        PROXY,
    ),
    "the other variable": (
        Cause.TIMEOUT,
        Evidence(**EU, stage=Stage.CONNECT, elapsed=5.0, no_proxy_named=True, other_proxy_variable="http_proxy"),
        USER,
    ),
    "no proxy named": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.CONNECT, elapsed=5.0, no_proxy_named=True), NETWORK),
    "localhost": (
        Cause.REFUSED,
        Evidence(scheme="ws", host="localhost", port=80, stage=Stage.CONNECT, address="127.0.0.1:80"),
        USER,
    ),
    "filter or MTU": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.TLS, elapsed=5.0), NETWORK),
    "stood still": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.TLS, elapsed=5.0, stalled_seconds=4.0), USER),
    "stood still behind a proxy": (Cause.CLOSED, Evidence(**THROUGH, stalled_seconds=4.0), USER),
    "shutdown": (Cause.LOCAL_LIMIT, Evidence(**EU, stage=Stage.RESOLVE, shutting_down=True), USER),
}


def first_addressee(advice: str) -> str:
    """Return whom the first sentence that sends to somebody sends to, unless there is something to do before."""
    for sentence in re.split(r"(?<=[.:]) ", advice):
        for who, words in SENT_TO.items():
            if words.search(sentence):
                return who
        if re.match(TO_DO, sentence) or re.search(TO_DO_AFTER, sentence):
            return USER
    return USER


TO_DO = (
    r"(Put|Set|Take|Percent-encode|Run|Start|Try|Test|check|correct|start|wait|test|open|write|set|nothing listens)\b"
)
TO_DO_AFTER = r"(, set|Run a local helper|if that proxy is meant for this server too, set) "


@pytest.mark.parametrize(("cause", "seen", "who"), TABLE.values(), ids=TABLE.keys())
def test_first_addressee(cause: Cause, seen: Evidence, who: str) -> None:
    """Advice begins with who can mend it."""
    advice = advice_on(cause, seen)
    assert first_addressee(advice) == who, advice
