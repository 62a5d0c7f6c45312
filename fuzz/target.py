#!/usr/bin/env python3
"""One reader of wsconn's under atheris: `python fuzz/target.py READER [options of libFuzzer] [directories]`.

What must hold of any outcome stands in `tests/peers.py`; here only the bytes come from a fuzzer that sees which lines
they reach.
"""

from __future__ import annotations

import os
import pathlib
import sys

import atheris

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

with atheris.instrument_imports(include=["wsconn", "websocket", "python_socks", "json"]):
    import json  # noqa: F401 - imported here to be instrumented, as the next ones are

    import python_socks.sync  # noqa: F401
    import websocket  # noqa: F401

    from tests import peers

OF_MERGES = "WSCONN_FUZZ_READER"  # libFuzzer, where it merges, runs this file anew with its own options alone


def main() -> None:
    if OF_MERGES not in os.environ:
        os.environ[OF_MERGES] = sys.argv.pop(1)
    reader = os.environ[OF_MERGES]
    atheris.Setup(sys.argv, lambda data: peers.feed(reader, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
