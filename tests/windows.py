"""What holds on Windows alone, or as wine has it, for the tests that cannot hold there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import pytest

WINDOWS = sys.platform == "win32"
no_resets = pytest.mark.skipif(WINDOWS, reason="wine tells of a reset as of an end; Windows has WSAECONNRESET for it")
no_enotdir = pytest.mark.skipif(WINDOWS, reason="wine says ENOENT; Windows says ERROR_DIRECTORY, which is ENOTDIR")
no_stores = pytest.mark.skipif(WINDOWS, reason="wine has no CertCreateCertificateChainEngine with roots of one's own")
roots_of_the_store = pytest.mark.skipif(WINDOWS, reason="the store has roots there, so none of a file's is missed")
slow_floods = pytest.mark.skipif(WINDOWS, reason="wine takes too long for so many small records")
A_DIRECTORY = "EACCES" if WINDOWS else "EISDIR"  # to read it as a file


def marked(cases: Mapping[str, Any], mark: pytest.MarkDecorator, *words: str) -> list[Any]:
    """Return the parameters of a test, with `mark` on those that have one of these words in their name."""
    return [
        pytest.param(
            *(case if type(case) is tuple else (case,)),
            id=name,
            marks=[mark] if any(word in name for word in words) else [],
        )
        for name, case in cases.items()
    ]


def as_set(variable: str) -> str:
    """Return the name that a variable has once Python has set it: Windows' are in capitals then."""
    return variable.upper() if WINDOWS else variable
