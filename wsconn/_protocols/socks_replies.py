"""What the bytes of a SOCKS proxy say where it opened no tunnel (SOCKS 4; RFC 1928; RFC 1929), with no I/O.

The library that speaks SOCKS tells a refusal in words, and of some codes nothing. So what it was sent is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import attrs

from wsconn._outcome import Cause, Evidence


class _Reply(NamedTuple):
    cause: Cause
    meaning: str
    problem: str | None = None  # as `Evidence.proxy_problem`


_NO_METHOD = 0xFF  # RFC 1928, section 3
_PASSWORD = 0x02
_METHODS = {1: "GSSAPI", _PASSWORD: "user name and password", 3: "CHAP", 5: "CRAM", 6: "TLS"}  # as IANA has them
_ONION_CODES = range(0xF0, 0xF8)  # tor's extended errors
_REPLIES: Mapping[int, _Reply] = {
    1: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "General SOCKS server failure"),  # RFC 1928, section 6
    2: _Reply(Cause.PROXY_DENIED, "Connection not allowed by ruleset"),
    3: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "Network unreachable", "no_route"),
    4: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "Host unreachable", "no_route"),
    5: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "Connection refused", "refused"),
    6: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "TTL expired", "no_answer"),
    7: _Reply(Cause.PROXY_DENIED, "Command not supported"),
    8: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "Address type not supported"),
    0x5B: _Reply(Cause.PROXY_TARGET_UNREACHABLE, "Request rejected or failed"),  # SOCKS 4: which, it does not say
    0x5C: _Reply(Cause.PROXY_AUTH_REQUIRED, "Request rejected: no identd answers on this machine"),
    0x5D: _Reply(Cause.PROXY_AUTH_REQUIRED, "Request rejected: identd on this machine reports another user"),
    **{
        code: _Reply(Cause.PROXY_TARGET_UNREACHABLE, f"0x{code:X}, Onion Service {what}")
        for code, what in zip(
            _ONION_CODES,
            (
                "Descriptor Can Not be Found",
                "Descriptor Is Invalid",
                "Introduction Failed",
                "Rendezvous Failed",
                "Missing Client Authorization",
                "Wrong Client Authorization",
                "Invalid Address",
                "Introduction Timed Out",
            ),
            strict=True,
        )
    },
}
_GRANTED = 0x5A  # SOCKS 4
_CODES = {4: range(0x5B, 0x5E), 5: (*range(1, 9), *_ONION_CODES)}


@attrs.define
class Exchange:
    """What was said so far: what was sent, and the reply to the last of it."""

    version: int
    sent: int = 0
    is_login: bool = False  # the last message: user name and password (RFC 1929)
    has_sent_login: bool = False
    reply: bytes = b""

    def add_sent(self, message: bytes) -> None:
        """Note a message that is sent."""
        self.sent, self.reply = self.sent + 1, b""
        self.is_login = self.version == 5 and message[0] == 1
        self.has_sent_login = self.has_sent_login or self.is_login

    def add_received(self, data: bytes) -> None:
        """Note what came."""
        self.reply += data

    @property
    def is_greeting(self) -> bool:
        """Whether the way to log in is being agreed."""
        return self.version == 5 and self.sent == 1

    @property
    def is_greeted(self) -> bool:
        """Whether the proxy has been asked for the server, after a greeting that it answered."""
        return self.version == 5 and self.sent > 1 and not self.is_login


def refusal(said: Exchange) -> tuple[Cause, Evidence] | None:
    """Return what a reply means in which a proxy says no; `None` where it is no such reply."""
    if len(said.reply) < 2:
        return None
    began, code = said.reply[:2]
    if said.is_greeting:
        return _login_wanted(code) if began == 5 and code else None
    if said.is_login:
        failed = Evidence(detail=f"authentication failure, status {code}")
        return (Cause.PROXY_AUTH_REQUIRED, failed) if began == 1 and code else None
    if began != (5 if said.version == 5 else 0) or not code:
        return None
    if code in _CODES[said.version]:
        known = _REPLIES[code]
        return known.cause, Evidence(detail=known.meaning, socks_code=code, proxy_problem=known.problem)
    return Cause.PROXY_BAD_ANSWER, Evidence(detail=f"its reply has the unknown code 0x{code:02X}", socks_code=code)


def spoken(said: Exchange) -> Evidence | None:
    """Return what is spoken in place of what was asked in, where the first bytes of the first reply tell."""
    began, code = said.reply[:1], said.reply[1:2]
    if said.sent != 1 or not code:
        return None
    if said.reply.startswith(b"HTTP/"):
        return Evidence(proxy_speaks="HTTP")
    if said.reply.startswith((b"\x15\x03", b"\x16\x03")):
        return Evidence(speaks_tls=True)
    if said.version == 5 and began == b"\0" and (code[0] == _GRANTED or code[0] in _CODES[4]):
        return Evidence(proxy_speaks="SOCKS 4")
    return Evidence(proxy_speaks="SOCKS 5") if said.version == 4 and began == b"\x05" else None


def _login_wanted(method: int) -> tuple[Cause, Evidence]:
    if method == _NO_METHOD:
        return Cause.PROXY_AUTH_REQUIRED, Evidence(detail="it takes no authentication that was offered")
    return Cause.PROXY_AUTH_REQUIRED, Evidence(auth_schemes=(_METHODS.get(method, f"method 0x{method:02X}"),))
