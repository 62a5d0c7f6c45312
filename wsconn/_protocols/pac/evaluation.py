"""Asks a PAC for the way to a URL.

QuickJS cannot call Python while a time limit is set. So a script that needs a name's addresses is stopped, the name is
looked up here, where there is a deadline and an abort, and the script is run again from its beginning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from wsconn._addresses import as_in_browsers
from wsconn._diagnosis.causes.words import not_installed
from wsconn._protocols.pac.answer import shown
from wsconn._protocols.pac.question import told
from wsconn._protocols.pac.sandbox import (
    MEMORY_BYTES,
    SMALL_STACK_BYTES,
    OutOfTime,
    Sandbox,
    available,
    own_functions,
)
from wsconn._protocols.pac.text import LARGEST_BYTES
from wsconn._text import is_ip_address, plain, sanitize

MOST_NAMES = 20  # whose addresses a script may ask for, as in Chromium
_LONGEST_NAME = 253  # RFC 1035, section 2.3.4, without the last dot
_MIB = 1024 * 1024
# A line of a stack: in which function, if any, and where.
_PLACE = re.compile(r"^ *at (?:(?P<function>[^ (]+) \()?<input>:(?P<line>\d+):\d+\)?", re.MULTILINE)


class PacFailed(Exception):
    """The script gives no answer. `detail` says why, in text that is fit to be shown."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def evaluate(
    script: str,
    url: str,
    look_up: Callable[[str], Sequence[str]],
    own_addresses: Callable[[], Sequence[str]],
    *,
    now: datetime,
    remaining: Callable[[], float],
    run: Callable[[Callable[[], str]], str],
    stack_bytes: int = SMALL_STACK_BYTES,
) -> str:
    """Return what the script answers for `url`, as it stands; `ways` reads it.

    Args:
        script: the text of the PAC file.
        url: of the server; `wss` and `ws` are fit. The script is told no more of it than in Chromium.
        look_up: gives the addresses of a name, of both families, and none where it has none or the lookup failed. What
            it raises ends the evaluation and is raised on: a deadline, an abort.
        own_addresses: gives this machine's, the one that it would connect from first.
        now: the moment that the script is told.
        remaining: gives the seconds that the evaluation may still take.
        run: calls what it is given, and returns or raises what that does. A script that was written to do harm can
            hold the thread that runs it for as long as the process lives, with the interpreter's lock released: so this
            is the place for a daemon thread that can be left behind, as with a name lookup.
        stack_bytes: how much of that thread's stack the script may use: 1 MiB is some 600 calls, one within the other.

    Raises:
        PacFailed: the script has a fault, takes too long, or answers no string.
    """
    if not available():
        raise PacFailed(plain(not_installed("pac")))
    if len(script) > LARGEST_BYTES:
        raise PacFailed(f"it is larger than {LARGEST_BYTES // _MIB} MiB")
    sandbox = Sandbox(script, *told(url), now, stack_bytes=stack_bytes)
    try:
        while (answer := _step(run(lambda: sandbox.run(remaining())), sandbox, look_up, own_addresses)) is None:
            pass
    except OutOfTime as error:
        raise PacFailed("it runs for too long") from error
    return answer


def _step(
    said: str, sandbox: Sandbox, look_up: Callable[[str], Sequence[str]], own_addresses: Callable[[], Sequence[str]]
) -> str | None:
    """Return the answer, or learn what the script needs for its next run and return `None`."""
    word, *texts = said.split("\n")
    match [word, *map(json.loads, texts)]:
        case ["answer", str(answer)] if answer.isascii():
            return answer
        case ["name", str(name)] if len(sandbox.known) < MOST_NAMES:
            sandbox.known[name] = _addresses(name, look_up)
        case ["own"]:
            sandbox.own = list(own_addresses())
        case fault:
            raise PacFailed(_what_is_wrong(fault))
    return None


def _addresses(name: str, look_up: Callable[[str], Sequence[str]]) -> list[str]:
    written = as_in_browsers(name)
    if written is None or is_ip_address(written):
        return [written] if written else []
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return []
    fits = re.fullmatch(r"[!-~]+", ascii_name) and len(ascii_name) <= _LONGEST_NAME
    return list(look_up(ascii_name)) if fits else []


def _what_is_wrong(said: Sequence[str]) -> str:
    match said:
        case ["answer", answer]:
            return f"its answer is not ASCII: '{shown(answer)}'"
        case ["endless"]:
            return "its answer is too long"
        case ["oddity", kind]:
            return f"its answer is no string, but {kind}"
        case ["missing", other]:
            also = f", but {other}, which browsers do not call" if other else ""
            return f"it has no function FindProxyForURL{also}"
        case ["thrown", text, stack]:
            return f"it ends with the error '{sanitize(text)}'{_place(stack)}"
        case ["name", _]:
            return f"it asks for the addresses of more than {MOST_NAMES} names"
        case _:
            return f"it needs more than {MEMORY_BYTES // _MIB} MiB of memory"


def _place(stack: str) -> str:
    """Say in which line of the script an error is, where the stack tells."""
    for found in _PLACE.finditer(stack):
        if found["function"] not in own_functions():
            return f" in line {found['line']}"
    return ""
