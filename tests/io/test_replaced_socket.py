"""Programs that have put a class of their own in the place of `socket.socket`."""

from __future__ import annotations

import socket
import threading

import pytest

import wsconn


class Blocking(socket.socket):
    """Connects as a SOCKS library's class does: it blocks."""

    def connect_ex(self, address: object) -> int:
        threading.Event().wait(20)
        return 0


class Counting(socket.socket):
    """Adds something, and leaves what waits as it is."""

    made = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        type(self).made += 1


def test_a_class_that_may_block_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is begun; the error names the class and says what to do."""
    monkeypatch.setattr(socket, "socket", Blocking)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match=r"replaced by tests\.io\.test_replaced_socket\.Blocking.*socks5h://"):
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=None)
    assert threading.active_count() == before


def test_a_class_that_waits_nowhere_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subclass that adds something else is taken as it is."""
    monkeypatch.setattr(socket, "socket", Counting)
    result = wsconn.check({"a": "ws://127.0.0.1:9/"}, proxy=None, timeout=5)
    assert result.outcomes[0].failure is not None
    assert Counting.made > 0
