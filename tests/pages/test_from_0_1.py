"""What 0.1.0 had is there still, or the page for those who come from it says what is in its place."""

from __future__ import annotations

import importlib
import json
import pathlib
import subprocess
import sys

import pytest

import wsconn
from tests.pages.snippets import ROOT
from wsconn._cli import ExitCode
from wsconn.lab import FAULTS

PAGE = ROOT / "docs" / "how-to" / "from-0.1.md"
LISTED = pathlib.Path(__file__).with_name("public_0_1.txt").read_text("utf-8").splitlines()[1:]
SCHEMAS = pathlib.Path(wsconn.__file__).parent / "reports" / "schema"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs the sources")


def of(kind: str) -> list[str]:
    return [line.partition(" ")[2] for line in LISTED if line.startswith(f"{kind} ")]


def is_there(name: str) -> bool:
    """Whether a dotted name leads to something, be it an attribute of a record that has no default."""
    parts = name.split(".")
    modules = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    module = next(module for module in modules if importable(module))
    found: object = importlib.import_module(module)
    for part in name.removeprefix(module).split(".")[1:]:
        if not hasattr(found, part):
            return part in {field.name for field in getattr(found, "__attrs_attrs__", ())}
        found = getattr(found, part)
    return True


def importable(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def test_names_are_there_or_on_the_page() -> None:
    """Every name that could be imported, and every attribute of what it led to."""
    gone = [name for name in LISTED if name.startswith("wsconn") and not is_there(name)]
    page = PAGE.read_text("utf-8")
    assert gone
    for name in gone:
        parent, _, last = name.rpartition(".")
        told = (f"`{name}`", f"`{parent}`", f"`{parent.rpartition('.')[2].lower()}.{last}`")
        assert any(text in page for text in told), name


def test_faults_are_there() -> None:
    """Each under its name."""
    assert set(of("fault")) <= set(FAULTS)


@pytest.mark.parametrize("command", sorted({option.split()[0] for option in of("option")}))
def test_options_are_there(command: str) -> None:
    """Each with its command."""
    said = subprocess.run(
        [sys.executable, "-m", "wsconn", command, "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert [option for option in of("option") if option.split()[0] == command and option.split()[1] not in said] == []


def test_exit_codes_are_there() -> None:
    """Each with its number."""
    assert {f"{code.value} {code.name}" for code in ExitCode} >= set(of("exit"))


def test_keys_of_json_are_there() -> None:
    """No key of schema 1 is missing in schema 2, and each that is new is on the page."""
    before, after = (keys(json.loads((SCHEMAS / f"result-{number}.json").read_text("utf-8"))) for number in (1, 2))
    assert before <= after
    page = PAGE.read_text("utf-8")
    assert [key for key in after - before if f"`{key.rpartition('.')[2]}`" not in page] == []


def keys(schema: dict[str, object]) -> set[str]:
    """Return the keys that a report has, with the record before each, all of evidence as one."""
    records = {"": schema, **schema["$defs"]}  # type: ignore[dict-item]  # JSON Schema has it so
    return {
        f"{name}.{key}"
        for name, record in records.items()
        if name != "evidence"
        for key in record.get("properties", {})  # type: ignore[attr-defined]  # as above
    }
