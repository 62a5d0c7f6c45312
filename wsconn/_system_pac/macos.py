"""macOS: the proxies of the network in use, from SystemConfiguration. Python's own `_scproxy` leaves PAC files out."""

from __future__ import annotations

import ctypes
import plistlib
from collections.abc import Mapping
from typing import Any

from wsconn._system_pac.automatic import NOTHING, Automatic

_FRAMEWORKS = "/System/Library/Frameworks"
_XML = 100  # kCFPropertyListXMLFormat_v1_0


def automatic(proxies: Mapping[str, Any]) -> Automatic:
    """Read what `SCDynamicStoreCopyProxies` gives, and `scutil --proxy` prints."""
    url = proxies.get("ProxyAutoConfigURLString") if proxies.get("ProxyAutoConfigEnable") else ""
    return Automatic(url if isinstance(url, str) else "", bool(proxies.get("ProxyAutoDiscoveryEnable")))


def current() -> Automatic:
    """Ask the system."""
    try:
        proxies = plistlib.loads(_as_xml())
    except (OSError, AttributeError, ValueError):  # a system that has not these names is unlike any that we know
        return NOTHING
    return automatic(proxies) if isinstance(proxies, dict) else NOTHING


def _as_xml() -> bytes:
    """Have the system write the proxies out: then nothing but bytes passes between it and Python."""
    core = ctypes.CDLL(f"{_FRAMEWORKS}/CoreFoundation.framework/CoreFoundation")
    configuration = ctypes.CDLL(f"{_FRAMEWORKS}/SystemConfiguration.framework/SystemConfiguration")
    pointer = ctypes.c_void_p
    copy = _function(configuration.SCDynamicStoreCopyProxies, pointer, pointer)
    write = _function(core.CFPropertyListCreateData, pointer, pointer, pointer, ctypes.c_long, ctypes.c_ulong, pointer)
    start, length = (
        _function(core.CFDataGetBytePtr, pointer, pointer),
        _function(core.CFDataGetLength, ctypes.c_long, pointer),
    )
    release = _function(core.CFRelease, None, pointer)
    proxies = copy(None)
    if not proxies:
        raise ValueError("no settings")
    try:
        data = write(None, proxies, _XML, 0, None)
    finally:
        release(proxies)
    if not data:
        raise ValueError("no property list")
    try:
        return ctypes.string_at(start(data), length(data))
    finally:
        release(data)


def _function(function: Any, result: Any, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes has no better types
    function.restype, function.argtypes = result, list(arguments)
    return function
