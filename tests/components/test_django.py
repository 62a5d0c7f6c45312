"""The example site, by Django's own command line, test client and server: its command, and its view of health."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import subprocess

import pytest

from tests.components.programs import HOME, free_port, running
from wsconn.lab import Lab, faults

pytestmark = pytest.mark.components

ROOT = pathlib.Path(__file__).parents[2]
SITE = ROOT / "examples" / "django_site"
PYTHON = HOME / "examples" / "bin" / "python"
BOUND_SECONDS = 30.0

CLIENT = """
import json, django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
for request in (client.get, client.get, client.post):
    answer = request("/health/regions")
    print(json.dumps([answer.status_code, answer.json() if answer.content else None]))
"""


def environment(lab: Lab, folder: pathlib.Path) -> dict[str, str]:
    file = folder / "regions.toml"
    file.write_text("".join(f"[regions.{name}]\nurl = '{url}'\n" for name, url in lab.regions.items()))
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, SITE))),
        "WSCONN_REGIONS": str(file),
        "no_proxy": "127.0.0.1",
    }


def python(lab: Lab, folder: pathlib.Path, *argv: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, *map(str, argv)],
        cwd=folder,
        env=environment(lab, folder),
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_the_command_tells_each_region(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A warning is no failure of the command: calls will work."""
    lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.REFUSED)
    done = python(lab, tmp_path, SITE / "manage.py", "check_regions", "--timeout", "5")
    assert (done.returncode, done.stderr) == (0, "")
    healthy, broken, verdict = done.stdout.splitlines()
    assert healthy.split() == ["passed", "eu-central-1"]
    assert broken.startswith("failed  sa-east-1 ")
    assert "refused" in broken
    assert verdict == "warning"


def test_the_command_fails_where_nothing_can_be_reached(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Django's code for an error, and its one line."""
    lab.add("sa-east-1", fault=faults.REFUSED)
    done = python(lab, tmp_path, SITE / "manage.py", "check_regions")
    assert (done.returncode, done.stderr) == (1, "CommandError: no region can be reached\n")


def test_the_command_tells_a_bad_argument(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What wsconn says of misuse is Django's error."""
    lab.add("eu-central-1")
    done = python(lab, tmp_path, SITE / "manage.py", "check_regions", "--timeout", "-1")
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: timeout must be more than 0")


@pytest.mark.parametrize(("fault", "status", "result"), [(None, 200, "passed"), (faults.REFUSED, 503, "failed")])
def test_the_view(lab: Lab, tmp_path: pathlib.Path, fault: object, status: int, result: str) -> None:
    """The view answers with daily-js' object, a second time from the cache, and to GET alone."""
    lab.add("eu-central-1", fault=fault)  # type: ignore[arg-type]  # a Fault or None
    done = python(lab, tmp_path, "-c", CLIENT)
    assert done.returncode == 0, done.stderr
    first, second, posted = map(json.loads, done.stdout.splitlines())
    assert first == second
    assert first[0] == status
    assert first[1]["result"] == result
    assert set(first[1]) == {"result", "passedRegions", "failedRegions", "abortedRegions"}
    assert posted == [405, None]


def test_the_view_behind_a_server(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Django's own server runs a view on a thread of its own; a test can be started there."""
    lab.add("eu-central-1")
    port = free_port()
    command = [str(PYTHON), str(SITE / "manage.py"), "runserver", "--noreload", f"127.0.0.1:{port}"]
    with running(command, folder=tmp_path, ports=[port], environment=environment(lab, tmp_path)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BOUND_SECONDS)
        connection.request("GET", "/health/regions")
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["passedRegions"]) == (200, ["eu-central-1"])
        connection.close()
