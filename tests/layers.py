"""The layers of the package, and who imports whom: what test_layers.py checks and the manual draws a picture of.

All of it is read from the source, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import wsconn

PACKAGE = pathlib.Path(wsconn.__file__).parent

# The layers of the contract, the lowest first: folders, and the files that stand beside them. A file imports from its
# own layer or a lower one.
RECORDS = "records and pure rules"
LAYERS: dict[str, set[str]] = {
    RECORDS: {
        *("_version", "_interrupt", "_text", "_json", "_deadline", "_exceptions", "_record", "_outcome", "_result"),
        *("_regions", "_region_files", "_region_document", "_places", "_request_fields", "_proxies", "_system_proxies"),
        *("_pac_settings", "_system_pac"),
        *("_addresses", "_hosts_file", "_resolver_settings", "_tls_settings"),
    },
    "what was seen": {"_diagnosis"},
    "one socket": {"_io"},
    "what is spoken": {"_protocols"},
    "one test": {"_run"},
    "one stage each": {"_stages"},
    "one region": {"_probe"},
    "who is in the way": {"_debug"},
    "the entry points": {"_arguments", "_api", "_debug_api"},
    "the names that users import": {"__init__"},
    "reports": {"reports"},
    "many machines": {"fleet"},
    "the command line": {"_cli"},
    "python -m wsconn": {"__main__"},
    "for programs that are packed": {"_pyinstaller", "pyinstaller_hooks"},
}
LEVEL = {folder: level for level, folders in enumerate(LAYERS.values()) for folder in folders}
LAB, BESIDE = "lab", "stands beside: servers for tests"


class Import(NamedTuple):
    """A file, and what it imports: a dotted name."""

    file: pathlib.Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE)}:{self.line} imports {self.name}"

    @property
    def importer(self) -> str:
        return folder_of(self.file)

    @property
    def imported(self) -> str | None:
        """The folder, or the file beside the folders, that is imported; `None` for another library's module."""
        top, *rest = self.name.split(".")
        return None if top != "wsconn" else rest[0] if rest else "__init__"


def folder_of(file: pathlib.Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(file: pathlib.Path) -> str:
    """Return a file's dotted name below wsconn, `"_io.stream"`."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts)


def sources(*, of_the_engine: bool = False) -> list[pathlib.Path]:
    beside = {LAB, "reports", "fleet", "_cli", "__main__", "__init__"}
    return [file for file in sorted(PACKAGE.rglob("*.py")) if not of_the_engine or folder_of(file) not in beside]


def imports_of(file: pathlib.Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = absolute(file, node)
            for alias in node.names:
                yield Import(file, node.lineno, f"{start}.{alias.name}" if _is_module(start, alias.name) else start)


def absolute(file: pathlib.Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = ["wsconn", *file.relative_to(PACKAGE).parts[:-1]]
    start = package[: len(package) - node.level + 1]
    return ".".join([*start, node.module] if node.module else start)


def _is_module(package: str, name: str) -> bool:
    top, *rest = package.split(".")
    where = PACKAGE.joinpath(*rest, name)
    return top == "wsconn" and (where.is_dir() or where.with_suffix(".py").exists())


IMPORTS = [found for file in sources() for found in imports_of(file)]


def by_layer() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the layers, the lab first and then from the lowest up, and for each one the others that it imports from.

    A folder's name ends with a slash.
    """
    layers = {BESIDE: {LAB}, **LAYERS}
    home = {name: layer for layer, names in layers.items() for name in names}
    imports: dict[str, set[str]] = {layer: set() for layer in layers}
    for found in IMPORTS:
        if found.imported is not None and home[found.importer] != home[found.imported]:
            imports[home[found.importer]].add(home[found.imported])
    shown = {
        layer: {f"{name}/" if (PACKAGE / name).is_dir() else name for name in names} for layer, names in layers.items()
    }
    return shown, imports
