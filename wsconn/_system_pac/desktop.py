"""A desktop of Unix: GNOME's settings or KDE's, as the session says which of the two it is. Chromium has the same list.

Read are dconf's databases and KDE's files, where they are by default. Settings that another backend of GSettings keeps
are not read.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping

from wsconn._system_pac import gnome, gvdb, kde
from wsconn._system_pac.automatic import NOTHING, Automatic

_LARGEST_BYTES = 4 * 1024 * 1024
_LIKE_GNOME = frozenset({"gnome", "unity", "cinnamon", "x-cinnamon", "pantheon", "deepin", "ukui", "budgie"})


def current(environ: Mapping[str, str]) -> Automatic:
    """Read the settings of the desktop that this session is of, if it is of one."""
    desktops = set(environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":"))
    if "kde" in desktops:
        return kde.automatic(_kde_files(environ))
    return gnome.automatic(list(_databases(environ))) if desktops & _LIKE_GNOME else NOTHING


def _kde_files(environ: Mapping[str, str]) -> Iterable[str]:
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    folders = [*reversed((environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")), home]
    found = (_bytes(f"{folder}/{kde.FILE}") for folder in folders if folder)
    return [data.decode("utf-8", "replace") for data in found if data]


def _databases(environ: Mapping[str, str]) -> Iterable[gvdb.Database]:
    profile = next(filter(None, map(_bytes, gnome.profiles(environ))), None)
    text = profile.decode("utf-8", "replace") if profile else gnome.DEFAULT_PROFILE
    for place in gnome.places(text, environ):
        try:
            yield gvdb.decode(_bytes(place) or b"")
        except ValueError:  # it is not there, or is none
            yield gvdb.Database({}, frozenset())


def _bytes(place: str) -> bytes | None:
    try:
        path = pathlib.Path(place)
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST_BYTES else None
    except OSError:
        return None
