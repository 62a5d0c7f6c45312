"""CPython, built from Debian's source with other options than Debian's, and an environment of it for the tests.

It needs `gcc`, `make`, and the headers of OpenSSL, libffi, zlib and SQLite.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Mapping

from tests.systems.debian import source
from tests.systems.target import HOME, ROOT


def built(name: str, version: str, suite: str, *options: str, variables: Mapping[str, str] = {}) -> pathlib.Path:
    """Return the Python of this version in the folder `name`; it is built there first if need be."""
    home = HOME / name / version
    python = home / "bin" / f"python{version}"
    if not python.exists():
        build = HOME / name / "build"
        shutil.rmtree(build, ignore_errors=True)
        build.mkdir(parents=True)
        configure = [source(suite, f"python{version}") / "configure", f"--prefix={home}", "--disable-test-modules"]
        environment = {**os.environ, **variables}
        for command in [*configure, *options], ["make", "-s", "-j2"], ["make", "-s", "install"]:
            with (build / "log").open("a") as log:
                subprocess.run(command, cwd=build, env=environment, check=True, stdout=log, stderr=log)
        shutil.rmtree(build)
    return python


def environment(python: pathlib.Path, *requirements: str) -> pathlib.Path:
    """Return the Python of an environment beside it that has wsconn from here, and these requirements."""
    home = python.parents[1] / "environment"
    marker = home / "installed"
    lists = [pathlib.Path(name).read_text("utf-8") for name in requirements if name.endswith(".txt")]
    wanted = "\n".join([str(ROOT), (ROOT / "setup.cfg").read_text("utf-8"), *requirements, *lists])
    if not marker.exists() or marker.read_text("utf-8") != wanted:
        subprocess.run([python, "-m", "venv", "--clear", "--without-pip", home], check=True)
        pip = [sys.executable, "-m", "pip", "--python", home / "bin/python", "install", "-q"]
        subprocess.run([*pip, *requirements], cwd=ROOT, check=True)
        marker.write_text(wanted, "utf-8")
    return home / "bin/python"
