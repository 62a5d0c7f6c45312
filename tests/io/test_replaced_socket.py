"""Programs that have put a class of their own in the place of `socket.socket`."""

from __future__ import annotations

import functools
import re
import socket
import threading
from typing import Any
from unittest import mock

import pytest

import wsconn
from wsconn import Cause, Stage
from wsconn._stages.resolve import SYSTEM_LOOKUPS


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


class Guarded(socket.socket):
    """Makes no socket, as pytest-socket's class does not while a program's tests run."""

    def __new__(cls, *_: object, **__: object) -> Guarded:
        raise RuntimeError("A test tried to use socket.socket.")


@pytest.mark.parametrize(
    ("stand_in", "said"),
    [
        pytest.param(Guarded, "Guarded, which makes no socket (RuntimeError: A test tried", id="refuses"),
        pytest.param(functools.partial(socket.socket), "by a partial, in which a test could hang", id="partial"),
        pytest.param(mock.MagicMock(), "by a MagicMock, in which a test could hang", id="mock"),
    ],
)
def test_what_makes_no_sockets_is_refused(monkeypatch: pytest.MonkeyPatch, stand_in: object, said: str) -> None:
    """The error says what stands in the place of the class, be it a class or not, and to put that back."""
    monkeypatch.setattr(socket, "socket", stand_in)
    with pytest.raises(RuntimeError, match=re.escape(said)) as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=None)
    assert "put the original back" in str(caught.value)


def test_a_lookup_that_leaves_names_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """`socket.getaddrinfo` may be replaced by what gives the name for an address; an address is still one."""
    monkeypatch.setattr(SYSTEM_LOOKUPS, "_getaddrinfo", _remote)
    monkeypatch.setattr(socket, "getaddrinfo", _remote)
    result = wsconn.check({"name": "ws://eu.example.org/", "address": "ws://127.1:9/"}, proxy=None, timeout=5)
    named, address = (outcome.failure for outcome in result.outcomes)
    assert named
    assert (named.stage, named.cause) == (Stage.RESOLVE, Cause.DNS_FAILED)
    assert named.advice.startswith("Put the original socket.getaddrinfo back")
    assert "socks5h://" in named.advice
    assert address
    assert address.cause is not Cause.INTERNAL_ERROR


def _remote(*asked: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (asked[0], asked[1]))]
