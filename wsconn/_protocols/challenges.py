"""Which ways to log in a header offers: a list of challenges as RFC 9110 writes it (section 11.6.1), with no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_MOST_SCHEMES = 8  # that are told; browsers know four
_MOST_CHALLENGES = 32  # that are read: Digest comes once for each algorithm

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)  # section 5.6.4; it may lack its end
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # section 5.6.2
_TOKEN68 = r"[A-Za-z0-9._~+/-]+=*"
# An element of the list begins a challenge, or is one more parameter of the challenge before: `name=value`.
_CHALLENGE = re.compile(
    rf"[ \t]*(?P<scheme>{_NAME})(?=[ \t]*\Z|[ \t]+{_NAME}[ \t]*=[ \t]*[^= \t]|[ \t]+{_TOKEN68}[ \t]*\Z)"
)
_ELEMENT = re.compile(rf'(?:{_QUOTED.pattern}|[^,"])+', re.DOTALL)
_PARAMETER = re.compile(
    rf'[ \t]*(?P<name>{_NAME})[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)|(?P<plain>[^" \t]*))', re.DOTALL
)


class Challenge(NamedTuple):
    """A way to log in that is offered: its scheme as written, and a token or parameters, their names in lower case."""

    scheme: str
    token: str
    parameters: dict[str, str]

    def is_of(self, scheme: str) -> bool:
        """Tell whether it is of this scheme, whose name is in lower case."""
        return self.scheme.casefold() == scheme


def challenges_in(fields: Mapping[str, str]) -> tuple[Challenge, ...]:
    """Return the challenges in the header fields of an answer; tinyproxy writes a server's header."""
    return read_challenges(fields.get("proxy-authenticate") or fields.get("www-authenticate", ""))


def read_challenges(header: str) -> tuple[Challenge, ...]:
    """Take a header apart."""
    found: list[Challenge] = []
    for element in _ELEMENT.findall(header):
        rest = element
        if begun := _CHALLENGE.match(_QUOTED.sub('""', element)):
            if len(found) == _MOST_CHALLENGES:
                break
            rest = element[begun.end() :].strip(" \t")
            is_token = bool(re.fullmatch(_TOKEN68, rest))
            found.append(Challenge(begun["scheme"], rest if is_token else "", {}))
        if found and (parameter := _PARAMETER.match(rest)):
            found[-1].parameters.setdefault(parameter["name"].lower(), _value(parameter))
    return tuple(found)


def _value(parameter: re.Match[str]) -> str:
    quoted = parameter["quoted"]
    return str(parameter["plain"]) if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)


def schemes_of(challenges: Iterable[Challenge]) -> tuple[str, ...]:
    """Return the schemes, each once, as it was first written; as many as are told."""
    found: dict[str, str] = {}
    for challenge in challenges:
        found.setdefault(challenge.scheme.casefold(), challenge.scheme)
    return tuple(found.values())[:_MOST_SCHEMES]
