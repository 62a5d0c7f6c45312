"""How a thread is started: where Ctrl-C may strike, on the main thread, and with a stack of a size that is known."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator


class _Sizes:
    """The size of the stacks of new threads, which is one for the process: whoever sets it, sets it back."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin anew: in a forked child the lock may stay held."""
        self._lock = threading.Lock()  # guards what `threading.stack_size` keeps

    @contextlib.contextmanager
    def __call__(self, size_bytes: int) -> Iterator[None]:
        """Have threads that are started meanwhile get a stack of this size."""
        with self._lock:
            usual = threading.stack_size(size_bytes)
            try:
                yield
            finally:
                threading.stack_size(usual)


with_stack = _Sizes()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=with_stack.renew)


def start_thread(thread: threading.Thread) -> None:
    """Start a thread. `RuntimeError` where there is none to be had, and nothing else is.

    Ctrl-C in the midst of `Thread.start`, which waits for the new thread, may become the RuntimeError "release unlocked
    lock": it did in CPython 3.13 without the GIL. The thread runs then, or is about to; `enumerate` has both. One that
    is over by the time it is asked has an `ident`.
    """
    try:
        thread.start()
    except RuntimeError as error:
        if thread in threading.enumerate() or thread.ident is not None:
            raise KeyboardInterrupt from error
        raise
