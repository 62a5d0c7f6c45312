"""Servers that end what is idle, in each of the ways in which that happens, or do other things to who stays."""

from __future__ import annotations

import functools
import itertools
import queue
import socket
from collections.abc import Callable, Mapping

from wsconn.lab._healthy import answer_frames
from wsconn.lab._wire import close_frame, drain, end_stream, hang_up, pause, reset, upgrade

Serve = Callable[[socket.socket], None]

_TEXT, _CONTINUATION, _PING = 0x81, 0x80, 0x89


def when_idle(seconds: float, then: Serve) -> Serve:
    """Be healthy until nothing has come for so long."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.settimeout(seconds)
        try:
            answer_frames(sock)
        except TimeoutError:
            sock.settimeout(None)
            then(sock)

    return serve


def after(seconds: float, then: Serve) -> Serve:
    """End the connection after so long, whatever comes."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        pause(sock, seconds)
        then(sock)

    return serve


def close(sock: socket.socket) -> None:
    """Say goodbye in WebSocket's words."""
    sock.sendall(close_frame(4000, "idle"))
    drain(sock)


def break_off(sock: socket.socket) -> None:
    """Send a reset."""
    reset(sock)
    sock.close()


CUTS: Mapping[str, Serve] = {
    "close": close,
    "end": end_stream,
    "end, TLS": hang_up,
    "end, TLS' not": end_stream,
    "reset": break_off,
    "silence": drain,
}


def speaking(frames: bytes, heard: queue.Queue[bytes]) -> Serve:
    """Send this after the 101, put into `heard` what comes, and answer nothing."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(frames)
        while data := sock.recv(65536):
            heard.put(data)

    return serve


def pouring(frames: bytes) -> Serve:
    """Send these again and again."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        for piece in itertools.repeat(frames * 1000):
            sock.sendall(piece)

    return serve


def ping(payload: bytes) -> bytes:
    return bytes([_PING, len(payload)]) + payload


def text(payload: bytes) -> bytes:
    return bytes([_TEXT, len(payload)]) + payload


def text_in_parts(first: bytes, between: bytes, last: bytes) -> bytes:
    """Make a message of two frames, with another frame between them."""
    return bytes([_TEXT & 0x7F, len(first)]) + first + between + bytes([_CONTINUATION, len(last)]) + last


after_a_while = functools.partial(after, 0.3)
