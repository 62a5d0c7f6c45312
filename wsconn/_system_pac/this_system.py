"""Asks the system that this runs on."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from wsconn._system_pac.automatic import NOTHING, Automatic


def automatic(environ: Mapping[str, str]) -> Automatic:
    """Return what the system's settings say about PAC files."""
    if sys.platform == "win32":
        from wsconn._system_pac import windows

        return windows.current()
    if sys.platform == "darwin":
        from wsconn._system_pac import macos

        return macos.current()
    if not environ.get("XDG_CURRENT_DESKTOP"):  # a server's, mostly
        return NOTHING
    from wsconn._system_pac import desktop

    return desktop.current(environ)
