"""The request for a WebSocket: what is sent, and which of it no message may repeat."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Self

import attrs

from wsconn._record import Record
from wsconn._regions import Region
from wsconn._request_fields import LONGEST_SUBPROTOCOL, check_headers, origin_among, own_or_default
from wsconn._version import __version__

USER_AGENT = f"wsconn/{__version__}"
_CREDENTIALS = r"(?i:cookie|.*(?:auth|token|key|secret|session|credential).*)"  # header names that such things go by
_TOKEN_LENGTH = 8  # characters of a header's part that may be a secret of its own


@attrs.frozen(kw_only=True, slots=False, eq=False, repr=False)  # no slots: some is worked out once, for all regions
class Request(Record):
    """What is sent to regions that have nothing of their own, or to one that has."""

    headers: dict[str, str] = attrs.field(factory=dict, repr=lambda headers: repr(list(headers)))
    subprotocols: Sequence[str] = ()
    origin: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], subprotocols: Sequence[str], origin: str | None) -> Self:
        """Make one of what was checked, with wsconn's User-Agent where there is none."""
        has_agent = any(name.lower() == "user-agent" for name in headers)
        return cls(
            headers={**headers, **({} if has_agent else {"User-Agent": USER_AGENT})},
            subprotocols=subprotocols,
            origin=origin,
        )

    def for_region(self, region: Region) -> Request:
        """Return what a region is sent: what it has of its own, and this for the rest."""
        if region.headers is None and region.subprotocols is None and region.origin is None:
            return self
        own = None if region.headers is None else check_headers(region.headers)
        headers, origin = own_or_default(own, region.origin, self.headers, self.origin)
        subprotocols = self.subprotocols if region.subprotocols is None else region.subprotocols
        return Request.of(headers or {}, subprotocols, origin or None)

    @functools.cached_property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, though the server does: header values, and the tokens and cookies in them."""
        values = [value for name, value in self.headers.items() if name.lower() != "user-agent"]
        values += [offered for offered in self.subprotocols if len(offered) > LONGEST_SUBPROTOCOL]
        parts = [part for value in values for part in re.split(r"[\s,;=]+", value) if len(part) >= _TOKEN_LENGTH]
        logins = [login for value in values for login in _basic_login(value)]
        return tuple(
            as_read for said in (*values, *parts, *logins) for as_read in (said, said.encode().decode("latin-1"))
        )

    @functools.cached_property
    def has_origin(self) -> bool:
        """Whether an Origin is sent, as such or among the headers."""
        return self.origin is not None or origin_among(self.headers) is not None

    @functools.cached_property
    def has_credentials(self) -> bool:
        """Whether a header goes with it that mostly holds credentials."""
        return any(re.fullmatch(_CREDENTIALS, name) for name in self.headers)

    @functools.cached_property
    def has_own_user_agent(self) -> bool:
        """Whether the User-Agent is the user's, and not wsconn's."""
        return any(name.lower() == "user-agent" and value != USER_AGENT for name, value in self.headers.items())

    @functools.cached_property
    def as_evidence(self) -> Mapping[str, bool]:
        """What a person may need to know of it, by the names of `Evidence`."""
        return {
            "origin_sent": self.has_origin,
            "subprotocols_offered": bool(self.subprotocols),
            "own_user_agent": self.has_own_user_agent,
            "credentials_sent": self.has_credentials,
        }


def _basic_login(value: str) -> tuple[str, ...]:
    """Return what a header's value holds in base64 for HTTP's Basic (RFC 7617): a login, and its password."""
    scheme, _, packed = value.partition(" ")
    if scheme.lower() != "basic":
        return ()
    import base64  # few regions want a login

    try:
        login = base64.b64decode(packed.strip()).decode()
    except ValueError:
        return ()
    return login, login.partition(":")[2]
