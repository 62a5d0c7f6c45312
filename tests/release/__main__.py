"""Build the release twice, check it, and run README and manual against the installed wheel.

    python -m tests.release PYTHON [PYTHON ...]

Each PYTHON is an interpreter, 3.11 or newer, with its `venv`. It gets the wheel and its extras in an environment of its
own, and runs every snippet of the README and the manual in a copy of tests and docs, without a package of the checkout
in reach. What was tried is printed as rows: interpreter, what ran, how it ended.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile
from collections.abc import Sequence

from tests.release.building import built_twice
from tests.release.installing import tried


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where all that was tried is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.release", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="an interpreter, 3.11 or newer")
    parser.add_argument("--dist", type=pathlib.Path, help="leave what was built in this folder")
    options = parser.parse_args(arguments)
    failed = False
    with tempfile.TemporaryDirectory(prefix="wsconn-release-") as folder:
        files = built_twice(pathlib.Path(folder), options.dist)
        print(
            *(f"| built twice, the same bytes | {file.name} | {file.stat().st_size} bytes |" for file in files),
            sep="\n",
        )
        wheel = next(file for file in files if file.suffix == ".whl")
        for number, python in enumerate(options.pythons):
            place = pathlib.Path(folder, f"tried-{number}")
            place.mkdir()
            row = tried(python, wheel, place)
            failed |= not row.passed
            print(row, flush=True)
    return int(failed)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
