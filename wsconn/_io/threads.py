"""How a thread is started where Ctrl-C may strike: on the main thread."""

from __future__ import annotations

import threading


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
