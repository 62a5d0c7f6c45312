"""The README's set-up in a checkout: wsconn can be imported from anywhere afterwards, the folder above included."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import sysconfig
import venv

import pytest

from tests.pages.snippets import ROOT

BOUND_SECONDS = 120
NOT_CLONED = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "_build", "corpus")
SCRIPT = "import wsconn\nprint(wsconn.check.__name__, wsconn.__file__)\n"

pytestmark = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="needs the sources")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a copy of the sources in a folder called wsconn, installed into an environment of its own.

    The libraries are those of the Python that runs the tests, so that no network is needed.
    """
    tree = tmp_path_factory.mktemp("projects") / "wsconn"
    shutil.copytree(ROOT, tree, ignore=NOT_CLONED)
    environment = tree / ".venv"
    venv.create(environment, symlinks=sys.platform != "win32")
    (libraries,) = environment.glob("[Ll]ib/**/site-packages")
    shared = {sysconfig.get_path("purelib"), *(path for path in sys.path if path.endswith("site-packages"))}
    (libraries / "shared.pth").write_text("\n".join(sorted(shared)), "utf-8")
    install = ["install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed", "-e", "."]
    run(tree, [python(tree), "-m", "pip", *install])
    return tree


def python(tree: pathlib.Path) -> str:
    return str(tree / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


def run(folder: pathlib.Path, argv: list[str]) -> str:
    """Return what a program prints that is run in a folder, and must end well."""
    done = subprocess.run(argv, cwd=folder, capture_output=True, encoding="utf-8", timeout=BOUND_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("where", [".", "..", "docs"], ids=["in-it", "above-it", "below-it"])
def test_a_script_imports_the_clone(clone: pathlib.Path, where: str) -> None:
    """A script in the clone's parent folder gets the package, though a folder `wsconn` stands beside it."""
    folder = clone / where
    script = folder / "my_script.py"
    script.write_text(SCRIPT, "utf-8")
    found = run(folder, [python(clone), "my_script.py"]).split(maxsplit=1)
    assert found == ["check", f"{clone / 'wsconn' / '__init__.py'}\n"]


@pytest.mark.parametrize("where", [".", ".."], ids=["in-it", "above-it"])
def test_the_module_is_the_command_line(clone: pathlib.Path, where: str) -> None:
    """`python -m wsconn` works there too."""
    assert run(clone / where, [python(clone), "-m", "wsconn", "--version"]).startswith("wsconn ")
