"""The way to a server, up to an open stream: a connection, and TLS over it where the URL says so."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.stream import Stream
from wsconn._outcome import Stage
from wsconn._probe.dialer import Dialer
from wsconn._probe.trust import Trust
from wsconn._regions import Target

if TYPE_CHECKING:
    from ssl import SSLContext


@attrs.frozen(eq=False, repr=False)
class Route:
    """How a test gets to its servers, and whom it trusts to be one."""

    dialer: Dialer
    trust: Trust

    def open(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a stream to `target`, with TLS where its scheme says so; the caller closes it."""
        begun = self.trust.begin() if target.secure else None
        stream = self.dialer.dial(target, scope, recorder)
        try:
            if begun:
                self._secure(stream, target, begun, scope, recorder)
        except BaseException:
            stream.close()
            raise
        return stream

    def _secure(
        self, stream: Stream, target: Target, begun: Future[SSLContext], scope: CancelScope, recorder: Recorder
    ) -> None:
        recorder.stage = Stage.TLS  # which has to wait for the roots, and does not count that
        context = self.trust.loaded(begun, scope)
        from wsconn._stages.tls import handshake  # here: loaded with the context

        try:
            with recorder.timed(Stage.TLS):
                recorder.saw_tls(handshake(stream, context, target.host))
        except StageFailed as failed:
            way, unnoted = recorder.proxy, Recorder("", None)
            looked = self.trust.look(
                failed, target.host, lambda soon: self.dialer.dial_by(way, target, soon, unnoted), scope
            )
            if looked:
                recorder.saw_tls(looked)
            raise

    def join(self) -> None:
        """Wait for what was loaded in the background."""
        self.trust.join()
        self.dialer.trust.join()
        if self.dialer.pac is not None:
            self.dialer.pac.join()
