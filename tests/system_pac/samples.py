"""What systems really hold: databases that `dconf compile` made, a value of Windows' registry, macOS' and KDE's."""

from __future__ import annotations

import base64
import struct

# mode 'auto', autoconfig-url 'http://wpad.corp.example/proxy.pac', and a setting that has nothing to do with it
DCONF_USER = base64.b64decode(
    "R1ZhcmlhbnQAAAAAAAAAABgAAAA4AQAAAAAAKAoAAAAAAAAAAgAAAAIAAAACAAAAAgAAAAIAAAADAAAABAAAAAcAAAAJAAAA1LUC"
    "AP////84AQAAAQBMADwBAABEAQAAXjG87wUAAABEAQAABAB2AEgBAABPAQAAS1CQCwAAAABPAQAABABMAFQBAABYAQAA6DfVkgAA"
    "AABYAQAABwBMAGABAABkAQAAuYj92ggAAABkAQAACABMAGwBAABwAQAAGSL5MQMAAABwAQAABgBMAHgBAACAAQAAOcU7TwQAAACA"
    "AQAACgBMAIwBAACQAQAAiG/dGQUAAACQAQAADgB2AKABAADFAQAAsLckMAIAAADFAQAABgBMAMwBAADQAQAAO2+qCQYAAADQAQAA"
    "DAB2AOABAADmAQAALwAAAAIAAAADAAAAbW9kZWF1dG8AAHNvcmcvAAgAAABzeXN0ZW0vAAUAAABkZXNrdG9wLwYAAABwcm94eS8A"
    "AAcAAAABAAAAaW50ZXJmYWNlLwAACQAAAGF1dG9jb25maWctdXJsAABodHRwOi8vd3BhZC5jb3JwLmV4YW1wbGUvcHJveHkucGFj"
    "AABzZ25vbWUvAAQAAABjbG9jay1mb3JtYXQAAAAAMjRoAABz"
)
# the same, with a lock on /system/proxy/mode
DCONF_LOCKED = base64.b64decode(
    "R1ZhcmlhbnQAAAAAAAAAABgAAABUAQAAAAAAKAsAAAAAAAAAAQAAAAMAAAAEAAAABQAAAAYAAAAHAAAACAAAAAgAAAAJAAAACwAA"
    "ALmI/doDAAAAVAEAAAgATABcAQAAYAEAAI85DXv/////YAEAAAYASABoAQAAjAEAADnFO08AAAAAowEAAAoATACwAQAAtAEAALC3"
    "JDAGAAAAtAEAAAYATAC8AQAAwAEAANS1AgD/////wAEAAAEATADEAQAAzAEAAF4xvO8HAAAAzAEAAAQAdgDQAQAA1wEAAEtQkAsE"
    "AAAA1wEAAAQATADcAQAA4AEAABki+TEIAAAA4AEAAAYATADoAQAA8AEAAOg31ZIEAAAA8AEAAAcATAD4AQAA/AEAAIhv3RkHAAAA"
    "/AEAAA4AdgAQAgAANQIAADtvqgkCAAAANQIAAAwAdgBIAgAATgIAAGRlc2t0b3AvAgAAAC5sb2NrcwAAAAAAKAEAAAAAAAAAXjG8"
    "7/////+MAQAAEgB2AKABAACjAQAAL3N5c3RlbS9wcm94eS9tb2RlAAAAAHNpbnRlcmZhY2UvAAAACgAAAGdub21lLwAAAAAAAC8A"
    "AAAGAAAACAAAAG1vZGVhdXRvAABzb3JnLwADAAAAcHJveHkvAAAJAAAABQAAAHN5c3RlbS8ABwAAAGF1dG9jb25maWctdXJsAAAA"
    "AAAAaHR0cDovL3dwYWQuY29ycC5leGFtcGxlL3Byb3h5LnBhYwAAc2Nsb2NrLWZvcm1hdAAAAAAAAAAyNGgAAHM="
)

# `scutil --proxy`, as SCDynamicStoreCopyProxies gives it
MACOS = {
    "ExceptionsList": ["*.local", "169.254/16"],
    "FTPPassive": 1,
    "HTTPEnable": 0,
    "ProxyAutoConfigEnable": 1,
    "ProxyAutoConfigURLString": "http://wpad.corp.example/proxy.pac",
    "ProxyAutoDiscoveryEnable": 0,
    "__SCOPED__": {"en0": {"ProxyAutoConfigEnable": 1}},
}

KDE = """\
[General]
ProxyType=1

[Proxy Settings]
AuthMode=0
NoProxyFor=localhost
Proxy Config Script=http://wpad.corp.example/proxy.pac
ProxyType=2
ReversedException=false
httpProxy=http://other.example 3128
"""


def connection(flags: int, proxy: bytes = b"", exceptions: bytes = b"", url: bytes = b"") -> bytes:
    """Make a `DefaultConnectionSettings` as the dialog of Windows 10 writes it: 32 zeros are behind the texts."""
    texts = b"".join(struct.pack("<I", len(text)) + text for text in (proxy, exceptions, url))
    return struct.pack("<III", 0x46, 7, flags) + texts + bytes(32)
