"""The one table of schemes, the strongest first, and which of them can be tried with a proxy."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from wsconn._protocols.challenges import Challenge
from wsconn._protocols.proxy_logins import basic, digest, negotiate, ntlm
from wsconn._protocols.proxy_logins.legs import Asked, Legs
from wsconn._proxies import Proxy


class Scheme(NamedTuple):
    """A way to log in, under a name that a proxy offers.

    `extra` of wsconn brings `library`, which may take its time. `uses_ticket`: it needs no password, but a ticket of
    the user's, whose library waits for others. `is_exchange`: its messages belong together, on one connection.
    """

    name: str
    log_in: Callable[[Asked], Legs]
    extra: str | None = None
    library: str | None = None
    uses_ticket: bool = False
    is_exchange: bool = False
    has_own_login: bool = False  # of Windows' user

    def is_among(self, offered: Collection[str]) -> bool:
        """Tell whether a proxy offers it."""
        return self.name in offered and not (self is _RAW_NTLM and _NTLM.name in offered)

    def fits(self, proxy: Proxy) -> bool:
        """Tell whether there is something to log in with."""
        return self.uses_ticket or proxy.username is not None or self.has_own_login

    @property
    def is_installed(self) -> bool:
        """Tell whether what it needs is there."""
        return self.library is None or importlib.util.find_spec(self.library) is not None


_OWN = ntlm.has_own_login()
_KERBEROS = Scheme(
    "negotiate", negotiate.log_in, "kerberos", "spnego" if _OWN else "gssapi", uses_ticket=True, is_exchange=True
)
_NTLM = Scheme("ntlm", ntlm.log_in, "ntlm", "spnego", is_exchange=True, has_own_login=_OWN)
_RAW_NTLM = Scheme("negotiate", ntlm.log_in, "ntlm", "spnego", is_exchange=True)
_DIGEST = Scheme("digest", digest.log_in)
_BASIC = Scheme("basic", basic.log_in)
SCHEMES = (_KERBEROS, _NTLM, _RAW_NTLM, _DIGEST, _BASIC)


class Choice(NamedTuple):
    """The schemes to try, in turn, and the extra that one more would need."""

    schemes: tuple[Scheme, ...]
    missing_extra: str | None


def choose(challenges: Iterable[Challenge], proxy: Proxy) -> Choice:
    """Choose among what a proxy offers; one that asks for a login and offers nothing may mean Basic."""
    offered = {challenge.scheme.casefold() for challenge in challenges} or {_BASIC.name}
    among = [scheme for scheme in SCHEMES if scheme.is_among(offered)]
    schemes = tuple(scheme for scheme in among if scheme.fits(proxy) and scheme.is_installed)
    missing = [scheme for scheme in among if not scheme.is_installed and (scheme.fits(proxy) or not schemes)]
    missing.sort(key=lambda scheme: scheme.uses_ticket and proxy.username is not None)  # a login was given to be used
    if proxy.username is None and not offered.isdisjoint((_DIGEST.name, _BASIC.name)):
        missing = [scheme for scheme in missing if scheme.uses_ticket]  # a login would do, without any extra
    return Choice(schemes, missing[0].extra if missing else None)
