"""What this machine's resolver is set to: `/etc/resolv.conf`, where there is one (resolv.conf(5))."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from wsconn._text import sanitize

_FILE = "/etc/resolv.conf"
_MOST_BYTES = 64 * 1024
_TIMEOUT_SECONDS = 5.0  # glibc's RES_TIMEOUT


class ResolverSettings(NamedTuple):
    """The name servers in the order in which they are asked, the search list, and the time that one server has."""

    servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    timeout: float = _TIMEOUT_SECONDS

    def searched(self, host: str, canonical: str) -> str | None:
        """Return the domain of the search list through which `host` became `canonical`, or `None`.

        A CNAME in such a domain leads away from `host` as well: a wildcard may be one.
        """
        host, canonical = host.rstrip(".").lower(), canonical.rstrip(".").lower()
        found = (domain for domain in self.search if canonical == f"{host}.{domain}")
        inside = (domain for domain in self.search if _is_in(canonical, domain) and not _is_in(host, domain))
        return next(found, None) or next(inside, None)


def resolver_settings() -> ResolverSettings:
    """Return what the file says now; nothing where it cannot be read, and on Windows, which has no such file."""
    if sys.platform == "win32":  # where the path would be one on the current drive
        return ResolverSettings()
    try:
        with open(_FILE, "rb") as file:  # noqa: PTH123 - pathlib takes 2 ms to load
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ResolverSettings()
    return parse(text, os.environ, os.uname().nodename)


def parse(text: str, environment: Mapping[str, str], own_name: str) -> ResolverSettings:
    """Read the file's text; `LOCALDOMAIN` takes the place of its search list, and without one the machine's domain."""
    servers: list[str] = []
    search = [own_name.partition(".")[2]]
    timeout = _TIMEOUT_SECONDS
    for line in text.splitlines():
        match line.split():
            case ["nameserver", server, *_]:
                servers.append(sanitize(server))
            case ["search" | "domain", *domains]:
                search = domains
            case ["options", *options]:
                timeout = _timeout_in(options) or timeout
    search = environment.get("LOCALDOMAIN", "").split() or search
    names = (domain.strip(".").lower() for domain in search)
    return ResolverSettings(tuple(servers[:3]), tuple(filter(None, names)), timeout)  # glibc's MAXNS


def _timeout_in(options: list[str]) -> float | None:
    values = [value for name, _, value in (option.partition(":") for option in options) if name == "timeout"]
    return float(values[-1]) if values and values[-1].isdigit() else None


def _is_in(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
