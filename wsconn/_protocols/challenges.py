"""Which ways to log in a header offers: a list of challenges as RFC 9110 writes it (section 11.6.1), with no I/O."""

from __future__ import annotations

import re

_MOST_SCHEMES = 8  # that are told; browsers know four

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)  # section 5.6.4; it may lack its end
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # section 5.6.2
_TOKEN68 = r"[A-Za-z0-9._~+/-]+=*"
# An element of the list begins a challenge, or is one more parameter of the challenge before: `name=value`.
_CHALLENGE = re.compile(
    rf"[ \t]*(?P<scheme>{_NAME})(?=[ \t]*\Z|[ \t]+{_NAME}[ \t]*=[ \t]*[^= \t]|[ \t]+{_TOKEN68}[ \t]*\Z)"
)


def schemes_offered(challenges: str) -> tuple[str, ...]:
    """Return the schemes of `challenges`, each once, as it was first written."""
    found: dict[str, str] = {}
    for element in _QUOTED.sub('""', challenges).split(","):
        if begun := _CHALLENGE.match(element):
            found.setdefault(begun["scheme"].casefold(), begun["scheme"])
    return tuple(found.values())[:_MOST_SCHEMES]
