"""What the first test of a process loads is loaded where no signal handler strikes, and what goes wrong is told."""

from __future__ import annotations

import threading

import pytest

from tests.processes import posix, run
from wsconn._io.importing import importing, undisturbed

INTERRUPTED = """
    import os, signal, threading
    from wsconn._io.importing import undisturbed
    begun, interrupted, ended = threading.Event(), threading.Event(), threading.Event()

    def load():
        begun.set()
        interrupted.wait(20)
        ended.set()

    threading.Thread(target=lambda: (begun.wait(), os.kill(os.getpid(), signal.SIGINT))).start()
    try:
        undisturbed(load)
    except KeyboardInterrupt:
        print("interrupted", ended.is_set())
        interrupted.set()
    print("loaded", ended.wait(20))
"""


def test_the_main_thread_imports_nothing() -> None:
    """Signal handlers run on the main thread alone; a fork waits for the import."""
    seen: list[tuple[bool, bool]] = []

    def load() -> None:
        taken = importing.acquire(blocking=False)  # by the same thread: it is reentrant
        seen.append((threading.current_thread() is threading.main_thread(), taken))
        importing.release()

    undisturbed(load)
    assert seen == [(False, True)]
    assert not [thread for thread in threading.enumerate() if thread.name == "wsconn-import"]


def test_what_it_raises_is_raised() -> None:
    """The caller sees it as if it had imported itself."""

    def load() -> None:
        raise ImportError("no such module")

    with pytest.raises(ImportError, match="no such module"):
        undisturbed(load)


@posix
def test_ctrl_c_ends_the_waiting_and_not_the_import() -> None:
    """Ctrl-C is raised at once, and the import goes on to its end."""
    lines = run(INTERRUPTED)[:-1]
    assert lines == ["interrupted False", "loaded True"]
