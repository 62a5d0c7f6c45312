"""Builds a release twice, in another place and by other habits, and checks what is built."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence

from tests.sources import NO_SOURCES

ROOT = pathlib.Path(__file__).parents[2]
TAGGED_AT = "1795478400"  # some commit's second, where SOURCE_DATE_EPOCH names none


def built_twice(folder: pathlib.Path, dist: pathlib.Path | None) -> list[pathlib.Path]:
    """Build sdist and wheel twice and return their paths; `SystemExit` where they differ, or are not fit for PyPI."""
    python = environment(sys.executable, folder / "tools", "-r", ROOT / "tests" / "release" / "tools.txt")
    once = _built(python, folder / "once", umask=0o022, zone="UTC")
    again = _built(python, folder / "again", umask=0o077, zone="Pacific/Auckland")
    for one, other in zip(once, again, strict=True):
        if (one.name, one.read_bytes()) != (other.name, other.read_bytes()):
            sys.exit(f"{one.name} is not the same when it is built again")
    run(python, "-m", "twine", "check", "--strict", *once)
    (wheel,) = (file for file in once if file.suffix == ".whl")
    run(python.parent / "check-wheel-contents", wheel, at=ROOT)  # where its configuration is
    _check_contents(wheel)
    if dist is not None:
        dist.mkdir(parents=True, exist_ok=True)
        return [pathlib.Path(shutil.copy(file, dist)) for file in once]
    return once


def environment(python: str | os.PathLike[str], at: pathlib.Path, *wanted: str | os.PathLike[str]) -> pathlib.Path:
    """Make an environment with what is wanted, and return its interpreter."""
    run(python, "-m", "venv", at)
    installed = at / "bin" / "python"
    run(installed, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *wanted)
    return installed


def run(*command: str | os.PathLike[str], at: pathlib.Path | None = None, **changes: str) -> str:
    """Run a command and return what it printed; `SystemExit` with that where it fails."""
    done = subprocess.run(
        command,
        cwd=at or pathlib.Path(command[0]).parent,
        env={**os.environ, **changes},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout


def _built(python: pathlib.Path, folder: pathlib.Path, *, umask: int, zone: str) -> Sequence[pathlib.Path]:
    shutil.copytree(ROOT, folder / "sources", ignore=NO_SOURCES)
    moment = os.environ.get("SOURCE_DATE_EPOCH", TAGGED_AT)
    before = os.umask(umask)
    try:
        command = (python, "tools/build_release.py", "--no-isolation", folder / "dist")
        run(*command, at=folder / "sources", SOURCE_DATE_EPOCH=moment, TZ=zone)
    finally:
        os.umask(before)
    return sorted((folder / "dist").iterdir())


def _check_contents(wheel: pathlib.Path) -> None:
    """Have in it each file of the package, be it loaded by name at run time, and nothing of the tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    sources = [file for file in ROOT.glob("wsconn/**/*") if file.is_file() and "__pycache__" not in file.parts]
    wanted = {file.relative_to(ROOT).as_posix() for file in (*sources, ROOT / "pytest_wsconn.py")}
    metadata = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info/"
    others = {name for name in names - wanted if not name.startswith(metadata)}
    if wanted - names or others:
        sys.exit(f"the wheel lacks {sorted(wanted - names)}, and has beside the package {sorted(others)}")
