"""What the benchmark's own servers share: they say when they are ready, answer over stdin, and end when that ends."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable


def is_ready(said: dict[str, object], figures: Callable[[], dict[str, float]] = dict) -> None:
    """Say it, and answer every later line of stdin with `figures` and the processor time of this process.

    When stdin ends, so does the process: whoever started it is gone.
    """
    _say(said)
    threading.Thread(target=_answer, args=(figures,), name="answering", daemon=True).start()


def _answer(figures: Callable[[], dict[str, float]]) -> None:
    for _ in sys.stdin:
        _say({"cpu": time.process_time(), **figures()})
    os._exit(0)  # the main thread waits for sockets and cannot be told


def _say(what: dict[str, object] | dict[str, float]) -> None:
    print(json.dumps(what), flush=True)
