"""Where a region's connections go and come from, and what a firewall has to let through: texts that name places."""

from __future__ import annotations

import ipaddress
import re

from wsconn._exceptions import about_argument
from wsconn._text import describe, redact_url

HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+(%25[A-Za-z0-9._~-]+)?\]")
_PORT = re.compile(r"[0-9]{1,5}")
_HIGHEST_PORT = 65535
# A host in which * stands for any label or part of one, or a network; a port, or the first and the last of several.
# Compiled when it is first used: few regions have anything of the kind.
_ALLOWED = r"([A-Za-z0-9*._-]+(/\d{1,3})?|\[[0-9A-Fa-f:.]+(/\d{1,3})?\]):(\d{1,5})(-(\d{1,5}))?"
_LIKE_AN_ADDRESS = r"[0-9.]+|\[.*\]"


def split_place(place: str) -> tuple[str, int]:
    """Take `host:port` apart; the host has no brackets. A record made by hand may hold no port: that is 0."""
    host, _, port = place.rpartition(":")
    return host.strip("[]").replace("%25", "%"), int(port) if is_port(port) else 0


def check_connect_to(value: object) -> None:
    """Refuse what is no `host:port`. The error names the argument, as from all that check one."""
    if value is None:
        return
    if not isinstance(value, str):
        raise about_argument(TypeError, "connect_to", f" must be a str or None, not {describe(value)}")
    host, _, port = value.rpartition(":")
    if not HOST.fullmatch(host) or not is_port(port) or not _is_address_in_brackets(host):
        raise about_argument(
            ValueError,
            "connect_to",
            f" '{redact_url(value)}' must be HOST:PORT, as in '203.0.113.7:443' or '[2001:db8::7]:443'",
        )


def check_source(value: object) -> None:
    """Refuse what is no IP address. Whether this machine has it is seen when a connection is made."""
    if value is None:
        return
    if not isinstance(value, str):
        raise about_argument(TypeError, "source", f" must be a str or None, not {describe(value)}")
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise about_argument(
            ValueError, "source", f" '{redact_url(value)}' must be an IP address of this machine, as in '192.0.2.5'"
        ) from None


def check_allow(value: object) -> None:
    """Refuse what is no list of what a firewall can allow."""
    if not isinstance(value, tuple):
        raise about_argument(TypeError, "allow", f" must be a sequence of str, not {describe(value)}")
    for entry in value:
        if not isinstance(entry, str):
            raise about_argument(TypeError, "allow", f" must hold str, not {describe(entry)}")
        if wrong := _what_cannot_be_allowed(entry):
            raise about_argument(ValueError, "allow", f": '{redact_url(entry)}' {wrong}")


def _what_cannot_be_allowed(entry: str) -> str | None:
    parts = re.fullmatch(_ALLOWED, entry)
    if parts is None:
        if _is_ipv6(entry.rpartition(":")[0].split("/")[0]):
            return "must have the IPv6 address in brackets, as in '[2001:db8::/32]:443'"
        return "must be HOST:PORT, as in '*.example.org:443'"
    host, first, last = parts[1], parts[4], parts[6] or parts[4]
    if not is_port(first) or not is_port(last):
        return "must be HOST:PORT, as in '*.example.org:443', with a port from 1 to 65535"
    if int(first) > int(last):
        return "must have the lower port first, as in '*.example.org:8000-8010'"
    if ("/" in host or re.fullmatch(_LIKE_AN_ADDRESS, host)) and not _is_network(host):
        return "must name an address or a network that there is, as in '203.0.113.0/24:443'"
    return None


def check_help(value: object) -> None:
    """Refuse what does not begin with the address of a page."""
    if value is None:
        return
    if not isinstance(value, str):
        raise about_argument(TypeError, "help", f" must be a str or None, not {describe(value)}")
    if not re.fullmatch(r"https://[^\s@]+( .+)?", value) or not value.isprintable():
        raise about_argument(
            ValueError, "help", f" '{redact_url(value)}' must begin with https:// and be one line without user name"
        )


def is_port(text: str) -> bool:
    """Whether a text is the number of a port."""
    return bool(_PORT.fullmatch(text)) and 0 < int(text) <= _HIGHEST_PORT


def _is_address_in_brackets(host: str) -> bool:
    """Whether what is in brackets, if there are any, is an IPv6 address."""
    return not host.startswith("[") or _is_ipv6(host.strip("[]").replace("%25", "%"))


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _is_network(host: str) -> bool:
    """Whether this is an address or a network, of IPv6 in brackets; bits behind the prefix do not matter."""
    try:
        return ipaddress.ip_network(host.strip("[]"), strict=False).version == (6 if host.startswith("[") else 4)
    except ValueError:
        return False
