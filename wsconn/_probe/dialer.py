"""The connection to a server: resolve and connect, or a tunnel through a proxy, to which there may be TLS."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import Future
from socket import AF_INET
from typing import TYPE_CHECKING

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.stream import Stream
from wsconn._io.waiting import wait_for
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._probe.loading import loading
from wsconn._probe.trust import LOOK_SECONDS, Trust
from wsconn._probe.ways import NOBODY_ASKED, Ways
from wsconn._proxies import Proxies, Proxy
from wsconn._regions import Target
from wsconn._stages.connect import connect
from wsconn._stages.resolve import Lookups, resolve

if TYPE_CHECKING:
    import ssl

    from wsconn._probe.pac import Pac

_MOST_SECONDS = 8.0  # for a way that is not the last, as in Chromium
# After these another way is tried, as in Chromium: the proxy, or the server, could not be reached.
_UNREACHED = {
    *(Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED),
    *(Cause.REFUSED, Cause.UNREACHABLE, Cause.BLOCKED_LOCALLY, Cause.TIMEOUT, Cause.CLOSED),
    *(Cause.TLS_UNTRUSTED, Cause.TLS_HOSTNAME_MISMATCH, Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID),
    *(Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, Cause.TLS_VERSION, Cause.NOT_TLS, Cause.TLS_FAILED),
    Cause.PROXY_UNSUPPORTED,
}
# And after these of SOCKS: of HTTP they are an answer, which decides.
_NO = {Cause.PROXY_DENIED, Cause.PROXY_TARGET_UNREACHABLE, Cause.PROXY_AUTH_REQUIRED, Cause.PROXY_BAD_ANSWER}
_AT_TLS, _AT_SOCKS = 400, 501  # what HTTP is answered at a port of TLS (nginx, Go), and at one of SOCKS (tor)


@attrs.frozen(eq=False, repr=False)
class Dialer:
    """How a test connects to its servers: how names are looked up, what was said about proxies.

    `trust` is for proxies that TLS is spoken to; `pac` asks the PAC files that were named, where some were.
    """

    lookups: Lookups
    proxies: Proxies
    trust: Trust = attrs.field(factory=Trust.of_the_system)
    pac: Pac | None = None
    segment_bytes: int | None = None  # the largest segment of TCP; `None` leaves it to the system

    def dial(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a stream to `target`, over which nothing was sent yet; the caller closes it."""
        *others, last = self._ways(target, scope, recorder)
        for tried, proxy in enumerate(others):
            share = scope.share(len(others) + 1 - tried).within(_MOST_SECONDS)
            try:
                stream = self.dial_by(proxy, target, share, recorder)
            except StageFailed as failed:
                if not _leads_on(failed, proxy, recorder):
                    raise
                recorder.way_failed(failed)
            else:
                stream.extend(scope)
                return stream
        return self.dial_by(last, target, scope, recorder)

    def dial_by(self, proxy: Proxy | None, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Do so by one way: through a proxy, or directly."""
        if proxy is not None:
            return self._dial_through(proxy, target, scope, recorder)
        with recorder.timed(Stage.RESOLVE):
            answers = resolve(*target.place, self.lookups, scope)
        recorder.looked_up(answers.evidence)
        with recorder.timed(Stage.CONNECT):
            return Stream(connect(answers, scope, recorder, target.source, self.segment_bytes), scope)

    def ways(self, target: Target, scope: CancelScope) -> Ways:
        """Return the ways to try: those that a PAC file names, or else the one that the other settings do."""
        asked = self.pac.ask(self.proxies.pacs(target), target, scope) if self.pac else NOBODY_ASKED
        return asked if asked.ways else Ways((self.proxies.choose(target),), asked.evidence)

    def _ways(self, target: Target, scope: CancelScope, recorder: Recorder) -> Sequence[Proxy | None]:
        if self.pac is None:
            ways, evidence = self.ways(target, scope)
        else:
            with recorder.timed(Stage.PROXY):
                ways, evidence = self.ways(target, scope)
            recorder.asked_pac(evidence)
        if ways == (None,) and evidence.pac is None and self.proxies.is_silent_on(target):
            recorder.goes_unproxied(self.proxies.variable_for_others())
        return ways

    def _dial_through(self, proxy: Proxy, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        with loading():  # here: most ways are direct
            import ssl

            from wsconn._stages.proxy import missing_extra, open_tunnel
            from wsconn._stages.tls import failure as tls_failure
            from wsconn._stages.tunnel import WantedTunnel

        recorder.set_proxy(proxy)
        recorder.hide(*proxy.secrets)
        host, port = target.place
        if not proxy.resolves:
            with recorder.timed(Stage.RESOLVE):
                host = self._address_for(proxy, target, scope)
        with recorder.timed(Stage.PROXY):
            if missing := missing_extra(proxy):
                raise StageFailed(Cause.PROXY_UNSUPPORTED, Evidence(missing_extra=missing))
            if proxy.unfit:
                raise StageFailed(Cause.PROXY_UNSUPPORTED, _why_unfit(proxy))
            reach = functools.partial(self._reach, proxy, target.source, scope, recorder)
            try:
                return open_tunnel(WantedTunnel(reach, proxy, host, port, scope, recorder.hide))
            except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
                raise tls_failure(error) from error
            except StageFailed as failed:
                if proxy.scheme == "http" and _may_speak_otherwise(failed):
                    self._find_out(failed, proxy, target.source, scope)
                raise

    def _find_out(self, failed: StageFailed, proxy: Proxy, source: str | None, scope: CancelScope) -> None:
        """Find out whether a proxy that knew nothing to say to HTTP wants TLS or SOCKS: most say nothing of that."""
        from wsconn._stages.proxy import speaks_socks_alone
        from wsconn._stages.tls import speaks_tls

        soon, unnoticed = scope.within(LOOK_SECONDS), Recorder("", None)

        def dial() -> Stream:
            return self._connect_to(proxy, source, soon, unnoticed)

        seen = failed.evidence or Evidence()
        if seen.http_status != _AT_SOCKS and speaks_tls(dial, proxy.host):
            failed.evidence = attrs.evolve(seen, speaks_tls=True)
        elif seen.http_status != _AT_TLS and speaks_socks_alone(dial):
            failed.evidence = attrs.evolve(seen, proxy_speaks="SOCKS 5")

    def _reach(self, proxy: Proxy, source: str | None, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a new stream to the proxy itself, with TLS where its scheme says so."""
        begun = self.trust.begin() if proxy.secure else None
        stream = self._connect_to(proxy, source, scope, recorder)
        try:
            if begun:
                self._secure(stream, proxy, source, begun, scope, recorder)
        except BaseException:
            stream.close()
            raise
        return stream

    def _connect_to(self, proxy: Proxy, source: str | None, scope: CancelScope, recorder: Recorder) -> Stream:
        answers = resolve(proxy.host, proxy.port, self.lookups, scope)
        return Stream(connect(answers, scope, recorder, source, self.segment_bytes), scope)

    def _secure(
        self,
        stream: Stream,
        proxy: Proxy,
        source: str | None,
        begun: Future[ssl.SSLContext],
        scope: CancelScope,
        recorder: Recorder,
    ) -> None:
        from wsconn._stages.tls import handshake

        context = self.trust.loaded(begun, scope)
        try:
            recorder.saw_proxy_tls(handshake(stream, context, proxy.host))
        except StageFailed as failed:
            dial = functools.partial(self._connect_to, proxy, source, recorder=Recorder("", None))
            looked = self.trust.look(failed, proxy.host, dial, scope)
            if looked:
                recorder.saw_proxy_tls(looked)
            raise

    def _address_for(self, proxy: Proxy, target: Target, scope: CancelScope) -> str:
        """Look a name up here for a proxy that takes addresses: one of IPv4 where there is one, which all can reach.

        It is given one address and races none, and many a proxy has no IPv6. SOCKS 4 takes IPv4 alone; SOCKS 5 is given
        IPv6 where the lookup for IPv4 finds nothing, or takes half the time that is left.
        """
        answers = resolve(*target.place, self.lookups, scope)
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


def _leads_on(failed: StageFailed, proxy: Proxy | None, recorder: Recorder) -> bool:
    """Whether the next way is to be tried: an HTTP proxy that answers no, or ends the connection in order, decides."""
    if proxy and proxy.scheme.startswith("socks"):
        return failed.cause in _UNREACHED | _NO
    is_reset = failed.evidence is not None and failed.evidence.os_error is not None
    if failed.cause is Cause.CLOSED and proxy and not is_reset:
        return proxy.secure and recorder.proxy_tls is None
    return failed.cause in _UNREACHED


def _may_speak_otherwise(failed: StageFailed) -> bool:
    """Whether HTTP was perhaps not understood: the connection has ended, or a status came that says no more."""
    seen = failed.evidence or Evidence()
    if seen.auth_schemes or seen.login_sent:  # it had spoken HTTP before
        return False
    return failed.cause is Cause.CLOSED or seen.http_status in (_AT_TLS, _AT_SOCKS)


def _why_unfit(proxy: Proxy) -> Evidence:
    return Evidence(detail=proxy.unfit, unencoded=proxy.unencoded, in_quotes=proxy.in_quotes)
