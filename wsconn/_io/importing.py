"""Modules that are loaded when a test first needs them, and what a fork must not meet then.

In a child that was forked while another thread imported a module, that module could never be imported: the lock on it
stays held. So a fork waits until the import is over.
"""

from __future__ import annotations

import logging  # noqa: F401 - imports need its lock, so a fork may take that only after ours: see `register_at_fork`
import os
import threading

importing = threading.RLock()  # guards imports that are not made with `import wsconn`
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=importing.acquire, after_in_parent=importing.release, after_in_child=importing.release)
