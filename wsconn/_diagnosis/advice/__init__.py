"""Turns stage, cause and evidence into advice: what to do next, and who should do it.

It begins with what the evidence makes particular (the status, the issuer, the address) and falls back on the cause's
own record in `causes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from wsconn._diagnosis.advice import certificate, proxy, tls, way, websocket
from wsconn._diagnosis.advice.behind_proxy import with_proxy
from wsconn._diagnosis.advice.elsewhere import elsewhere, leads_here
from wsconn._diagnosis.advice.in_place import as_connected, in_place
from wsconn._diagnosis.advice.pac import with_pac
from wsconn._diagnosis.advice.this_machine import TIMES, for_this_machine
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import is_loopback, plain

_SHORT_SECONDS = 1.0  # in less time one lost packet is enough: that long TCP waits before it sends again (RFC 6298)
_NO_DISCOVERY = "The address that should name the region's server did not answer as expected"
_KNOWN_BY_OTHERS = "other regions passed, so WebSocket works from here"
_ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    **way.ADVICE,
    **proxy.ADVICE,
    **tls.ADVICE,
    **certificate.ADVICE,
    **websocket.ADVICE,
}


def advice_on(cause: Cause, seen: Evidence) -> str:
    """Say what to do next, and who should do it."""
    return plain(marked_advice_on(cause, seen))


def advice_for_any_server(cause: Cause, seen: Evidence) -> str:
    """Say the same with the server left out: it is equal where the same is to be done about several."""
    server = "localhost" if is_loopback(seen.host or "") else "…"
    return advice_on(cause, attrs.evolve(seen, host=server, port=0, connect_to=seen.connect_to and "…:0"))


def marked_advice_on(cause: Cause, seen: Evidence, *, others_passed: bool = False) -> str:
    """Say what to do next, with the values in it marked. `others_passed` shows that WebSocket works from here."""
    to_check_first, seen = in_place(cause, seen), as_connected(seen)
    particular = _ADVICE.get((seen.stage or Stage.DISCOVERY, cause)) or _ADVICE.get(cause)
    if leads_here(seen):
        particular = way.for_loopback
    advice = elsewhere(seen) + ((particular(seen) if particular else None) or EXPLANATIONS[cause].advice)
    if own := for_this_machine(cause, seen):
        return own
    advice = with_pac(cause, seen, to_check_first + with_proxy(cause, seen, advice))
    if cause in (Cause.TIMEOUT, Cause.NO_PONG) and had_little_time(seen):
        advice = f"First give it more time ({TIMES}): it had less than a second. If that does not help: {advice}"
    if not seen.discovery:
        return advice
    known = _KNOWN_BY_OTHERS if others_passed else "nothing is known yet about WebSocket from here"
    return f"{_NO_DISCOVERY}; {known}. {advice}"


def had_little_time(seen: Evidence) -> bool:
    """Whether a timeout may be too short to tell anything."""
    return not seen.never_began and (seen.elapsed or 0.0) < _SHORT_SECONDS
