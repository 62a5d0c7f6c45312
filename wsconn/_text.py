"""How text from outside is shown: escaped, cut, without secrets; and how a sentence writes a value and a duration."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable

LONGEST = 200  # characters of a peer's text that a person gets to see
_MOST_MARKS = 4  # on one character: no script has more, and a pile of them paints over the lines above
_SHORTEST_SECRET = 4  # characters: what is shorter is found everywhere
_SECONDS_FROM = 9.9995  # below that, milliseconds; four digits are read at a glance
_OPEN, _CLOSE = "\x02", "\x03"  # around a value in a sentence; no text that was made fit to be shown holds them


# What may not go into a name or a header: controls, and halves of characters, which cannot be encoded.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Unicode calls these printable, and nothing is seen of them: fillers, variation selectors, the blank of Braille.
# A string, which `re` compiles when it is first needed: that takes a millisecond, and few peers make it needed.
UNSEEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"


def sanitize(text: str | bytes) -> str:
    """Return a peer's text safe for a terminal, a log or a page: what is not seen escaped, cut at 200 characters."""
    if isinstance(text, bytes):
        text = text[: LONGEST * 5].decode("utf-8", "backslashreplace")
    safe = _escaped(text[: LONGEST + 1])
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def _escaped(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _without_piles("".join(c if c.isprintable() and not re.match(UNSEEN, c) else _code(c) for c in text))


def _without_piles(text: str) -> str:
    """Escape the marks on a character that are more than any script puts there."""
    if text.isascii():
        return text
    import unicodedata  # few peers have much to say that is not ASCII

    marks, safe = 0, []
    for c in text:
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        safe.append(c if marks <= _MOST_MARKS else _code(c))
    return "".join(safe)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


def redact(said: str, secrets: Iterable[str]) -> str:
    """Return sanitized text of a peer without `secrets`: a peer that was sent one may repeat it.

    The beginning of a secret that was cut short is left out too.
    """
    for secret in sorted({form for told in secrets for form in _forms(told)}, key=len, reverse=True):
        if len(secret) < _SHORTEST_SECRET:
            break
        mark = "?…" if secret.startswith("?") else "…"
        said = said.replace(secret, mark)
        if "…" in said and secret[:_SHORTEST_SECRET] in said:
            for size in range(min(len(secret), LONGEST) - 1, _SHORTEST_SECRET - 1, -1):
                said = said.replace(f"{secret[:size]}…", mark)
    return said


def _forms(secret: str) -> Iterable[str]:
    """Yield a secret as it is shown, also where a peer writes it in UTF-8 or Latin-1, and it is read as the other."""
    yield _escaped(secret)
    if not secret.isascii():
        yield _escaped(secret.encode(errors="replace").decode("latin-1"))
        yield secret.encode("latin-1", "xmlcharrefreplace").decode(errors="backslashreplace")


def without_query(url: str) -> str:
    """Return `url` up to its query or fragment, which may hold a secret."""
    return url.partition("?")[0].partition("#")[0]


def redact_url(url: str) -> str:
    """Return as much of an unchecked URL as a message may show: nothing before an `@`, and no query.

    Where the parts cannot be told apart (a password may hold any character), nothing after the scheme is shown.
    """
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        scheme, rest = "", url
    elif not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return "…"
    before, at, behind = rest.rpartition("@")
    if at and re.search(r"[?#]", before):
        behind = "…"
    return sanitize(scheme + slashes + without_query(behind))


def describe(value: object) -> str:
    """Return an argument of the wrong type as a message may show it: numbers as they are, texts redacted."""
    if isinstance(value, bytes):
        return f"the bytes '{redact_url(value.decode('latin-1'))}'"
    if isinstance(value, str | os.PathLike):
        return f"'{redact_url(os.fsdecode(value))}'"
    if value is None or isinstance(value, int | float | complex):
        try:
            return sanitize(repr(value))
        except ValueError:  # CPython writes out no more than 4300 digits
            return "a number of thousands of digits"
    return f"a {type(value).__name__}"


def host_port(host: str, port: int) -> str:
    """Return `host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its own name or address."""
    import ipaddress

    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".") == "localhost"
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def is_ip_address(host: str) -> bool:
    """Whether a host is an address and not a name."""
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def duration(seconds: float) -> str:
    """Return a span in milliseconds, or from 10 s on in seconds."""
    if not math.isfinite(seconds):
        return "an unknown time"
    return f"{seconds:.1f} s" if abs(seconds) >= _SECONDS_FROM else f"{seconds * 1000:.0f} ms"


def value(named: object) -> str:
    """Mark what a sentence names (a host, a status line, an issuer), so that a format can tell it from our words."""
    return f"{_OPEN}{plain(str(named))}{_CLOSE}"


def plain(sentence: str) -> str:
    """Return a sentence without the marks around its values."""
    return sentence.replace(_OPEN, "").replace(_CLOSE, "")


def words_and_values(sentence: str) -> list[str]:
    """Return a sentence in parts: our own words first, then a value, and so on in turn."""
    return re.split(f"[{_OPEN}{_CLOSE}]", sentence)
