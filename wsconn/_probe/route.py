"""The way to a server, up to an open stream: resolve, connect, or a tunnel through a proxy; then TLS."""

from __future__ import annotations

import ssl
from concurrent.futures import Future
from socket import AF_INET

import attrs

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.background import Lazy
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of, wait_for
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._proxies import Proxies, Proxy
from wsconn._regions import Target
from wsconn._stages.connect import connect
from wsconn._stages.proxy import missing_extra, open_tunnel
from wsconn._stages.resolve import Lookups, resolve
from wsconn._stages.tls import handshake, look_at_certificate
from wsconn._text import sanitize

ROOTS = "the system's root certificates"
LOOK_SECONDS = 1.0  # for seeing whose certificate it was that was not trusted


@attrs.frozen
class Route:
    """How a test gets to its servers; `trust` is the TLS context, which it loads beside the connecting."""

    lookups: Lookups
    trust: Lazy[ssl.SSLContext]
    proxies: Proxies

    def open(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a stream to `target`, with TLS where its scheme says so; the caller closes it."""
        trust = self.trust.begin() if target.secure else None
        stream = self._dial(target, scope, recorder)
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
            raise StageFailed(cause, Evidence(not_loaded=ROOTS, detail=sanitize(str(error)))) from error

    def _dial(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        proxy = self.proxies.choose(target)
        if proxy is not None:
            return self._dial_through(proxy, target, scope, recorder)
        if self.proxies.is_silent_on(target):
            recorder.goes_unproxied(self.proxies.variable_for_others())
        with recorder.timed(Stage.RESOLVE):
            answers = resolve(target.host, target.port, self.lookups, scope)
        with recorder.timed(Stage.CONNECT):
            return Stream(connect(answers, scope, recorder), scope)

    def _dial_through(self, proxy: Proxy, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        recorder.set_proxy(proxy)
        recorder.hide(*proxy.secrets)
        host = target.host
        if not proxy.resolves:
            with recorder.timed(Stage.RESOLVE):
                host = self._address_for(proxy, target, scope)
        with recorder.timed(Stage.PROXY):
            if missing := missing_extra(proxy):
                raise StageFailed(Cause.PROXY_UNSUPPORTED, Evidence(missing_extra=missing))
            if proxy.unfit:
                raise StageFailed(Cause.PROXY_UNSUPPORTED, _why_unfit(proxy))
            answers = resolve(proxy.host, proxy.port, self.lookups, scope)
            stream = Stream(connect(answers, scope, recorder), scope)
            try:
                open_tunnel(stream, proxy, host, target.port)
            except BaseException:
                stream.close()
                raise
            return stream

    def _address_for(self, proxy: Proxy, target: Target, scope: CancelScope) -> str:
        """Look a name up here for a proxy that takes addresses: one of IPv4 where there is one, which all can reach.

        It is given one address and races none, and many a proxy has no IPv6. SOCKS 4 takes IPv4 alone; SOCKS 5 is given
        IPv6 where the lookup for IPv4 finds nothing, or takes half the time that is left.
        """
        answers = resolve(target.host, target.port, self.lookups, scope)
        needs_ipv4 = proxy.needs_ipv4
        until = scope if needs_ipv4 else scope.share(2)
        while True:
            pending = answers.pending()  # asked first: what comes in between is among the addresses
            addresses = answers.addresses()
            ipv4 = [address for address in addresses if address.family == AF_INET]
            if ipv4 or not pending or not until.remaining():
                break
            wait_for(pending, until)
        if ipv4 or not needs_ipv4:
            return str((ipv4 or addresses)[0].sockaddr[0])
        if pending:
            raise StageFailed(Cause.TIMEOUT)
        raise StageFailed(Cause.DNS_NOT_FOUND, Evidence(missing_family="IPv4"))

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
                # Whose certificate it is tells most: dial again for a look. What becomes of that is nobody's business.
                soon = scope.within(LOOK_SECONDS)
                recorder.saw_tls(look_at_certificate(lambda: self._dial(target, soon, Recorder("", None)), target.host))
            raise


def _why_unfit(proxy: Proxy) -> Evidence:
    return Evidence(detail=proxy.unfit, unencoded=proxy.unencoded, in_quotes=proxy.in_quotes)


def _symbol(error: BaseException | None) -> str | None:
    return symbol(error) if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
