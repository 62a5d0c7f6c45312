"""What each cause means, how it comes about and what to do: one table, for the engine, `explain` and the docs."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wsconn._outcome import Cause


@attrs.frozen
class Explanation:
    """A cause in general. `advice` is what a person gets where nothing more particular is known."""

    meaning: str
    origin: str
    advice: str


EXPLANATIONS: Mapping[Cause, Explanation] = {
    Cause.BAD_DISCOVERY: Explanation(
        "The address that should name the region's server answered with something else.",
        "The discovery service has changed or is down, or a portal or proxy answered in its place.",
        "Nothing is known yet about WebSocket from here: open the discovery address in a browser and see what answers;"
        " if it is the service itself, ask its operator for the present address.",
    ),
    Cause.DNS_NOT_FOUND: Explanation(
        "The name server says that this name does not exist.",
        "The name is misspelt or gone, it exists only inside another network, or a DNS filter denies it.",
        "Check the spelling of the host name. If it resolves in other networks, ask this network's administrator"
        " whether the DNS server filters it.",
    ),
    Cause.DNS_FAILED: Explanation(
        "The name server answered with an error, or none answered.",
        "This machine is offline, its DNS server is down or refuses it, or a VPN changed the DNS settings.",
        "Check that this machine is online: can it open any web page? If it can, have the network's administrator check"
        " the DNS server that this machine uses.",
    ),
    Cause.DNS_BLOCKED: Explanation(
        "The name resolves to 0.0.0.0 or ::, which stand for no machine.",
        "A DNS filter or an entry in the hosts file blocks the name this way.",
        "Ask whoever runs the DNS filter (network administrator, parental control, ad blocker) to allow the name, and"
        " look for it in this machine's hosts file.",
    ),
    Cause.REFUSED: Explanation(
        "The machine at that address refused the TCP connection.",
        "Nothing listens on that port, or a firewall on the way answers with a reset.",
        "Check the port in the URL. If it is right, ask the network's administrator to allow outgoing TCP to it; if it"
        " is refused from other networks too, tell the service's operator.",
    ),
    Cause.UNREACHABLE: Explanation(
        "The system or a router says that there is no way to that address.",
        "The network is down, a VPN took its routes away, or a router forbids the connection.",
        "Check that this machine is connected, and whether a VPN is half up. Otherwise the network's administrator"
        " should look for a route or a reject rule for this address.",
    ),
    Cause.BLOCKED_LOCALLY: Explanation(
        "This machine itself forbids the connection.",
        "A firewall or security product on this machine, or a sandbox around this program, denied the call.",
        "Allow this program to make outgoing connections in the machine's firewall or security product, or run it"
        " outside its sandbox.",
    ),
    Cause.PROXY_AUTH_REQUIRED: Explanation(
        "The proxy wants to know who asks.",
        "No user name and password were given to the proxy, or they are wrong.",
        "Put user name and password into the proxy's URL (http://user:password@host:port), or ask the network's"
        " administrator for them.",
    ),
    Cause.PROXY_DENIED: Explanation(
        "The proxy refuses to connect to this host and port.",
        "The proxy's rules do not allow the host, its category, or the port.",
        "Ask the proxy's administrator to allow CONNECT to this host and port.",
    ),
    Cause.PROXY_TARGET_UNREACHABLE: Explanation(
        "The proxy works, but could not reach the region itself.",
        "The proxy cannot resolve the name, or a firewall behind the proxy drops the connection.",
        "Ask the proxy's administrator to try this host and port from the proxy itself.",
    ),
    Cause.PROXY_BAD_ANSWER: Explanation(
        "What listens at the proxy's address does not answer as a proxy.",
        "The proxy's URL has the wrong port or scheme, or another program listens there.",
        "Check scheme, host and port of the proxy's URL.",
    ),
    Cause.PROXY_UNSUPPORTED: Explanation(
        "wsconn cannot speak to the proxy that the settings name.",
        "The scheme is none of http, socks4, socks4a, socks5 and socks5h, or the extra for SOCKS is not installed.",
        'Set an http:// proxy, or install SOCKS support: pip install "wsconn[socks]".',
    ),
    Cause.TLS_UNTRUSTED: Explanation(
        "The server's certificate is signed by an authority that this machine does not trust.",
        "A company's proxy or a security product opens and re-signs TLS, the server sends an incomplete or self-signed"
        " certificate, or this machine's root certificates are out of date.",
        "If a company's proxy signed it, have its root certificate installed on this machine or the host exempted from"
        " TLS inspection. If a public authority signed it, this Python lacks the root certificates: update them (on"
        " macOS run Install Certificates.command). Otherwise tell the service's operator.",
    ),
    Cause.TLS_HOSTNAME_MISMATCH: Explanation(
        "The server's certificate is for another name.",
        "DNS or a portal led to another server, or the service's certificate lacks this name.",
        "Check the host name in the URL. If it is right, a portal or DNS filter may have led the connection elsewhere:"
        " log in to the network, or try another one; if it is the same there, tell the service's operator.",
    ),
    Cause.TLS_EXPIRED: Explanation(
        "The server's certificate is no longer valid.",
        "The operator did not renew it, or this machine's clock is ahead.",
        "Check this machine's clock. If it is right, tell the service's operator that the certificate has expired.",
    ),
    Cause.TLS_NOT_YET_VALID: Explanation(
        "The server's certificate is not valid yet.",
        "This machine's clock is behind: an empty battery, or no time server. Or the certificate is for a later day.",
        "Set this machine's clock, and have it kept by a time server.",
    ),
    Cause.TLS_CLIENT_CERTIFICATE_REQUIRED: Explanation(
        "The server wants a certificate from this client.",
        "The service, or a gateway before it, admits only clients with a certificate.",
        "Ask the service's operator for a client certificate and give it along (ssl_context with load_cert_chain, at"
        " the command line --client-cert).",
    ),
    Cause.TLS_VERSION: Explanation(
        "Client and server have no TLS version in common.",
        "The server or an inspecting proxy speaks only TLS 1.1 or older, or this machine's policy is stricter.",
        "Ask the operator of the server, or of the proxy on the way, to enable TLS 1.2 or 1.3.",
    ),
    Cause.NOT_TLS: Explanation(
        "What answered on the TLS port does not speak TLS.",
        "The port serves plain HTTP, or a portal or firewall answers with a page of its own.",
        "Check the port, and whether the URL should begin with ws://. If both are right, open a web page in a browser:"
        " a portal of this network may want a login.",
    ),
    Cause.TLS_FAILED: Explanation(
        "The TLS handshake failed.",
        "No cipher in common, a firewall that ends or garbles the handshake, or, under TLS 1.2, a client certificate"
        " that the server wanted.",
        "Ask the network's administrator whether TLS is inspected on the way to this host. The service's operator can"
        " tell whether the server wants a client certificate or an older cipher.",
    ),
    Cause.HTTP_STATUS: Explanation(
        "The request for a WebSocket was answered with an ordinary HTTP status.",
        "A portal, proxy, firewall or gateway answered in the server's place, or the server itself said no.",
        "Show the status to the service's operator and to the network's administrator.",
    ),
    Cause.REDIRECTED: Explanation(
        "The request for a WebSocket was answered with a redirect, which wsconn never follows.",
        "A portal wants a login, a proxy shows a block page, or the service has moved.",
        "Open any web page in a browser: if a login or block page appears, log in or ask the network's administrator."
        " If the redirect leads to the same service, take the region's URL (wss://) from there.",
    ),
    Cause.BAD_UPGRADE: Explanation(
        "The answer to the request for a WebSocket breaks the rules of the upgrade (RFC 6455, section 4).",
        "Not a WebSocket server, or a proxy on the way that rewrites or drops headers.",
        "Check host, port and path of the URL, and ask the service's operator. Without TLS (ws), ask the network's"
        " administrator whether a proxy on the way rewrites HTTP; wss mostly avoids that.",
    ),
    Cause.NO_PONG: Explanation(
        "The WebSocket opened, and then no frame came back.",
        "A proxy or firewall lets the upgrade pass and holds the frames back, or buffers them.",
        "Ask the network's administrator to exempt the host from HTTP inspection and buffering: WebSocket frames must"
        " pass both ways without delay.",
    ),
    Cause.BAD_FRAMES: Explanation(
        "The WebSocket opened, and then came bytes that are no WebSocket frame (RFC 6455, section 5).",
        "A proxy on the way alters the stream or adds to it, or the server is faulty.",
        "Ask the network's administrator whether a proxy on the way alters the traffic to this host; if it is the same"
        " from other networks, tell the service's operator.",
    ),
    Cause.TIMEOUT: Explanation(
        "No answer in the time that the region had.",
        "A firewall drops packets silently, the server or the network is overloaded, or the timeout is too short.",
        "Ask the network's administrator whether a firewall drops traffic to this host and port.",
    ),
    Cause.CLOSED: Explanation(
        "The connection was ended before the stage was over.",
        "A firewall that cut it on seeing a name or a header, or a server that closed it.",
        "Ask the network's administrator whether a firewall ends connections to this host; if it is the same from"
        " other networks, tell the service's operator.",
    ),
    Cause.LOCAL_LIMIT: Explanation(
        "This machine, or this process, ran out of something it needs for one more connection.",
        "No more file descriptors, threads, ports or memory.",
        "Test fewer regions at once (max_workers, at the command line --max-workers), close what else runs in this"
        " process, or raise its limits (ulimit -n for descriptors, ulimit -u for threads).",
    ),
    Cause.OUTRUN: Explanation(
        "This address had not answered yet when another one did. It is no fault.",
        "Addresses are tried side by side (RFC 8305); one of them wins.",
        "Nothing need be done.",
    ),
    Cause.INTERNAL_ERROR: Explanation(
        "wsconn itself made a mistake.",
        "A fault in wsconn: nothing is known about the region.",
        "Report it to the maintainers of wsconn, with the traceback that it logs under the logger wsconn.",
    ),
}
