"""The way to a server, up to an open stream: a connection, and TLS over it where the URL says so."""

from __future__ import annotations

import ssl
from concurrent.futures import Future
from datetime import UTC, datetime

import attrs

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._probe.dialer import Dialer
from wsconn._protocols.certificate_chain import UNTRUSTED
from wsconn._regions import Target
from wsconn._stages.tls import handshake, look_at_certificates
from wsconn._text import sanitize
from wsconn._tls_settings import BadSetting, bad_keylog, bad_roots

ROOTS = "the system's root certificates"
LOOK_SECONDS = 1.0  # for seeing whose certificate it was that was not trusted


@attrs.frozen
class Route:
    """How a test gets to its servers; `trust` is the TLS context, which it loads beside the connecting.

    `system_roots` says that this context is of wsconn's making, and trusts what the system and the environment say.
    """

    dialer: Dialer
    trust: Lazy[ssl.SSLContext]
    system_roots: bool = False

    def open(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a stream to `target`, with TLS where its scheme says so; the caller closes it."""
        trust = self.trust.begin() if target.secure else None
        stream = self.dialer.dial(target, scope, recorder)
        try:
            if trust:
                self._secure(stream, target, self._context(trust, scope, recorder), scope, recorder)
        except BaseException:
            stream.close()
            raise
        return stream

    def _context(self, trust: Future[ssl.SSLContext], scope: CancelScope, recorder: Recorder) -> ssl.SSLContext:
        """Wait for the roots, which the stage TLS has to wait for and does not count."""
        recorder.stage = Stage.TLS
        try:
            return result_of(trust, scope)
        except StageFailed as failed:
            if failed.cause is not Cause.TIMEOUT:
                raise
            raise StageFailed(Cause.TIMEOUT, Evidence(not_loaded=ROOTS)) from failed
        except WorkFailed as error:
            cause = Cause.LOCAL_LIMIT if _symbol(error.__cause__) in NO_DESCRIPTORS else Cause.TLS_FAILED
            if cause is Cause.TLS_FAILED and (setting := bad_keylog(error.__cause__)):
                raise StageFailed(cause, _with_setting(Evidence(not_loaded=ROOTS), setting)) from error
            raise StageFailed(cause, Evidence(not_loaded=ROOTS, detail=sanitize(str(error)))) from error

    def _secure(
        self,
        stream: Stream,
        target: Target,
        context: ssl.SSLContext,
        scope: CancelScope,
        recorder: Recorder,
    ) -> None:
        try:
            with recorder.timed(Stage.TLS):
                recorder.saw_tls(handshake(stream, context, target.host))
        except StageFailed as failed:
            if failed.evidence and failed.evidence.verify_code is not None:
                failed.evidence = self._look(failed.evidence, target, context, scope, recorder)
            raise

    def _look(
        self, seen: Evidence, target: Target, context: ssl.SSLContext, scope: CancelScope, recorder: Recorder
    ) -> Evidence:
        """Dial again for the certificates that were not accepted: they explain most. Whether that fails is no news."""
        soon = scope.within(LOOK_SECONDS)
        looked = look_at_certificates(lambda: self.dialer.dial(target, soon, Recorder("", None)), target.host)
        if looked is not None:
            tls, chain = looked
            recorder.saw_tls(tls)
            seen = chain.explain(seen, target.host.rstrip("."), lambda: _roots_of(context), datetime.now(UTC))
        if seen.verify_code in UNTRUSTED and (self.system_roots or not _roots_of(context)):
            seen = _with_setting(seen, bad_roots())
        return seen


def _roots_of(context: ssl.SSLContext) -> list[bytes]:
    """Return the root certificates that were loaded from a file, or found in a directory so far, in DER."""
    try:
        return context.get_ca_certs(binary_form=True)
    except NotImplementedError:  # truststore's, which asks the system
        return []


def _with_setting(seen: Evidence, setting: BadSetting | None) -> Evidence:
    if setting is None:
        return seen
    os_error = _symbol(setting.error)
    return attrs.evolve(seen, setting=setting.variable, setting_value=sanitize(setting.value), os_error=os_error)


def _symbol(error: BaseException | None) -> str | None:
    return symbol(error) if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
