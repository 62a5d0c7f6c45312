"""A report's words in colour, for a terminal. The words and the signs stay: colour never says a thing alone."""

from __future__ import annotations

import io
import re

from rich.console import Console, detect_legacy_windows
from rich.text import Text

_STYLES = {"passed": "green", "failed": "red", "warning": "yellow", "aborted": "dim"}
_ENDED = re.compile(r"^(\S) (passed|failed|warning|aborted)\b", re.MULTILINE)


def coloured(report: str) -> str:
    """Return a text report with the sign and the word of each line in their colour."""
    if detect_legacy_windows():  # a console that prints escapes as they are
        return report
    text = Text(report, end="")
    for found in _ENDED.finditer(report):
        text.stylize(_STYLES[found[2]], found.start(), found.end())
    # To a string, and not to stdout itself: there rich would make an exit of its own out of a reader that left.
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", no_color=False)
    with console.capture() as capture:
        console.print(text, soft_wrap=True, end="", highlight=False)
    return capture.get()
