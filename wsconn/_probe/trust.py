"""The TLS context that a test shares, and a second look at certificates that were not accepted by it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime

import attrs

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Evidence, TlsInfo
from wsconn._protocols.certificate_chain import UNTRUSTED
from wsconn._stages.tls import look_at_certificates, verifying_context
from wsconn._text import sanitize
from wsconn._tls_settings import BadSetting, bad_keylog, bad_roots

ROOTS = "the system's root certificates"
LOOK_SECONDS = 1.0  # for seeing whose certificate it was that was not trusted


@attrs.frozen
class Trust:
    """The TLS context for the servers, or for the proxies, which is loaded beside the connecting.

    `is_ours` says that it is of wsconn's making, and trusts what the system and the environment say.
    """

    context: Lazy[ssl.SSLContext]
    is_ours: bool = False

    @classmethod
    def of_the_system(cls) -> Trust:
        """Trust the system's roots."""
        return cls(Lazy(verifying_context, "wsconn-trust"), is_ours=True)

    @classmethod
    def of(cls, context: ssl.SSLContext) -> Trust:
        """Trust what a context of the user's does; it is used as it is, its ALPN protocols too."""
        return cls(Lazy.done(context))

    def begin(self) -> Future[ssl.SSLContext]:
        """Begin to load it, if nobody has."""
        return self.context.begin()

    def loaded(self, begun: Future[ssl.SSLContext], scope: CancelScope) -> ssl.SSLContext:
        """Wait until it is loaded."""
        self.context.hurry()
        try:
            return result_of(begun, scope)
        except StageFailed as failed:
            if failed.cause is not Cause.TIMEOUT:
                raise
            raise StageFailed(Cause.TIMEOUT, Evidence(not_loaded=ROOTS)) from failed
        except WorkFailed as error:
            cause = Cause.LOCAL_LIMIT if _symbol(error.__cause__) in NO_DESCRIPTORS else Cause.TLS_FAILED
            if cause is Cause.TLS_FAILED and (setting := bad_keylog(error.__cause__)):
                raise StageFailed(cause, _with_setting(Evidence(not_loaded=ROOTS), setting)) from error
            raise StageFailed(cause, Evidence(not_loaded=ROOTS, detail=sanitize(str(error)))) from error

    def look(
        self, failed: StageFailed, host: str, dial: Callable[[CancelScope], Stream], scope: CancelScope
    ) -> TlsInfo | None:
        """Dial again for certificates that were not accepted: they explain most. Whether that fails is no news.

        What they say is added to the evidence of `failed`; what was seen of TLS is returned.
        """
        seen = failed.evidence
        if seen is None or seen.verify_code is None:
            return None
        soon, context = scope.within(LOOK_SECONDS), result_of(self.begin(), scope)  # the handshake had it
        looked = look_at_certificates(lambda: dial(soon), host)
        if looked is not None:
            seen = looked[1].explain(seen, host.rstrip("."), lambda: _roots_of(context), datetime.now(UTC))
        if seen.verify_code in UNTRUSTED and (self.is_ours or not _roots_of(context)):
            seen = _with_setting(seen, bad_roots())
        failed.evidence = seen
        return looked[0] if looked else None

    def join(self) -> None:
        """Wait for its thread to end, where there is one."""
        self.context.join()


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
