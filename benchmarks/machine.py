"""Where and with what it was measured."""

from __future__ import annotations

import os
import platform
import ssl
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("wsconn", "websocket-client", "websockets", "aiohttp", "picows", "attrs")


def load() -> str:
    """Return how busy the machine is, which is of interest before the benchmark makes it so."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"


def describe(load_before: str) -> str:
    """Return one paragraph."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} processors ({_processor()}, load before {load_before}), {platform.python_implementation()} "
        f"{platform.python_version()}, {ssl.OPENSSL_VERSION}; {libraries}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.processor() or platform.machine()
