"""What the records have in common.

attrs would write these methods anew for each class, and Python would compile them at each import: 5 ms, a tenth of what
`import wsconn` takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs


class Record:
    """Compares by value, and shows its fields: a base for attrs' classes that are made with `eq=False, repr=False`."""

    __slots__ = ()
    __attrs_attrs__: ClassVar[tuple[Any, ...]]

    def __eq__(self, other: object) -> bool:
        return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        fields = (field for field in attrs.fields(type(self)) if field.repr)
        shown = (f"{field.name}={_shown(field.repr, getattr(self, field.name))}" for field in fields)
        return f"{type(self).__name__}({', '.join(shown)})"


def _shown(way: bool | Callable[[Any], str], value: object) -> str:
    return way(value) if callable(way) else repr(value)


def _values(record: Record) -> tuple[object, ...]:
    return attrs.astuple(record, recurse=False)
