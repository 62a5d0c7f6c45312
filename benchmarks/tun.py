"""TUN devices: packets that go into one come out of a descriptor, and the other way round."""

from __future__ import annotations

import os
import struct

_CLONE = "/dev/net/tun"
_TUNSETIFF = 0x400454CA  # linux/if_tun.h
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000


def open_tun(name: str) -> int:
    """Make a TUN device in this process' network namespace; it is gone when the descriptor is closed."""
    import fcntl  # not on Windows

    descriptor = os.open(_CLONE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor
