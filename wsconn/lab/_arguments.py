"""What `Lab` is given, checked where it comes in."""

from __future__ import annotations

import math
import ssl

from wsconn.lab._fault import Fault, Serve
from wsconn.lab._fault_names import HEALTHY, fault_named

_HOSTS = ("127.0.0.1", "::1")
_TLS_VERSIONS = (None, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
_EXISTING = ("close", "keep")


def as_fault(fault: Fault | Serve | str | None) -> Fault:
    if fault is None or isinstance(fault, Fault):
        return fault or HEALTHY
    if isinstance(fault, str):
        return fault_named(fault)
    if not callable(fault):
        raise ValueError(f"fault must be a Fault, its name, or a function given a socket: {fault!r}")
    if getattr(fault, "__module__", "").startswith(f"{__package__}.faults"):
        raise ValueError(f"fault must be what this function returns, so call it: {fault!r}")
    return Fault(name=getattr(fault, "__name__", "custom"), summary="A function given a socket.", serve=fault)


def check_tls(fault: Fault, *, tls: bool, tls_version: ssl.TLSVersion | None) -> None:
    if not isinstance(tls, bool):
        raise TypeError(f"tls must be True or False, not {tls!r}")
    if fault.needs_tls and not tls:
        raise ValueError(f"fault needs tls=True: {fault.name!r}")
    if tls_version not in _TLS_VERSIONS:
        raise ValueError(f"tls_version must be TLSv1_2 or TLSv1_3 (for older ones: faults.OLD_TLS): {tls_version!r}")
    if tls_version is not None and not tls:
        raise ValueError(f"tls_version needs tls=True: {tls_version!r}")


def check_where(*, latency: float, host: str, path: str) -> None:
    if isinstance(latency, bool) or not isinstance(latency, int | float):
        raise TypeError(f"latency must be a number of seconds, not {latency!r}")
    if not latency >= 0 or math.isinf(latency):  # written so that nan is caught
        raise ValueError(f"latency must be finite seconds, not negative: {latency!r}")
    if host not in _HOSTS:
        raise ValueError(f"host must be one of {', '.join(_HOSTS)}: {host!r}")
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {path!r}")
    if not path.startswith("/"):
        raise ValueError(f"path must begin with a slash: {path!r}")


def check_existing(existing: str) -> None:
    if existing not in _EXISTING:
        raise ValueError(f"existing must be 'close' or 'keep', not {existing!r}")


def check_change(name: str, url: str, before: Fault, after: Fault) -> None:
    """Raise `ValueError` for a fault that the region of this URL cannot come to have."""
    if before.reachability.names_a_host or after.reachability.names_a_host:
        named = before if before.reachability.names_a_host else after
        raise ValueError(f"fault {named.name!r} is one of the URL's host, and the URL of region {name!r} stays")
    if after.needs_tls and url.startswith("ws:"):
        raise ValueError(f"fault {after.name!r} needs a wss region, and {name!r} is ws")
