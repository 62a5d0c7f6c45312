"""`wsconn explain`: what a cause, a stage or an HTTP status means, from the table that the engine reads."""

from __future__ import annotations

import argparse
import re
from http import HTTPStatus

from wsconn import Cause, Stage
from wsconn._cli.display.definitions import definitions, wrapped
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.stages import STAGES
from wsconn._cli.terminal import put
from wsconn._cli.usage_error import UsageError, near
from wsconn._diagnosis.causes import EXPLANATIONS

_LABELS = 16  # columns
_MOST_FAULTS = 3
_STATUS = re.compile("[1-5][0-9]{2}")
_BY_STATUS = {  # the causes that an answer with it can have: the server's, and a proxy's
    403: (Cause.HTTP_STATUS, Cause.PROXY_DENIED),
    407: (Cause.PROXY_AUTH_REQUIRED,),
    **dict.fromkeys((500, 502, 503, 504), (Cause.HTTP_STATUS, Cause.PROXY_TARGET_UNREACHABLE)),
    **dict.fromkeys(range(300, 400), (Cause.REDIRECTED,)),
}


def explain(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    put(_all() if args.cause is None else _explained(args.cause))
    return ExitCode.PASSED


def _all() -> str:
    causes = definitions({cause: EXPLANATIONS[cause].meaning for cause in Cause})
    more = "There is more about each: wsconn explain tls_untrusted. Stages and HTTP statuses are explained too: wsconn"
    return f"{causes}\n{wrapped(f'{more} explain upgrade, wsconn explain 403.')}\n"


def _explained(word: str) -> str:
    plain = word.lower().replace("-", "_")
    if plain in list(Stage):
        return _stage(Stage(plain))
    if _STATUS.fullmatch(plain):
        return _status(int(plain))
    if plain not in list(Cause):
        raise UsageError(
            f"there is no cause, stage or HTTP status {word!r}",
            near(plain, [*Cause, *Stage]) or "wsconn explain, which lists all causes",
        )
    return _cause(Cause(plain))


def _cause(cause: Cause) -> str:
    explanation = EXPLANATIONS[cause]
    parts = {"meaning": explanation.meaning, "why it happens": explanation.origin, "what to do": explanation.advice}
    if faults := _faults_of(cause):
        first, *others = faults[:_MOST_FAULTS]
        parts["see it"] = f"wsconn lab eu={first}" + (f" (or {', '.join(others)})" if others else "")
    return f"{cause}\n\n" + "".join(map(_labelled, parts, parts.values()))


def _faults_of(cause: Cause) -> list[str]:
    """Return the lab's faults that a check reports with this cause; none where the extra is not installed."""
    try:
        from wsconn._cli.commands.lab import SERVED
    except ImportError:
        return []
    return [fault.name for fault in SERVED if cause in fault.causes]


def _stage(stage: Stage) -> str:
    covers, causes = STAGES[stage]
    return f"{stage}\n\n{_labelled('what it covers', covers)}{_labelled('its causes', ', '.join(causes))}"


def _status(status: int) -> str:
    if status == HTTPStatus.SWITCHING_PROTOCOLS:
        return f"{_heading(status)}\n\n{_labelled('meaning', 'The WebSocket opened: every region that passed has it.')}"
    causes = _BY_STATUS.get(status, (Cause.HTTP_STATUS,))
    return "\n".join([f"{_heading(status)}\n", *map(_cause, causes)])


def _heading(status: int) -> str:
    return f"HTTP status {status}" + (f" ({HTTPStatus(status).phrase})" if status in list(HTTPStatus) else "")


def _labelled(label: str, text: str) -> str:
    return wrapped(text, f"{label:{_LABELS - 2}}  ", " " * _LABELS) + "\n"
