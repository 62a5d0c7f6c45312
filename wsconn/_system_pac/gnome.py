"""GNOME: the settings `org.gnome.system.proxy`, in the databases of dconf that its profile names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wsconn._system_pac.automatic import NOTHING, Automatic
from wsconn._system_pac.gvdb import Database

_MODE, _URL = "/system/proxy/mode", "/system/proxy/autoconfig-url"


def automatic(databases: Sequence[Database]) -> Automatic:
    """Read the databases, the user's own first."""
    if _setting(_MODE, databases) != "auto":
        return NOTHING
    url = _setting(_URL, databases)
    return Automatic(url, discovers=not url)


def _setting(name: str, databases: Sequence[Database]) -> str:
    """Return what the first database says that has the setting; one that locks it lets those before it say nothing."""
    locking = max((at for at, database in enumerate(databases) if name in database.locks), default=0)
    return next((database.texts[name] for database in databases[locking:] if name in database.texts), "")


def places(profile: str, environ: Mapping[str, str]) -> list[str]:
    """Return the files of the databases that a profile of dconf's names, a line each (dconf(7))."""
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    folders = {"user-db": f"{home}/dconf/", "system-db": "/etc/dconf/db/", "file-db": ""}
    lines = (line.partition("#")[0].strip().partition(":") for line in profile.splitlines())
    return [folders[kind] + name for kind, _, name in lines if kind in folders and name]


def profiles(environ: Mapping[str, str]) -> Iterable[str]:
    """Yield where the profile may be."""
    named = environ.get("DCONF_PROFILE") or "user"
    if named.startswith("/"):
        return [named]
    folders = ("/etc", *(environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"))
    return [f"{folder}/dconf/profile/{named}" for folder in folders if folder]


DEFAULT_PROFILE = "user-db:user"
