"""Modules that are loaded when a test first needs them, and what a fork must not meet then.

In a child that was forked while another thread imported a module, that module could never be imported: the lock on it
stays held. So a fork waits until the import is over.
"""

from __future__ import annotations

import contextlib
import logging  # noqa: F401 - imports need its lock, so a fork may take that only after ours: see `register_at_fork`
import os
import threading
from collections.abc import Callable

from wsconn._io.threads import start_thread

_SLICE_SECONDS = 0.05
importing = threading.RLock()  # guards imports that are not made with `import wsconn`
if hasattr(os, "register_at_fork"):
    # It has forks hold a lock of its own. Imported while a fork waits for ours, that fork would release what it never
    # acquired, and say so on stderr. Where the program's main thread has ended it cannot be imported: see `Workers`.
    with contextlib.suppress(RuntimeError):
        import concurrent.futures.thread  # noqa: F401 - for its hook alone
    os.register_at_fork(before=importing.acquire, after_in_parent=importing.release, after_in_child=importing.release)


def undisturbed(load: Callable[[], object]) -> None:
    """Import something on a thread, where no signal handler strikes.

    In the C code of an import Ctrl-C gets lost, or becomes an ImportError ("PyCapsule_Import could not import module
    _socket", as `import ssl` says then). Here it interrupts the waiting, and the import goes on. No handler strikes on
    another thread than the main one, so that imports by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        with importing:
            load()
        return
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with importing:
                load()
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            errors.append(error)

    thread = threading.Thread(target=run, name="wsconn-import", daemon=False)
    try:
        start_thread(thread)
    except RuntimeError:  # there is none to be had, or the interpreter is about to end
        run()
    else:
        while thread.is_alive():  # in slices: Ctrl-C just before a wait is seen after it
            thread.join(_SLICE_SECONDS)
    if errors:
        raise errors[0]
