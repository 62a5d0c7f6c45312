"""Where a report was written: what a ticket needs to know of the machine beside the result, and whose report it is."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping

import attrs

from wsconn._text import sanitize
from wsconn._version import __version__

SITE_VARIABLE = "WSCONN_SITE"


@attrs.frozen(kw_only=True)
class Machine:
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
        site = () if self.site is None else (f"site {self.site}",)
        return (*site, *(f"{name}={value}" for name, value in self.labels.items()))


def this_machine(labels: Mapping[str, str] | None = None) -> Machine:
    """Return the present one's. The site is that of the environment variable `WSCONN_SITE`."""
    import ssl  # here: of all that reports need it alone is slow to load

    return Machine(
        wsconn=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        openssl=ssl.OPENSSL_VERSION,
        system=_system(),
        host=sanitize(platform.node()) or None,
        site=sanitize(os.environ.get(SITE_VARIABLE, "").strip()) or None,
        labels=dict(labels or {}),
    )


def _system() -> str:
    """Return the system's name, release and processor. On Windows `platform` may start `cmd /c ver` for them."""
    if sys.platform == "win32":
        version = ".".join(map(str, sys.getwindowsversion()[:3]))
        return f"Windows {version} ({os.environ.get('PROCESSOR_ARCHITECTURE', '')})"
    return f"{platform.system()} {platform.release()} ({platform.machine()})"
