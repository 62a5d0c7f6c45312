"""What services and programs read in a checkout: the hooks of pre-commit, the forms of issues, Read the Docs."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
import yaml

from tests.pages.snippets import ROOT

LINTERS = re.compile(r"\.venv/bin/python -m (?:ruff|mypy|bandit)\b.*")

pytestmark = pytest.mark.skipif(not (ROOT / ".ci" / "run").exists(), reason="needs a checkout")


def test_a_commit_is_linted_as_ci_lints() -> None:
    """The hooks run the commands of .ci/run, in their order, and fetch nothing."""
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert local["repo"] == "local"
    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [hook["entry"] for hook in local["hooks"]] == [line for line in script if LINTERS.fullmatch(line)]


@pytest.mark.skipif(find_spec("_sqlite3") is None, reason="pre-commit needs SQLite, which is not there")
def test_the_hooks_are_understood() -> None:
    """pre-commit takes the configuration."""
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(ROOT / ".pre-commit-config.yaml")]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.parametrize("name", ["wrong-result.yml", "other.yml"])
def test_an_issue_asks_for_a_report(name: str) -> None:
    """Each form of an issue asks for what `wsconn check --format markdown` prints, and says what it shows."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / name).read_text("utf-8"))
    (report,) = [field for field in form["body"] if field.get("id") == "report"]
    assert "`wsconn check --format markdown`" in report["attributes"]["description"]
    assert "names hosts" in " ".join(report["attributes"]["description"].split())


def test_read_the_docs_builds_as_ci_does() -> None:
    """It builds the same folder with the same extra, and a warning fails there too."""
    settings = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text("utf-8"))
    assert settings["sphinx"] == {"configuration": "docs/conf.py", "fail_on_warning": True}
    assert settings["python"]["install"] == [{"method": "pip", "path": ".", "extra_requirements": ["docs"]}]
    assert "-m sphinx -W " in (ROOT / ".ci" / "run").read_text("utf-8")
