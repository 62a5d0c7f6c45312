"""`wsconn explain`: what a cause means, from the table that the engine reads."""

from __future__ import annotations

import argparse
import difflib

from wsconn import Cause
from wsconn._cli.display.definitions import definitions, wrapped
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.terminal import put
from wsconn._cli.usage_error import UsageError
from wsconn._diagnosis.causes import EXPLANATIONS

_LABELS = 16  # columns


def explain(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    put(
        definitions({cause: EXPLANATIONS[cause].meaning for cause in Cause})
        if args.cause is None
        else _one(_cause(args.cause))
    )
    return ExitCode.PASSED


def _cause(word: str) -> Cause:
    plain = word.lower().replace("-", "_")
    if plain not in list(Cause):
        near = difflib.get_close_matches(plain, list(Cause), n=3)
        raise UsageError(f"there is no cause {word!r}", " or ".join(near) or "wsconn explain, which lists all")
    return Cause(plain)


def _one(cause: Cause) -> str:
    told = EXPLANATIONS[cause]
    parts = {"meaning": told.meaning, "how it comes": told.origin, "what to do": told.advice}
    return f"{cause}\n\n" + "".join(map(_labelled, parts, parts.values()))


def _labelled(label: str, said: str) -> str:
    return wrapped(said, f"{label:{_LABELS - 2}}  ", " " * _LABELS) + "\n"
