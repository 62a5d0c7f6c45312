"""Set up another system, and try wsconn on it: python -m tests.systems NAME [VERSION [TEST ...]]"""

from __future__ import annotations

import sys

from tests.systems import free_threaded, musl, newest, processors, windows

SYSTEMS = {
    "free-threaded": free_threaded.main,
    "musl": musl.main,
    "newest": newest.main,
    "processors": processors.main,
    "windows": windows.main,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in SYSTEMS:
        sys.exit(f"{__doc__}\n\nSystems: {', '.join(SYSTEMS)}")
    sys.exit(SYSTEMS[sys.argv[1]](*sys.argv[2:]))
