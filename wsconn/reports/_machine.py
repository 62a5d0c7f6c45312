"""Where a report was written: what a ticket needs to know of the machine beside the result."""

from __future__ import annotations

import os
import platform
import sys

import attrs

from wsconn._version import __version__


@attrs.frozen(kw_only=True)
class Machine:
    """The versions of wsconn, Python, OpenSSL and the system, in words."""

    wsconn: str
    python: str
    openssl: str
    system: str


def this_machine() -> Machine:
    """Return the present one's; nothing in it names the machine or its user."""
    import ssl  # here: of all that reports need it alone is slow to load

    return Machine(
        wsconn=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        openssl=ssl.OPENSSL_VERSION,
        system=_system(),
    )


def _system() -> str:
    """Return the system's name, release and processor. On Windows `platform` may start `cmd /c ver` for them."""
    if sys.platform == "win32":
        version = ".".join(map(str, sys.getwindowsversion()[:3]))
        return f"Windows {version} ({os.environ.get('PROCESSOR_ARCHITECTURE', '')})"
    return f"{platform.system()} {platform.release()} ({platform.machine()})"
