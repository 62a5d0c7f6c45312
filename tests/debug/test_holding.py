"""Connections that are held open: what ends them is told, and they keep the promises of a check."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

import wsconn
from tests.debug import cutting
from tests.debug.holding import hold
from tests.probe.proxies import tunnel
from tests.stuck import until
from wsconn import Cause, Hold, Stage
from wsconn._debug.records import HoldEnd
from wsconn._io.abort import Abort, Aborted
from wsconn._io.stream import BUDGET_BYTES
from wsconn.lab import Lab, faults

IDLE_SECONDS = 0.6
MARGIN_SECONDS = 0.4  # of a machine that others use too
BY = {name: HoldEnd(name.partition(",")[0]) for name in cutting.CUTS}
SECRET = "S3CRET-header"


@pytest.fixture(scope="module")
def cut() -> Mapping[str, tuple[Hold, Hold]]:
    """Hold connections to servers that cut what is idle, to all of them at once: a silent cut takes 2 s to be sure."""
    with Lab() as lab:
        for name, then in cutting.CUTS.items():
            lab.add(name, fault=cutting.when_idle(IDLE_SECONDS, then), tls="TLS" in name)
        holds = hold(lab.regions, 1.0, ssl_context=lab.ssl_context)
    return {idle.region: (idle, kept) for idle, kept in zip(holds[::2], holds[1::2], strict=True)}


@pytest.mark.parametrize("name", cutting.CUTS)
def test_idle_is_cut_and_what_is_kept_alive_is_not(cut: Mapping[str, tuple[Hold, Hold]], name: str) -> None:
    """The idle connection's end is told with its way and its time; the one with pings stands to the end."""
    idle, kept = cut[name]
    assert (idle.kept_alive, kept.kept_alive) == (False, True)
    assert idle.ended_by is BY[name]
    assert kept.ended_by is HoldEnd.HELD
    assert kept.seconds == 1.0
    assert idle.least_seconds - MARGIN_SECONDS <= IDLE_SECONDS <= idle.seconds + MARGIN_SECONDS
    if name != "silence":
        assert idle.seconds == pytest.approx(IDLE_SECONDS, abs=MARGIN_SECONDS)
        assert idle.least_seconds == pytest.approx(idle.seconds, abs=0.01)


def test_round_trips_are_told(cut: Mapping[str, tuple[Hold, Hold]]) -> None:
    """Each ping is there, with when it was sent and what it took; one that was lost has no time."""
    idle, kept = cut["silence"]
    assert [trip.at for trip in kept.round_trips] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0], abs=0.15)
    assert all(trip.seconds is not None and 0 < trip.seconds < 1 for trip in kept.round_trips)
    assert kept.lost == 0
    assert [trip.seconds for trip in idle.round_trips] == [None]
    assert idle.lost == 1


def test_a_close_is_told_with_its_code(cut: Mapping[str, tuple[Hold, Hold]]) -> None:
    """Who closes in WebSocket's own words may say why."""
    assert (cut["close"][0].close_code, cut["close"][0].close_reason) == (4000, "idle")


def test_only_who_ends_tls_can_say_goodbye_in_it(cut: Mapping[str, tuple[Hold, Hold]]) -> None:
    """A device that cuts TCP cannot send TLS' `close_notify`; that it came is told."""
    assert cut["end, TLS"][0].close_notify is True
    assert cut["end, TLS' not"][0].close_notify is False
    assert cut["end"][0].close_notify is None


def test_what_ends_whatever_is_sent(lab: Lab) -> None:
    """A connection that is cut after a while, pings or not, is told so twice."""
    lab.add("eu", fault=cutting.after_a_while(cutting.end_stream))
    idle, kept = hold(lab.regions, 1.0)
    assert idle.ended_by is kept.ended_by is HoldEnd.END
    assert idle.seconds == pytest.approx(kept.seconds, abs=MARGIN_SECONDS)


def test_pings_are_answered_and_data_is_dropped(lab: Lab) -> None:
    """The peer's ping is answered (RFC 6455, section 5.5.2), a message in parts with a ping between them too."""
    heard: queue.Queue[bytes] = queue.Queue()
    said = cutting.text(b"hello") + cutting.text_in_parts(b"mes", cutting.ping(b"are you there"), b"sage")
    lab.add("eu", fault=cutting.speaking(said, heard))
    idle, _ = hold(lab.regions, 0.3, ping_every=1.0)
    assert idle.frames_received == 4
    assert {unmasked(heard.get(timeout=5)) for _ in range(2)} == {b"\x8aare you there"}


def unmasked(frame: bytes) -> bytes:
    """Return a client's frame as its first byte and what it carries."""
    return frame[:1] + bytes(byte ^ frame[2 + at % 4] for at, byte in enumerate(frame[6 : 6 + (frame[1] & 0x7F)]))


def test_a_close_is_answered(lab: Lab) -> None:
    """A Close is echoed with its code (RFC 6455, section 5.5.1), and then the connection is given up."""
    heard: queue.Queue[bytes] = queue.Queue()
    lab.add("eu", fault=cutting.speaking(b"\x88\x02\x0f\xa0", heard))
    idle, kept = hold(lab.regions, 1.0)
    assert idle.ended_by is kept.ended_by is HoldEnd.CLOSE
    assert unmasked(heard.get(timeout=5)) == b"\x88\x0f\xa0"


def test_nothing_is_sent_on_an_idle_connection(lab: Lab) -> None:
    """Until its last moment, when a ping tells whether it still stands."""
    heard: queue.Queue[bytes] = queue.Queue()
    lab.add("eu", fault=cutting.speaking(b"", heard))
    hold(lab.regions, 0.3, ping_every=1.0)
    assert {unmasked(heard.get(timeout=5))[:1] for _ in range(2)} == {b"\x89"}
    assert heard.empty()


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        pytest.param(cutting.pouring(cutting.text(b"x" * 100)), "it sent more", id="data without end"),
        pytest.param(cutting.pouring(cutting.ping(b"x" * 100)), "it sent more", id="pings without end"),
        pytest.param(faults.MASKED_FRAME, "masked", id="masked"),
        pytest.param(faults.BAD_OPCODE, "opcode", id="no opcode"),
    ],
)
def test_what_is_no_websocket_is_let_go(lab: Lab, fault: cutting.Serve, detail: str) -> None:
    """Of one peer no more is read than a check reads, and what breaks a rule ends the connection."""
    lab.add("eu", fault=fault)
    idle, _ = hold(lab.regions, 1.0)
    assert idle.ended_by is HoldEnd.BROKEN
    assert detail in (idle.detail or "")
    assert idle.frames_received * 102 <= BUDGET_BYTES


def test_what_cannot_be_opened_is_told(lab: Lab) -> None:
    """The region passed a moment ago; now it is told why it did not."""
    lab.add("eu", fault=faults.REFUSED)
    for held in hold(lab.regions, 0.2):
        assert held.ended_by is HoldEnd.NOT_OPENED
        assert held.seconds == 0
        assert held.failure
        assert (held.failure.stage, held.failure.cause) == (Stage.CONNECT, Cause.REFUSED)


def test_each_is_told_once_as_it_ends(lab: Lab) -> None:
    """A command that shows them does not have to wait for the last."""
    lab.add("eu", fault=cutting.after_a_while(cutting.close))
    lab.add("us")
    told: list[Hold] = []
    holds = hold(lab.regions, 0.8, tell=told.append)
    assert sorted(told, key=holds.index) == list(holds)
    assert {held.region for held in told[:2]} == {"eu"}


def test_secrets_stay_out(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """A peer that repeats what it was sent in confidence is not quoted."""
    caplog.set_level(logging.DEBUG)

    def tell_it(sock: cutting.socket.socket) -> None:
        sock.sendall(cutting.close_frame(4000, f"no entry for {SECRET}"))
        cutting.drain(sock)

    lab.add("eu", fault=cutting.after_a_while(tell_it), path=f"/?token={SECRET}")
    holds = hold(lab.regions, 1.0, headers={"Authorization": f"Bearer {SECRET}"})
    assert [held.close_reason for held in holds] == ["no entry for …"] * 2
    assert SECRET not in repr(holds)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("fault", [None, faults.MUTE], ids=["held", "under way"])
def test_an_abort_ends_it_at_once(lab: Lab, fault: cutting.Serve | None) -> None:
    """All that is open is closed, what is being opened too, and what was known is told."""
    for name in ("eu", "us"):
        lab.add(name, fault=fault)
    told: list[Hold] = []
    with contextlib.closing(Abort()) as abort:
        timer = threading.Timer(0.5, abort.set)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Aborted):
            hold(lab.regions, 20.0, abort=abort, tell=told.append)
        assert time.monotonic() - began < 0.5 + 2.5
        timer.join()
    assert len(told) == 4
    assert {held.ended_by for held in told} == {HoldEnd.ABORTED}
    assert [len(held.round_trips) > 0 for held in told if held.kept_alive] == [fault is None] * 2


def test_the_deadline_ends_it(lab: Lab) -> None:
    """A run that has less time than the connections are to be held gives what there is."""
    lab.add("eu")
    lab.add("us", fault=faults.MUTE)
    began = time.monotonic()
    holds = hold(lab.regions, 20.0, within=0.5)
    assert time.monotonic() - began < 0.5 + 2.5
    assert [held.ended_by for held in holds[:2]] == [HoldEnd.ABORTED] * 2
    assert {held.ended_by for held in holds[2:]} <= {HoldEnd.ABORTED, HoldEnd.NOT_OPENED}


def test_many_take_no_thread_each(lab: Lab) -> None:
    """Once they are open, all of them are held by the one thread that called."""
    for number in range(20):
        lab.add(f"r{number}")
    seen: list[str] = []

    def look(_: Hold) -> None:
        seen.extend(thread.name for thread in threading.enumerate() if thread.name.startswith("wsconn-region"))

    holds = hold(lab.regions, 1.0, tell=look)
    assert {held.ended_by for held in holds} == {HoldEnd.HELD}
    assert seen == []


# --- as users call it ------------------------------------------------------------------------------------------------


def test_a_debuggers_run_holds_what_passed(lab: Lab) -> None:
    """The report has both connections of each region that passed, and what they tell."""
    lab.add("eu", fault=cutting.when_idle(IDLE_SECONDS, cutting.break_off))
    lab.add("us", fault=faults.HTTP_403)
    report = wsconn.debug(lab.regions, hold=1.0, ping_every=0.2, proxy=None, timeout=2)
    assert [(held.region, held.kept_alive, held.ended_by) for held in report.holds] == [
        ("eu", False, HoldEnd.RESET),
        ("eu", True, HoldEnd.HELD),
    ]
    (conclusion,) = (one for one in report.conclusions if one.region == "eu")
    assert conclusion.suspect == "idle_timeout"
    assert "a ping every 0.2 s keeps them" in conclusion.sentence


def test_connections_are_held_inside_the_tls_to_a_proxy(lab: Lab) -> None:
    """Where TLS runs inside TLS, pings pass both layers, and an end of the inner one is seen as such."""
    url = lab.add("eu", fault=cutting.when_idle(IDLE_SECONDS, cutting.hang_up), tls=True)
    proxy = lab.add("proxy", fault=tunnel, tls=True).replace("wss", "https").rstrip("/")
    context = lab.ssl_context
    report = wsconn.debug(
        {"eu": url}, hold=1.0, ping_every=0.2, proxy=proxy, ssl_context=context, proxy_ssl_context=context, timeout=2
    )
    idle, kept = report.holds
    assert (idle.ended_by, kept.ended_by) == (HoldEnd.END, HoldEnd.HELD)
    assert idle.close_notify is True
    assert idle.seconds == pytest.approx(IDLE_SECONDS, abs=MARGIN_SECONDS)
    assert report.conclusions[0].addressee == "the service's operator"


def test_an_abort_tells_what_was_held_by_then(lab: Lab) -> None:
    """Who ends a run early sees how long the connections had stood, and the round trips up to then."""
    lab.add("eu")
    with wsconn.start_debug(lab.regions, hold=60.0, ping_every=0.1, proxy=None) as test:
        handle = test

        def pinged() -> bool:
            return bool(handle._holding and any(held.round_trips for held in handle._holding.so_far()))

        assert until(pinged)
        test.abort()
        idle, kept = test.result(timeout=1).holds
    assert idle.ended_by is kept.ended_by is HoldEnd.ABORTED
    assert 0 < kept.seconds < 60
    assert kept.round_trips


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param({"hold": 0}, "hold must be more than 0", id="no time"),
        pytest.param({"hold": "1"}, "hold must be a number", id="text"),
        pytest.param({"ping_every": 0.01}, "ping_every must be at least 0.1 seconds", id="too often"),
        pytest.param({"ping_every": True}, "ping_every must be a number", id="bool"),
    ],
)
def test_bad_arguments_are_refused(arguments: Mapping[str, Any], said: str) -> None:
    """They are told by name, before any thread or socket."""
    with pytest.raises((TypeError, ValueError), match=said):
        wsconn.start_debug({"eu": "ws://127.0.0.1:9/"}, **arguments)
