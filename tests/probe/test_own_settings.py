"""What a region has of its own: its request, the place that is connected to in its URL's place, and from where."""

from __future__ import annotations

import pickle
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest
import trustme

import wsconn
from tests.engine import echo_server, full_queue, only, start_in
from tests.probe.proxies import Talk, forward, proxy, read_request
from wsconn import Cause, Discovery, Failure, Region, RegionOutcome, Stage, Status
from wsconn._places import split_place
from wsconn.lab import Lab, faults
from wsconn.reports import to_json, to_text

HOST = "new.lab.invalid"  # the lab's certificates are for it, and no name server knows it
URL = f"wss://{HOST}/"
OTHER_LOCAL = "127.0.0.2"
many_loopbacks = pytest.mark.skipif(
    sys.platform not in ("linux", "win32"), reason="127.0.0.2 is an address of this machine on Linux and Windows alone"
)


def check(*regions: Region, **options: Any) -> wsconn.ConnectivityResult:
    return wsconn.check(regions, **{"proxy": None, "timeout": 10.0, **options})


def outcome_of(region: Region, **options: Any) -> RegionOutcome:
    return check(region, **options).outcomes[0]


def failure_of(outcome: RegionOutcome) -> Failure:
    assert outcome.failure is not None
    return outcome.failure


class Asked:
    """A fault that keeps requests and where they came from, and refuses them."""

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.sources: list[str] = []

    def __call__(self, sock: socket.socket) -> None:
        self.sources.append(sock.getpeername()[0])
        self.requests.append(read_request(sock).decode().splitlines())
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def sent(self, *names: str) -> list[list[str]]:
        """Return of each request the lines of these headers."""
        return [[line for line in lines if line.partition(":")[0].lower() in names] for lines in self.requests]


# --- the request -----------------------------------------------------------------------------------------------------


def asked_with(lab: Lab, region: dict[str, Any], **defaults: Any) -> list[str]:
    """Return what was sent to a region: its User-Agent apart, in the order of sending."""
    asked = Asked()
    outcome_of(Region("a", lab.add("a", fault=asked), **region), **defaults)
    (lines,) = asked.sent("x-a", "x-b", "origin", "sec-websocket-protocol", "user-agent")
    return [line for line in lines if not line.startswith("User-Agent: wsconn/")]


OWN: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "defaults": ({}, {"headers": {"X-A": "1"}, "origin": "https://d"}, ["X-A: 1", "Origin: https://d"]),
    "headers replace all of the defaults": (
        {"headers": {"X-B": "2"}},
        {"headers": {"X-A": "1", "User-Agent": "default"}},
        ["X-B: 2"],
    ),
    "no headers": ({"headers": {}}, {"headers": {"X-A": "1"}}, []),
    "a User-Agent": ({"headers": [("User-Agent", "own")]}, {}, ["User-Agent: own"]),
    "an Origin": ({"origin": "https://o"}, {"origin": "https://d"}, ["Origin: https://o"]),
    "no Origin": ({"origin": ""}, {"origin": "https://d"}, []),
    "an Origin against a header": (
        {"origin": "https://o"},
        {"headers": {"ORIGIN": "https://d"}},
        ["Origin: https://o"],
    ),
    "no Origin against a header": ({"origin": ""}, {"headers": {"ORIGIN": "https://d", "X-A": "1"}}, ["X-A: 1"]),
    "a header Origin": ({"headers": {"Origin": "https://o"}}, {"origin": "https://d"}, ["Origin: https://o"]),
    "subprotocols": (
        {"subprotocols": ["b", "c"]},
        {"subprotocols": ["a"]},
        ["Sec-WebSocket-Protocol: b, c"],
    ),
    "no subprotocols": ({"subprotocols": []}, {"subprotocols": ["a"]}, []),
    "one thing of its own": (
        {"subprotocols": ["b"]},
        {"headers": {"X-A": "1"}, "origin": "https://d"},
        ["X-A: 1", "Sec-WebSocket-Protocol: b", "Origin: https://d"],
    ),
}


@pytest.mark.parametrize(("region", "defaults", "sent"), OWN.values(), ids=OWN.keys())
def test_what_a_region_is_sent(lab: Lab, region: dict[str, Any], defaults: dict[str, Any], sent: list[str]) -> None:
    """What a region has of its own takes the place of what `start` was given; nothing is merged."""
    assert sorted(asked_with(lab, region, **defaults)) == sorted(sent)


def test_regions_with_one_url_are_sent_their_own(lab: Lab) -> None:
    """Each of several regions gets its own, though they lead to one server."""
    asked = Asked()
    url = lab.add("a", fault=asked)
    check(*(Region(name, url, headers={"X-A": name}) for name in ("one", "two")), Region("three", url))
    assert sorted(asked.sent("x-a")) == [[], ["X-A: one"], ["X-A: two"]]


def test_evidence_tells_what_was_sent_to_this_region(lab: Lab) -> None:
    """What the advice on a refusal goes by is the region's own request."""
    url = lab.add("a", fault=faults.HTTP_403)
    own = Region("own", url, origin="https://o", subprotocols=["chat"], headers={"User-Agent": "own"})
    seen = [failure_of(outcome).evidence for outcome in check(own, Region("plain", url)).outcomes]
    told = [(one and (one.origin_sent, one.subprotocols_offered, one.own_user_agent)) for one in seen]
    assert told == [(True, True, True), (False, False, False)]


def test_own_secrets_stay_out(lab: Lab) -> None:
    """What a server repeats of a region's own headers is in no outcome and in no repr."""

    def repeat(sock: socket.socket) -> None:
        request = read_request(sock).decode()
        secret = request.partition("Authorization: ")[2].partition("\r\n")[0]
        body = f"you sent {secret}".encode()
        sock.sendall(b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    region = Region("a", lab.add("a", fault=repeat), headers={"Authorization": "Bearer s3cret-of-mine"})
    result = check(region)
    assert "you sent" in failure_of(result.outcomes[0]).message
    told = repr(region) + repr(result) + to_json(result) + to_text(result)
    assert "s3cret" not in told
    assert "Authorization" in repr(region)


def test_a_region_pickles_compares_and_varies() -> None:
    """All that a region has of its own survives a pickle; a copy with one thing changed is no longer equal."""
    region = Region(
        "a",
        URL,
        headers={"X-A": "1"},
        subprotocols=["chat"],
        origin="https://o",
        connect_to="203.0.113.7:443",
        source="192.0.2.5",
        allow=["*.lab.invalid:443"],
        help="https://h.example/",
    )
    assert pickle.loads(pickle.dumps(region)) == region
    assert hash(region) == hash(pickle.loads(pickle.dumps(region)))
    assert region == Region(**{field.name: getattr(region, field.name) for field in attrs.fields(Region)})
    for field, value in {"headers": {"X-A": "2"}, "origin": None, "source": "::1"}.items():
        assert attrs.evolve(region, **{field: value}) != region


# --- connect_to ------------------------------------------------------------------------------------------------------


def place_of(url: str) -> str:
    """Return the host and port of a URL."""
    return url.partition("://")[2].rstrip("/")


def test_connect_to_keeps_the_urls_name(lab: Lab) -> None:
    """A name that leads nowhere passes by another place: certificate and Host are the URL's, with its own port."""
    asked = Asked()
    place = place_of(lab.add("a", tls=True, fault=asked))
    outcome_of(Region("a", URL, connect_to=place), ssl_context=lab.ssl_context)
    assert asked.sent("host") == [[f"Host: {HOST}"]]


def test_connect_to_keeps_the_server_name() -> None:
    """The name that the server is asked for in TLS (SNI) is the URL's."""
    authority, names = trustme.CA(), []
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(HOST).configure_cert(server)
    authority.configure_trust(client)
    server.sni_callback = lambda sock, name, context: names.append(name)
    with echo_server("127.0.0.1", context=server) as port:
        outcome = outcome_of(Region("a", URL, connect_to=f"127.0.0.1:{port}"), ssl_context=client)
    assert outcome.status is Status.PASSED
    assert names == [HOST]


def test_pass_by_connect_to_is_told(lab: Lab) -> None:
    """The outcome has the address that was connected to, and what it stands for."""
    place = place_of(lab.add("a", tls=True))
    outcome = outcome_of(Region("a", URL, connect_to=place), ssl_context=lab.ssl_context)
    assert (outcome.status, outcome.address, outcome.url) == (Status.PASSED, place, URL)
    assert outcome.evidence is not None
    assert (outcome.evidence.connect_to, outcome.evidence.host) == (place, HOST)
    assert f"{place} (in place of {HOST}:443) answered" in outcome.attempts[-1].message


def test_connect_to_a_name(lab: Lab) -> None:
    """The other place may be a name: that one is looked up."""
    port = place_of(lab.add("a")).rpartition(":")[2]
    lab.name("other.lab.invalid", ["127.0.0.1"])
    region = Region("a", "ws://unknown.lab.invalid/", connect_to=f"other.lab.invalid:{port}")
    outcome = only(start_in(lab, [region]))
    assert outcome.status is Status.PASSED
    assert outcome.address == f"127.0.0.1:{port}"
    told = f"other.lab.invalid:{port} (at 127.0.0.1:{port}, in place of unknown.lab.invalid:80)"
    assert told in outcome.attempts[-1].message


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_connect_to_an_ipv6_address(lab: Lab) -> None:
    """An IPv6 address stands in brackets."""
    place = place_of(lab.add("a", host="::1"))
    outcome = outcome_of(Region("a", f"ws://{HOST}/", connect_to=place))
    assert (outcome.status, outcome.address) == (Status.PASSED, place)


def test_alternates_are_connected_there_too(lab: Lab) -> None:
    """Every URL of the region leads to the place, each with its own name."""
    asked = Asked()
    place = place_of(lab.add("a", fault=asked))
    outcome_of(Region("a", "ws://one.invalid/", alternates=["ws://two.invalid:81/x"], connect_to=place))
    assert asked.sent("host") == [["Host: one.invalid"], ["Host: two.invalid:81"]]


def test_discovery_is_asked_at_its_own_address(lab: Lab) -> None:
    """The URL that was discovered is connected to elsewhere, and not the endpoint that names it."""

    def name_it(sock: socket.socket) -> None:
        read_request(sock)
        body = b'{"url": "ws://discovered.invalid/"}'
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    endpoint = lab.add("endpoint", fault=name_it).replace("ws://", "http://")
    place = place_of(lab.add("a"))
    outcome = outcome_of(Region("a", discovery=Discovery(endpoint, "/url"), connect_to=place))
    assert outcome.status is Status.PASSED
    assert (outcome.url, outcome.address) == ("ws://discovered.invalid/", place)
    assert [attempt.address for attempt in outcome.attempts] == [place_of(endpoint), place]


def test_certificate_of_another_server(lab: Lab) -> None:
    """A new server without the certificate fails under its own address, and the advice is about that."""
    place = place_of(lab.add("a", tls=True, fault=faults.WRONG_HOST))
    failure = failure_of(outcome_of(Region("a", URL, connect_to=place), ssl_context=lab.ssl_context))
    assert (failure.stage, failure.cause) == (Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH)
    assert f"the certificate that {place} (in place of {HOST}:443) shows is not for {HOST}" in failure.message
    assert failure.advice.startswith(f"First check the setting connect_to: it names {place} in place of {HOST}:443. ")
    assert f"a certificate for {HOST}" in failure.advice
    assert "DNS filter" not in failure.advice


def test_connect_to_where_nobody_listens(lab: Lab) -> None:
    """What refuses is named, and so is what it stands for."""
    place = place_of(lab.add("a", fault=faults.REFUSED))
    failure = failure_of(outcome_of(Region("a", URL, connect_to=place)))
    assert (failure.stage, failure.cause) == (Stage.CONNECT, Cause.REFUSED)
    assert failure.message.startswith(f"{place} (in place of {HOST}:443) refused the connection")
    assert failure.evidence is not None
    assert failure.evidence.connect_to == place
    assert "leads to this machine" not in failure.advice
    assert "in the URL" not in failure.advice


def test_connect_to_an_unknown_name(lab: Lab) -> None:
    """The name that was looked up is told, and not the URL's."""
    region = Region("a", URL, connect_to="no-such-host.invalid:443")
    failure = failure_of(only(start_in(lab, [region])))
    assert (failure.stage, failure.cause) == (Stage.RESOLVE, Cause.DNS_NOT_FOUND)
    assert failure.message.startswith(f"the name no-such-host.invalid (in place of {HOST}) does not exist")


def test_connect_to_through_http_and_socks(lab: Lab) -> None:
    """A proxy is asked for the other place, and reports name it."""
    place = place_of(lab.add("a", tls=True))
    for scheme, talk in {"http": forwarding_connect, "socks5h": forwarding_socks}.items():
        asked: list[str] = []
        with proxy(talk(asked)) as port:
            url = f"{scheme}://127.0.0.1:{port}"
            outcome = outcome_of(Region("a", URL, connect_to=place), proxy=url, ssl_context=lab.ssl_context)
        assert outcome.status is Status.PASSED
        assert asked == [place]
        assert f"{place} (in place of {HOST}:443) (through the proxy" in outcome.attempts[-1].message


@pytest.mark.parametrize(
    "region", [Region("a", URL, connect_to="[::1]:9"), Region("a", "ws://[::1]:9/")], ids=["another place", "the URL"]
)
def test_an_ipv6_address_and_socks_4(region: Region) -> None:
    """There is no room for it, and that is nothing that a name server could mend."""
    failure = failure_of(outcome_of(region, proxy="socks4://127.0.0.1:9"))
    assert (failure.stage, failure.cause) == (Stage.RESOLVE, Cause.DNS_NOT_FOUND)
    assert "takes only IPv4 addresses, and not [::1]:9" in failure.message
    assert "SOCKS 4 takes no IPv6 addresses" in failure.advice
    assert "write socks5:// in place of socks4:// in the argument proxy" in failure.advice


def forwarding_connect(asked: list[str]) -> Talk:
    def talk(sock: socket.socket) -> None:
        place = read_request(sock).decode().split()[1]
        asked.append(place)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        forward(sock, *split_place(place))

    return talk


def forwarding_socks(asked: list[str]) -> Talk:
    def talk(sock: socket.socket) -> None:
        sock.recv(3)
        sock.sendall(b"\x05\x00")
        request = sock.recv(512)
        place = f"{socket.inet_ntoa(request[4:8])}:{int.from_bytes(request[8:10], 'big')}"
        asked.append(place)
        sock.sendall(b"\x05\x00\x00\x01" + bytes(6))
        forward(sock, *split_place(place))

    return talk


def test_proxy_that_refuses_the_other_place(lab: Lab) -> None:
    """Whoever runs the proxy is told which place to allow."""

    def deny(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with proxy(deny) as port:
        failure = failure_of(
            outcome_of(Region("a", URL, connect_to="203.0.113.7:8443"), proxy=f"http://127.0.0.1:{port}")
        )
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.PROXY_DENIED)
    assert f"refuses to connect to 203.0.113.7:8443 (in place of {HOST}:443)" in failure.message
    assert "allow CONNECT to 203.0.113.7 port 8443" in failure.advice


# --- source ----------------------------------------------------------------------------------------------------------


@many_loopbacks
def test_two_regions_with_one_url_from_two_addresses(lab: Lab) -> None:
    """VPN beside LAN: each region comes from its own address."""
    asked = Asked()
    url = lab.add("a", fault=asked)
    lan, vpn = check(Region("lan", url, source="127.0.0.1"), Region("vpn", url, source=OTHER_LOCAL)).outcomes
    assert sorted(asked.sources) == ["127.0.0.1", OTHER_LOCAL]
    assert f"(from {OTHER_LOCAL})" in failure_of(vpn).message
    assert "(from 127.0.0.1)" in failure_of(lan).message


@many_loopbacks
def test_pass_from_a_source_is_told(lab: Lab) -> None:
    """The outcome of a pass has the address that it was made from."""
    outcome = outcome_of(Region("a", lab.add("a"), source=OTHER_LOCAL))
    assert outcome.status is Status.PASSED
    assert outcome.evidence is not None
    assert outcome.evidence.source == OTHER_LOCAL


@many_loopbacks
def test_proxy_and_endpoint_are_reached_from_the_source(lab: Lab) -> None:
    """All that a region connects to is connected to from there: a proxy, and the endpoint that names its URL."""
    asked = Asked()
    endpoint = lab.add("endpoint", fault=asked).replace("ws://", "http://")
    outcome_of(Region("a", discovery=Discovery(endpoint, "/url"), source=OTHER_LOCAL))
    outcome_of(Region("a", URL, source=OTHER_LOCAL), proxy=endpoint)
    assert asked.sources == [OTHER_LOCAL, OTHER_LOCAL]


def test_source_that_this_machine_lacks(lab: Lab) -> None:
    """The message names the address, and nobody else is asked to do anything."""
    failure = failure_of(outcome_of(Region("a", lab.add("a"), source="203.0.113.77")))
    assert (failure.stage, failure.cause, failure.os_error) == (Stage.CONNECT, Cause.UNREACHABLE, "EADDRNOTAVAIL")
    assert failure.message.startswith("this machine has no address 203.0.113.77 to connect from (EADDRNOTAVAIL)")
    assert failure.advice.startswith("This machine has no address 203.0.113.77 now: bring up the VPN or network")
    assert failure.evidence is not None
    assert failure.evidence.no_such_source


def test_lacking_source_before_a_proxy(lab: Lab) -> None:
    """It is told in the stage proxy as well, and is no fault of the proxy's."""
    endpoint = lab.add("proxy").replace("ws://", "http://")
    failure = failure_of(outcome_of(Region("a", URL, source="203.0.113.77"), proxy=endpoint))
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.UNREACHABLE)
    assert "this machine has no address 203.0.113.77 to connect from" in failure.message
    assert "bring up the VPN" in failure.advice


def test_passes_of_others_change_nothing_about_a_lacking_source(lab: Lab) -> None:
    """All regions together tell no more of it: its own advice stays."""
    url = lab.add("a")
    told = to_text(check(Region("lan", url), Region("vpn", url, source="203.0.113.77")), width=200)
    assert "bring up the VPN or network that gives it" in " ".join(told.split())


def test_only_addresses_of_the_sources_family_are_tried(lab: Lab) -> None:
    """A name with both families is connected to over the source's; the other family is not even tried."""
    port = place_of(lab.add("a")).rpartition(":")[2]
    lab.name("both.lab.invalid", ["::1", "127.0.0.1"])
    outcome = only(start_in(lab, [Region("a", f"ws://both.lab.invalid:{port}/", source="127.0.0.1")]))
    assert outcome.status is Status.PASSED
    assert [attempt.address for attempt in outcome.attempts] == [f"127.0.0.1:{port}"]


@pytest.mark.parametrize("host", ["[::1]", "six.lab.invalid"])
def test_no_address_of_the_sources_family(lab: Lab, host: str) -> None:
    """A server of the other family alone cannot be reached from there, and the message says which lacks."""
    lab.name("six.lab.invalid", ["::1"])
    failure = failure_of(only(start_in(lab, [Region("a", f"ws://{host}:9/", source="127.0.0.1")])))
    assert (failure.stage, failure.cause) == (Stage.CONNECT, Cause.UNREACHABLE)
    assert "(it has no IPv4 address, and no other can be reached from 127.0.0.1)" in failure.message
    assert failure.advice.startswith("Connect from an IPv6 address of this machine (source")
    assert failure.evidence is not None
    assert failure.evidence.missing_family == "IPv4"


OTHER_FAMILY: dict[str, tuple[Region, str | None, str]] = {
    "a name": (Region("a", "ws://six.lab.invalid:9/", source="127.0.0.1"), None, "ask the service's operator for an"),
    "an address": (Region("a", "ws://[::1]:9/", source="127.0.0.1"), None, "IPv4 address in place of ::1"),
    "another place": (
        Region("a", "ws://a.lab.invalid:9/", connect_to="[::1]:9", source="127.0.0.1"),
        None,
        "IPv4 address in place of ::1",
    ),
    "a proxy's name": (
        Region("a", "ws://a.lab.invalid:9/", source="127.0.0.1"),
        "http://six.lab.invalid:9",
        "ask the proxy's administrator for an IPv4 address",
    ),
    "a proxy's address": (
        Region("a", "ws://a.lab.invalid:9/", source="::1"),
        "http://127.0.0.1:9",
        "name an IPv6 address in place of 127.0.0.1",
    ),
}


@pytest.mark.parametrize(("region", "through", "advice"), OTHER_FAMILY.values(), ids=OTHER_FAMILY.keys())
def test_who_has_no_address_of_the_sources_family(lab: Lab, region: Region, through: str | None, advice: str) -> None:
    """The advice is about who was to be connected to, and an address that stands in a setting is changed there."""
    lab.name("six.lab.invalid", ["::1"])
    failure = failure_of(only(start_in(lab, [region], proxy=through)))
    assert failure.cause is Cause.UNREACHABLE
    assert advice in failure.advice


def test_late_address_of_the_sources_family(lab: Lab) -> None:
    """A family that is found late is waited for, where the one that is there cannot be used."""
    port = place_of(lab.add("a")).rpartition(":")[2]
    lab.name("late.lab.invalid", ["::1", "127.0.0.1"], delays={socket.AF_INET: 0.8})
    outcome = only(start_in(lab, [Region("a", f"ws://late.lab.invalid:{port}/", source="127.0.0.1")]))
    assert outcome.status is Status.PASSED


def test_silence_behind_a_source_ends_at_the_deadline(lab: Lab) -> None:
    """A deadline holds from a source as well."""
    with free_port() as port, full_queue("127.0.0.1", port):
        region = Region("a", f"ws://127.0.0.1:{port}/", source="127.0.0.1")
        failure = failure_of(outcome_of(region, timeout=0.3))
    assert (failure.stage, failure.cause) == (Stage.CONNECT, Cause.TIMEOUT)
    assert f"127.0.0.1:{port} (from 127.0.0.1) did not answer" in failure.message


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield port


def test_aborted_region_tells_where_it_was_led(lab: Lab) -> None:
    """An abort keeps what the region was connected to in its URL's place, and from where."""
    place = place_of(lab.add("a", fault=faults.MUTE))
    with wsconn.start([Region("a", f"ws://{HOST}/", connect_to=place, source="127.0.0.1")], proxy=None) as handle:
        handle.abort()
        (outcome,) = handle.result().outcomes
    assert outcome.status is Status.ABORTED
    assert outcome.evidence is None or outcome.evidence.connect_to == place


def test_allow_and_help_are_in_the_outcome(lab: Lab) -> None:
    """What an administrator is to be shown goes with the outcome, however that ends."""
    told = {"allow": ("*.lab.invalid:443",), "help": "https://h.example/"}
    regions = [Region("good", lab.add("good"), **told), Region("bad", lab.add("bad", fault=faults.REFUSED), **told)]
    assert [(one.allow, one.help) for one in check(*regions).outcomes] == [tuple(told.values())] * 2
