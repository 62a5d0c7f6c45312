"""What every system's settings come down to."""

from __future__ import annotations

from typing import NamedTuple


class Automatic(NamedTuple):
    """The PAC file's URL as the settings have it, and whether they want one to be discovered first (WPAD)."""

    url: str = ""
    discovers: bool = False


NOTHING = Automatic()
