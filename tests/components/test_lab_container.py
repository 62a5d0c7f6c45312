"""The example of the lab in a container, without an engine: its lines are run in an environment of their own.

What an engine adds, a base image and a network that two containers share, was tried by hand.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess

import pytest
import yaml

from tests.components.programs import HOME, free_port
from tests.sources import NO_SOURCES
from wsconn import check

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "lab_container"
PYTHON = HOME / "servers" / "bin" / "python"
BOUND_SECONDS = 300
COMPOSED = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not PYTHON.exists(), reason="tests/components/install has not run"),
]


def instructions() -> list[tuple[str, str]]:
    """Return the Containerfile's instructions, with what each is given."""
    lines = (FOLDER / "Containerfile").read_text("utf-8").splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if not line.startswith("#")]


def given(instruction: str) -> list[str]:
    return [text for name, text in instructions() if name == instruction]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder that stands for the image's root, with what its RUN lines put there."""
    sources, root = (tmp_path_factory.mktemp(name) for name in ("sources", "image"))
    (root / "opt").mkdir()
    shutil.copytree(ROOT / "wsconn", sources / "wsconn", ignore=NO_SOURCES)
    for name in ("pytest_wsconn.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    builder = [PYTHON, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", sources, "."]
    subprocess.run(builder, cwd=sources, check=True, timeout=BOUND_SECONDS)
    (wheel,) = sources.glob("*.whl")
    for line in given("RUN"):
        subprocess.run(
            ["sh", "-euc", placed(line, root).replace("python3", str(PYTHON), 1)],
            env={**os.environ, "WSCONN": f"wsconn[lab] @ {wheel.as_uri()}"},
            cwd=root,
            check=True,
            timeout=BOUND_SECONDS,
        )
    return root


def placed(text: str, root: pathlib.Path) -> str:
    """Put the folder in the place of the image's root."""
    text = text.replace(" --no-cache-dir", "")  # which keeps an image small, and a test slow
    return text.replace("/opt/lab", f"{root}/opt/lab").replace("/ready", f"{root}/ready")


@pytest.mark.parametrize(
    "arguments", [given("CMD")[-1], json.dumps(COMPOSED["lab"]["command"])], ids=["CMD", "compose"]
)
def test_lab_runs_by_its_lines(image: pathlib.Path, arguments: str) -> None:
    """ENTRYPOINT and CMD, or what the compose file has in its place, serve until STOPSIGNAL, and are healthy."""
    port = str(free_port())
    words = [word.replace("8765", port) for line in (*given("ENTRYPOINT"), arguments) for word in json.loads(line)]
    with subprocess.Popen([placed(word, image) for word in words], stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        ready = json.loads(lab.stdout.readline())
        healthy = (image / "ready" / "lab.json").exists()
        result = check({name: region["url"] for name, region in ready["regions"].items()}, proxy=None)
        lab.send_signal(getattr(signal, given("STOPSIGNAL")[0]))
        assert lab.wait(BOUND_SECONDS) == 0
    assert ready["control"] == f"http://127.0.0.1:{port}"
    assert [outcome.region for outcome in result.outcomes] == ["eu", "us"]
    assert healthy == ("--ready-file" in words)


def test_user_may_write_the_ready_file(image: pathlib.Path) -> None:
    """The folder that the services share is of the user that the lab runs as."""
    owner = (image / "ready").stat()
    assert [f"{owner.st_uid}:{owner.st_gid}"] == given("USER")


def test_services_share_what_they_need() -> None:
    """The tests have the lab's network and its file, once it is healthy."""
    lab, tests = COMPOSED["lab"], COMPOSED["tests"]
    file = lab["command"][lab["command"].index("--ready-file") + 1]
    assert lab["healthcheck"]["test"] == ["CMD", "test", "-e", file]
    assert tests["environment"] == {"LAB": file}
    assert tests["network_mode"] == "service:lab"
    assert tests["depends_on"] == {"lab": {"condition": "service_healthy"}}
    assert f"{lab['volumes'][0]}:ro" in tests["volumes"]
