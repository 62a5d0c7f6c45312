"""Holds connections open from the client's namespace: `python -m` this, with what to hold on standard input."""

from __future__ import annotations

import json
import pickle
import ssl
import sys

from tests.debug.holding import hold


def main() -> None:
    """Read what to hold, and write the pickled holds to standard output."""
    given = json.load(sys.stdin)
    context = ssl.create_default_context(cafile=given["roots"])
    holds = hold(given["regions"], given["seconds"], ping_every=given["ping_every"], ssl_context=context)
    sys.stdout.buffer.write(pickle.dumps(holds))


if __name__ == "__main__":
    main()
