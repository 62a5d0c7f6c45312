"""What is published: the wheel has all of the package and nothing else, the sdist all that tests and docs need."""

from __future__ import annotations

import configparser
import email.message
import email.parser
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from typing import NamedTuple

import pytest

from tests.sources import NO_SOURCES
from wsconn import __version__
from wsconn._pyinstaller import hook_dirs

ROOT = pathlib.Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="needs the sources")


class Built(NamedTuple):
    """What was built, as names of files: those in the wheel, and those in the sdist below its one folder."""

    sources: set[str]
    wheel: set[str]
    sdist: set[str]
    metadata: email.message.Message
    entry_points: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build from a copy, so that the checkout stays as it is: the sdist, and the wheel from that."""
    tree = tmp_path_factory.mktemp("tree") / "wsconn"
    shutil.copytree(ROOT, tree, ignore=NO_SOURCES)
    sources = {str(file.relative_to(tree).as_posix()) for file in tree.rglob("*") if file.is_file()}
    # Isolation would fetch setuptools from the network; the `test` extra has it installed.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel_file,) = (tree / "dist").glob("*.whl")
    (sdist_file,) = (tree / "dist").glob("*.tar.gz")
    assert wheel_file.name == f"wsconn-{__version__}-py3-none-any.whl"
    assert sdist_file.name == f"wsconn-{__version__}.tar.gz"
    with zipfile.ZipFile(wheel_file) as wheel:
        info = f"wsconn-{__version__}.dist-info"
        metadata = email.parser.BytesParser().parsebytes(wheel.read(f"{info}/METADATA"))
        entry_points = wheel.read(f"{info}/entry_points.txt").decode()
        in_wheel = set(wheel.namelist())
    with tarfile.open(sdist_file) as sdist:
        in_sdist = {member.name.partition("/")[2] for member in sdist if member.isfile()}
    return Built(sources, in_wheel, in_sdist, metadata, entry_points)


def below(files: set[str], *folders: str) -> set[str]:
    return {file for file in files if file.startswith(tuple(f"{folder}/" for folder in folders))}


def test_the_wheel_has_the_whole_package(built: Built) -> None:
    """Every file of the package is in the wheel: modules, lab and command line, catalogues, the mark of types."""
    assert below(built.wheel, "wsconn") == below(built.sources, "wsconn")
    named = {
        "_cli/__init__.py",
        "lab/__init__.py",
        "reports/__init__.py",
        "reports/schema/result-1.json",
        "reports/schema/result-2.json",
        "catalogues/daily.toml",
        "py.typed",
    }
    assert {f"wsconn/{name}" for name in named} <= built.wheel


PLUGIN = "pytest_wsconn.py"  # beside the package, so that pytest need not load that


def test_the_wheel_has_nothing_else(built: Built) -> None:
    """Beside the package there is pytest's plugin, and metadata with the licence: no tests and no documents."""
    assert PLUGIN in built.wheel
    others = built.wheel - below(built.wheel, "wsconn") - {PLUGIN}
    assert {name.split("/")[0] for name in others} == {f"wsconn-{__version__}.dist-info"}
    assert [name for name in others if name.endswith("LICENSE")] != []
    assert not [name for name in built.wheel - {PLUGIN} if "test" in name.lower()]


def test_the_sdist_has_what_others_build_and_test_from(built: Built) -> None:
    """Package, tests, documents and examples are all there, with what is read while building."""
    wanted = below(built.sources, "wsconn", "tests", "docs", "examples")
    top = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "setup.cfg", "MANIFEST.in"}
    assert (wanted | top) - built.sdist == set()


def test_the_sdist_has_no_leavings(built: Built) -> None:
    """What is in the sdist was in the tree, or is metadata: no caches, and nothing that a build left."""
    made = {"PKG-INFO", *below(built.sdist, "wsconn.egg-info")}
    assert built.sdist - built.sources - made == set()
    assert not [name for name in built.sdist if "__pycache__" in name or name.startswith((".", "build/", "dist/"))]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the repository")
def test_the_repository_has_nothing_that_the_sdist_lacks(built: Built) -> None:
    """What is committed is published, but for settings of tools and the findings: nothing was left there by mistake."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = built.sources & set(listed.stdout.split("\0"))
    strays = {file for file in tracked - built.sdist if not file.startswith((".", "findings/"))}
    assert not strays


def test_the_metadata(built: Built) -> None:
    """Name, versions, licence, README and dependencies are those that users choose by."""
    metadata = built.metadata
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == ("wsconn", __version__, ">=3.11")
    assert "MIT" in (metadata["License-Expression"], metadata["License"])
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["Summary"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.strip() in str(metadata.get_payload(decode=True), "utf-8").strip()
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    needed = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert sorted(text.partition(">")[0].partition("<")[0] for text in needed) == ["attrs", "websocket-client"]


def test_the_extras(built: Built) -> None:
    """Each optional part can be asked for by name, and `all` is all of them."""
    assert set(built.metadata.get_all("Provides-Extra", [])) >= {
        *("all", "dask", "html", "kerberos", "lab", "ntlm", "pac", "rich", "socks", "test"),
    }
    needed = [text.replace("'", '"') for text in built.metadata.get_all("Requires-Dist", [])]
    everything = [text for text in needed if 'extra == "all"' in text]
    libraries = {
        "html": "jinja2",
        "lab": "trustme",
        "ntlm": "pyspnego",
        "pac": "quickjs-ng",
        "rich": "rich",
        "socks": "python-socks",
    }
    for extra, library in libraries.items():
        assert [text for text in needed if text.startswith(library) and f'extra == "{extra}"' in text] != []
        assert [text for text in everything if extra in text.partition(";")[0]] != []
    assert not [text for text in everything if "kerberos" in text]  # it wants a compiler
    assert not [text for text in everything if "dask" in text]  # it is large, and who has a cluster has it


def test_the_lowest_libraries_are_those_that_are_allowed() -> None:
    """What tox installs as the lowest is each lower bound of setup.cfg, and nothing else, so that neither drifts.

    `kerberos` is no part of the tests: it wants a compiler.
    """
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = {name: text for name, text in settings["options.extras_require"].items() if name not in ("all", "test")}
    wanted = [
        settings["options"]["install_requires"],
        *(extras[name] for name in extras if name not in ("all", "bench", "docs", "kerberos", "test")),
    ]
    bounds = [line.partition(",")[0] for text in wanted for line in text.split()]
    lowest = (ROOT / "tests" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    assert all(">=" in bound for bound in bounds)
    assert sorted(bound.replace(">=", "==") for bound in bounds) == [
        line for line in lowest if not line.startswith("#")
    ]


def test_the_command(built: Built) -> None:
    """`wsconn` is a command; PyInstaller is told where its hook is, and pytest what its plugin is."""
    lines = [line.replace(" ", "") for line in built.entry_points.splitlines() if line.strip()]
    command = ["[console_scripts]", "wsconn=wsconn._cli:main"]
    hooks = ["[pyinstaller40]", "hook-dirs=wsconn._pyinstaller:hook_dirs"]
    assert lines == [*command, *hooks, "[pytest11]", "pytest_wsconn=pytest_wsconn"]
    assert [pathlib.Path(folder, "hook-wsconn.py").is_file() for folder in hook_dirs()] == [True]
