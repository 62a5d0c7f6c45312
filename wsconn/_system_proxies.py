"""What the environment and the system say about proxies.

macOS and Windows have settings for proxies; these and the desktops GNOME and KDE have one for a PAC file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping

from wsconn._pac_settings import VARIABLE, PacSetting, discovered_pac, read_pac
from wsconn._proxies import SYSTEM, Proxies
from wsconn._system_pac.this_system import automatic

_READERS = {
    "darwin": ("getproxies_macosx_sysconf", "proxy_bypass_macosx_sysconf"),
    "win32": ("getproxies_registry", "proxy_bypass_registry"),
}


def settings() -> Proxies:
    """Return what the environment and the system say now: a PAC file that the user names is all that counts."""
    if named := os.environ.get(VARIABLE):
        return Proxies(direct=True, pac=read_pac(named, VARIABLE))
    system: Mapping[str, str] = {}
    bypasses: Callable[[str], bool] = bool
    if sys.platform in _READERS:
        import urllib.request  # where it is needed: it takes as long to import as all of wsconn's own modules

        read, bypass = (getattr(urllib.request, name) for name in _READERS[sys.platform])
        system, bypasses = as_meant(read()), lambda host: bool(bypass(host))
    return Proxies(_environment(), system, bypasses, system_pacs=tuple(_pacs()))


def _environment() -> dict[str, str]:
    """Return the variables, by the names with which they were set: `os.environ` has capitals for all of Windows'."""
    if sys.platform != "win32":
        return dict(os.environ)
    import nt  # the names there, as the process was started with them

    as_set = {name.upper(): name for name in nt.environ if name.islower()}
    return {as_set.get(name, name): value for name, value in os.environ.items()}


def _pacs() -> Iterator[PacSetting]:
    """Yield what the system's settings want to be asked, in the order of browsers."""
    found = automatic(os.environ)
    if found.discovers:
        yield discovered_pac(SYSTEM)
    if found.url:
        yield read_pac(found.url, SYSTEM)


def as_meant(system: Mapping[str, str]) -> dict[str, str]:
    """Return the system's proxies by kind, the one for SOCKS as such: CPython's `_scproxy` writes http:// before it."""
    return {
        kind: f"socks://{url.removeprefix('http://')}" if kind == "socks" and url.startswith("http://") else url
        for kind, url in system.items()
    }
