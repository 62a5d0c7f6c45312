"""Runs a PAC in QuickJS: in a context of its own, with little memory, stack and time, and no files and no network.

`import quickjs` would start a thread for a class that is not used here; `_quickjs` is the same without it.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import time
from collections.abc import Sequence
from datetime import datetime

import attrs

from wsconn._io.importing import importing

MEMORY_BYTES = 16 * 1024 * 1024
RUN_SECONDS = 0.3
ALL_RUNS_SECONDS = 1.0  # of one evaluation together
SMALL_STACK_BYTES = 256 * 1024  # its thread has to have some more: see `PacThread`
_PATIENT = 8  # times as long


class OutOfTime(Exception):
    """The script did not end in time."""


def available() -> bool:
    """Whether the extra `pac` is installed."""
    return importlib.util.find_spec("_quickjs") is not None


@attrs.define
class Sandbox:
    """A script and its question, for as many runs as it takes to know what the script needs."""

    script: str = attrs.field(repr=False)
    url: str
    host: str
    now: datetime
    known: dict[str, Sequence[str]] = attrs.Factory(dict)  # the addresses of names
    stack_bytes: int = SMALL_STACK_BYTES
    own: Sequence[str] | None = None  # this machine's; None where they are not known yet
    _left: float = ALL_RUNS_SECONDS

    def run(self, seconds: float) -> str:
        """Run the script once and return what `sandbox.js` says of it, or raise `OutOfTime`.

        QuickJS counts the processor time of all threads of the process. Where that of others used up the limit, the
        script gets a second, longer one.
        """
        limit = min(seconds, RUN_SECONDS, self._left)
        began = time.thread_time()
        try:
            return self._run(limit)
        except OutOfTime:
            if time.thread_time() - began > limit / 2:
                raise
            return self._run(min(seconds, limit * _PATIENT))
        finally:
            self._left = max(0.0, self._left - (time.thread_time() - began))

    def _run(self, limit: float) -> str:
        with importing:
            from _quickjs import Context, JSException

        context = Context()
        context.set_memory_limit(MEMORY_BYTES)
        context.set_max_stack_size(self.stack_bytes)
        context.eval(_source("helpers.js"))
        call = context.eval(_source("sandbox.js"))
        context.set_time_limit(limit)
        known, own = json.dumps(list(self.known.items())), None if self.own is None else json.dumps(self.own)
        moment = self.now.timestamp()
        seed = int(moment * 1e6) & 0x7FFFFFFF
        try:
            said: str = call(self._text(), self.url, self.host, known, own, float(int(moment * 1000)), seed)
        except JSException as error:
            raise OutOfTime from error
        return said

    def _text(self) -> str:
        """Return the script without halves of characters, which QuickJS does not take from Python."""
        return self.script if self.script.isascii() else self.script.encode(errors="replace").decode()


@functools.cache
def own_functions() -> frozenset[str]:
    """Return the names of those functions in a stack that are not the script's."""
    names = re.findall(r"^  function (\w+)", _source("helpers.js"), re.MULTILINE)
    return frozenset([*names, "askTheScript"])


@functools.cache
def _source(name: str) -> str:
    with importing:
        from importlib import resources

    return resources.files("wsconn").joinpath("_protocols", "pac", name).read_text("utf-8")
