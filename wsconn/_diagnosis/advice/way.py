"""Advice on the way to the server: its name, and the TCP connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._addresses import is_written_address
from wsconn._diagnosis.advice.elsewhere import ip_in
from wsconn._diagnosis.advice.special_names import for_special_name
from wsconn._diagnosis.advice.this_machine import TIMES
from wsconn._diagnosis.advice.words import server_and_port, source
from wsconn._diagnosis.causes.way import NO_ADDRESS
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import is_ip_address, is_loopback, value


def _for_name_timeout(seen: Evidence) -> str | None:
    if seen.never_began:
        return (
            "Give the whole test more time (total_timeout, at the command line --total-timeout) or more threads"
            " (max_workers, --max-workers)."
        )
    servers = ", ".join(map(value, seen.name_servers))
    told = f"the DNS server that it uses ({servers})" if servers else "the DNS server that it uses"
    advice = (
        "The name server does not answer: check that this machine is online, and have the network's administrator"
        f" check {told}. A firewall may block DNS to it, over UDP, or over TCP, which carries long answers."
    )
    if len(seen.name_servers) < 2:
        return advice
    return (
        f"{advice} If only the first of them is dead, the next is asked after about 5 s: test with more time ({TIMES})."
    )


def _for_connect_timeout(seen: Evidence) -> str | None:
    return for_loopback(seen) or (
        "A firewall most likely drops the packets: ask the network's administrator to allow outgoing TCP to"
        f" {server_and_port(seen)}."
    )


def for_loopback(seen: Evidence) -> str | None:
    """Say who can have made the name lead to this machine."""
    address = ip_in(seen.address)
    if seen.connect_to or not is_loopback(address) or not _is_name(seen.host or ""):
        return None
    if seen.in_hosts_file:
        return (
            f"An entry in this machine's hosts file leads the name {value(seen.host)} to this machine itself"
            f" ({value(address)}): {_REMOVE_ENTRY}."
        )
    return (
        f"The name {value(seen.host)} leads to this machine itself ({value(address)}): an entry in its hosts file or"
        " a DNS filter does that. Remove the entry, or ask whoever runs the filter to allow the name."
    )


_REMOVE_ENTRY = "remove it, or have the program that added it (an ad blocker, parental control) do so"


def _is_name(host: str) -> bool:
    """Whether a host is a name that somebody can have led here; localhost is led nowhere else."""
    return not is_written_address(host) and not is_loopback(host)


def _for_refused(seen: Evidence) -> str | None:
    address = ip_in(seen.address)
    if not (is_loopback(seen.host or "") or is_loopback(address) or seen.is_own_address or address in _UNSPECIFIED):
        return _for_refusing_place(seen) if seen.connect_to else None
    if _is_name(seen.host or ""):
        return (
            f"The name {value(seen.host)} leads to this machine itself ({value(address)}), and nothing listens at port"
            f" {seen.port} of it. Check the port, and start the server. If another machine is meant, an entry in the"
            " hosts file or a DNS filter leads the name here: correct that."
        )
    setting = "it" if seen.connect_to else "the URL"
    return (
        f"Check the port in {setting}: nothing listens at port {seen.port} of this machine. If the port is right, start"
        " the server. In a container, localhost is the container itself: name the host, or the other container,"
        " instead. No rule for outgoing TCP has a part in this: the connection does not leave this machine."
    )


_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - what is sent to no address in particular stays here


def _for_refusing_place(seen: Evidence) -> str:
    return (
        f"If it is right, ask the service's operator whether the server at {server_and_port(seen)} is started, and the"
        " network's administrator to allow outgoing TCP to it."
    )


def _for_dns_not_found(seen: Evidence) -> str | None:
    if not seen.proxy:
        return _for_no_address(seen)
    if seen.missing_family and is_ip_address((seen.host or "").strip("[]")):
        return (
            "SOCKS 4 takes no IPv6 addresses: name the server by an IPv4 address or by its name. Or, if the proxy"
            f" speaks SOCKS 5, write {value('socks5://')} in place of {value('socks4://')} in {source(seen)}."
        )
    if seen.missing_family:
        return (
            f"SOCKS 4 takes only IPv4 addresses, and {value(seen.host)} has none. Write {value('socks5://')} in"
            f" {source(seen)} if the proxy speaks SOCKS 5, or {value('socks4a://')}, so that the proxy looks the name"
            " up."
        )
    return (
        "This machine looks the name up, as the proxy's scheme says. If only the proxy knows it, use socks5h:// (or"
        f" socks4a://) in {source(seen)}; else check the spelling of the host name."
    )


def _for_no_address(seen: Evidence) -> str | None:
    if seen.os_error in NO_ADDRESS:
        return (
            f"The name {value(seen.host)} exists, but has no address: check the host name in the URL with the"
            " service's operator. If other networks find an address, ask this network's administrator whether the DNS"
            " server filters it (as rebind protection does with an address inside a private network)."
        )
    if seen.detail and not seen.os_error:  # no system was asked: the name cannot be one
        return (
            "Check the spelling of the host name: each part between dots has 1 to 63 characters, and the whole name"
            " at most 253."
        )
    return for_special_name(seen.host or "")


def _for_dns_failed(seen: Evidence) -> str | None:
    if not seen.failing_name_server:
        return None
    return (
        f"The DNS server {value(seen.failing_name_server)} answers, but not for {value(seen.host)}: it refuses this"
        " machine, cannot reach the name's own servers, or finds the answer forged (DNSSEC). Or no DNS server is at"
        " that address, or a firewall forbids the way to it. Have the network's administrator look up the name on it;"
        " if it fails from other networks too, tell the service's operator."
    )


def _for_dns_blocked(seen: Evidence) -> str | None:
    if not seen.in_hosts_file:
        return None
    return f"An entry in this machine's hosts file blocks the name {value(seen.host)}: {_REMOVE_ENTRY}."


def _for_unreachable(seen: Evidence) -> str | None:
    if said := _for_link_local(seen):
        return said
    family = seen.missing_route
    if not family:
        return None
    other = {"IPv4": "IPv6", "IPv6": "IPv4"}[family]
    if ip_in(seen.address) == (seen.host or "").strip("[]"):
        return (
            f"The URL holds an {value(family)} address, and this machine has {value(other)} alone. Use a URL with the"
            f" server's name, or a network that has {value(family)}."
        )
    return (
        f"This machine has {value(other)} alone, and {value(seen.host)} has no {value(other)} address: ask the"
        f" network's administrator for a way to {value(family)}, or the service's operator for an address of"
        f" {value(other)}."
    )


def _for_link_local(seen: Evidence) -> str | None:
    """Advise where the URL holds an address that means nothing without an interface (RFC 4007, section 11)."""
    address = ip_in(seen.address)
    if not address.startswith("fe80:") or "%" in (seen.host or ""):
        return None
    return (
        f"{value(address)} is a link-local address, and this machine may have several links: add the interface that"
        f" leads there, as in {value(f'[{address}%25eth0]')}."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.RESOLVE, Cause.TIMEOUT): _for_name_timeout,
    (Stage.RESOLVE, Cause.DNS_NOT_FOUND): _for_dns_not_found,
    (Stage.RESOLVE, Cause.DNS_FAILED): _for_dns_failed,
    (Stage.RESOLVE, Cause.DNS_BLOCKED): _for_dns_blocked,
    (Stage.CONNECT, Cause.UNREACHABLE): _for_unreachable,
    (Stage.CONNECT, Cause.TIMEOUT): _for_connect_timeout,
    (Stage.CONNECT, Cause.REFUSED): _for_refused,
}
