"""KDE: the file kioslaverc, the system's copies of it first (KConfig's cascade)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wsconn._system_pac.automatic import NOTHING, Automatic

FILE = "kioslaverc"
_GROUP = "[Proxy Settings]"
_ENTRY = re.compile(r"([^=\[]+?)\s*(?:\[\$\w+\])?\s*=\s*(.*)")  # a flag of KConfig's ([$e], [$i]) may follow the key
_URL, _DISCOVERY = "2", "3"  # KProtocolManager::ProxyType


def automatic(files: Iterable[str]) -> Automatic:
    """Read the texts of the files, the one that counts most last."""
    settings = {key: value for text in files for key, value in _entries(text)}
    kind = settings.get("ProxyType")
    if kind == _DISCOVERY:
        return Automatic(discovers=True)
    return Automatic(_url(settings.get("Proxy Config Script", ""))) if kind == _URL else NOTHING


def _entries(text: str) -> list[tuple[str, str]]:
    group, found = "", []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.removesuffix("[$i]")
        elif group == _GROUP and (entry := _ENTRY.fullmatch(line)):
            found.append((entry[1], entry[2]))
    return found


def _url(script: str) -> str:
    """Return a URL: the dialog takes a path as well."""
    return f"file://{script}" if script.startswith("/") else script
