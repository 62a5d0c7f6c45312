"""Build sdist and wheel so that the same sources give the same bytes.

    python tools/build_release.py [--no-isolation] DIST

The moment of the last commit, or SOURCE_DATE_EPOCH, is that of every file in them. setuptools heeds it for wheels
alone, so the sdist is packed anew: sorted, with no trace of who built it, when, or with which umask. The wheel is then
built from what was packed. Another setuptools may still give other bytes: it writes its version into the wheel.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence

SOURCES = pathlib.Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Build sdist and wheel; the same sources give the same bytes.")
    parser.add_argument("dist", type=pathlib.Path, help="the folder for what is built")
    parser.add_argument("--no-isolation", action="store_true", help="build with what is installed")
    options = parser.parse_args(arguments)
    options.dist.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    moment = os.environ["SOURCE_DATE_EPOCH"] = os.environ.get("SOURCE_DATE_EPOCH") or _last_commit()
    how = ["--no-isolation"] if options.no_isolation else []
    with tempfile.TemporaryDirectory() as folder:
        _build("--sdist", *how, "--outdir", folder, str(SOURCES))
        (packed,) = pathlib.Path(folder).glob("*.tar.gz")
        sdist = options.dist / packed.name
        sdist.write_bytes(_packed_anew(packed, int(moment)))
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        tree = pathlib.Path(folder) / packed.name.removesuffix(".tar.gz")
        _build("--wheel", *how, "--outdir", str(options.dist.resolve()), str(tree))


def _last_commit() -> str:
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=SOURCES, check=True, capture_output=True, text=True).stdout.strip()


def _build(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "build", *arguments], check=True)


def _packed_anew(packed: pathlib.Path, moment: int) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(packed) as before, tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as after:
        for member in sorted(before.getmembers(), key=lambda member: member.name):
            if not member.isfile():  # folders come of themselves; there are no links
                continue
            entry = tarfile.TarInfo(member.name)
            entry.size, entry.mtime = member.size, moment
            entry.mode = 0o755 if member.mode & 0o100 else 0o644
            after.addfile(entry, before.extractfile(member))
    return gzip.compress(tar.getvalue(), mtime=moment)


if __name__ == "__main__":
    main()
