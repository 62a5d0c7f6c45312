"""Where a report was written: what a ticket needs to know of the machine beside the result, and whose report it is."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping

import attrs

from wsconn._record import Record
from wsconn._text import sanitize
from wsconn._version import __version__

SITE_VARIABLE = "WSCONN_SITE"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Machine(Record):
    """The versions of wsconn, Python, OpenSSL and the system, in words, and what tells it from other machines.

    `host` is the name that the system has for it. `site` is where it stands and `labels` are what else it is known by:
    both are given by those who run it. A JSON report has all of it; the other formats never name the host.
    """

    wsconn: str
    python: str
    openssl: str
    system: str
    host: str | None = None
    site: str | None = None
    labels: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def known_by(self) -> tuple[str, ...]:
        """Its site and labels, in words, for a person."""
        return _in_words(self.site, self.labels)


def known_by(machine: Machine | None) -> tuple[str, ...]:
    """Return the site and labels of a machine, or of this one, in words: nothing that is slow to find out."""
    return machine.known_by if machine else _in_words(site_of_environment(), {})


def _in_words(site: str | None, labels: Mapping[str, str]) -> tuple[str, ...]:
    stands = () if site is None else (f"site {site}",)
    return (*stands, *(f"{name}={value}" for name, value in labels.items()))


def this_machine(labels: Mapping[str, str] | None = None) -> Machine:
    """Return the present one's. The site is that of the environment variable `WSCONN_SITE`."""
    import socket  # here, as `ssl`: of all that reports need they alone are slow to load
    import ssl

    return Machine(
        wsconn=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        openssl=ssl.OPENSSL_VERSION,
        system=_system(),
        host=sanitize(socket.gethostname()) or None,  # platform.node() starts `cmd /c ver` on Windows
        site=site_of_environment(),
        labels=dict(labels or {}),
    )


def site_of_environment() -> str | None:
    """Return what `WSCONN_SITE` says, fit to be shown."""
    return sanitize(os.environ.get(SITE_VARIABLE, "").strip()) or None


def _system() -> str:
    """Return the system's name, release and processor. On Windows `platform` may start `cmd /c ver` for them."""
    if sys.platform == "win32":
        version = ".".join(map(str, sys.getwindowsversion()[:3]))
        return f"Windows {version} ({os.environ.get('PROCESSOR_ARCHITECTURE', '')})"
    return f"{platform.system()} {platform.release()} ({platform.machine()})"
