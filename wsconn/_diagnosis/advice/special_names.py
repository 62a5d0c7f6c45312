"""Advice where a name was not found whose ending says who alone can know it: not the public DNS."""

from __future__ import annotations

from wsconn._text import value

_KNOWN_INSIDE = ("arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "private")


def for_special_name(host: str) -> str | None:
    """Say who knows it; `None` for a name that the public DNS may have."""
    name = host.rstrip(".").lower()
    *more, last = name.split(".")
    if name == "localhost":
        if host.endswith("."):
            return "Write localhost without the dot at its end."
        return f"Write 127.0.0.1 in the URL, or add the line {value('127.0.0.1 localhost')} to the hosts file."
    if last == "localhost":
        return _for_name_below_localhost(name)
    if not more:
        return (
            "A name without a dot is found only in the hosts file, or in a domain of this machine's DNS search list:"
            " check the spelling, and whether the network or VPN is up that brings the search list, or write the whole"
            " name."
        )
    if last == "onion":
        return (
            "Only Tor finds what ends in .onion: name its SOCKS proxy, mostly"
            f" {value('socks5h://127.0.0.1:9050')} (proxy, at the command line --proxy)."
        )
    return _for_name_inside(last) if last in _KNOWN_INSIDE else None


def _for_name_below_localhost(name: str) -> str:
    return (
        "Browsers lead what ends in .localhost to this machine without asking anybody, and this machine's resolver does"
        f" not know it: write localhost in the URL, or add the line {value(f'127.0.0.1 {name}')} to the hosts file."
    )


def _for_name_inside(last: str) -> str:
    advice = (
        f"What ends in .{last} is known only inside a network that has it: check the spelling, and that this machine is"
        " in that network and asks its DNS server (is the VPN up?)."
    )
    if last != "local":
        return advice
    return f"{advice} Or it is found by multicast DNS, which this machine must ask too (on Linux: Avahi, libnss-mdns)."
