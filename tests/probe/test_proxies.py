"""Promise 7: proxy and target are told apart. Which proxy is chosen is a pure question; how it answers is a peer's."""

from __future__ import annotations

import base64
import contextlib
import math
import os
import re
import socket
import threading
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsconn
from tests.engine import only, start_in
from tests.probe.proxies import (
    ANSWERS,
    BASIC,
    Talk,
    answer,
    forward,
    proxy,
    read_request,
    until_closed,
)
from tests.windows import as_set
from wsconn import Cause, ConnectivityTest, Evidence, InvalidRegionError, RegionOutcome, Stage, Status
from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust
from wsconn._proxies import SCHEMES, Proxies, parse_proxy
from wsconn._regions import parse_url, to_regions
from wsconn._resolver_settings import ResolverSettings
from wsconn._stages.proxy import _TUNNELS
from wsconn._stages.request import Request
from wsconn._stages.resolve import Lookups
from wsconn.lab import Lab, faults
from wsconn.reports import to_json

promise = pytest.mark.promise

# --- which proxy ---------------------------------------------------------------------------------------------------

P, Q = "http://p.example:3128", "http://q.example:3128"
CHOICES: dict[str, tuple[str, Mapping[str, str], str | None]] = {
    "none": ("wss://a.example/", {}, None),
    "https for wss": ("wss://a.example/", {"https_proxy": P}, f"{P} (from https_proxy)"),
    "wss before https": ("wss://a.example/", {"https_proxy": P, "wss_proxy": Q}, f"{Q} (from wss_proxy)"),
    "not http for wss": ("wss://a.example/", {"http_proxy": P}, None),
    "http for ws": ("ws://a.example/", {"http_proxy": P}, f"{P} (from http_proxy)"),
    "ws before http": ("ws://a.example/", {"http_proxy": P, "ws_proxy": Q}, f"{Q} (from ws_proxy)"),
    "all as the last": ("ws://a.example/", {"all_proxy": P, "http_proxy": Q}, f"{Q} (from http_proxy)"),
    "all": ("wss://a.example/", {"ALL_PROXY": P}, f"{P} (from ALL_PROXY)"),
    "lower case first": ("wss://a.example/", {"HTTPS_PROXY": P, "https_proxy": Q}, f"{Q} (from https_proxy)"),
    "upper case": ("wss://a.example/", {"HTTPS_PROXY": P}, f"{P} (from HTTPS_PROXY)"),
    "empty means direct": ("wss://a.example/", {"https_proxy": "", "all_proxy": P}, None),
    "no scheme": ("wss://a.example/", {"https_proxy": "p.example:3128"}, f"{P} (from https_proxy)"),
    "no port": ("wss://a.example/", {"https_proxy": "http://p.example"}, "http://p.example:80 (from https_proxy)"),
    "socks as GNOME writes it": (
        "wss://a.example/",
        {"all_proxy": "socks://p.example/"},
        "socks5h://p.example:1080 (from all_proxy)",
    ),
    "IPv6": ("wss://a.example/", {"https_proxy": "http://[::1]:3128"}, "http://[::1]:3128 (from https_proxy)"),
    "password hidden": (
        "wss://a.example/",
        {"https_proxy": "http://u:s3cret@p.example:3128"},
        f"{P} (from https_proxy)",
    ),
    "HTTP_PROXY under CGI": ("ws://a.example/", {"HTTP_PROXY": P, "REQUEST_METHOD": "GET"}, None),
    "http_proxy under CGI": (
        "ws://a.example/",
        {"http_proxy": P, "REQUEST_METHOD": "GET"},
        f"{P} (from http_proxy)",
    ),
    "discovery over https": ("https://a.example/", {"https_proxy": P, "wss_proxy": Q}, f"{P} (from https_proxy)"),
}


@promise(7)
@pytest.mark.parametrize(("url", "environ", "expected"), CHOICES.values(), ids=CHOICES.keys())
def test_choice_from_an_environment(url: str, environ: Mapping[str, str], expected: str | None) -> None:
    """The variable that decides is told with the proxy, which hides its password."""
    proxy = Proxies(environ).choose(parse_url(url, schemes=("ws", "wss", "http", "https")))
    assert (None if proxy is None else str(proxy)) == expected


EXEMPT = {
    "*": True,
    "example.org": True,
    ".example.org": True,
    "*.example.org": True,
    "EXAMPLE.ORG.": True,
    "org": True,
    "eu.example.org:443": True,
    "eu.example.org:8443": False,
    "other.net, example.org": True,
    "other.net example.org": True,
    "ample.org": False,
    "example.or": False,
    "notexample.org": False,
    "": False,
    ",,": False,
}
EXEMPT_ADDRESSES = {
    ("192.0.2.7", "192.0.2.7"): True,
    ("192.0.2.7", "192.0.2.0/24"): True,
    ("192.0.2.7", "198.51.100.0/24"): False,
    ("192.0.2.7", "192.0.2.7:443"): True,
    ("192.0.2.7", "2.7"): False,
    ("[2001:db8::1]", "2001:db8::/32"): True,
    ("[2001:db8::1]", "[2001:db8::1]:443"): True,
    ("[2001:db8::1]", "[2001:db8::1]:80"): False,
    ("[2001:db8::1]", "[2001:db8::]/32"): True,
    ("192.0.2.7", "2001:db8::/32"): False,
}


@promise(7)
@pytest.mark.parametrize(("no_proxy", "exempt"), EXEMPT.items(), ids=EXEMPT.keys())
def test_no_proxy_names(no_proxy: str, exempt: bool) -> None:
    """Suffixes are of whole labels; a port, where there is one, must be the region's."""
    proxies = Proxies({"https_proxy": P, "no_proxy": no_proxy})
    assert (proxies.choose(parse_url("wss://eu.example.org/")) is None) is exempt


@promise(7)
@pytest.mark.parametrize(("pair", "exempt"), EXEMPT_ADDRESSES.items(), ids=map(str, EXEMPT_ADDRESSES))
def test_no_proxy_addresses(pair: tuple[str, str], exempt: bool) -> None:
    """Addresses are matched as addresses, alone or in a network."""
    host, no_proxy = pair
    for variable in ("no_proxy", "NO_PROXY"):
        proxies = Proxies({"all_proxy": P, variable: no_proxy})
        assert (proxies.choose(parse_url(f"wss://{host}/")) is None) is exempt


@promise(7)
def test_the_systems_settings_come_last() -> None:
    """What macOS or Windows say counts where no variable does, and so do their exceptions."""
    system = {"https": P, "http": Q}
    target = parse_url("wss://a.example/")
    assert str(Proxies({}, system).choose(target)) == f"{P} (from the system's settings)"
    assert str(Proxies({"https_proxy": Q}, system).choose(target)) == f"{Q} (from https_proxy)"
    assert Proxies({"https_proxy": ""}, system).choose(target) is None
    assert Proxies({}, system, lambda host: host == "a.example").choose(target) is None
    assert str(Proxies({}, {"socks": "socks5://s.example"}).choose(target)).startswith("socks5://s.example:1080")


@promise(7)
@given(st.text(max_size=60))
def test_any_text_as_a_proxy(text: str) -> None:
    """A proxy's URL is read or refused with a ValueError; from the environment it never raises."""
    with contextlib.suppress(ValueError):
        proxy = parse_proxy(text, "test")
        assert proxy.host
        assert 0 < proxy.port < 65536
    Proxies({"https_proxy": text, "no_proxy": text}).choose(parse_url("wss://a.example/"))


BAD_PROXIES = [
    "quic://p.example",
    "ftp://p.example",
    "http://",
    "http://p.example:99999",
    "http://p q",
    "http://p/path",
]


@promise(7)
@pytest.mark.parametrize("url", BAD_PROXIES)
def test_a_bad_proxy_argument_raises(url: str) -> None:
    """Only what the caller wrote raises, with the argument and the value."""
    with pytest.raises(ValueError, match="proxy '") as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=url)
    assert not isinstance(caught.value, InvalidRegionError)


NAMES_PAC = "to name a PAC file, set WSCONN_PAC to its URL, or write pac+ before it in the argument proxy"


@promise(7)
def test_a_pac_file_in_a_variable_for_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some programs read one there; the advice says where it is read here."""
    monkeypatch.setenv("https_proxy", "pac+http://p.example/proxy.pac")
    failure = wsconn.check({"a": "wss://a.example/"}).outcomes[0].failure
    assert failure
    assert failure.cause is Cause.PROXY_UNSUPPORTED
    variable = as_set("https_proxy")
    assert failure.advice == f"To name a PAC file, set WSCONN_PAC to its URL, and unset {variable}."


@promise(7)
@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("foo:bar", "its port is not a number from 1 to 65535"),
        ("http://p.example:0", "its port '0' is not a number from 1 to 65535"),
        ("socks5://[::1]:99999", "its port '99999' is not a number from 1 to 65535"),
        ("http://fe80::1", "its port is not a number from 1 to 65535; an IPv6 address stands in brackets"),
        ("http://me:s3cret@p:bar", "its port is not a number from 1 to 65535"),
        ("http://me:s3cret#x@p:80", "its port is not a number from 1 to 65535"),
        ("http://me:s3cret/x@p:80", "its port is not a number from 1 to 65535"),
        ("::::", "it has no host"),
        *(
            (url, "it does not begin with a scheme and two slashes, as in http://")
            for url in (
                "http:p.example:3128",
                "https:/p.example",
                "//p.example:3128",
                "socks5:p.example",
                "/p",
                "http=p:80",
            )
        ),
        ("pac+http://p.example/proxy.pac", f"its scheme is pac+http, which is none of {', '.join(SCHEMES)}"),
        ("http://[::1", "its host cannot be read; an IPv6 address stands in brackets"),
        ("http://p.example/?q", "it has more than scheme, user, host and port"),
        ("http://p.example/proxy.pac", f"it has more than scheme, user, host and port; {NAMES_PAC}"),
        ("file:///etc/proxy.pac", f"it does not name a proxy: {NAMES_PAC}"),
    ],
)
def test_what_is_wrong_with_a_proxy(url: str, wrong: str) -> None:
    """It is told in words that name the part; where a password may be what looks like a port, nothing is shown."""
    with pytest.raises(ValueError, match=f"^{re.escape(wrong)}$"):
        parse_proxy(url, "test")
    said = Proxies({"https_proxy": url}).choose(parse_url("wss://a.example/"))
    assert said is not None
    assert said.unfit == wrong
    assert "s3cret" not in repr(said)


@promise(7)
def test_a_bad_proxy_argument_hides_its_password() -> None:
    """The message shows neither user nor password."""
    with pytest.raises(ValueError, match=r"p\.example") as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy="ftp://user:s3cret@p.example")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(TypeError, match="proxy must be"):
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=8080)  # type: ignore[arg-type]  # is what is tested


# --- how a proxy answers ---------------------------------------------------------------------------------------------


@promise(7)
@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS.keys())
def test_what_a_proxy_answers(case: tuple[str, Talk, Cause, str, str]) -> None:
    """Each refusal is told as the proxy's, by its cause, a fact and the advice that fits; never as the region's."""
    scheme, talk, cause, fact, advice = case
    scheme = scheme if "://" in scheme else f"{scheme}://"
    timeout = 0.6 if cause is Cause.TIMEOUT else 5.0
    with proxy(talk) as port:
        result = wsconn.check({"region": "wss://eu.example/"}, proxy=f"{scheme}127.0.0.1:{port}", timeout=timeout)
    outcome = result.outcome("region")
    expect(outcome, cause, fact, advice)
    assert outcome.proxy is not None
    assert outcome.proxy.endswith("(from the argument proxy)")
    assert outcome.timings.proxy is not None
    assert outcome.timings.connect is None
    assert outcome.duration < timeout + 2.5
    assert ("HTTP" in fact and outcome.http_status in range(300, 600)) or "HTTP" not in fact


def expect(outcome: RegionOutcome, cause: Cause, fact: str, advice: str) -> None:
    failure = outcome.failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.PROXY, cause), failure
    assert fact in failure.message
    assert advice in failure.advice
    assert "proxy" in failure.message
    assert [attempt.stage for attempt in outcome.attempts] == [Stage.PROXY]


@promise(7)
@pytest.mark.parametrize(
    ("host", "cause", "fact"),
    [
        ("nope.invalid:3128", Cause.DNS_NOT_FOUND, "the proxy's name, nope.invalid"),
        ("127.0.0.1:{refused}", Cause.REFUSED, "refused the connection"),
        ("224.0.0.1:3128", Cause.UNREACHABLE, "cannot be reached"),
        ("127.0.0.1:{black_hole}", Cause.TIMEOUT, "did not answer"),
    ],
    ids=["name", "refused", "unreachable", "black hole"],
)
def test_a_dead_proxy_is_not_a_dead_region(lab: Lab, host: str, cause: Cause, fact: str) -> None:
    """The proxy's own name and TCP are stage `proxy`, and the advice is about the proxy."""
    ports = {
        "refused": lab.add("refused", fault=faults.REFUSED).split(":")[2].strip("/"),
        "black_hole": lab.add("black hole", fault=faults.BLACK_HOLE).split(":")[2].strip("/"),
    }
    timeout = 0.7 if cause is Cause.TIMEOUT else 20
    result = wsconn.check({"region": "wss://eu.example/"}, proxy=f"http://{host.format(**ports)}", timeout=timeout)
    expect(result.outcome("region"), cause, fact, "about the proxy and not about the region")


@pytest.mark.promise(9)
@pytest.mark.parametrize("said", ["bWU6UzNDUkVUcGFzcw==", "S3CRETpass", "Basic bWU6UzNDUkVUcGFzcw=="])
def test_a_proxy_that_repeats_its_login(said: str) -> None:
    """The login that a proxy was sent is in no message, though it sends that back."""
    for text in (
        f"HTTP/1.1 407 {said}\nProxy-Authenticate: {said}\n\n",
        f"{said}\n\n",
        f"HTTP/1.1 302 Go\nLocation: /{said}\n\n",
        f"HTTP/1.1 403 No\nProxy-Status: p; error={said}\nContent-Type: text/plain\nContent-Length: 30\n\n{said:30}",
    ):
        with proxy(answer(text)) as port:
            result = wsconn.check({"region": "wss://eu.example/"}, proxy=f"http://me:S3CRETpass@127.0.0.1:{port}")
        told = repr(result) + to_json(result)
        assert result.failed_regions
        assert "S3CRET" not in told
        assert "bWU6UzNDUkVU" not in told


@promise(7)
def test_connect_through_an_honest_proxy(lab: Lab) -> None:
    """The CONNECT names the target, logs in with Basic once asked, and carries none of the upgrade's headers."""
    requests: list[bytes] = []
    bare: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        bare.append(read_request(sock))
        sock.sendall(BASIC.replace("\n", "\r\n").encode())
        request = read_request(sock)
        requests.append(request)
        sock.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
        forward(sock, "127.0.0.1", int(request.split()[1].rpartition(b":")[2]))

    lab.add("plain")
    lab.add("secure", tls=True)
    with proxy(talk) as port:
        result = wsconn.check(
            lab.regions,
            ssl_context=lab.ssl_context,
            proxy=f"http://us%40er:p%3Aw@127.0.0.1:{port}",
            headers={"Authorization": "Bearer s3cret"},
        )
    assert result.result == "passed", [outcome.failure for outcome in result.outcomes]
    for outcome in result.outcomes:
        assert outcome.timings.proxy is not None
        assert outcome.timings.resolve is None
        assert outcome.address == f"127.0.0.1:{port}"
        assert "p:w" not in repr(outcome)
    assert len(requests) == len(bare) == 2
    assert not any(b"Authorization" in request for request in bare)
    login = base64.b64encode(b"us@er:p:w")
    for request in requests:
        assert b"Proxy-Authorization: Basic " + login in request
        assert b"s3cret" not in request
        assert b"User-Agent: wsconn/" in request


@promise(7)
@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "socks5h"])
def test_socks_through_an_honest_proxy(lab: Lab, scheme: str) -> None:
    """`socks4a` and `socks5h` send the name to the proxy; `socks4` and `socks5` look it up here."""
    url = lab.add("region", path="/x").replace("127.0.0.1", "localhost")
    target_port = int(url.split(":")[2].split("/")[0])
    requests: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        if scheme.startswith("socks5"):
            sock.recv(3)
            sock.sendall(b"\x05\x00")
        requests.append(sock.recv(512))
        granted = b"\x05\x00\x00\x01" + bytes(6) if scheme.startswith("socks5") else b"\x00\x5a" + bytes(6)
        sock.sendall(granted)
        forward(sock, "127.0.0.1", target_port)

    with proxy(talk) as port:
        outcome = wsconn.check({"region": url}, proxy=f"{scheme}://127.0.0.1:{port}").outcome("region")
    assert outcome.status is Status.PASSED, outcome
    assert (b"localhost" in requests[0]) is scheme.endswith(("a", "h"))
    assert (outcome.timings.resolve is None) is scheme.endswith(("a", "h"))


def socks_of_ipv4(target_port: int) -> Talk:
    """An honest proxy without IPv6, and without names; `ssh -D` on such a machine is one."""

    def talk(sock: socket.socket) -> None:
        version = sock.recv(512)[0]
        if version == 5:
            sock.sendall(b"\x05\x00")
            if sock.recv(512)[3] != 1:
                sock.sendall(b"\x05\x03\x00\x01" + bytes(6))
                return
        sock.sendall(b"\x05\x00\x00\x01" + bytes(6) if version == 5 else b"\x00\x5a" + bytes(6))
        forward(sock, "127.0.0.1", target_port)

    return talk


BOTH = ["2001:db8::7", "127.0.0.1"]


@promise(6)
@pytest.mark.parametrize("scheme", ["socks4", "socks5"])
@pytest.mark.parametrize("late", [0.0, 0.4], ids=["at once", "late"])
def test_a_proxy_without_ipv6(lab: Lab, scheme: str, late: float) -> None:
    """A name with both families, looked up here, goes to the proxy as its IPv4 address, however late that comes."""
    port = int(lab.add("region").split(":")[2].strip("/"))
    lab.name("both.lab.invalid", BOTH, delays={socket.AF_INET: late})
    with proxy(socks_of_ipv4(port)) as at:
        test = start_in(lab, {"a": f"ws://both.lab.invalid:{port}/"}, proxy=f"{scheme}://127.0.0.1:{at}", timeout=20)
        outcome = only(test)
    assert outcome.status is Status.PASSED, outcome


@promise(6)
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"delays": {socket.AF_INET: math.inf}}, id="hangs"),
        pytest.param({"errors": {socket.AF_INET: socket.EAI_AGAIN}}, id="fails"),
    ],
)
def test_socks_5_gets_ipv6_where_there_is_nothing_else(lab: Lab, broken: dict[str, dict[int, float]]) -> None:
    """Where the lookup for IPv4 is broken the proxy is told the IPv6 address, with time left for it."""
    requests: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        sock.recv(3)
        sock.sendall(b"\x05\x00")
        requests.append(sock.recv(512))
        sock.sendall(b"\x05\x04\x00\x01" + bytes(6))

    lab.name("broken.lab.invalid", ["2001:db8::7"], **broken)  # type: ignore[arg-type]  # one of two keywords
    with proxy(talk) as at:
        regions = {"a": "ws://broken.lab.invalid:80/"}
        outcome = only(start_in(lab, regions, proxy=f"socks5://127.0.0.1:{at}", timeout=2))
    expect(outcome, Cause.PROXY_TARGET_UNREACHABLE, "could not reach", "proxy")
    assert requests == [b"\x05\x01\x00\x04" + socket.inet_pton(socket.AF_INET6, "2001:db8::7") + b"\x00\x50"]


@promise(6)
@pytest.mark.parametrize(
    ("hangs", "cause"), [(True, Cause.TIMEOUT), (False, Cause.DNS_NOT_FOUND)], ids=["hangs", "has none"]
)
def test_socks_4_needs_ipv4(lab: Lab, hangs: bool, cause: Cause) -> None:
    """That a name has no IPv4 address is told only when that was answered."""
    lab.name("six.lab.invalid", ["2001:db8::7"], delays={socket.AF_INET: math.inf} if hangs else {})
    regions = {"a": "ws://six.lab.invalid:80/"}
    outcome = only(start_in(lab, regions, proxy="socks4://127.0.0.1:9", timeout=0.5 if hangs else 20))
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.RESOLVE, cause)


@promise(7)
def test_ipv6_targets_are_in_brackets() -> None:
    """An address goes into the CONNECT as RFC 3986 writes it."""
    requests: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        requests.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 502 No\r\n\r\n")

    with proxy(talk) as port:
        wsconn.check({"region": "wss://[2001:db8::1]/"}, proxy=f"http://127.0.0.1:{port}")
    assert requests[0].startswith(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n")


@promise(7)
def test_a_proxy_that_cannot_be_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails the regions behind it, with the variable and the remedy, and raises nothing."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("https_proxy", "ftp://u:s3cret@p.example:443")
    outcome = wsconn.check({"region": "wss://eu.example/"}).outcome("region")
    expect(outcome, Cause.PROXY_UNSUPPORTED, "its scheme is ftp", f"Set {as_set('https_proxy')} to the URL of")
    assert outcome.proxy == f"ftp://p.example:443 (from {as_set('https_proxy')})"
    assert "s3cret" not in repr(outcome)


@promise(7)
def test_the_environment_is_read_at_start(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the environment decides; `proxy=None` goes straight."""
    url = lab.add("region")
    dead = lab.add("dead", fault=faults.REFUSED).removeprefix("ws://")
    monkeypatch.setenv("ws_proxy", f"http://{dead}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    outcome = wsconn.check({"region": url}).outcome("region")
    expect(outcome, Cause.REFUSED, "refused the connection", f"in {as_set('ws_proxy')}")
    assert wsconn.check({"region": url}, proxy=None).result == "passed"
    monkeypatch.setenv("no_proxy", "127.0.0.0/8")
    assert wsconn.check({"region": url}).result == "passed"


# --- what people write into a variable -------------------------------------------------------------------------------

WITH_SPECIALS = {
    "a number sign": ("http://user:Pa55#word@127.0.0.1:3128", "# is written %23"),
    "a slash": ("http://user:Pa55/word@127.0.0.1:3128", "/ is written %2F"),
    "a question mark": ("socks5h://user:Pa55?word@127.0.0.1:1080", "? is written %3F"),
    "an at sign, and a number sign": ("http://user:P@55#word@127.0.0.1:3128", "# is written %23"),
    "a bracket": ("http://user:Pa55[word@127.0.0.1:3128", "[ is written %5B"),
    "the other bracket": ("http://user:Pa55]word@127.0.0.1:3128", "] is written %5D"),
    "a space": ("http://user:Pa55 word@127.0.0.1:3128", "  is written %20"),
    "in the user name": ("http://CORP/me:Pa55word@127.0.0.1:3128", "/ is written %2F"),
    "without a scheme": ("user:Pa55#word@127.0.0.1:3128", "# is written %23"),
    "what looks like a scheme": ("user:Pa://55word@127.0.0.1:3128", "/ is written %2F"),
    "quotes": ('"http://user:Pa55word@127.0.0.1:3128"', "Take the quotes out of"),
    "single quotes": ("'http://127.0.0.1:3128'", "Take the quotes out of"),
    "quotes around a host": ("'proxy.example'", "Take the quotes out of"),
    "a quote that was left": ('http://127.0.0.1:3128"', "Take the quotes out of"),
    "quotes of a word processor": ("\u201chttp://user:Pa55word@127.0.0.1:3128\u201d", "Take the quotes out of"),
    "quotes, and a number sign": ('"http://user:Pa55#word@127.0.0.1:3128"', "Take the quotes out of"),
}


@promise(9)
@pytest.mark.parametrize(("written", "advice"), WITH_SPECIALS.values(), ids=WITH_SPECIALS.keys())
def test_what_people_write_into_a_variable(monkeypatch: pytest.MonkeyPatch, written: str, advice: str) -> None:
    """The advice names the character that was found and how it is written; of the password nothing is told."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("ws_proxy", written)
    outcome = wsconn.check({"region": "ws://127.0.0.1:9/"}).outcome("region")
    expect(outcome, Cause.PROXY_UNSUPPORTED, "cannot be used", advice)
    assert outcome.failure
    assert as_set("ws_proxy") in outcome.failure.advice
    assert not any(part in repr(outcome) for part in ("Pa55", "55word", "P@", "CORP"))


@promise(9)
@given(
    st.text("#/?@[]%:\\\"' ", min_size=1, max_size=8),
    st.sampled_from(["http://", "socks5h://", "https://", "", "ftp://"]),
)
def test_no_part_of_a_password_is_shown(special: str, scheme: str) -> None:
    """Whatever stands in it, a password is in no message, advice or `repr`, nor in the error of an argument."""
    written = f"{scheme}me:XQ{special}ZV{special}WK@127.0.0.1:3128"
    found = Proxies({"https_proxy": written}).choose(parse_url("wss://a.example/"))
    assert found
    recorder = Recorder("region", None)
    recorder.begin_url("wss", "a.example", 443, "wss://a.example/")
    recorder.set_proxy(found)
    seen = Evidence(detail=found.unfit, unencoded=found.unencoded, in_quotes=found.in_quotes)
    told = repr(found) + repr(recorder.url_failed(StageFailed(Cause.PROXY_UNSUPPORTED, seen), stalled_seconds=0.0))
    with contextlib.suppress(ValueError):
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=f"ftp{written.removeprefix('http')}")
    try:
        parse_proxy(written, "test")
    except ValueError as error:
        told += repr(error)
    assert not any(part in told for part in ("XQ", "ZV", "WK"))


@pytest.mark.parametrize("special", ["#", "/", "?"])
def test_an_argument_with_a_password_that_is_not_encoded(special: str) -> None:
    """The error says how the character is written, and shows nothing else of the password."""
    encoded = f"a '{special}' in a user name or password is written %{ord(special):02X}"
    with pytest.raises(ValueError, match=re.escape(encoded)) as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=f"http://user:Pa55{special}word@127.0.0.1:3128")
    assert not any(part in str(caught.value) for part in ("Pa55", "word@"))


@promise(7)
def test_an_at_sign_in_a_password_works() -> None:
    """The last one ends it, as in curl."""
    assert parse_proxy("http://me:p@ss@p.example:3128", "test").password == "p@ss"


# --- a proxy that says yes, and none at all --------------------------------------------------------------------------


def socks_yes(sock: socket.socket) -> None:
    sock.recv(512)
    sock.sendall(b"\x05\x00")
    sock.recv(512)
    sock.sendall(b"\x05\x00\x00\x01" + bytes(6))


def silent(talk: Talk) -> Talk:
    def then(sock: socket.socket) -> None:
        talk(sock)
        until_closed(sock)

    return then


@promise(7)
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("HTTP/1.1 302 Found\r\nLocation: http://portal.example/?s3cret\r\n\r\n", "'HTTP/1.1 302 Found'"),
        ("<html>Blocked by \x1b[31mpolicy", r"'<html>Blocked by \x1b[31mpolicy'"),
        ("u:p4ssw0rd is not welcome, and nobody else is\n", "is not welcome, and nobody else is'"),
    ],
    ids=["a redirect", "a page", "the login"],
)
def test_a_proxy_that_answers_in_the_servers_place(said: str, shown: str) -> None:
    """What came in place of TLS is quoted, in one line, escaped, and without the login."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        sock.recv(4096)
        sock.sendall(said.encode())
        until_closed(sock)

    with proxy(talk) as port:
        told = wsconn.check({"eu": "wss://eu.example/"}, proxy=f"http://u:p4ssw0rd@127.0.0.1:{port}", timeout=20)
    failure = told.outcome("eu").failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.TLS, Cause.NOT_TLS)
    assert shown in failure.message
    assert "s3cret" not in failure.message
    assert "p4ssw0rd" not in failure.message
    assert failure.advice.startswith("What came may be the proxy's own words")


@promise(7)
@pytest.mark.parametrize("url", ["ws://nobody.invalid/", "wss://nobody.invalid/"])
@pytest.mark.parametrize("ends", [True, False], ids=["ends", "silent"])
@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_that_says_yes_at_once(lab: Lab, scheme: str, ends: bool, url: str) -> None:
    """It may never have reached the server: that is tried first, before a firewall is suspected."""
    yes = answer("HTTP/1.1 200 OK\n\n", then=lambda _: None) if scheme == "http" else socks_yes
    with proxy(yes if ends else silent(yes)) as port:
        outcome = only(start_in(lab, {"a": url}, proxy=f"{scheme}://127.0.0.1:{port}", timeout=5 if ends else 1.2))
    failure = outcome.failure
    assert failure
    assert failure.cause is (Cause.CLOSED if ends else Cause.TIMEOUT)
    assert failure.stage is (Stage.TLS if url.startswith("wss") else Stage.UPGRADE)
    first, _, rest = failure.advice.partition("If that works:")
    assert "may never have reached the server" in first
    assert "ask the proxy's administrator to try nobody.invalid port" in first
    assert "firewall" in rest


@promise(7)
@pytest.mark.parametrize(
    ("environ", "url", "begins"),
    [
        (
            {"http_proxy": P},
            "wss://no.lab.invalid/",
            "No proxy was used: http_proxy is set, but for wss:// only https_proxy",
        ),
        (
            {"WSS_PROXY": P},
            "ws://no.lab.invalid/",
            "No proxy was used: WSS_PROXY is set, but for ws:// only http_proxy",
        ),
        ({"https_proxy": P, "ws_proxy": ""}, "ws://no.lab.invalid/", None),
        ({"http_proxy": P, "no_proxy": "lab.invalid"}, "wss://no.lab.invalid/", None),
        ({}, "wss://no.lab.invalid/", ""),
    ],
    ids=["http for wss", "wss for ws", "direct on purpose", "exempt", "none"],
)
def test_no_proxy_where_nothing_is_reached(lab: Lab, environ: dict[str, str], url: str, begins: str | None) -> None:
    """A proxy that was named for other URLs alone, or not to us, may be the way; who wants none hears nothing of it."""
    lab.name("no.lab.invalid", None)
    route = Route(Dialer(Lookups(lab.getaddrinfo, ResolverSettings), Proxies(environ)), Trust.of(lab.ssl_context))
    outcome = only(ConnectivityTest(to_regions({"a": url}), Probe(route, Request(), True), timeout=5))
    assert outcome.failure
    assert outcome.failure.stage is Stage.RESOLVE
    advice = outcome.failure.advice
    if begins is None:
        assert "proxy" not in advice
    else:
        assert advice.startswith(begins)
        assert begins or advice.endswith("name it: proxy, at the command line --proxy.")
    assert "p.example" not in advice


@promise(7)
def test_who_asks_for_a_direct_way_hears_nothing_of_proxies(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """`proxy=None` is an answer to the question."""
    monkeypatch.setenv("http_proxy", P)
    outcome = wsconn.check({"a": "wss://no.lab.invalid/"}, proxy=None, timeout=5).outcomes[0]
    assert outcome.failure
    assert "proxy" not in outcome.failure.advice


@promise(2)
@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_abort_inside_a_tunnel(scheme: str) -> None:
    """An abort ends a negotiation with a proxy as it ends every other wait."""
    reached = threading.Semaphore(0)

    def talk(sock: socket.socket) -> None:
        sock.recv(1)
        reached.release()
        until_closed(sock)

    with proxy(talk) as port:
        test = wsconn.start({str(n): "wss://eu.example/" for n in range(25)}, proxy=f"{scheme}://127.0.0.1:{port}")
        assert all(reached.acquire(timeout=20) for _ in range(25))
        began = time.monotonic()
        test.abort()
        assert test.result(timeout=0).result == "aborted"
        assert time.monotonic() - began < 2.5
        with test:
            pass
        assert time.monotonic() - began < 5
    assert all(outcome.timings.proxy is not None for outcome in test.result().outcomes)


def test_each_scheme_is_spoken() -> None:
    """Whatever the table of schemes has, the stage knows how to speak, and nothing else."""
    assert SCHEMES.keys() == _TUNNELS.keys()
