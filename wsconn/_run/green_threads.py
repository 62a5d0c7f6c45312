"""Whether greenlets have replaced threads in this process, and whether wsconn can run on them.

With gevent it can, if `patch_all()` came before `import wsconn`: workers are greenlets, they wait in gevent's own poll
and queues, and every guarantee holds but those about threads. If only a part was replaced, it cannot: a greenlet that
waits in a queue or a poll made for threads stops all others, so a test would never end, or end too late.

With eventlet it cannot: there only one greenlet may wait for a socket, and all workers of a test wait for the abort's.
"""

from __future__ import annotations

import sys

_WHERE_WSCONN_WAITS = ("threading", "queue", "select", "socket")


def unsupported_reason() -> str | None:
    """Say why no test can run in this process, and what to do about it; `None` if one can."""
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None and (eventlet.is_monkey_patched("thread") or eventlet.is_monkey_patched("select")):
        return (
            "wsconn cannot run on eventlet's green threads, of which only one may wait for a socket: run it in a"
            " process of its own, as with subprocess and `python -m wsconn check --format json`"
        )
    replaced = _replaced()
    if replaced != _REPLACED_BEFORE:
        return (
            "gevent replaced threads and sockets after wsconn was imported, and a test would wait for ever: call"
            " gevent.monkey.patch_all() before `import wsconn`"
        )
    threads, queues, polls = (name in replaced for name in ("threading", "queue", "select"))
    if threads != queues or (threads and not polls):
        return (
            f"gevent replaced only a part of what wsconn waits in ({', '.join(sorted(replaced))}), and a test would"
            " wait for ever: call gevent.monkey.patch_all() without leaving out thread, queue or select"
        )
    return None


def _replaced() -> set[str]:
    gevent = sys.modules.get("gevent.monkey")
    return set() if gevent is None else {name for name in _WHERE_WSCONN_WAITS if gevent.is_module_patched(name)}


_REPLACED_BEFORE = _replaced()
