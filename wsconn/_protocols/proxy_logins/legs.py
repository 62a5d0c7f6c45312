"""What a scheme is given to log in with, and what it gives back: the legs of an exchange with a proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import NamedTuple

from wsconn._io.importing import importing
from wsconn._outcome import Evidence
from wsconn._protocols.challenges import Challenge
from wsconn._proxies import Proxy
from wsconn._text import sanitize


class Asked(NamedTuple):
    """What a proxy asks: its challenges in one scheme, and the request's target, `host:port`."""

    proxy: Proxy
    challenges: tuple[Challenge, ...]
    target: str


class Credentials(NamedTuple):
    """What goes into Proxy-Authorization behind the scheme's name, and what in it nobody may see."""

    text: bytes
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


# Each leg gives credentials, and is sent the challenges of the same scheme in the proxy's next refusal. It ends where
# there is no more to say: then the login was refused.
Legs = Generator[Credentials, tuple[Challenge, ...], None]


class LoginFailed(Exception):
    """A scheme got no further, and not because the proxy refused its login; `seen` says why."""

    def __init__(self, seen: Evidence) -> None:
        super().__init__(seen)
        self.seen = seen


@contextlib.contextmanager
def loading(extra: str) -> Iterator[None]:
    """Import what an extra brings. One that is there may lack something of the system's: that is no other's failure."""
    try:
        with importing:
            yield
    except ImportError as error:
        raise LoginFailed(Evidence(missing_extra=extra, extra_error=sanitize(str(error)))) from error
