"""Whether a name led to where its server can hardly be: what then matters is not what answered there, but who named it.

A VPN's DNS, a wildcard in the search list, a filter or a portal does that. It is said before any other advice.
"""

from __future__ import annotations

from wsconn._addresses import is_inside, is_public_name
from wsconn._outcome import Evidence, Stage
from wsconn._text import is_loopback, value

_AT_THE_ADDRESS = (Stage.CONNECT, Stage.TLS, Stage.UPGRADE, Stage.FRAMES)


def elsewhere(seen: Evidence) -> str:
    """Say where the name has led, if the server is most likely not there."""
    if not _was_led(seen) or not seen.host:
        return ""
    if seen.search_domain and is_public_name(seen.host):
        return (
            f"The name {value(seen.host)} was found as {value(seen.canonical_name)}, through this machine's DNS search"
            " list: if that is not the server that is meant, ask the network's administrator about a wildcard entry in"
            f" {value(seen.search_domain)}. "
        )
    address = ip_in(seen.address)
    if is_public_name(seen.host) and is_inside(address) and not is_loopback(address):
        return (
            f"The name {value(seen.host)} leads to {value(address)}, an address inside a private network: if the"
            " service is not in there, a VPN's DNS, a portal or the hosts file answers in its place. "
        )
    return ""


def leads_here(seen: Evidence) -> bool:
    """Whether a public name has led to this machine itself, where whatever answered is not its server."""
    return _was_led(seen) and is_public_name(seen.host or "") and is_loopback(ip_in(seen.address))


def _was_led(seen: Evidence) -> bool:
    """Whether a name of the server's led to the address that was spoken to."""
    return seen.stage in _AT_THE_ADDRESS and bool(seen.address) and not seen.proxy and not seen.connect_to


def ip_in(address: str | None) -> str:
    """Return the IP address of a `host:port`."""
    return (address or "").rpartition(":")[0].strip("[]")
