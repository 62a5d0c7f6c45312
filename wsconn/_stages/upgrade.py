"""The request for a WebSocket, up to the 101: what is sent, and which of it no message may repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from wsconn._io.stream import Stream
from wsconn._protocols.websocket_client import OpenWebSocket, open_websocket
from wsconn._regions import Target
from wsconn._version import __version__

USER_AGENT = f"wsconn/{__version__}"
_TOKEN_LENGTH = 8  # characters of a header's part that may be a secret of its own
_LONGEST_SUBPROTOCOL = 32  # characters of a name; what is longer carries a token, as Kubernetes' does


@attrs.frozen(kw_only=True)
class Request:
    """What a test sends to every region alike."""

    headers: dict[str, str] = attrs.field(factory=dict, repr=lambda headers: repr(list(headers)))
    subprotocols: Sequence[str] = ()
    origin: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, though the server does: header values, and the tokens and cookies in them."""
        values = [value for name, value in self.headers.items() if name.lower() != "user-agent"]
        values += [offered for offered in self.subprotocols if len(offered) > _LONGEST_SUBPROTOCOL]
        parts = [part for value in values for part in re.split(r"[\s,;=]+", value) if len(part) >= _TOKEN_LENGTH]
        return tuple(as_read for said in (*values, *parts) for as_read in (said, said.encode().decode("latin-1")))

    @property
    def has_origin(self) -> bool:
        """Whether an Origin is sent, as such or among the headers."""
        return self.origin is not None or any(name.lower() == "origin" for name in self.headers)

    @property
    def has_own_user_agent(self) -> bool:
        """Whether the User-Agent is the user's, and not wsconn's."""
        return any(name.lower() == "user-agent" and value != USER_AGENT for name, value in self.headers.items())


def upgrade(stream: Stream, target: Target, request: Request) -> OpenWebSocket:
    """Ask for a WebSocket, and return it or raise `StageFailed`."""
    return open_websocket(
        stream, target.resource, target.authority, request.headers, request.subprotocols, request.origin
    )
