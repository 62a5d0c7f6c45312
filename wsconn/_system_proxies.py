"""What macOS and Windows say about proxies. Other systems have the environment's variables alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from wsconn._proxies import Proxies

_READERS = {
    "darwin": ("getproxies_macosx_sysconf", "proxy_bypass_macosx_sysconf"),
    "win32": ("getproxies_registry", "proxy_bypass_registry"),
}


def settings() -> Proxies:
    """Return what the environment and the system say now."""
    system: Mapping[str, str] = {}
    bypasses: Callable[[str], bool] = bool
    if sys.platform in _READERS:
        import urllib.request  # where it is needed: it takes as long to import as all of wsconn's own modules

        read, bypass = (getattr(urllib.request, name) for name in _READERS[sys.platform])
        system, bypasses = as_meant(read()), lambda host: bool(bypass(host))
    return Proxies(dict(os.environ), system, bypasses)


def as_meant(system: Mapping[str, str]) -> dict[str, str]:
    """Return the system's proxies by kind, the one for SOCKS as such: CPython's `_scproxy` writes http:// before it."""
    return {
        kind: f"socks://{url.removeprefix('http://')}" if kind == "socks" and url.startswith("http://") else url
        for kind, url in system.items()
    }
