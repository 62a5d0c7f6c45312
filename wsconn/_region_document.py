"""What a file of regions holds, be it TOML or JSON of the same shape.

    [defaults]                                        # for all regions, each of which may have its own
    headers = { Authorization = { env = "TOKEN" } }   # any text may stand in a variable of the environment
    allow = ["*.example.org:443"]

    [template]                                        # regions whose URLs differ by their names alone
    url = "wss://{region}.signal.example.org/"        # or: discover and pointer
    regions = ["eu-central-1", "us-east-1"]

    [regions.ap-south-1]
    url = "wss://mumbai.example.org/"
    alternates = ["wss://mumbai.example.net/"]
    connect_to = "203.0.113.7:443"

    [regions.sa-east-1]
    discover = "https://gs.example.org/rooms/check/test-rooms/sa-east-1"
    pointer = "/worker/wssUri"

An error names the file, the key and what was expected there.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from wsconn._exceptions import InvalidRegionError
from wsconn._regions import SETTINGS, Discovery, Region, check_settings, to_regions
from wsconn._request_fields import own_or_default
from wsconn._text import redact, sanitize

_WAY_KEYS = {"url", "alternates", "discover", "pointer"}
_KEYS = {*_WAY_KEYS, *SETTINGS}
_ENV = 'a string, or { env = "NAME" }'


class Document:
    """A file's content, read key by key: each reader says where it is when something is not as expected."""

    def __init__(self, content: object, where: str, *, table: str) -> None:
        self._content = content
        self._where = where
        self._table_name = table
        self._secrets: list[str] = []  # what the environment had
        self._defaults: dict[str, Any] = {}
        self._read: Mapping[str, Callable[[object, str], object]] = {
            "headers": self._texts,
            "subprotocols": self._strings,
            "allow": self._strings,
        }

    def regions(self) -> tuple[Region, ...]:
        """Return the regions of the template, then those that are written out."""
        top = self._table(self._content, "at the top level", {"defaults", "template", "regions"})
        defaults = self._table(top.get("defaults", {}), "defaults", set(SETTINGS))
        template = self._table(top.get("template", {}), "template", {*_KEYS, "regions"} - {"alternates"})
        ways = self._table(top.get("regions", {}), "regions", None)
        self._defaults = self._settings(defaults, "defaults")
        with self._naming("defaults: "):
            check_settings(**self._defaults)
        named = [*self._from_template(template)] if template else []
        named += [self._written_out(name, way) for name, way in ways.items()]
        with self._naming(""):
            return to_regions(named)

    def _from_template(self, template: Mapping[str, Any]) -> Iterator[Region]:
        names = self._strings(template.get("regions"), "template.regions")
        for key in ("url", "discover"):
            if "{region}" not in self._string(template.get(key, "{region}"), f"template.{key}"):
                self._fail(f"template.{key}", "a URL with {region} in it")
        way, settings = self._way(template, "template"), self._settings(template, "template")
        for name in names:
            yield self._region(name, _filled(way, name), _filled(settings, name), "template")

    def _written_out(self, name: str, value: object) -> Region:
        key = f"regions.{name}"
        table = self._table(value, key, _KEYS)
        return self._region(name, self._way(table, key), self._settings(table, key), key)

    def _region(self, name: str, way: dict[str, Any], settings: dict[str, Any], key: str) -> Region:
        discover = way.pop("discover", None)
        with self._naming(f"{key}: "):
            check_settings(**settings)  # before they meet the defaults: what is wrong stands here
            return Region(name, **way, discovery=discover and Discovery(*discover), **self._with_defaults(settings))

    def _with_defaults(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        known = self._defaults
        headers, origin = own_or_default(
            settings.get("headers"), settings.get("origin"), known.get("headers"), known.get("origin")
        )
        return {**known, **settings, "headers": headers, "origin": origin}

    def _way(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        url = self._string(table["url"], f"{key}.url") if "url" in table else None
        alternates = self._strings(table.get("alternates", []), f"{key}.alternates")
        discover = self._discover(table, key)
        if (url is None) == (discover is None):
            self._fail(key, "exactly one of url and discover")
        return {"url": url, "alternates": alternates, "discover": discover}

    def _discover(self, table: Mapping[str, Any], key: str) -> tuple[str, str] | None:
        """Return URL and pointer. `Region` would tell of a lack in the words of Python: here it is a key's."""
        if "discover" not in table and "pointer" not in table:
            return None
        for missing, needed_by in (("pointer", "discover"), ("discover", "pointer")):
            if missing not in table:
                raise InvalidRegionError(f"{self._where}: {key}: {missing} is missing: {needed_by} needs it")
        return self._string(table["discover"], f"{key}.discover"), self._string(table["pointer"], f"{key}.pointer")

    def _settings(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Return what a region may have of its own."""
        given = [name for name in SETTINGS if name in table]
        return {name: self._read.get(name, self._string)(table[name], f"{key}.{name}") for name in given}

    def _table(self, value: object, key: str, known: set[str] | None) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._fail(key, self._table_name)
        if known is not None and (unknown := sorted(set(value) - known)):
            self._fail(f"{key}: unknown key {unknown[0]!r}", f"one of {', '.join(sorted(known))}")
        return value

    def _texts(self, value: object, key: str) -> dict[str, str]:
        return {name: self._string(text, f"{key}.{name}") for name, text in self._table(value, key, None).items()}

    def _strings(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._fail(key, "a list of strings")
        return tuple(self._string(entry, key) for entry in value)

    def _string(self, value: object, key: str) -> str:
        if isinstance(value, dict):
            return self._from_environment(value, key)
        if not isinstance(value, str):
            self._fail(key, "a string")
        return value

    def _from_environment(self, table: Mapping[str, object], key: str) -> str:
        name = table.get("env")
        if len(table) != 1 or not isinstance(name, str):
            self._fail(key, _ENV)
        if name not in os.environ:
            raise InvalidRegionError(f"{self._where}: {key}: the environment variable '{sanitize(name)}' is not set")
        self._secrets.append(os.environ[name])
        return os.environ[name]

    @contextlib.contextmanager
    def _naming(self, key: str) -> Iterator[None]:
        """Name the file and the key in an error, and leave out what the environment had."""
        try:
            yield
        except (TypeError, ValueError) as error:
            said = redact(str(error), self._secrets)
            raise InvalidRegionError(f"{self._where}: {key}{said}") from None  # the error itself may tell a secret

    def _fail(self, key: str, expected: str) -> NoReturn:
        raise InvalidRegionError(f"{self._where}: {key}: expected {expected}")


def _filled(value: Any, name: str) -> Any:  # noqa: ANN401 - what a file may hold
    """Put a region's name for each `{region}` in the texts of the template."""
    if isinstance(value, str):
        return value.replace("{region}", name)
    if isinstance(value, dict):
        return {key: _filled(entry, name) for key, entry in value.items()}
    return tuple(_filled(entry, name) for entry in value) if isinstance(value, tuple) else value
