"""A question to a name server, and what its answer says: RFC 1035, section 4, as far as addresses go, with no I/O."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator

import attrs

A, NS, AAAA = 1, 2, 28  # RFC 1035, section 3.2.2; RFC 3596
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
LONGEST_REPLY_BYTES = 4096
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}

_INTERNET = 1
_RECURSION_DESIRED = 0x0100
_IS_REPLY, _TRUNCATED = 0x8000, 0x0200
_SIZES = {A: 4, AAAA: 16}
_HEADER_BYTES = 12
_LONGEST_LABEL, _LONGEST_NAME = 63, 255
_POINTER = 0xC0


class BadReply(Exception):
    """What came is no answer to the question."""


@attrs.frozen
class Reply:
    """What a name server says: a response code, and addresses."""

    rcode: int
    addresses: tuple[str, ...]
    truncated: bool = False


def question(name: str, kind: int) -> bytes:
    """Return a datagram that asks for the records of a kind; `ValueError` for a name that does not fit into DNS."""
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if label]
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if any(len(label) > _LONGEST_LABEL for label in labels) or len(encoded) > _LONGEST_NAME:
        raise ValueError("its labels do not fit into DNS")
    header = os.urandom(2) + b"".join(number.to_bytes(2) for number in (_RECURSION_DESIRED, 1, 0, 0, 0))
    return header + encoded + kind.to_bytes(2) + _INTERNET.to_bytes(2)


def is_reply_to(datagram: bytes, asked: bytes) -> bool:
    """Tell whether a datagram answers this question: the same number, and the question repeated.

    A server that refuses may leave the question out.
    """
    if len(datagram) < _HEADER_BYTES or datagram[:2] != asked[:2] or not _number(datagram, 2) & _IS_REPLY:
        return False
    repeated = datagram[_HEADER_BYTES : len(asked)]
    return not _number(datagram, 4) or repeated.lower() == asked[_HEADER_BYTES:].lower()


def read_reply(datagram: bytes, asked: bytes) -> Reply:
    """Read the answer to a question, or raise `BadReply`."""
    try:
        start = len(asked) if _number(datagram, 4) else _HEADER_BYTES
        addresses = tuple(_addresses(datagram, start, _number(datagram, 6)))
    except (IndexError, ValueError) as error:
        raise BadReply("its answer cannot be read") from error
    flags = _number(datagram, 2)
    return Reply(flags & 0x0F, addresses, bool(flags & _TRUNCATED))


def _addresses(datagram: bytes, at: int, count: int) -> Iterator[str]:
    """Yield the addresses among the records from `at` on; each record takes 11 bytes at least, so this ends."""
    for _ in range(count):
        at = _skip_name(datagram, at)
        kind, size = _number(datagram, at), _number(datagram, at + 8)
        data = datagram[at + 10 : at + 10 + size]
        if len(data) < size:
            raise ValueError("a record is cut short")
        if _SIZES.get(kind) == size:
            yield str(ipaddress.ip_address(data))
        at += 10 + size


def _skip_name(datagram: bytes, at: int) -> int:
    while size := datagram[at]:
        if size & _POINTER == _POINTER:
            return at + 2
        at += 1 + size
    return at + 1


def _number(datagram: bytes, at: int) -> int:
    if len(datagram) < at + 2:
        raise IndexError(at)
    return int.from_bytes(datagram[at : at + 2])
