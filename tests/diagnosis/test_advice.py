"""What advice says where one fact changes it: the table's finer points, without a peer."""

from __future__ import annotations

import pytest

from wsconn import Cause, Evidence, Stage, TlsInfo
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.interceptors import interceptor


@pytest.mark.parametrize(
    ("cause", "seen", "said"),
    [
        pytest.param(
            Cause.HTTP_STATUS,
            Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", http_status=400),
            "may want a client certificate",
            id="400 over TLS",
        ),
        pytest.param(
            Cause.HTTP_STATUS,
            Evidence(stage=Stage.UPGRADE, scheme="ws", host="eu.example", http_status=400),
            "may want TLS (wss)",
            id="400 without TLS",
        ),
        pytest.param(
            Cause.CLOSED,
            Evidence(stage=Stage.UPGRADE, scheme="ws", host="eu.example", port=80),
            "If the service offers wss, use that",
            id="cut without TLS",
        ),
        pytest.param(
            Cause.CLOSED,
            Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", port=443, tls=TlsInfo(issuer="O=Acme")),
            "The certificate in use is signed by O=Acme: it is usually the server's own",
            id="cut inside TLS",
        ),
        *(
            pytest.param(
                cause,
                Evidence(stage=stage, scheme="wss", host="eu.example", port=443, tls=TlsInfo(issuer="O=Zscaler Inc.")),
                "Zscaler opens and re-signs TLS on this way",
                id=f"{cause} where TLS is opened",
            )
            for stage, cause in (
                (Stage.UPGRADE, Cause.TIMEOUT),
                (Stage.UPGRADE, Cause.BAD_UPGRADE),
                (Stage.FRAMES, Cause.NO_PONG),
                (Stage.FRAMES, Cause.BAD_FRAMES),
                (Stage.FRAMES, Cause.CLOSED),
            )
        ),
        pytest.param(
            Cause.TIMEOUT,
            Evidence(stage=Stage.CONNECT, host="eu.example", elapsed=0.99),
            "First give it more time (timeout and total_timeout, at the command line --timeout",
            id="less than a second",
        ),
        pytest.param(
            Cause.NOT_TLS,
            Evidence(stage=Stage.TLS, scheme="wss", host="eu.example", port=443, proxy="http://p:1"),
            "may be the proxy's own words",
            id="no TLS through a proxy",
        ),
        *(
            pytest.param(
                Cause.HTTP_STATUS,
                Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", http_status=status),
                said,
                id=f"status {status}",
            )
            for status, said in ((401, "wants credentials: ask its operator"), (403, "blocks the site's category"))
        ),
        pytest.param(
            Cause.REDIRECTED,
            Evidence(stage=Stage.UPGRADE, host="eu.example", http_status=301, location="https://new.example/"),
            "has moved. If the new address is its own",
            id="moved",
        ),
        pytest.param(
            Cause.REDIRECTED,
            Evidence(stage=Stage.UPGRADE, host="eu.example", http_status=301),
            "The service has moved.",
            id="moved, nobody says where to",
        ),
        *(
            pytest.param(
                Cause.REDIRECTED,
                Evidence(stage=Stage.UPGRADE, host="eu.example", http_status=status),
                "portal",
                id=f"redirected by {status}",
            )
            for status in (302, 303, 307)
        ),
        *(
            pytest.param(
                Cause.HTTP_STATUS,
                Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", http_status=status),
                "is faulty",
                id=f"status {status}",
            )
            for status in (500, 599)
        ),
        *(
            pytest.param(
                Cause.PROXY_AUTH_REQUIRED,
                Evidence(stage=Stage.PROXY, host="eu.example", proxy=proxy),
                f"({scheme}://user:password@host:port",
                id=f"login for {proxy}",
            )
            for proxy, scheme in (("socks5h://proxy.example:1080", "socks5h"), (None, "http"))
        ),
        *(
            pytest.param(
                Cause.TLS_UNTRUSTED,
                Evidence(stage=Stage.TLS, scheme="wss", host="eu.example", port=443, verify_code=code),
                said,
                id=f"verify code {code}",
            )
            for code, said in (
                (17, "signed it"),
                (18, "no public authority"),
                (19, "and not a public one"),
                (20, "signed it"),
                (79, "a better one"),
                (80, "STRICT"),
                (94, "STRICT"),
                (95, "signed it"),
            )
        ),
        *(
            pytest.param(
                Cause.HTTP_STATUS,
                Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", http_status=status),
                "no WebSocket at this path",
                id=f"status {status}",
            )
            for status in (404, 410)
        ),
        pytest.param(
            Cause.PROXY_UNSUPPORTED,
            Evidence(stage=Stage.PROXY, proxy="socks5://p:1", proxy_source="all_proxy", missing_extra="socks"),
            "Install SOCKS support",
            id="SOCKS without its extra",
        ),
        pytest.param(
            Cause.PROXY_UNSUPPORTED,
            Evidence(stage=Stage.PROXY, proxy="https://p:1", proxy_source="all_proxy"),
            "Set all_proxy to the URL of",
            id="a proxy that is spoken to in TLS",
        ),
        pytest.param(
            Cause.DNS_NOT_FOUND,
            Evidence(stage=Stage.RESOLVE, host="eu.example", proxy="socks5://p.example:1080"),
            "use socks5h://",
            id="a name that only the proxy may know",
        ),
        pytest.param(
            Cause.DNS_NOT_FOUND,
            Evidence(stage=Stage.RESOLVE, host="eu.example"),
            "Check the spelling of the host name",
            id="a name that nobody knows",
        ),
        pytest.param(
            Cause.TLS_UNTRUSTED,
            Evidence(stage=Stage.TLS, host="eu.example", verify_code=19, tls=TlsInfo(issuer="CN=Root, O=Zscaler Inc.")),
            "Zscaler opens and re-signs TLS",
            id="signed by a maker of proxies",
        ),
        pytest.param(
            Cause.TLS_FAILED,
            Evidence(stage=Stage.TLS, host="eu.example", tls_reason="TLSV1_UNRECOGNIZED_NAME"),
            "does not know the name eu.example",
            id="a name that the server does not know",
        ),
        pytest.param(
            Cause.REFUSED,
            Evidence(stage=Stage.CONNECT, host="eu.example", port=443, address="127.0.0.1:443"),
            "leads to this machine itself (127.0.0.1)",
            id="a name in the hosts file",
        ),
        pytest.param(
            Cause.REFUSED,
            Evidence(stage=Stage.CONNECT, host="127.0.0.1", port=443, address="127.0.0.1:443"),
            "Check the port",
            id="an address of this machine",
        ),
        pytest.param(
            Cause.TIMEOUT,
            Evidence(stage=Stage.CONNECT, host="eu.example", port=443, address="192.0.2.1:443"),
            "A firewall most likely drops the packets",
            id="silence from far away",
        ),
        *(
            pytest.param(
                Cause.DNS_NOT_FOUND,
                Evidence(stage=Stage.RESOLVE, host=host, os_error="EAI_NONAME"),
                said,
                id=f"nobody knows {host}",
            )
            for host, said in (
                ("localhost.", "without the dot"),
                ("localhost", "Write 127.0.0.1"),
                ("api.localhost", "Write localhost in the URL"),
                ("printer.local", "multicast DNS"),
                ("build.corp", "is the VPN up?"),
                ("duck.onion", "Only Tor"),
                ("intranet", "A name without a dot"),
                ("eu.example.org", "Check the spelling of the host name. If it resolves"),
            )
        ),
        *(
            pytest.param(
                Cause.DNS_NOT_FOUND,
                Evidence(stage=Stage.RESOLVE, host="eu.example.org", os_error=error),
                "exists, but has no address",
                id=f"no address: {error}",
            )
            for error in ("EAI_NODATA", "EAI_ADDRFAMILY", "gaierror 11004")
        ),
        *(
            pytest.param(
                Cause.TIMEOUT,
                Evidence(stage=Stage.RESOLVE, host="eu.example.org", elapsed=3.0, name_servers=servers),
                said,
                id=f"{len(servers)} silent name servers",
            )
            for servers, said in (
                (("192.0.2.53",), "the DNS server that it uses (192.0.2.53)"),
                (("192.0.2.53", "192.0.2.54"), "the next is asked after about 5 s"),
            )
        ),
        *(
            pytest.param(
                Cause.REFUSED,
                Evidence(stage=Stage.CONNECT, host=host, port=80, address=address, is_own_address=is_own),
                said,
                id=f"refused at {host}",
            )
            for host, address, is_own, said in (
                ("127.1", "127.0.0.1:80", False, "nothing listens at port 80 of this machine"),
                ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]:80", False, "nothing listens at port 80 of this machine"),
                ("0.0.0.0", "0.0.0.0:80", False, "nothing listens at port 80 of this machine"),
                ("192.168.1.5", "192.168.1.5:80", True, "nothing listens at port 80 of this machine"),
                ("myhost", "127.0.1.1:80", False, "leads to this machine itself (127.0.1.1), and nothing listens"),
                ("chat.example.org", "192.0.2.5:80", True, "leads to this machine itself (192.0.2.5), and nothing"),
                ("chat.example.org", "127.0.0.1:80", False, "an entry in its hosts file or a DNS filter does that"),
            )
        ),
        *(
            pytest.param(
                cause,
                Evidence(
                    stage=stage, host="eu.example.org", address=address, resolved_to=("0.0.0.0",), in_hosts_file=True
                ),
                f"An entry in this machine's hosts file {what}",
                id=f"{cause} by the hosts file",
            )
            for stage, cause, address, what in (
                (Stage.RESOLVE, Cause.DNS_BLOCKED, None, "blocks the name eu.example.org: remove it"),
                (Stage.CONNECT, Cause.REFUSED, "127.0.0.1:80", "leads the name eu.example.org to this machine itself"),
                (Stage.TLS, Cause.TLS_UNTRUSTED, "127.0.0.1:443", "leads the name eu.example.org to this machine"),
            )
        ),
        *(
            pytest.param(
                Cause.TIMEOUT,
                Evidence(stage=stage, scheme=scheme, host="eu.example", port=443, elapsed=5.0, request_bytes=size),
                "a smaller MTU (the largest size of a packet)",
                id=f"large packets at {stage}, {scheme}, {size} bytes",
            )
            for stage, scheme, size in (
                (Stage.TLS, "wss", None),
                (Stage.UPGRADE, "wss", 1500),
                (Stage.UPGRADE, "ws", 1500),
                (Stage.UPGRADE, "ws", 200),
            )
        ),
        pytest.param(
            Cause.UNREACHABLE,
            Evidence(stage=Stage.CONNECT, host="fe80::1", port=80, address="[fe80::1]:80", os_error="EINVAL"),
            "add the interface that leads there, as in [fe80::1%25eth0]",
            id="a link-local address",
        ),
    ],
)
def test_a_fact_changes_the_advice(cause: Cause, seen: Evidence, said: str) -> None:
    """The same cause has other advice where something else was seen."""
    assert said in advice_on(cause, seen)


def test_a_status_of_the_client_is_no_fault_of_the_server() -> None:
    """499 is below the range whose advice is to tell the operator that the server is faulty."""
    seen = Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", http_status=499)
    assert "is faulty" not in advice_on(Cause.HTTP_STATUS, seen)


def test_over_tls_nobody_is_told_to_use_tls() -> None:
    """Where a connection over TLS is cut, the advice does not name what is in use already."""
    seen = Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", port=443)
    assert "If the service offers wss" not in advice_on(Cause.CLOSED, seen)


def test_with_time_enough_nobody_is_told_to_give_more() -> None:
    """From a second on, a packet that was lost has been sent again."""
    assert "more time" not in advice_on(Cause.TIMEOUT, Evidence(stage=Stage.CONNECT, host="eu.example", elapsed=1.0))


@pytest.mark.parametrize(
    ("cause", "status"), [(Cause.HTTP_STATUS, 401), (Cause.HTTP_STATUS, 404), (Cause.REDIRECTED, 302)]
)
def test_what_discovery_answers_is_no_matter_of_the_websocket(cause: Cause, status: int) -> None:
    """`headers` never go to the endpoint, nor is a WebSocket's path asked for there."""
    seen = Evidence(
        stage=Stage.UPGRADE,
        discovery="https://eu.example/rooms",
        http_status=status,
        location="https://portal.example/",
    )
    assert advice_on(cause, seen).endswith("ask its operator for the present address.")


def test_who_was_not_asked_did_not_answer_otherwise() -> None:
    """Where this machine was not ready, neither the discovery nor the server is blamed."""
    seen = Evidence(stage=Stage.TLS, discovery="https://eu.example/rooms", not_loaded="the system's root certificates")
    assert advice_on(Cause.TIMEOUT, seen).startswith("This machine is slow or busy")


def test_whose_certificate_it_was_is_not_known_unverified() -> None:
    """Without an issuer anybody may have opened TLS."""
    seen = Evidence(stage=Stage.UPGRADE, scheme="wss", host="eu.example", port=443, tls=TlsInfo(version="TLSv1.3"))
    assert "or of a proxy that opens TLS" in advice_on(Cause.CLOSED, seen)


def test_credentials_are_no_matter_of_the_firewall() -> None:
    """401 is what a server says, and no block page."""
    assert "firewall" not in advice_on(Cause.HTTP_STATUS, Evidence(stage=Stage.UPGRADE, http_status=401))


@pytest.mark.parametrize(
    ("issuer", "server", "maker"),
    [
        ("CN=Zscaler Root CA, OU=Zscaler Inc., O=Zscaler Inc., L=San Jose, C=US", None, "Zscaler"),
        ("CN=mitmproxy, O=mitmproxy", None, "mitmproxy"),
        (r"CN=ca, O=Palo Alto Networks\, Inc., C=US", None, "Palo Alto"),
        ("CN=Web Filter", "Cisco Umbrella", "Cisco"),
        *(
            (f"CN={name}", None, maker)
            for name, maker in (
                ("Fortinet_CA_SSL", "Fortinet"),
                ("ZscalerRootCA", "Zscaler"),
                ("mitmproxy_ca", "mitmproxy"),
                ("NETSKOPE-CA", "Netskope"),
            )
        ),
        ("CN=127.0.0.1, O=Acme Inc, L=San Francisco, ST=California, C=US", None, None),
        ("O=Francisco Health", None, None),
        ("O=Preset Labs", None, None),
        ("O=Acme, L=Menlo Park", "nginx", None),
        ("", None, None),
    ],
)
def test_who_opens_tls_is_known_by_name(issuer: str, server: str | None, maker: str | None) -> None:
    """Whole words of who signed count, and neither their town nor a part of another name."""
    assert interceptor(issuer, server) == maker
