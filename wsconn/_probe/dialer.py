"""The connection to a server: resolve and connect, or a tunnel through a proxy."""

from __future__ import annotations

import functools
from socket import AF_INET

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.stream import Stream
from wsconn._io.waiting import wait_for
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._proxies import Proxies, Proxy
from wsconn._regions import Target
from wsconn._stages.connect import connect
from wsconn._stages.proxy import missing_extra, open_tunnel
from wsconn._stages.resolve import Lookups, resolve
from wsconn._stages.tunnel import WantedTunnel


@attrs.frozen
class Dialer:
    """How a test connects to its servers: how names are looked up, and what was said about proxies."""

    lookups: Lookups
    proxies: Proxies

    def dial(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a stream to `target`, over which nothing was sent yet; the caller closes it."""
        proxy = self.proxies.choose(target)
        if proxy is not None:
            return self._dial_through(proxy, target, scope, recorder)
        if self.proxies.is_silent_on(target):
            recorder.goes_unproxied(self.proxies.variable_for_others())
        with recorder.timed(Stage.RESOLVE):
            answers = resolve(target.host, target.port, self.lookups, scope)
        recorder.looked_up(answers.evidence)
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
            reach = functools.partial(self._reach, proxy, scope, recorder)
            return open_tunnel(WantedTunnel(reach, proxy, host, target.port, scope, recorder.hide))

    def _reach(self, proxy: Proxy, scope: CancelScope, recorder: Recorder) -> Stream:
        """Return a new stream to the proxy itself."""
        answers = resolve(proxy.host, proxy.port, self.lookups, scope)
        return Stream(connect(answers, scope, recorder), scope)

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


def _why_unfit(proxy: Proxy) -> Evidence:
    return Evidence(detail=proxy.unfit, unencoded=proxy.unencoded, in_quotes=proxy.in_quotes)
