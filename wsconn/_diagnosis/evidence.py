"""How what was seen when a way to a region ended gets from the stage that saw it to the recorder."""

from __future__ import annotations

import errno

from wsconn._outcome import Cause, Evidence, Stage

NOTHING = Evidence()  # what a stage gives that knows no more than the recorder
NO_DESCRIPTORS = ("EMFILE", "ENFILE")  # what the system says when a process, or the machine, has too many files open


def symbol(error: OSError) -> str | None:
    """Return an error's symbolic name, `"ECONNREFUSED"`, or `None` where the system gave no number."""
    if error.errno is None:
        return None
    return errno.errorcode.get(error.errno, f"errno {error.errno}").removeprefix("WSA")  # Windows' names for the same


def is_shutdown(error: BaseException) -> bool:
    """Tell whether a thread was refused because the interpreter is shutting down; CPython has no other sign of it."""
    return isinstance(error, RuntimeError) and "interpreter shutdown" in str(error)


class StageFailed(Exception):
    """This way to the region ends here. `stage` is given only where it is not the stage under way.

    It carries a remote failure from where it was seen to the probe, which makes a value of it. The evidence is what the
    stage alone knows, a peer's text in it made safe to show; the recorder adds where, when and how far. It derives from
    no `OSError`, so that websocket-client lets it through unchanged.
    """

    def __init__(self, cause: Cause, evidence: Evidence | None = None, *, stage: Stage | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.evidence = evidence
        self.stage = stage
