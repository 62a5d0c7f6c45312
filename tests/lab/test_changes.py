"""A region's fault is changed while it is used: its address stays, and who is connected is cut off, or left alone."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

import wsconn
from tests.lab.wire import BOUND, REFUSED, REQUEST, SILENCE, answers_a_ping, cut, port_of, reach, receive_headers
from wsconn.lab import Lab, faults, served

windows = sys.platform == "win32"
FAULTS = ("http-503", "refused", "mute", "latency-20ms", "healthy")
no_black_hole = pytest.mark.skipif(windows, reason="Windows answers for a full queue")


def status(lab: Lab, patience: float = BOUND) -> str:
    """Say what a client meets at the region `eu` now."""
    sock = socket.socket()
    with sock:
        sock.settimeout(patience)
        try:
            if sock.connect_ex(("127.0.0.1", port_of(lab.regions["eu"]))) == REFUSED:
                return "refused"
            sock.sendall(REQUEST)
            return receive_headers(sock).split()[1].decode()
        except TimeoutError:
            return "silent"


SEEN = {"http-503": "503", "refused": "refused", "mute": "silent", "latency-20ms": "101", "healthy": "101"}
PATIENCE = {fault: 2 * SILENCE if fault == "mute" else BOUND for fault in FAULTS}


@pytest.mark.parametrize("after", FAULTS)
@pytest.mark.parametrize("before", FAULTS)
def test_a_fault_is_changed(lab: Lab, before: str, after: str) -> None:
    """Whatever it was, the region is at its address what it is set to be, and so it is told."""
    url = lab.add("eu", fault=before)
    assert status(lab, PATIENCE[before]) == SEEN[before]
    lab.set_fault("eu", after)
    assert status(lab, PATIENCE[after]) == SEEN[after]
    assert lab.regions == {"eu": url}
    assert lab.faults["eu"].name == after


@no_black_hole
def test_black_hole_comes_and_goes(lab: Lab) -> None:
    """A SYN that was dropped is answered once the region is healed: the kernel sends it again."""
    address = ("127.0.0.1", port_of(lab.add("eu")))
    lab.set_fault("eu", "black-hole")
    sock = socket.socket()
    with sock:
        sock.settimeout(SILENCE)
        with pytest.raises(TimeoutError):
            sock.connect(address)
    lab.set_fault("eu", None)
    assert status(lab) == "101"


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
@pytest.mark.parametrize("latency", [0.0, 0.02], ids=["near", "far"])
@pytest.mark.parametrize("fault", ["http-503", "refused", "healthy"])
def test_open_connections_end(lab: Lab, fault: str, latency: float, tls: bool) -> None:
    """They end without a Close, as when a server dies; other regions' do not."""
    urls = [lab.add(name, tls=tls, latency=latency) for name in ("eu", "us")]
    with reach(lab, urls[0]) as eu, reach(lab, urls[1]) as us:
        for sock in (eu, us):
            sock.sendall(REQUEST)
            receive_headers(sock)
        lab.set_fault("eu", fault)
        cut(eu)
        answers_a_ping(us)


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
@pytest.mark.parametrize("latency", [0.0, 0.02], ids=["near", "far"])
@pytest.mark.parametrize("fault", ["http-503", "refused", "cut-after-10ms"])
def test_open_connections_are_kept(lab: Lab, fault: str, latency: float, tls: bool) -> None:
    """They stay as they are where that is asked for; new ones meet the fault."""
    with reach(lab, lab.add("eu", tls=tls, latency=latency)) as sock:
        sock.sendall(REQUEST)
        receive_headers(sock)
        lab.set_fault("eu", fault, existing="keep")
        answers_a_ping(sock)


def test_a_certificate_expires(lab: Lab) -> None:
    """Faults of TLS come and go in a wss region."""
    lab.add("eu", tls=True)
    check = wsconn.check(lab.regions, ssl_context=lab.ssl_context, proxy=None)
    lab.set_fault("eu", "expired")
    expired = wsconn.check(lab.regions, ssl_context=lab.ssl_context, proxy=None)
    lab.set_fault("eu", faults.SILENT_TLS)
    lab.set_fault("eu", None)
    healed = wsconn.check(lab.regions, ssl_context=lab.ssl_context, proxy=None)
    assert [one.outcomes[0].failure and one.outcomes[0].failure.cause for one in (check, expired, healed)] == [
        None,
        "tls_expired",
        None,
    ]


@pytest.mark.parametrize(
    ("region", "arguments", "error", "said"),
    [
        ({}, {"fault": "expierd"}, ValueError, "there is no fault 'expierd'; try expired"),
        ({}, {"fault": "expired"}, ValueError, "fault 'expired' needs a wss region, and 'eu' is ws"),
        ({}, {"fault": "no-such-host"}, ValueError, "'no-such-host' is one of the URL's host, .* 'eu' stays"),
        ({"fault": "no-such-host"}, {"fault": None}, ValueError, "'no-such-host' is one of the URL's host"),
        ({}, {"fault": 7}, ValueError, "fault must be .*7"),
        ({}, {"fault": None, "existing": "reset"}, ValueError, "existing must be 'close' or 'keep', not 'reset'"),
        ({}, {"fault": None, "name": "us"}, KeyError, "there is no region 'us'"),
    ],
    ids=["misspelt", "no TLS", "a name", "from a name", "a number", "existing", "no region"],
)
def test_refuses_what_cannot_be(
    lab: Lab, region: dict[str, str], arguments: dict[str, object], error: type[Exception], said: str
) -> None:
    """It is named, and nothing changes."""
    lab.add("eu", **region)  # type: ignore[arg-type]  # a fault's name
    before = lab.faults
    with pytest.raises(error, match=said):
        lab.set_fault(**{"name": "eu", **arguments})  # type: ignore[arg-type]  # they are unfit
    assert lab.faults == before


def test_a_closed_lab_changes_nothing(lab: Lab) -> None:
    """It says that it is closed."""
    lab.add("eu")
    lab.close()
    with pytest.raises(RuntimeError, match="closed"):
        lab.set_fault("eu", None)


def test_changes_from_many_threads(lab: Lab) -> None:
    """At the end the region is what it was set to last, and the lab closes."""
    lab.add("eu")

    def change() -> None:
        for fault in FAULTS:
            lab.set_fault("eu", fault)

    threads = [threading.Thread(target=change) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND)
    lab.set_fault("eu", "http-503")
    assert status(lab) == "503"


def test_regions_of_the_environment_change() -> None:
    """A program that finds them there meets each change."""
    with served({"eu": "healthy", "us": "healthy"}) as lab:
        assert wsconn.check().result == "passed"
        lab.set_fault("us", "http-503")
        assert wsconn.check().failed_regions == ("us",)
