"""Debugs networks from the client's namespace, several at once: as a program there.

The first line of standard input is JSON: by a network's name, the arguments for `wsconn.start_debug`, with `roots`, a
file of authorities. The pickled reports by name go to standard output.
"""

from __future__ import annotations

import json
import pickle
import ssl
import sys
from typing import Any

import wsconn


def main() -> None:
    """Run the debugger for each network, all at once."""
    given: dict[str, dict[str, Any]] = json.loads(sys.stdin.readline())
    runs = {}
    for name, arguments in given.items():
        context = ssl.create_default_context(cafile=arguments.pop("roots"))
        runs[name] = wsconn.start_debug(ssl_context=context, **arguments)
    reports = {name: run.result() for name, run in runs.items()}
    sys.stdout.buffer.write(pickle.dumps(reports))


if __name__ == "__main__":
    main()
