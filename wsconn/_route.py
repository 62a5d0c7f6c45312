"""The way to a server, up to an open channel: resolve, connect, TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from concurrent.futures import Future

import attrs

from wsconn._abort import Abort
from wsconn._channel import Channel
from wsconn._connect import connect
from wsconn._deadline import Deadline
from wsconn._exceptions import StageFailed
from wsconn._journal import Journal
from wsconn._outcome import Stage
from wsconn._regions import Target
from wsconn._resolve import Lookups, resolve
from wsconn._tls import handshake, look_at_certificate
from wsconn._waiting import result_of


@attrs.frozen
class Route:
    """How a test gets to its servers. `trust` begins to load the TLS context, or gives the one that was loaded."""

    lookups: Lookups
    trust: Callable[[], Future[ssl.SSLContext]]

    def open(self, target: Target, deadline: Deadline, abort: Abort, journal: Journal) -> Channel:
        """Return a channel to `target`, with TLS where its scheme says so; the caller closes it."""
        trust = self.trust() if target.secure else None
        channel = self._dial(target, deadline, abort, journal)
        try:
            if trust:
                context = result_of(trust, deadline, abort)
                with journal.timed(Stage.TLS):
                    self._secure(channel, target, context, deadline, abort, journal)
        except BaseException:
            channel.close()
            raise
        return channel

    def _dial(self, target: Target, deadline: Deadline, abort: Abort, journal: Journal) -> Channel:
        with journal.timed(Stage.RESOLVE):
            answers = resolve(target.host, target.port, self.lookups, deadline, abort)
        with journal.timed(Stage.CONNECT):
            return Channel(connect(answers, deadline, abort, journal), deadline, abort)

    def _secure(
        self,
        channel: Channel,
        target: Target,
        context: ssl.SSLContext,
        deadline: Deadline,
        abort: Abort,
        journal: Journal,
    ) -> None:
        try:
            journal.tls = handshake(channel, context, target.host)
        except StageFailed as failed:
            if failed.evidence and failed.evidence.verify_code is not None:
                # Whose certificate it is tells most: dial again for a look. What becomes of that is nobody's business.
                journal.tls = look_at_certificate(
                    lambda: self._dial(target, deadline, abort, Journal("", None)), target.host
                )
            raise
