"""Made-up host names, answered as a resolver would, or never."""

from __future__ import annotations

import ipaddress
import math
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import attrs

AddressInfo: TypeAlias = tuple[
    socket.AddressFamily,
    socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_MESSAGES = {
    socket.EAI_NONAME: "Name or service not known",
    socket.EAI_AGAIN: "Temporary failure in name resolution",
    socket.EAI_FAIL: "Non-recoverable failure in name resolution",
}


@attrs.frozen(kw_only=True)
class _Answers:
    """What a resolver says of one name. A family without an address or an error is EAI_NONAME."""

    canonical: str
    addresses: tuple[str, ...]
    delays: Mapping[int, float]
    errors: Mapping[int, int]

    def of(self, family: int) -> list[str]:
        return [address for address in self.addresses if _family(address) == family]


class Names:
    """The names of one lab, for any thread; a lookup that hangs ends when `closing` is set."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._answers: dict[str, _Answers] = {}

    def declare(
        self,
        host: str,
        addresses: Sequence[str],
        delays: Mapping[int, float],
        errors: Mapping[int, int],
        canonical: str | None,
    ) -> None:
        """Answer for `host` from now on."""
        self._answers[_canonical(host)] = _Answers(
            canonical=canonical or _canonical(host), addresses=tuple(addresses), delays=delays, errors=errors
        )

    def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        family: int = 0,
        type: int = 0,  # noqa: A002  the name it has in socket
        proto: int = 0,
        flags: int = 0,
    ) -> list[AddressInfo]:
        """Do what `socket.getaddrinfo` would do if the made-up names were real."""
        answers = None if host is None else self._answers.get(_canonical(host))
        if answers is None:
            return list(socket.getaddrinfo(host, port, family, type, proto, flags))
        asked = [family] if family else list(_FAMILIES.values())
        self._wait(max(answers.delays.get(one, 0.0) for one in asked))
        found = [address for one in asked if one not in answers.errors for address in answers.of(one)]
        if not found:
            raise _error(answers.errors.get(asked[0], socket.EAI_NONAME))
        # AI_ADDRCONFIG would drop ::1 on a machine whose only IPv6 is the loopback.
        rest = (port, 0, type, proto, flags & ~(socket.AI_ADDRCONFIG | socket.AI_CANONNAME))
        infos: list[AddressInfo] = [info for address in found for info in socket.getaddrinfo(address, *rest)]
        return _named(infos, answers.canonical) if flags & socket.AI_CANONNAME else infos

    def _wait(self, seconds: float) -> None:
        if seconds and self._closing.wait(None if math.isinf(seconds) else seconds):
            raise _error(socket.EAI_AGAIN)


def _named(infos: list[AddressInfo], canonical: str) -> list[AddressInfo]:
    """Put the canonical name where `AI_CANONNAME` has it: into the first entry alone. musl tells something in each."""
    family, kind, proto, _, address = infos[0]
    return [(family, kind, proto, canonical, address), *((*info[:3], "", info[4]) for info in infos[1:])]


def check_answers(
    host: str, addresses: Sequence[str] | None, delays: Mapping[int, float], errors: Mapping[int, int]
) -> None:
    """Raise `ValueError` for what cannot be declared."""
    if not host:
        raise ValueError(f"host must not be empty: {host!r}")
    if isinstance(addresses, str):
        raise ValueError(f"addresses must be a sequence of addresses, not one str: {addresses!r}")
    for address in addresses or ():
        _check_address(address)
    for argument, families in (("delays", delays), ("errors", errors)):
        if not set(families) <= set(_FAMILIES.values()):
            raise ValueError(f"{argument} must be keyed by AF_INET and AF_INET6: {dict(families)!r}")
    if not all(seconds >= 0 for seconds in delays.values()):
        raise ValueError(f"delays must be seconds, not negative: {dict(delays)!r}")


def _check_address(address: str) -> None:
    try:
        ipaddress.ip_address(address)
    except ValueError as exc:
        raise ValueError(f"addresses must be IPv4 or IPv6 addresses: {address!r}") from exc


def never_answered() -> dict[int, float]:
    """Return the delays of a name that hangs for every family."""
    return dict.fromkeys(_FAMILIES.values(), math.inf)


def _family(address: str) -> int:
    return _FAMILIES[ipaddress.ip_address(address).version]


def _canonical(host: bytes | str) -> str:
    text = host.decode("latin-1") if isinstance(host, bytes) else host
    return text.lower().rstrip(".")


def _error(code: int) -> socket.gaierror:
    return socket.gaierror(code, _MESSAGES.get(code, "Name resolution failed"))
