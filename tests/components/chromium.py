"""A page as Chromium shows it, on screens and on paper, and what axe-core finds in it."""

from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Any

from tests.components.programs import HOME

_LOOK = pathlib.Path(__file__).parent / "browser" / "look_at.py"
_AXE = HOME / "node" / "node_modules" / "axe-core" / "axe.min.js"
_SECONDS = 120.0


def look_at(url: str) -> dict[str, Any]:
    """Return what was seen of a page: `browser/look_at.py` has the names."""
    command = [str(HOME / "browser" / "bin" / "python"), str(_LOOK), url, str(_AXE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen
