"""The TLS context that a test shares, and a second look at certificates that were not accepted by it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy
from wsconn._io.importing import importing
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause, Evidence, TlsInfo
from wsconn._text import sanitize

if TYPE_CHECKING:
    import ssl

    from wsconn._tls_settings import BadSetting

ROOTS = "the system's root certificates"
LOOK_SECONDS = 1.0  # for seeing whose certificate it was that was not trusted


@attrs.frozen(eq=False, repr=False)
class Trust:
    """The TLS context for the servers, or for the proxies, which is loaded beside the connecting.

    `is_ours` says that it is of wsconn's making, and trusts what the system and the environment say.
    """

    context: Lazy[ssl.SSLContext]
    is_ours: bool = False

    @classmethod
    def of_the_system(cls) -> Trust:
        """Trust the system's roots."""
        return cls(Lazy(_load_context, "wsconn-trust"), is_ours=True)

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
            raise _not_loaded(error) from error

    def look(
        self, failed: StageFailed, host: str, dial: Callable[[CancelScope], Stream], scope: CancelScope
    ) -> TlsInfo | None:
        """Dial again for certificates that were not accepted: they explain most. Whether that fails is no news.

        What they say is added to the evidence of `failed`; what was seen of TLS is returned.
        """
        seen = failed.evidence
        if seen is None or seen.verify_code is None:
            return None
        import ssl

        from wsconn._protocols.certificate_chain import UNTRUSTED  # here, as below: loaded with the context
        from wsconn._stages.tls import look_at_certificates
        from wsconn._tls_settings import bad_roots, has_folder_of_roots

        soon, context = scope.within(LOOK_SECONDS), result_of(self.begin(), scope)  # the handshake had it
        looked = look_at_certificates(lambda: dial(soon), host)
        if looked is not None:
            seen = looked[1].explain(seen, host.rstrip("."), lambda: _roots_of(context), datetime.now(UTC))
        if seen.verify_code in UNTRUSTED and (self.is_ours or not _roots_of(context)):
            has_some = not self.is_ours or _holds_any(context)
            setting = bad_roots(have_some=has_some)
            has_none = not (has_some or setting or has_folder_of_roots(ssl.get_default_verify_paths().openssl_capath))
            seen = _with_setting(attrs.evolve(seen, no_roots=has_none), setting)
        failed.evidence = seen
        return looked[0] if looked else None

    def join(self) -> None:
        """Wait for its thread to end, where there is one."""
        self.context.join()


def load_tls() -> None:
    """Import what a handshake needs, ssl above all: where no region is of `wss`, or none gets so far, nobody waits."""
    import wsconn._stages.tls
    import wsconn._tls_settings  # noqa: F401 - for later


def _load_context() -> ssl.SSLContext:
    with importing:
        load_tls()
    from wsconn._stages.tls import verifying_context

    return verifying_context()


def _not_loaded(error: WorkFailed) -> StageFailed:
    """Say why there are no roots."""
    why, seen = error.__cause__, Evidence(not_loaded=ROOTS)
    if isinstance(why, OSError) and symbol(why) in NO_DESCRIPTORS:
        return StageFailed(Cause.LOCAL_LIMIT, attrs.evolve(seen, detail=sanitize(str(error))))
    from wsconn._tls_settings import bad_keylog

    if setting := bad_keylog(why):
        return StageFailed(Cause.TLS_FAILED, _with_setting(seen, setting))
    return StageFailed(Cause.TLS_FAILED, attrs.evolve(seen, detail=sanitize(str(error))))


def _roots_of(context: ssl.SSLContext) -> list[bytes]:
    """Return the root certificates that were loaded from a file, or found in a directory so far, in DER."""
    try:
        return context.get_ca_certs(binary_form=True)
    except NotImplementedError:  # truststore's, which asks the system
        return []


def _holds_any(context: ssl.SSLContext) -> bool:
    try:
        return context.cert_store_stats()["x509"] > 0
    except NotImplementedError:  # see above
        return True


def _with_setting(seen: Evidence, setting: BadSetting | None) -> Evidence:
    if setting is None:
        return seen
    os_error = _symbol(setting.error)
    return attrs.evolve(seen, setting=setting.variable, setting_value=sanitize(setting.value), os_error=os_error)


def _symbol(error: BaseException | None) -> str | None:
    import ssl

    return symbol(error) if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
