"""Chromium and wsconn choose the same route for each PAC file of the table."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import subprocess

import pytest

from tests.browser.chromium import MOST_SECONDS, PYTHON
from tests.pac_cases import CASES, NAMES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not PYTHON.exists(), reason="tests/components/install has not run"),
]

ASK_ROUTES = pathlib.Path(__file__).parent / "ask_routes.py"


def test_the_table(tmp_path: pathlib.Path) -> None:
    """What tests/protocols/test_pac.py has wsconn choose is what Chromium chooses, file by file."""
    cases = {
        name: {"script": base64.b64encode(case.script).decode(), "charset": case.charset, "url": case.url}
        for name, case in CASES.items()
    }
    child = subprocess.run(
        [PYTHON, ASK_ROUTES],
        input=json.dumps({"cases": cases, "names": _rules()}),
        env={**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    chosen = json.loads(child.stdout)
    assert {name: route for name, route in chosen.items() if route != CASES[name].route} == {}


def _rules() -> str:
    """Return Chromium's rules for the names of the table; no other name exists."""
    rules = [f"MAP {name} {f'[{address}]' if ':' in address else address}" for name, (address,) in NAMES.items()]
    return ", ".join([*rules, "MAP *.test ~NOTFOUND", "EXCLUDE 127.0.0.1"])
