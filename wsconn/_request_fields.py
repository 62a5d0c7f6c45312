"""What goes with the request for a WebSocket: headers, subprotocols and Origin, as `start` and `Region` take them.

Each check raises a `TypeError` or `ValueError` that names the argument. A header's value is in no message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from wsconn._exceptions import about_argument
from wsconn._text import CONTROL, describe, sanitize

Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

LONGEST_SUBPROTOCOL = 32  # characters of a name; what is longer carries a token, as Kubernetes' does
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, section 5.6.2
_OURS = r"(?i:host|connection|upgrade|sec-websocket-.*)"


def check_request(
    headers: Headers | None, subprotocols: Sequence[str] | None, origin: str | None
) -> tuple[dict[str, str], tuple[str, ...], str | None]:
    """Return what is to be sent. An Origin is refused where it is among the headers as well."""
    found, offered = check_headers(headers), check_subprotocols(subprotocols)
    _check_origin(origin)
    again = origin_among(found)
    if origin is not None and again:
        raise about_argument(ValueError, "origin", f" must be left out where the headers hold an Origin (as {again!r})")
    return found, offered, origin


def own_or_default(
    headers: Mapping[str, str] | None,
    origin: str | None,
    default_headers: Mapping[str, str] | None,
    default_origin: str | None,
) -> tuple[Mapping[str, str] | None, str | None]:
    """Return the headers and the Origin of a region: its own, else the defaults.

    An Origin of its own replaces one of the defaults, be either of them among headers.
    """
    if origin is not None and headers is None and default_headers is not None:
        return {name: value for name, value in default_headers.items() if name.lower() != "origin"}, origin
    if headers is None:
        return default_headers, default_origin if origin is None else origin
    return headers, default_origin if origin is None and not origin_among(headers) else origin


def origin_among(headers: Iterable[str]) -> str | None:
    """Return the header Origin among these names, as it is spelt."""
    return next((name for name in headers if name.lower() == "origin"), None)


def check_headers(value: Headers | None) -> dict[str, str]:
    """Return headers by their names; the values of one that is given several times are joined."""
    headers: dict[str, str] = {}
    spelled: dict[str, str] = {}  # the first time
    for name, text in _pairs(value):
        if not isinstance(name, str) or not isinstance(text, str):
            raise about_argument(TypeError, "headers", f" must hold str names and values; see {describe(name)}")
        if not re.fullmatch(_TOKEN, name):
            raise about_argument(
                ValueError, "headers", f": '{sanitize(name)}' is not a header's name (RFC 9110, section 5.1)"
            )
        if re.fullmatch(_OURS, name):
            raise about_argument(ValueError, "headers", f": {name!r} is wsconn's own to send")
        if CONTROL.search(text):
            raise about_argument(ValueError, "headers", f": the value of {name!r} holds a control character")
        name = spelled.setdefault(name.lower(), name)
        between = "; " if name.lower() == "cookie" else ", "  # RFC 6265, section 5.4; RFC 9110, section 5.2
        headers[name] = f"{headers[name]}{between}{text}" if name in headers else text
    return headers


def _pairs(value: Headers | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise about_argument(TypeError, "headers", f" must be a mapping or pairs, not a {type(value).__name__}")
    pairs = list(value.items() if isinstance(value, Mapping) else value)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise about_argument(TypeError, "headers", " must be a mapping or pairs of name and value")
    return pairs


def check_subprotocols(value: Sequence[str] | None) -> tuple[str, ...]:
    """Return the subprotocols to offer."""
    if value is None:
        return ()
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise about_argument(TypeError, "subprotocols", f" must be a sequence of str, not {describe(value)}")
    offered = tuple(value)
    for subprotocol in offered:
        if not isinstance(subprotocol, str):
            raise about_argument(TypeError, "subprotocols", f" must hold str, not {describe(subprotocol)}")
        if not re.fullmatch(_TOKEN, subprotocol):
            raise about_argument(
                ValueError, "subprotocols", f": '{sanitize(subprotocol)}' is not a token (RFC 6455, section 4.1)"
            )
    if len(set(offered)) < len(offered):
        raise about_argument(ValueError, "subprotocols", f" must not repeat: {offered!r}")
    return offered


def _check_origin(value: str | None) -> None:
    if value is not None and not isinstance(value, str):
        raise about_argument(TypeError, "origin", f" must be a str or None, not {describe(value)}")
    if value is not None and (not value or CONTROL.search(value)):
        raise about_argument(
            ValueError, "origin", f" must not be empty or hold a control character: '{sanitize(value)}'"
        )
