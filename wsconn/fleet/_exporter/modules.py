"""Modules: how a target is probed, and which targets may be. And the file that they are written in, TOML or JSON.

    [modules.chat]
    allow = ["wss://*.example.org"]
    timeout = 5.0
    headers = { Authorization = { env = "TOKEN" } }

A probe that names no module means `default`, which is there without a file too: it allows the regions.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping
from typing import Any

import attrs

from wsconn._api import check_bool, check_seconds
from wsconn._region_document import Document
from wsconn._region_files import read_document
from wsconn._request_fields import check_request
from wsconn._text import describe
from wsconn.fleet._exporter.allowed import Pattern

DEFAULT = "default"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEYS = {"allow", "timeout", "verify_frames", "proxy", "headers", "subprotocols", "origin"}
_DIRECT = "none"  # as at the command line


@attrs.frozen(kw_only=True)
class Module:
    """How targets are probed. What is not in `settings` is as the exporter's own checks have it.

    `allow` has the targets that may be probed; `None` means the regions.
    """

    name: str
    allow: tuple[Pattern, ...] | None = None
    settings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)  # arguments of `wsconn.start`


def load_modules(path: pathlib.Path) -> dict[str, Module]:
    """Return the modules of a file; `InvalidRegionError` names the file and the key."""
    return _ModuleDocument(read_document(path), str(path), table="a table").modules()


class _ModuleDocument(Document):
    """A file of modules, read as one of regions is."""

    def modules(self) -> dict[str, Module]:
        top = self._table(self._content, "at the top level", {"modules"})
        named = self._table(top.get("modules", {}), "modules", None)
        return {name: self._module(name, table) for name, table in named.items()}

    def _module(self, name: str, content: object) -> Module:
        key = f"modules.{name}"
        if not _NAME.fullmatch(name):
            self._fail(f"modules: {describe(name)}", "a name of letters, digits, '_', '-' and '.', of 64 at most")
        table = self._table(content, key, _KEYS)
        allow = self._strings(table["allow"], f"{key}.allow") if "allow" in table else None
        with self._naming(f"{key}.allow: "):
            patterns = None if allow is None else tuple(map(Pattern.parse, allow))
        return Module(name=name, allow=patterns, settings=self._arguments(table, key))

    def _arguments(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            name: self._argument(name, value, key) for name, value in table.items() if name != "allow"
        }
        with self._naming(f"{key}: "):
            check_request(found.get("headers"), found.get("subprotocols"), found.get("origin"))
            check_seconds("timeout", found.get("timeout", 1.0))
            check_bool("verify_frames", found.get("verify_frames", True))
        if found.get("proxy") == _DIRECT:
            found["proxy"] = None
        return found

    def _argument(self, name: str, value: object, key: str) -> object:
        if name in ("timeout", "verify_frames"):
            return value
        return self._read.get(name, self._string)(value, f"{key}.{name}")


def unknown_module(name: str, known: Mapping[str, Module]) -> str:
    """Say which modules there are; what was asked for is not repeated where it cannot be a name."""
    asked = f" {name!r}" if _NAME.fullmatch(name) else ""
    return f"there is no module{asked}; there is: {', '.join(known)}"
