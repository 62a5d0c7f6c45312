"""The newest Pythons and the newest OpenSSL: the whole suite in Debian unstable, or the release check there."""

from __future__ import annotations

import pathlib
import subprocess

from tests.systems import rows
from tests.systems.debian import inside, unpacked
from tests.systems.target import ROOT, Target

VERSIONS = ("3.14", "3.15")
_PACKAGES = (*(f"python{version}{part}" for version in VERSIONS for part in ("", "-venv")), "ca-certificates", "git")


def main(version: str = "", *tests: str) -> int:
    """Run the suite, or these tests, on this version; the suite on each without any; `release` checks a release."""
    root = unpacked("sid", *_PACKAGES)
    if version == "release":
        pythons = [f"/usr/bin/python{each}" for each in VERSIONS]
        return Target(inside(root, pythons[0])).run("-m", "tests.release", *pythons)
    for each in [version] if version else VERSIONS:
        python = Target(inside(root, _installed(root, each)))
        about = python.about()
        counts = python.test(tests)
        if not tests:
            system = f"Debian unstable, OpenSSL {about['openssl']}"
            rows.write(f"newest-{each}", system=system, python=about["version"], ran="the whole suite", counts=counts)
    return 0


def _installed(root: pathlib.Path, version: str) -> str:
    """Return the path of an environment's Python, within the folder, that has what the tests need."""
    home = f"/opt/{version}"
    marker = root / f"opt/{version}/installed"
    wanted = (ROOT / "setup.cfg").read_text("utf-8")
    if not marker.exists() or marker.read_text("utf-8") != wanted:
        subprocess.run(inside(root, f"python{version}", "-m", "venv", home), check=True)
        subprocess.run(inside(root, f"{home}/bin/python", "-m", "pip", "install", "-q", "-e", ".[test]"), check=True)
        marker.write_text(wanted, "utf-8")
    return f"{home}/bin/python"
