"""What is released: the same bytes whenever it is built, fit for PyPI, and at work where it is installed from it."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import zipfile
from collections.abc import Mapping

import pytest

from tests.components.programs import HOME
from tests.sources import NO_SOURCES
from wsconn import __version__

ROOT = pathlib.Path(__file__).parents[2]
PYTHON = HOME / "servers" / "bin" / "python"
TEST_SECONDS = 300  # packing a program takes 20 s of a processor
TAGGED_AT = "1795478400"  # some commit's second; a release takes its own commit's

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not PYTHON.exists(), reason="tests/components/install has not run"),
]


def run(*command: str | os.PathLike[str], at: pathlib.Path, **changes: str) -> str:
    """Run a command in a folder and return what it printed; whatever it says is the test's when it fails."""
    done = subprocess.run(
        command,
        cwd=at,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        timeout=TEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(tree: pathlib.Path, into: pathlib.Path, **changes: str) -> Mapping[str, pathlib.Path]:
    """Build sdist and wheel from a copy of the sources made there and then; return the files by their names."""
    shutil.copytree(ROOT, tree, ignore=NO_SOURCES)
    command = (PYTHON, "tools/build_release.py", "--no-isolation", into)
    run(*command, at=tree, SOURCE_DATE_EPOCH=TAGGED_AT, **changes)
    return {file.name: file for file in into.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pathlib.Path]:
    at = tmp_path_factory.mktemp("built")
    return build(at / "sources", at / "dist")


def test_a_build_can_be_repeated(built: Mapping[str, pathlib.Path], tmp_path: pathlib.Path) -> None:
    """Built elsewhere, by another user's habits and in another zone, sdist and wheel are the same byte for byte."""
    umask = os.umask(0o077)
    try:
        again = build(tmp_path / "elsewhere", tmp_path / "out", TZ="Pacific/Auckland", PYTHONHASHSEED="7")
    finally:
        os.umask(umask)
    assert again.keys() == built.keys() == {f"wsconn-{__version__}.tar.gz", f"wsconn-{__version__}-py3-none-any.whl"}
    for name, file in built.items():
        assert again[name].read_bytes() == file.read_bytes(), name


def test_what_is_built_is_fit_for_pypi(built: Mapping[str, pathlib.Path]) -> None:
    """`twine check --strict` reads README and metadata, `check-wheel-contents` what lies in the wheel."""
    folder = next(iter(built.values())).parent
    said = run(PYTHON, "-m", "twine", "check", "--strict", *built.values(), at=folder)
    assert said.count("PASSED") == 2, said
    (wheel,) = folder.glob("*.whl")
    said = run(PYTHON.parent / "check-wheel-contents", wheel, at=ROOT)  # where its configuration is
    assert said.strip().endswith("OK")


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_is_built_works_where_it_is_installed(
    built: Mapping[str, pathlib.Path], kind: str, tmp_path: pathlib.Path
) -> None:
    """In an environment with nothing else, and an empty folder, the package, the lab and `wsconn demo` work."""
    file = next(file for name, file in built.items() if name.endswith(".whl") == (kind == "wheel"))
    python, empty = tmp_path / "environment" / "bin" / "python", tmp_path / "empty"
    empty.mkdir()
    run(PYTHON, "-m", "venv", tmp_path / "environment", at=empty)
    run(python, "-m", "pip", "install", "-qq", f"{file}[lab]", at=empty)
    assert "works: lab" in run(python, "-I", ROOT / "tests" / "installation.py", "lab", at=empty)
    assert "sa-east-1" in run(python.parent / "wsconn", "demo", at=empty)  # and the code says that all was as set up
    assert list(empty.iterdir()) == []


def test_one_file_with_a_window_works(built: Mapping[str, pathlib.Path], tmp_path: pathlib.Path) -> None:
    """PyInstaller finds by itself what is imported late (websocket, python_socks, jinja2) and read as data.

    The program that it makes is run on a screen of its own, in an environment that has no Python to fall back on.
    """
    if subprocess.run([PYTHON, "-c", "import tkinter"], capture_output=True, check=False).returncode:
        pytest.skip("this Python has no tkinter")
    wheel = next(file for name, file in built.items() if name.endswith(".whl"))
    libraries, program = tmp_path / "libraries", pathlib.Path(__file__).parent / "window.py"
    run(PYTHON, "-m", "pip", "install", "-qq", "--target", libraries, f"{wheel}[html,lab,socks]", at=tmp_path)
    options = ["--onefile", "--log-level", "ERROR", "--distpath", tmp_path, "--workpath", tmp_path / "work"]
    options += ["--specpath", tmp_path]
    run(PYTHON, "-m", "PyInstaller", *options, program, at=tmp_path, PYTHONPATH=str(libraries))
    shutil.rmtree(libraries)
    command = ["xvfb-run", "--auto-servernum", tmp_path / "window"]
    said = run("env", "-i", f"HOME={tmp_path}", "PATH=/usr/bin:/bin", *command, at=tmp_path)
    assert said.splitlines() == [
        "10 regions in the catalogue daily",
        "healthy passed",
        "shut failed refused",
        "denied failed proxy_denied",
        "a page of HTML",
        "warning",
    ]


@pytest.mark.skipif(not (ROOT / ".github").exists(), reason="needs the repository")
def test_workflows_give_nothing_away() -> None:
    """Zizmor at its strictest finds nothing: actions are pinned to commits, and each job has the least permissions."""
    run(PYTHON.parent / "zizmor", "--offline", "--no-progress", "--persona", "auditor", ROOT / ".github", at=ROOT)


def test_nothing_is_in_the_wheel_twice(built: Mapping[str, pathlib.Path]) -> None:
    """No file of the wheel is there under two names, and none is empty but those that mark a package."""
    wheel = next(file for name, file in built.items() if name.endswith(".whl"))
    with zipfile.ZipFile(wheel) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    filled = [(entry.CRC, entry.file_size) for entry in entries if entry.file_size]
    assert len(set(filled)) == len(filled)
    assert {pathlib.PurePath(entry.filename).name for entry in entries if not entry.file_size} <= {
        "py.typed",
        "__init__.py",
    }
