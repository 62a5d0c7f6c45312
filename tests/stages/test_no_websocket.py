"""What is no answer that opens a WebSocket: other protocols, and a 101 that breaks the rules. Who can mend it?"""

from __future__ import annotations

import re

import pytest

import wsconn
from tests.stages.refusing import saying
from wsconn import Cause, Failure
from wsconn.lab import Lab

SETTINGS = bytes.fromhex("000012040000000000000300000064000400100000000600010000")  # of nghttp2
GOAWAY = bytes.fromhex("0000080700000000000000000000000001")
HTTP_2 = {
    "SETTINGS": SETTINGS + GOAWAY,
    "empty SETTINGS": bytes.fromhex("000000040000000000"),
    "GOAWAY": GOAWAY,
    "its preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
OTHER_PROTOCOLS = {
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "smtp": b"220 mail.example ESMTP\r\n",
    "redis": b"-ERR unknown command 'GET'\r\n",
    "rtsp": b"RTSP/1.0 400 Bad Request\r\n\r\n",
    "sip": b"SIP/2.0 400 Bad Request\r\n\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "zeros": bytes(40),
}
WRONG_101 = {
    "no accept": "Upgrade: websocket\r\nConnection: Upgrade",
    "Upgrade twice": "Upgrade: websocket\r\nUpgrade: websocket\r\nConnection: Upgrade",
    "Connection: close": "Upgrade: websocket\r\nConnection: close",
    "h2c": "Upgrade: h2c\r\nConnection: Upgrade",
}


def failure_of(lab: Lab, answer: bytes, *, tls: bool) -> Failure:
    url = lab.add("region", fault=saying(answer), tls=tls)
    failure = wsconn.check({"region": url}, proxy=None, ssl_context=lab.ssl_context).outcomes[0].failure
    assert failure is not None
    assert failure.cause is Cause.BAD_UPGRADE
    return failure


@pytest.mark.parametrize("said", HTTP_2.values(), ids=HTTP_2.keys())
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_http_2_alone(lab: Lab, said: bytes, tls: bool) -> None:
    """A gateway or a server for gRPC: its operator must have HTTP/1.1 taken too."""
    failure = failure_of(lab, said, tls=tls)
    assert failure.evidence is not None
    assert failure.evidence.speaks_http2
    assert "no HTTP/1.1, but HTTP/2" in failure.message
    assert r"\x00" not in failure.message
    assert "service's operator" in failure.advice
    assert "administrator" not in failure.advice


@pytest.mark.parametrize("said", OTHER_PROTOCOLS.values(), ids=OTHER_PROTOCOLS.keys())
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_another_protocol(lab: Lab, said: bytes, tls: bool) -> None:
    """The port is the first thing to check, and the message quotes what came."""
    failure = failure_of(lab, said, tls=tls)
    assert failure.evidence is not None
    assert not failure.evidence.speaks_http2
    assert re.search("host(,| and the) port", failure.advice)
    assert "certificate" not in failure.advice
    assert ("administrator" in failure.advice) == (not tls)


@pytest.mark.parametrize("headers", WRONG_101.values(), ids=WRONG_101.keys())
def test_a_wrong_101_over_verified_tls_is_the_operators(lab: Lab, headers: str) -> None:
    """The path was right, and nobody on the way can have altered the answer."""
    failure = failure_of(lab, f"HTTP/1.1 101 Switching Protocols\r\n{headers}\r\n\r\n".encode(), tls=True)
    assert "service's operator" in failure.advice
    assert not re.search("administrator|path", failure.advice)
