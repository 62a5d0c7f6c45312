"""A lab in a process of its own, so that its threads and descriptors are not counted with those that are tested."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_SERVE = """
import json, sys
from wsconn.lab import Lab
with Lab() as lab:
    for name, options in json.loads(sys.argv[1]):
        lab.add(name, **options)
    print(json.dumps(lab.regions), flush=True)
    sys.stdin.read()
"""


@contextmanager
def served(regions: Sequence[tuple[str, dict[str, object]]], python: str = sys.executable) -> Iterator[dict[str, str]]:
    """Serve `regions` (a name, and what `Lab.add` takes) from another process, and give their URLs."""
    command = [python, "-c", _SERVE, json.dumps(regions)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
