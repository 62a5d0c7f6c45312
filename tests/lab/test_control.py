"""Faults changed by HTTP: what is answered, what is changed, and who is refused."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import socket
from typing import Any

import pytest

from tests.lab.wire import BOUND, answers_a_ping, cut, port_of, reach, receive_headers
from wsconn.lab import FAULTS, Lab
from wsconn.lab._wire import pour

UPGRADE_REQUEST = (
    b"GET / HTTP/1.1\r\nHost: lab\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
JSON = {"Content-Type": "application/json"}
MALFORMED = (  # in each of which some reader of URLs finds the host
    "x@127.0.0.1",
    "evil.example@localhost:80",
    "127.0.0.1/evil.example",
    "localhost#.evil.example",
    "localhost?",
    "::1",
    "[::1]evil.example",
    "localhost:80:80",
    "localhost:x",
    "localhost:",
    "127.0.0.1\\evil.example",
    "",
)


def ask(
    lab: Lab, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Ask the lab's control, and return status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(lab.control()), timeout=BOUND)
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, path, text, JSON if headers is None else headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    assert answer.headers["Content-Type"] == "application/json"
    connection.close()
    return answer.status, said


def ask_raw(lab: Lab, request: bytes) -> tuple[int, Any]:
    """Send what no library would, and return status and answer."""
    with socket.create_connection(("127.0.0.1", port_of(lab.control())), timeout=BOUND) as sock:
        sock.sendall(request)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_regions_are_told(lab: Lab) -> None:
    """All of them, or one, whatever its name."""
    urls = {name: lab.add(name, fault="http-503") for name in ("eu", "são paulo/1")}
    told = {name: {"url": url, "fault": "http-503"} for name, url in urls.items()}
    assert ask(lab, "GET", "/regions") == (200, told)
    assert ask(lab, "GET", "/regions/s%C3%A3o%20paulo%2F1") == (200, told["são paulo/1"])
    assert ask(lab, "GET", "/regions/eu?x=1") == (200, told["eu"])


def test_a_fault_is_put_and_taken_back(lab: Lab) -> None:
    """Who is connected is cut off; the region answers as it is told, at its address, and then as it did."""
    url = lab.add("eu")
    with reach(lab, url) as sock:
        sock.sendall(UPGRADE_REQUEST)
        receive_headers(sock)
        assert ask(lab, "PUT", "/regions/eu", {"fault": "http-503"}) == (200, {"url": url, "fault": "http-503"})
        cut(sock)
    for fault, status in (("http-503", b"503"), (None, b"101")):
        with reach(lab, url) as sock:
            sock.sendall(UPGRADE_REQUEST)
            assert receive_headers(sock).split()[1] == status
        if fault:
            assert ask(lab, "DELETE", "/regions/eu") == (200, {"url": url, "fault": "healthy"})


def test_connections_are_kept(lab: Lab) -> None:
    """With `existing` who is connected stays so."""
    with reach(lab, lab.add("eu")) as sock:
        sock.sendall(UPGRADE_REQUEST)
        receive_headers(sock)
        assert ask(lab, "PUT", "/regions/eu", {"fault": "refused", "existing": "keep"})[0] == 200
        answers_a_ping(sock)


def test_all_is_taken_back(lab: Lab) -> None:
    """Regions that were not changed keep their connections."""
    url = lab.add("eu", fault="http-503")
    lab.add("us")
    with reach(lab, lab.add("af")) as sock:
        sock.sendall(UPGRADE_REQUEST)
        receive_headers(sock)
        for name, fault in (("eu", "healthy"), ("us", "refused")):
            assert ask(lab, "PUT", f"/regions/{name}", {"fault": fault})[0] == 200
        status, told = ask(lab, "DELETE", "/regions")
        assert (status, told["eu"]) == (200, {"url": url, "fault": "http-503"})
        assert [region["fault"] for region in told.values()] == ["http-503", "healthy", "healthy"]
        answers_a_ping(sock)


def test_faults_are_told(lab: Lab) -> None:
    """Each with what a check says of it, if it can be put."""
    status, told = ask(lab, "GET", "/faults")
    named = {name for name, fault in FAULTS.items() if fault.reachability.names_a_host}
    assert status == 200
    assert set(told) == {"healthy", *FAULTS} - named
    assert told["expired"]["tls"] is True
    assert (told["http-503"]["stage"], told["http-503"]["causes"]) == ("upgrade", ["http_status"])


@pytest.mark.parametrize("name", sorted({"healthy", *FAULTS}))
def test_each_fault_that_is_told_can_be_put(lab: Lab, name: str) -> None:
    """And no other."""
    lab.add("eu", tls=True)
    told = ask(lab, "GET", "/faults")[1]
    assert ask(lab, "PUT", "/regions/eu", {"fault": name})[0] == (200 if name in told else 400)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"fault": "expierd"}, "there is no fault 'expierd'; try expired"),
        ({"fault": "xyzzy"}, "there is no fault 'xyzzy'; try GET /faults"),
        ({"fault": "x" * 3000}, f"there is no fault '{'x' * 99}…; try GET /faults"),
        ({"fault": "http-42"}, "status must be from 200 to 599: 42"),
        ({"fault": "expired"}, "fault 'expired' needs a wss region, and 'eu' is ws"),
        ({"fault": "no-such-host"}, "fault 'no-such-host' is one of the URL's host, and the URL of region 'eu' stays"),
        ({"fault": 503}, "fault must be the name of a fault, not 503"),
        ({}, "fault must be the name of a fault, not None"),
        ({"fault": "mute", "existing": "reset"}, "existing must be 'close' or 'keep', not 'reset'"),
        ({"fault": "mute", "existing": []}, "existing must be 'close' or 'keep', not []"),
        ({"fault": "mute", "latency": 1}, "there is no key 'latency'; there are fault and existing"),
        (["mute"], 'the body must be an object, as in {"fault": "http-503"}, not [\'mute\']'),
        ("fault=mute", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"fault": "mute", "fault": "eof"}', "the body is not JSON: a key is there twice"),
        ("", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_bad_input_is_named(lab: Lab, body: object, said: str) -> None:
    """It changes nothing."""
    lab.add("eu")
    assert ask(lab, "PUT", "/regions/eu", body) == (400, {"error": said})
    assert lab.faults["eu"].name == "healthy"


def test_deep_json_is_refused(lab: Lab) -> None:
    """It is answered, and not an end of the thread."""
    lab.add("eu")
    assert ask(lab, "PUT", "/regions/eu", "[" * 4000)[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/regions/us", 404, "there is no region 'us'; there are eu"),
        ("PUT", "/regions/us", 404, "there is no region 'us'; there are eu"),
        ("DELETE", "/regions/us", 404, "there is no region 'us'; there are eu"),
        ("GET", "/", 404, "there are /regions, /regions/NAME and /faults, not '/'"),
        ("GET", "/regions/eu/fault", 404, "there are /regions, /regions/NAME and /faults, not '/regions/eu/fault'"),
        ("POST", "/regions/eu", 405, "POST is not for this path, but GET or PUT or DELETE"),
        ("PUT", "/regions", 405, "PUT is not for this path, but GET or DELETE"),
        ("OPTIONS", "/faults", 405, "OPTIONS is not for this path, but GET"),
        ("GET", "/regions/%ff", 400, "the path is not UTF-8, percent-encoded: '/regions/%ff'"),
    ],
)
def test_what_is_not_there(lab: Lab, method: str, path: str, status: int, said: str) -> None:
    """Paths, methods and names are told that there are."""
    lab.add("eu")
    assert ask(lab, method, path, {"fault": "mute"} if method == "PUT" else None) == (status, {"error": said})


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"Host": "evil.example"}, 403, "the Host must be 127.0.0.1 or localhost, not 'evil.example'"),
        ({"Host": "evil.example:80"}, 403, "the Host must be"),
        ({"Host": "127.0.0.1.evil.example"}, 403, "the Host must be"),
        ({"Host": "[::1"}, 403, "the Host must be"),
        *(({"Host": host}, 403, f"the Host must be 127.0.0.1 or localhost, not {host!r}") for host in MALFORMED),
        ({"Origin": "https://evil.example"}, 403, "a page may not ask"),
        ({"Origin": "null"}, 403, "a page may not ask"),
        ({"Content-Type": "text/plain"}, 415, "the Content-Type must be application/json, not 'text/plain'"),
        ({"Content-Type": ""}, 415, "the Content-Type must be application/json, not ''"),
        ({"Content-Length": "4097"}, 413, "the body may have 4096 bytes, not 4097"),
        ({"Content-Length": "-1"}, 411, "there must be a Content-Length, in bytes, not '-1'"),
        ({"Transfer-Encoding": "chunked"}, 411, "there must be a Content-Length"),
    ],
)
def test_strangers_are_refused(lab: Lab, headers: dict[str, str], status: int, said: str) -> None:
    """What a page may send, from wherever, changes nothing; nor does what has no bound."""
    lab.add("eu")
    seen, told = ask(lab, "PUT", "/regions/eu", {"fault": "mute"}, {**JSON, **headers})
    assert (seen, told["error"][: len(said)]) == (status, said)
    assert lab.faults["eu"].name == "healthy"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:80", "LOCALHOST"])
def test_names_of_this_machine(lab: Lab, host: str) -> None:
    """Whoever forwards a port may call it what this machine is called."""
    assert ask(lab, "GET", "/regions", headers={"Host": host}) == (200, {})


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"GET http://127.0.0.1/regions HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /regions HTTP/2\r\nHost: localhost\r\n\r\n",
        b"GET /regions HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /regions HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"\r\n\r\n",
    ],
    ids=["another protocol", "a proxy's", "another version", "two hosts", "no colon", "nothing"],
)
def test_what_is_no_request(lab: Lab, request_bytes: bytes) -> None:
    """It is answered all the same."""
    status, told = ask_raw(lab, request_bytes)
    assert (status, list(told)) == (400, ["error"])


def test_a_page_without_a_host_is_refused(lab: Lab) -> None:
    """HTTP/1.0 needs none."""
    assert ask_raw(lab, b"GET /regions HTTP/1.0\r\n\r\n")[0] == 403


def test_endless_headers_are_dropped(lab: Lab) -> None:
    """The connection ends; nothing is kept of them."""
    with (
        socket.create_connection(("127.0.0.1", port_of(lab.control())), timeout=BOUND) as sock,
        pytest.raises(OSError, match=r"reset|pipe|aborted"),
    ):
        pour(sock, itertools.repeat(b"X-Filler: " + bytes(60000)))
    assert ask(lab, "GET", "/regions") == (200, {})


def test_a_port_of_choice(lab: Lab) -> None:
    """It listens there, on loopback alone, and says so if the port is taken."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    assert lab.control(port) == f"http://127.0.0.1:{port}"
    with pytest.raises(OSError, match="in use"):
        lab.control(port)


def test_it_ends_with_the_lab(lab: Lab) -> None:
    """Who has said nothing yet is not waited for."""
    with socket.create_connection(("127.0.0.1", port_of(lab.control())), timeout=BOUND) as sock:
        lab.close()
        with contextlib.suppress(ConnectionResetError):  # if it was not yet accepted
            assert sock.recv(1) == b""
