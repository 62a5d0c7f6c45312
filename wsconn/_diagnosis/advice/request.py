"""Advice on the request itself: what a server may miss in it, or refuse of it.

Servers made for browsers want an Origin, and others a subprotocol. Which of the two, their answer often says in words:
the message quotes them, and no advice depends on them. A header that names a subprotocol or an Origin is a fact.
"""

from __future__ import annotations

import re

from wsconn._outcome import Evidence
from wsconn._text import value

_ORIGIN = "--origin, in Python origin"
_SUBPROTOCOL = "--subprotocol, in Python subprotocols"
_AN_ORIGIN = r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?"  # RFC 6454, section 6.2
_SAFE = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"  # of a token what no shell takes for its own


def on_request(seen: Evidence) -> str | None:
    """Say what the request may lack, and what of it may be refused; nothing of one for a region's URL."""
    if seen.discovery:
        return None
    if seen.subprotocol and names_another(seen):
        return offer(seen.subprotocol)
    if not seen.origin_sent and re.fullmatch(_AN_ORIGIN, seen.allowed_origin or ""):
        return _send(seen.allowed_origin or "", seen)
    return _on_both(seen)


def names_another(seen: Evidence) -> bool:
    """Whether a refusal names subprotocols, and none that was offered: that would only have come back."""
    return bool(seen.subprotocol) and not seen.subprotocol_offered


def offer(named: str) -> str:
    """Say which subprotocol to offer: a server has named these."""
    first = named.partition(",")[0].strip()
    option = value(f"--subprotocol {first}") if re.fullmatch(_SAFE, first) else "--subprotocol"
    return f"The server names the subprotocol {value(named)}: offer it ({option}, in Python subprotocols)."


def _send(origin: str, seen: Evidence) -> str:
    """Say which Origin to send: the server lets pages from there read what it says (CORS)."""
    option = value(f"--origin {origin}")
    other = (
        f"refuse the subprotocol that was offered ({_SUBPROTOCOL})"
        if seen.subprotocols_offered
        else f"want a subprotocol, and none was offered ({_SUBPROTOCOL})"
    )
    return f"The server names the Origin {value(origin)}: send it ({option}, in Python origin). Or it may {other}."


def _on_both(seen: Evidence) -> str:
    if seen.origin_sent and seen.subprotocols_offered:
        return (
            "The server may refuse the Origin or the subprotocol that was sent (--origin and --subprotocol, in Python"
            " origin and subprotocols): ask the service's operator which it takes."
        )
    if seen.origin_sent:
        return (
            f"The server may refuse the Origin that was sent ({_ORIGIN}), or want a subprotocol, and none was offered"
            f" ({_SUBPROTOCOL})."
        )
    if seen.subprotocols_offered:
        return (
            f"The server may want an Origin, and none was sent ({_ORIGIN}), or refuse the subprotocol that was offered"
            f" ({_SUBPROTOCOL})."
        )
    return (
        "The server may want an Origin or a subprotocol, and neither was sent: send those of the service's own client"
        " (--origin and --subprotocol, in Python origin and subprotocols)."
    )
