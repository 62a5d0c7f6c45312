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
            "A name without a dot is found only in the hosts file, or in a domain of this machine's DNS search list."
            " Check the spelling, and that the network or VPN that sets the search list is up. Or write the whole"
            " name."
        )
    if last == "onion":
        return (
            "Only Tor finds names that end in .onion: name its SOCKS proxy, usually"
            f" {value('socks5h://127.0.0.1:9050')} (proxy, at the command line --proxy)."
        )
    return _for_name_inside(last) if last in _KNOWN_INSIDE else None


def _for_name_below_localhost(name: str) -> str:
    return (
        "Browsers take any name that ends in .localhost for this machine, but this machine's resolver does not know"
        f" it. Write localhost in the URL, or add the line {value(f'127.0.0.1 {name}')} to the hosts file."
    )


def _for_name_inside(last: str) -> str:
    advice = (
        f"A name that ends in .{last} is known only inside its own network. Check the spelling, and that this machine"
        " is in that network and asks its DNS server (is the VPN up?)."
    )
    if last != "local":
        return advice
    return f"{advice} Or the name needs multicast DNS, which this machine must use too (on Linux: Avahi, libnss-mdns)."
