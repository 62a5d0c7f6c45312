"""An earlier wsconn, as one more client: what is said of a change is measured beside what was before it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from benchmarks.runs import Client

BEFORE = "wsconn before"


def unpack(source: Path, folder: Path) -> Path:
    """Put the package out of a wheel, or a copy of a checkout's, into a folder of its own, which is returned."""
    place = folder / "before"
    if source.is_dir():
        shutil.copytree(source / "wsconn", place / "wsconn", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        with zipfile.ZipFile(source) as wheel:
            wheel.extractall(place)
    return place


def client(place: Path) -> Client:
    """Return the client that is to be measured."""
    return Client(BEFORE, "wsconn_warm", "wsconn", is_python_peer=False, pings=True, folder=place)
