"""An address that stays, whatever is there: a server, a port that refuses, or one that is silent."""

from __future__ import annotations

import contextlib
import threading

from wsconn.lab._acceptor import Acceptor, Answer, Listener
from wsconn.lab._dead_ports import black_hole_port, refusing_port
from wsconn.lab._fault import Link, Reachability
from wsconn.lab._relay import relay

_DIRECT = Link()


class Place:
    """Where a region is. It has a port from the first `put` on. Used by one thread at a time."""

    def __init__(self, region: str, host: str, acceptor: Acceptor, closing: threading.Event) -> None:
        self.port = 0
        self._region = region
        self._host = host
        self._acceptor = acceptor
        self._closing = closing
        self._front: Listener | None = None
        self._behind: Listener | None = None  # the server, where the front is a relay
        self._dead = contextlib.ExitStack()

    def put(self, reachability: Reachability, answer: Answer, link: Link) -> None:
        """Have this here from now on, for connections that are yet to come.

        Raises:
            OSError: The machine cannot do it. Then what was here before still is, if the machine lets it.
        """
        match reachability:
            case Reachability.OPEN | Reachability.PORTAL_NAME:
                self._serve(answer, link)
            case Reachability.BLACK_HOLE:
                self._black_hole()
            case _:  # for a name that leads nowhere, too: no other program may listen there
                self._refuse()

    def end_connections(self) -> None:
        """End what is connected here."""
        self._acceptor.end_connections(self)

    def close(self) -> None:
        """Give back what is no listener: those end with their acceptor."""
        self._dead.close()

    def _serve(self, answer: Answer, link: Link) -> None:
        behind = None
        if link != _DIRECT:
            behind = self._acceptor.listen(self._region, self._host, 0, answer, self)
            answer = Answer(relay(behind.address, link, self._closing))
        self._dead.close()
        if self._front is None:
            self._front = self._acceptor.listen(self._region, self._host, self.port, answer, self)
            self.port = self._front.address[1]
        else:
            self._front.answer = answer
        self._stop_behind()
        self._behind = behind

    def _refuse(self) -> None:
        self._shut()
        try:
            self.port = refusing_port(self._host, self.port, self._dead)
        except OSError:
            if not self.port:
                raise
            # Connections that are kept hold the port on some platforms. Nothing listens, so it refuses all the same.

    def _black_hole(self) -> None:
        with contextlib.ExitStack() as tried:  # elsewhere, before anything is given up: not every platform can
            black_hole_port(self._host, 0, tried)
        self._shut()
        self.port = black_hole_port(self._host, self.port, self._dead)

    def _shut(self) -> None:
        if self._front is not None:
            self._acceptor.stop(self._front)
            self._front = None
        self._stop_behind()
        self._dead.close()

    def _stop_behind(self) -> None:
        if self._behind is not None:
            self._acceptor.stop(self._behind)
            self._behind = None
