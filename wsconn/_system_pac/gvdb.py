"""Reads a database of dconf's, in the format GVDB, as far as it holds texts.

That format has not changed since dconf began. There is a header, and then a hash table, of which nothing is needed here
but its items: each has a piece of a name, the item that has the piece before it, and a value. Asking dconf itself would
mean to load GLib, which starts threads in this process, or to start a program.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_SIGNATURE = b"GVariant"
_ROOT_AT = 16
_BLOOM_WORDS = 0x07FF_FFFF  # the other bits say how the Bloom filter is shifted
_NO_PARENT = 0xFFFF_FFFF
_DEEPEST = 32  # pieces of a name
_VALUE, _TABLE = b"v", b"H"


class _Item(NamedTuple):
    parent: int
    piece: str
    kind: bytes
    start: int
    end: int


class Database(NamedTuple):
    """The texts in a database by their names (`/system/proxy/mode`), and the names that it has locked."""

    texts: Mapping[str, str]
    locks: frozenset[str]


def decode(data: bytes) -> Database:
    """Read a database; `ValueError` where it is none."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("no database of dconf's")
    try:
        names = dict(_named(_items(data, _ROOT_AT)))
        locks = frozenset[str]()
        if ".locks" in names and names[".locks"].kind == _TABLE:
            locks = frozenset(dict(_named(_table(data, names[".locks"].start, names[".locks"].end))))
    except (struct.error, IndexError) as error:
        raise ValueError("a damaged database") from error
    texts = {name: _text(data[item.start : item.end]) for name, item in names.items() if item.kind == _VALUE}
    return Database({name: text for name, text in texts.items() if text is not None}, locks)


def _items(data: bytes, pointer_at: int) -> list[_Item]:
    return _table(data, *struct.unpack_from("<II", data, pointer_at))


def _table(data: bytes, start: int, end: int) -> list[_Item]:
    bloom, buckets = struct.unpack_from("<II", data, start)
    first = start + 8 + 4 * ((bloom & _BLOOM_WORDS) + buckets)
    return [_item(data, at) for at in range(first, min(end, len(data)) - 23, 24)]


def _item(data: bytes, at: int) -> _Item:
    _, parent, key, size, kind, start, end = struct.unpack_from("<IIIHcxII", data, at)
    return _Item(parent, data[key : key + size].decode("utf-8", "replace"), kind, start, end)


def _named(items: list[_Item]) -> Iterator[tuple[str, _Item]]:
    for item in items:
        pieces, at = [item.piece], item.parent
        while at != _NO_PARENT and len(pieces) < _DEEPEST:
            pieces.append(items[at].piece)
            at = items[at].parent
        yield "".join(reversed(pieces)), item


def _text(value: bytes) -> str | None:
    """Read a value of GVariant's type `v` that holds a string: its bytes, a zero, another, and the type's name."""
    return value[:-3].decode("utf-8", "replace") if value.endswith(b"\0\0s") else None
