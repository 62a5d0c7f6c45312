"""`wsconn explain`: what a cause means, from the table that the engine reads."""

from __future__ import annotations

import argparse
import difflib
import textwrap

from wsconn import Cause
from wsconn._causes import EXPLANATIONS
from wsconn._cli._exit_code import ExitCode
from wsconn._cli._terminal import put, width
from wsconn._cli._use_error import UseError

_WIDEST_TEXT = 100  # columns; longer lines are hard to read
_LABELS = 16  # columns


def explain(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    put(_all() if args.cause is None else _one(_cause(args.cause)))
    return ExitCode.PASSED


def _cause(word: str) -> Cause:
    plain = word.lower().replace("-", "_")
    if plain not in list(Cause):
        near = difflib.get_close_matches(plain, list(Cause), n=3)
        raise UseError(f"there is no cause {word!r}", " or ".join(near) or "wsconn explain, which lists all")
    return Cause(plain)


def _one(cause: Cause) -> str:
    told = EXPLANATIONS[cause]
    parts = {"meaning": told.meaning, "how it comes": told.origin, "what to do": told.advice}
    return f"{cause}\n\n" + "".join(map(_labelled, parts, parts.values()))


def _all() -> str:
    widest = max(map(len, Cause))
    if width() < 2 * widest:
        return "".join(f"{cause}\n{_wrapped(EXPLANATIONS[cause].meaning, '  ', '  ')}\n" for cause in Cause)
    return "".join(
        f"{_wrapped(EXPLANATIONS[cause].meaning, f'{cause:{widest}}  ', ' ' * (widest + 2))}\n" for cause in Cause
    )


def _labelled(label: str, said: str) -> str:
    return _wrapped(said, f"{label:{_LABELS - 2}}  ", " " * _LABELS) + "\n"


def _wrapped(said: str, first: str, others: str) -> str:
    columns = max(min(width(), _WIDEST_TEXT), len(others) + 20)
    return textwrap.fill(said, columns, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
