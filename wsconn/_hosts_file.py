"""What this machine's hosts file says of a name (hosts(5))."""

from __future__ import annotations

import ipaddress
import os
import pathlib
from collections.abc import Iterator

_MOST_BYTES = 4 * 1024 * 1024  # lists of what is to be blocked are long


def hosts_file() -> pathlib.Path:
    """Return where the file is."""
    if root := os.environ.get("SYSTEMROOT"):
        return pathlib.Path(root, "System32", "drivers", "etc", "hosts")
    return pathlib.Path("/etc/hosts")


def entries_for(host: str) -> tuple[str, ...]:
    """Return the addresses that the file gives a name now; none where it cannot be read."""
    try:
        with hosts_file().open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(dict.fromkeys(addresses_in(text, host)))


def addresses_in(text: str, host: str) -> Iterator[str]:
    """Yield the addresses that the file's text gives a name, in their order."""
    name = host.rstrip(".").lower()
    for line in _lines_with(name, text):
        address, *names = line.partition("#")[0].split() or [""]
        if name in names and _is_address(address):
            yield address


def _lines_with(name: str, text: str) -> Iterator[str]:
    """Yield the lines that hold a name somewhere: to take each apart would hold up a whole test of many regions."""
    within, end = text.lower(), 0
    while name and (at := within.find(name, end)) >= 0:
        start = within.rfind("\n", 0, at) + 1
        end = within.find("\n", at)
        end = len(within) if end < 0 else end
        yield within[start:end]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
