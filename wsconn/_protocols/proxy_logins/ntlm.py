"""NTLM (MS-NLMP, MS-NTHT): pyspnego's messages, as they are, under `NTLM` or `Negotiate`.

Not wrapped in SPNEGO under `Negotiate`: squid's wrapper and Px refuse that form. With a login from the proxy's URL,
pyspnego's own Python makes the messages, on every system the same. Without one, on Windows alone, SSPI makes them for
the user who is logged in there. No other file imports pyspnego.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import contextlib
import contextvars
import logging
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wsconn._outcome import Evidence
from wsconn._protocols.challenges import Challenge
from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs, LoginFailed, loading
from wsconn._text import sanitize

_SERVICE = "HTTP"
_PROBLEMS: Mapping[int, str] = {  # winerror.h, as SSPI gives them
    0x8009030E: "none",  # SEC_E_NO_CREDENTIALS
    0x80090303: "unknown_service",  # SEC_E_TARGET_UNKNOWN
    0x80090311: "unreachable",  # SEC_E_NO_AUTHENTICATING_AUTHORITY
    0x80090324: "clock",  # SEC_E_TIME_SKEW
    0x80090328: "expired",  # SEC_E_CONTEXT_EXPIRED
}
_is_ours = contextvars.ContextVar("_is_ours", default=False)


def log_in(asked: Asked) -> Legs:
    """Name the login's user, then prove it for the number that the proxy sends."""
    yield from exchange(asked, "ntlm", is_own=asked.proxy.username is None)


def exchange(asked: Asked, protocol: str, *, is_own: bool) -> Legs:
    """Exchange messages until this side has said all; `is_own` stands for the login of Windows' user."""
    context = _context(asked, protocol, is_own=is_own)
    message = _step(context, None)
    while message:
        token = base64.b64encode(message).decode()
        challenges = yield Credentials(token.encode(), (token,))
        if context.complete:
            return
        received = token_of(challenges)
        if not received:
            raise LoginFailed(Evidence(detail="it offers an exchange, and does not go on with it"))
        message = _step(context, received)


def _context(asked: Asked, protocol: str, *, is_own: bool) -> Any:  # noqa: ANN401 - pyspnego's ContextProxy
    with _quiet():
        with loading("ntlm"):
            import spnego
            import spnego.exceptions

            codecs.lookup("utf-16-le")  # a module too, which pyspnego loads when it first encodes

        _silence_ours()
        proxy, options = asked.proxy, spnego.NegotiateOptions
        with _translated():
            if is_own:
                return spnego.client(hostname=proxy.host, service=_SERVICE, protocol=protocol, options=options.use_sspi)
            return spnego.client(
                # Not as two texts: without a user name it would look for a login elsewhere, and it takes some passwords
                # for what NTLM makes of one.
                spnego.Password(proxy.username or "", proxy.password or ""),
                hostname=proxy.host,
                service=_SERVICE,
                protocol=protocol,
                options=options.use_ntlm,
            )


def _step(context: Any, received: bytes | None) -> bytes:  # noqa: ANN401 - as above
    with _quiet(), _translated():
        return context.step(received) or b""


def token_of(challenges: Iterable[Challenge]) -> bytes:
    """Return the message that a proxy sent; nothing where it sent none."""
    token = next((challenge.token for challenge in challenges if challenge.token), "")
    try:
        return base64.b64decode(token, validate=True)
    except binascii.Error as error:
        raise LoginFailed(Evidence(detail="its challenge is not base64")) from error


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Translate what pyspnego raises, for a challenge that is none, and for an SSPI that says no."""
    from spnego.exceptions import SpnegoError

    try:
        yield
    except SpnegoError as error:
        code = getattr(error.base_error, "winerror", None)
        problem = None if code is None else _PROBLEMS.get(code & 0xFFFFFFFF, "other")
        raise LoginFailed(Evidence(ticket_problem=problem, detail=sanitize(error.message))) from error
    except (ValueError, LookupError, struct.error, OverflowError) as error:  # as many as there are ways to be wrong
        raise LoginFailed(Evidence(detail="its challenge cannot be read")) from error


def has_own_login() -> bool:
    """Tell whether this system logs its user in to other machines without being told a password."""
    return os.name == "nt"


# --- what pyspnego logs ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what pyspnego logs for us out of every log: at DEBUG it writes out its tokens."""
    token = _is_ours.set(True)
    try:
        yield
    finally:
        _is_ours.reset(token)


def _silence_ours() -> None:
    """Have pyspnego's loggers drop what they are given on our account, and nothing else.

    A filter on a logger sees no record of those below it, so each gets one; to add it twice changes nothing.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "spnego":
            logging.getLogger(name).addFilter(_is_of_others)


def _is_of_others(_: logging.LogRecord) -> bool:
    return not _is_ours.get()
