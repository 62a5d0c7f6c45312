"""Windows: the user's Internet Settings in the registry. `urllib.request.getproxies` does not look at these."""

from __future__ import annotations

import contextlib
import struct
from typing import Any

from wsconn._system_pac.automatic import Automatic

_SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_FLAGS_AT = 8  # after a version and a counter of four bytes each
_NAMES_URL, _DISCOVERS = 0x4, 0x8  # PROXY_TYPE_AUTO_PROXY_URL and PROXY_TYPE_AUTO_DETECT of wininet.h


def automatic(url: object, connection: object) -> Automatic:
    """Read the value `AutoConfigURL`, and `DefaultConnectionSettings`, which the dialog with the settings writes.

    That one holds flags, then the proxy, the exceptions and the URL, each with its length before it.
    """
    flags, text = _connection(connection if isinstance(connection, bytes) else b"")
    named = url.strip() if isinstance(url, str) else ""
    return Automatic(named or (text if flags & _NAMES_URL else ""), bool(flags & _DISCOVERS))


def _connection(data: bytes) -> tuple[int, str]:
    try:
        (flags,) = struct.unpack_from("<I", data, _FLAGS_AT)
        at, text = _FLAGS_AT + 4, b""
        for _ in range(3):
            (length,) = struct.unpack_from("<I", data, at)
            text, at = data[at + 4 : at + 4 + length], at + 4 + length
    except struct.error:  # cut short
        return (data[_FLAGS_AT] if len(data) > _FLAGS_AT else 0), ""
    return flags, text.decode("latin-1").strip("\0 ")


def current() -> Automatic:
    """Ask the registry."""
    return automatic(
        _value(_SETTINGS, "AutoConfigURL"), _value(rf"{_SETTINGS}\Connections", "DefaultConnectionSettings")
    )


def _value(path: str, name: str) -> object:
    import winreg

    registry: Any = winreg  # whose names are known on Windows alone
    with contextlib.suppress(OSError), registry.OpenKey(registry.HKEY_CURRENT_USER, path) as key:
        value: object = registry.QueryValueEx(key, name)[0]
        return value
    return None  # it is not there
