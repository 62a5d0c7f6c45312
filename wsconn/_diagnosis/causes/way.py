"""The causes that begin on the way to an open connection: discovery, the name, TCP, the proxy."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes.words import (
    Explanation,
    after,
    body_says,
    name,
    not_installed,
    other_protocol,
    others,
    peer,
    proxy,
    reply,
    server,
    ticket,
    why,
)
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._places import split_place
from wsconn._proxies import percent_encoded
from wsconn._text import is_ip_address, value

_BLOCKED = {"0.0.0.0", "::"}  # noqa: S104 - nothing binds to it
# The name is there, and has no address of a family that is used; the last: Windows' WSANO_DATA.
NO_ADDRESS = ("EAI_NODATA", "EAI_ADDRFAMILY", "gaierror 11004")


def _on_dns_not_found(seen: Evidence) -> str:
    family = seen.missing_family
    if family and is_ip_address(split_place(seen.connect_to)[0] if seen.connect_to else seen.host or ""):
        return f"{proxy(seen)} takes only {value(family)} addresses, and not {server(seen)}"
    missing = f"it has no {value(family)} address, which the proxy needs" if family else None
    has_none = family or seen.os_error in NO_ADDRESS
    what = "has no address that can be used" if has_none else "does not exist, according to this machine's resolver"
    return f"{name(seen)} {what}{why(seen, missing)}, {after(seen)}"


def _on_dns_failed(seen: Evidence) -> str:
    server = seen.failing_name_server
    answered = f"an error came from the name server {value(server)}, or from the way to it" if server else None
    replaced = f"{value(seen.replaced)} was replaced in this program, and gives no address" if seen.replaced else None
    return f"{name(seen)} could not be looked up{why(seen, answered, replaced)}, {after(seen)}"


def _on_dns_blocked(seen: Evidence) -> str:
    addresses = " and ".join(map(value, seen.resolved_to))
    impossible = "" if set(seen.resolved_to) <= _BLOCKED else ", which no server can have"
    by = ", by an entry in this machine's hosts file" if seen.in_hosts_file else ""
    return f"{name(seen)} resolves to {addresses or 'no real address'}{impossible}{by}"


def _on_unreachable(seen: Evidence) -> str:
    if seen.no_such_source:
        lacks = f"this machine has no address {value(seen.source)} to connect from{why(seen)}"
        return f"{lacks}; nothing was asked of {proxy(seen) if seen.stage is Stage.PROXY else server(seen)} yet"
    missing = None
    if seen.missing_route:
        missing = f"this machine has no {value(seen.missing_route)}, and the server nothing else"
    elif seen.missing_family:
        lacks = f"it has no {value(seen.missing_family)} address"
        missing = f"{lacks}, and no other can be reached from {value(seen.source)}"
    return f"{peer(seen)} cannot be reached {after(seen)}{why(seen, missing, others(seen))}"


def _on_bad_answer(seen: Evidence) -> str:
    spoken = other_protocol(seen)
    other = f", but {'speaks' if seen.http_status else 'with'} {spoken}" if spoken else ""
    return f"{proxy(seen)} did not answer as a proxy{other}{reply(seen)}{_sent_on(seen)}{body_says(seen)}"


def _on_denied(seen: Evidence) -> str:
    return f"{proxy(seen)} refuses to connect to {server(seen)}{reply(seen)}{_sent_on(seen)}{body_says(seen)}"


def _on_auth_required(seen: Evidence) -> str:
    is_refused = seen.logins_refused or (seen.login_sent and not seen.http_status)
    what = "refuses the login that it was sent" if is_refused else "wants a login"
    tried = f" by {' and by '.join(map(value, seen.logins_refused))}" if seen.logins_refused else ""
    return f"{proxy(seen)} {what}{tried}{reply(seen)}{ticket(seen)}"


def _sent_on(seen: Evidence) -> str:
    return f" and sends the client to {value(seen.location)}" if seen.location else ""


def _on_unsupported(seen: Evidence) -> str:
    if seen.unencoded:  # the parts that were read are then of no use (a wrong port)
        return f"{proxy(seen)} cannot be used ({percent_encoded(seen.unencoded)})"
    install = not_installed(seen.missing_extra) if seen.missing_extra else None
    return f"{proxy(seen)} cannot be used{why(seen, install)}"


CAUSES: Mapping[Cause, Explanation] = {
    Cause.BAD_DISCOVERY: Explanation(
        meaning="The address that should name the region's server answered with something else.",
        origin="The discovery service has changed or is down, or a portal or proxy answered in its place.",
        advice=(
            "Open the discovery address in a browser and see what answers; if it is the service itself, ask its"
            " operator for the present address."
        ),
        message=lambda seen: f"{peer(seen)} did not name the region's server{why(seen)}",
        phrase="what answers does not name the server",
    ),
    Cause.DNS_NOT_FOUND: Explanation(
        meaning="This machine's resolver says that this name does not exist, or has no address.",
        origin=(
            "The name is misspelt or gone, it exists only inside another network, or a DNS filter denies it. A resolver"
            " on this machine (nscd, systemd-resolved) may say so of a name server that failed as well."
        ),
        advice=(
            "Check the spelling of the host name. If it resolves in other networks, ask this network's administrator"
            " whether the DNS server filters it. Try again in a minute: some resolvers say so of a DNS server that"
            " failed."
        ),
        message=_on_dns_not_found,
        phrase="the name server knows no such name",
    ),
    Cause.DNS_FAILED: Explanation(
        meaning="The name server answered with an error, or none answered.",
        origin="This machine is offline, its DNS server is down or refuses it, or a VPN changed the DNS settings.",
        advice=(
            "Check that this machine is online: can it open any web page? If it can, have the network's"
            " administrator check the DNS server that this machine uses."
        ),
        message=_on_dns_failed,
        phrase="the name could not be looked up",
    ),
    Cause.DNS_BLOCKED: Explanation(
        meaning="The name resolves to 0.0.0.0, :: or another address that no server can have.",
        origin="A DNS filter or an entry in the hosts file blocks the name this way.",
        advice=(
            "Ask whoever runs the DNS filter (network administrator, parental control, ad blocker) to allow the"
            " name, and look for it in this machine's hosts file."
        ),
        message=_on_dns_blocked,
        phrase="the name is blocked, it resolves to no real address",
    ),
    Cause.REFUSED: Explanation(
        meaning="The machine at that address refused the TCP connection.",
        origin="Nothing listens on that port, or a firewall on the way answers with a reset.",
        advice=(
            "Check the port in the URL. If it is right, ask the network's administrator to allow outgoing TCP to it;"
            " if it is refused from other networks too, tell the service's operator."
        ),
        message=lambda seen: f"{peer(seen)} refused the connection {after(seen)}{why(seen, others(seen))}",
        phrase="the connection is refused",
    ),
    Cause.UNREACHABLE: Explanation(
        meaning="The system or a router says that there is no way to that address.",
        origin="The network is down, a VPN took its routes away, or a router forbids the connection.",
        advice=(
            "Check that this machine is connected, and whether a VPN is half up. Otherwise the network's administrator"
            " should look for a route or a reject rule for this address."
        ),
        message=_on_unreachable,
        phrase="there is no way to the address",
    ),
    Cause.BLOCKED_LOCALLY: Explanation(
        meaning="This machine itself forbids the connection.",
        origin="A firewall or security product on this machine, or a sandbox around this program, denied the call.",
        advice=(
            "Allow this program to make outgoing connections in the machine's firewall or security product, or run it"
            " outside its sandbox."
        ),
        message=lambda seen: f"this machine forbids the connection to {peer(seen)}{why(seen, others(seen))}",
        phrase="this machine itself forbids the connection",
    ),
    Cause.PROXY_AUTH_REQUIRED: Explanation(
        meaning="The proxy wants to know who asks.",
        origin="The proxy was given no user name and password, or wrong ones, or there is no Kerberos ticket for it.",
        advice=(
            "Put user name and password into the proxy's URL (http://user:password@host:port), or ask the network's"
            " administrator for them."
        ),
        message=_on_auth_required,
        phrase="{proxy} wants a login",
    ),
    Cause.PROXY_DENIED: Explanation(
        meaning="The proxy refuses to connect to this host and port.",
        origin="The proxy's rules do not allow the host, its category, or the port, or a quota is used up.",
        advice="Ask the proxy's administrator to allow CONNECT to this host and port.",
        message=_on_denied,
        phrase="{proxy} refuses to connect to the server",
    ),
    Cause.PROXY_TARGET_UNREACHABLE: Explanation(
        meaning="The proxy works, but could not reach the region itself.",
        origin="The proxy cannot resolve the name, or a firewall behind the proxy drops the connection.",
        advice="Ask the proxy's administrator to try this host and port from the proxy itself.",
        message=lambda seen: f"{proxy(seen)} could not reach {server(seen)}{reply(seen)}{body_says(seen)}",
        phrase="{proxy} works, but cannot reach the server",
    ),
    Cause.PROXY_BAD_ANSWER: Explanation(
        meaning="What listens at the proxy's address does not answer as a proxy.",
        origin="The proxy's URL has the wrong port or scheme, or another program listens there.",
        advice="Check scheme, host and port of the proxy's URL.",
        message=_on_bad_answer,
        phrase="what listens there does not answer as a proxy",
    ),
    Cause.PROXY_UNSUPPORTED: Explanation(
        meaning="wsconn cannot speak to the proxy that the settings name.",
        origin=(
            "The scheme is none of http, https, socks4, socks4a, socks5 and socks5h, its URL is in quotes or has a"
            " password that is not percent-encoded, or the extra for SOCKS is not installed."
        ),
        advice='Set an http:// proxy, or install SOCKS support: pip install "wsconn[socks]".',
        message=_on_unsupported,
        phrase="wsconn cannot speak to {proxy}",
    ),
}
