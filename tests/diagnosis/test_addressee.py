"""Who is asked first: nobody is sent to an administrator for what they can mend themselves."""

from __future__ import annotations

import pytest

from wsconn import Cause, Evidence, Stage, TlsInfo
from wsconn._diagnosis.advice import advice_on

PROXY, NETWORK, ITS = "the proxy's administrator", "the network's administrator", "its administrator"
OTHERS = (PROXY, NETWORK, ITS, "the service's operator", "its operator")
EU = {"host": "eu.example", "port": 443, "scheme": "wss"}
BY = {**EU, "stage": Stage.PROXY, "proxy": "http://p.example:3128", "proxy_host": "p.example", "connected": True}
SOCKS = {**BY, "proxy": "socks5h://p.example:1080"}
TLS = {**EU, "stage": Stage.TLS, "address": "192.0.2.7:443", "connected": True}
CA = TlsInfo(issuer="CN=CA", subject="CN=eu.example")
THROUGH = {**BY, "stage": Stage.TLS}
BAD = Cause.PROXY_BAD_ANSWER
AUTH, DENIED, UNREACHED, UNFIT = (
    *(Cause.PROXY_AUTH_REQUIRED, Cause.PROXY_DENIED, Cause.PROXY_TARGET_UNREACHABLE, Cause.PROXY_UNSUPPORTED),
)
TABLE = {
    "no login": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Basic",)), "Put your user name"),
    "wrong login": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Basic",), login_sent=True), "check both"),
    "Digest": (
        AUTH,
        Evidence(**BY, http_status=407, auth_schemes=("Digest",), login_sent=True, logins_refused=("Digest",)),
        "check both",
    ),
    "NTLM": (
        AUTH,
        Evidence(**BY, http_status=407, auth_schemes=("NTLM",)),
        "Put your user name",
    ),
    "NTLM, no extra": (
        AUTH,
        Evidence(**BY, http_status=407, auth_schemes=("NTLM",), login_sent=False, missing_extra="ntlm"),
        'pip install "wsconn[ntlm]"',
    ),
    "Bearer": (AUTH, Evidence(**BY, http_status=407, auth_schemes=("Bearer",)), "Run a local helper that does (Px)"),
    "no Kerberos": (
        AUTH,
        Evidence(**BY, http_status=407, auth_schemes=("Negotiate",), missing_extra="kerberos"),
        'pip install "wsconn[kerberos]"',
    ),
    **{
        f"ticket {problem}": (
            AUTH,
            Evidence(**BY, http_status=407, auth_schemes=("Negotiate",), ticket_problem=problem),
            first,
        )
        for problem, first in (
            ("none", "Get a Kerberos ticket"),
            ("expired", "Renew the Kerberos ticket"),
            ("unreachable", "check that this machine is in the domain's network"),
            ("unknown_service", "Name the proxy in the settings by its full host name"),
            ("clock", "Set this machine's clock"),
            ("other", "Try kinit and klist"),
        )
    },
    "ticket refused": (
        AUTH,
        Evidence(**BY, http_status=407, auth_schemes=("Negotiate",), logins_refused=("Negotiate",)),
        ITS,
    ),
    "KDC mute": (
        Cause.TIMEOUT,
        Evidence(**BY, http_status=407, auth_schemes=("Negotiate",), ticket_problem="unanswered"),
        "check that this machine is in the domain's network",
    ),
    "portal of the network": (AUTH, Evidence(**BY, http_status=511), "open any web page"),
    "SOCKS login": (AUTH, Evidence(**SOCKS), "Put your user name"),
    "SOCKS with GSSAPI": (AUTH, Evidence(**SOCKS, auth_schemes=("GSSAPI",)), ITS),
    "SOCKS takes no password": (AUTH, Evidence(**SOCKS, login_sent=False), ITS),
    "SOCKS 4 user": (
        AUTH,
        Evidence(**{**BY, "proxy": "socks4://p.example:1080"}, socks_code=0x5D),
        "Put your user name",
    ),
    "403": (DENIED, Evidence(**BY, http_status=403), PROXY),
    "302": (DENIED, Evidence(**BY, http_status=302, location="http://why.example/"), PROXY),
    "402": (DENIED, Evidence(**BY, http_status=402), "check the account"),
    "429": (DENIED, Evidence(**BY, http_status=429), "wait a while"),
    "SOCKS command": (DENIED, Evidence(**SOCKS, socks_code=7), PROXY),
    "503": (UNREACHED, Evidence(**BY, http_status=503), ITS),
    "404": (UNREACHED, Evidence(**BY, http_status=404), "check its spelling"),
    "597": (UNREACHED, Evidence(**BY, http_status=597), ITS),
    "SOCKS takes no names": (UNREACHED, Evidence(**SOCKS, socks_code=8), "write socks5://"),
    "SOCKS takes no IPv6": (
        UNREACHED,
        Evidence(**{**SOCKS, "host": "2001:db8::1"}, socks_code=8),
        "Use a URL with the server's name",
    ),
    "no such onion service": (UNREACHED, Evidence(**SOCKS, socks_code=0xF0), "check the onion address"),
    "onion service down": (UNREACHED, Evidence(**SOCKS, socks_code=0xF2), "test again in a few minutes"),
    "onion service with a key": (UNREACHED, Evidence(**SOCKS, socks_code=0xF4), "its operator"),
    "no onion address": (UNREACHED, Evidence(**SOCKS, socks_code=0xF6), "check the host name"),
    **{
        f"it says {problem}": (UNREACHED, Evidence(**BY, http_status=502, proxy_problem=problem), first)
        for problem, first in (
            ("name", "check its spelling"),
            ("name_server", ITS),
            ("refused", "check the port in the URL"),
            ("no_answer", "Ask its administrator"),
            ("no_route", "Ask the proxy's administrator"),
            ("limit", "test fewer regions at once"),
            ("loop", "Ask its administrator"),
            ("next_proxy", "Ask its administrator"),
        )
    },
    "a web server": (BAD, Evidence(**BY, http_status=405), "Check the host and port"),
    "HTTP at a port of SOCKS": (BAD, Evidence(**SOCKS, proxy_speaks="HTTP"), "Write http:// in place of socks5h://"),
    "SOCKS at a port of HTTP": (Cause.CLOSED, Evidence(**BY, proxy_speaks="SOCKS 5"), "Write socks5h://"),
    "TLS at a port of SOCKS": (BAD, Evidence(**SOCKS, speaks_tls=True), "Write https:// in place of socks5h://"),
    "a code of no standard": (BAD, Evidence(**SOCKS, socks_code=0x2A), "Check the host and port"),
    "no proxy, on this machine": (BAD, Evidence(**{**BY, "proxy_host": "localhost"}), "check the host and port"),
    "ended on the login": (Cause.CLOSED, Evidence(**SOCKS, login_sent=True), "Check the user name and password"),
    "SOCKS 4 to IPv6": (
        Cause.DNS_NOT_FOUND,
        Evidence(**{**SOCKS, "stage": Stage.RESOLVE, "proxy": "socks4://p.example"}, missing_family="IPv4"),
        "Write socks5://",
    ),
    "ssh -D": (Cause.CLOSED, Evidence(**SOCKS, socks_greeted=True), "from the proxy's own machine"),
    "dead proxy": (Cause.REFUSED, Evidence(**BY), NETWORK),
    "dead proxy of this machine": (Cause.REFUSED, Evidence(**{**BY, "proxy_host": "127.0.0.1"}), "Start the program"),
    "password not encoded": (
        UNFIT,
        Evidence(**{**BY, "proxy": None}, unencoded="#"),
        "Percent-encode the user name and password",
    ),
    "quotes": (UNFIT, Evidence(**{**BY, "proxy": None}, in_quotes=True), "Take the quotes out"),
    "a scheme of no proxy": (
        UNFIT,
        Evidence(**{**BY, "proxy": "ftp://p.example:3128"}),
        "Set the settings to the URL of an http, https or socks5h proxy",
    ),
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
        "set https_proxy",
    ),
    "localhost through a proxy": (
        DENIED,
        Evidence(**{**BY, "host": "localhost"}, http_status=403),
        "If the server is on this machine, name localhost in no_proxy",
    ),
    "localhost behind a proxy": (
        Cause.CLOSED,
        Evidence(**{**THROUGH, "host": "127.0.0.2"}),
        "If the server is on this machine, name 127.0.0.2 in no_proxy",
    ),
    "localhost through a proxy here": (DENIED, Evidence(**{**BY, "host": "::1", "proxy_host": "localhost"}), PROXY),
    "no proxy named": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.CONNECT, elapsed=5.0, no_proxy_named=True), NETWORK),
    "localhost": (
        Cause.REFUSED,
        Evidence(scheme="ws", host="localhost", port=80, stage=Stage.CONNECT, address="127.0.0.1:80"),
        "Check the port in the URL",
    ),
    "filter or MTU": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.TLS, elapsed=5.0), NETWORK),
    "stood still": (Cause.TIMEOUT, Evidence(**EU, stage=Stage.TLS, elapsed=5.0, stalled_seconds=4.0), "test again"),
    "stood still behind a proxy": (Cause.CLOSED, Evidence(**THROUGH, stalled_seconds=4.0), "test again"),
    "a filter of names": (Cause.DNS_BLOCKED, Evidence(**EU, stage=Stage.RESOLVE), "Ask whoever runs the DNS filter"),
    "no name server answers": (Cause.DNS_FAILED, Evidence(**EU, stage=Stage.RESOLVE), "Check that this machine is"),
    "no such name": (Cause.DNS_NOT_FOUND, Evidence(**EU, stage=Stage.RESOLVE), "Check the spelling"),
    "no way": (Cause.UNREACHABLE, Evidence(**EU, stage=Stage.CONNECT), "Check that this machine is connected"),
    "a firewall here": (Cause.BLOCKED_LOCALLY, Evidence(**EU, stage=Stage.CONNECT), "Allow this program"),
    "no TLS": (Cause.NOT_TLS, Evidence(**TLS), "Check the port"),
    "a client certificate": (Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, Evidence(**TLS), "the service's operator"),
    "expired": (Cause.TLS_EXPIRED, Evidence(**TLS), "Check this machine's clock"),
    "not yet valid": (Cause.TLS_NOT_YET_VALID, Evidence(**TLS), "This machine's clock reads"),
    "for another name": (Cause.TLS_HOSTNAME_MISMATCH, Evidence(**TLS), "Check the host name in the URL"),
    "the intermediate left out": (
        Cause.TLS_UNTRUSTED,
        Evidence(**TLS, verify_code=20, tls=CA, top_issuer="CN=CA", issuer_url="http://ca.example/"),
        "the service's operator",
    ),
    "the proxy's certificate": (Cause.TLS_UNTRUSTED, Evidence(**BY, verify_code=20, tls=CA), PROXY),
    "the proxy's certificate expired": (Cause.TLS_EXPIRED, Evidence(**BY, tls=CA), "Check this machine's clock"),
    "the proxy's name unknown": (Cause.DNS_NOT_FOUND, Evidence(**BY), "check the host and port"),
    "shutdown": (Cause.LOCAL_LIMIT, Evidence(**EU, stage=Stage.RESOLVE, shutting_down=True), "before the program ends"),
}


@pytest.mark.parametrize(("cause", "seen", "first"), TABLE.values(), ids=TABLE.keys())
def test_first_addressee(cause: Cause, seen: Evidence, first: str) -> None:
    """Advice names who can mend it, or what to do oneself, before it sends to anybody else."""
    before, found, _ = advice_on(cause, seen).partition(first)
    assert found, before
    assert not any(other in before for other in OTHERS), before
