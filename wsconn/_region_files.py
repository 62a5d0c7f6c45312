"""Regions from a file, TOML or JSON of the same shape, and from the catalogues that come with the package.

    [template]                                        # regions whose URLs differ by their names alone
    url = "wss://{region}.signal.example.org/"        # or: discover and pointer
    regions = ["eu-central-1", "us-east-1"]

    [regions.ap-south-1]
    url = "wss://mumbai.example.org/"
    alternates = ["wss://mumbai.example.net/"]

    [regions.sa-east-1]
    discover = "https://gs.example.org/rooms/check/test-rooms/sa-east-1"
    pointer = "/worker/wssUri"

An error names the file, the key and what was expected there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from wsconn._exceptions import InvalidRegionError
from wsconn._regions import Discovery, Region, to_regions
from wsconn._text import redact_url

if TYPE_CHECKING:
    import pathlib

RegionSource: TypeAlias = Mapping[str, str] | Iterable[Region] | str | os.PathLike[str]

REGIONS_VARIABLE = "WSCONN_REGIONS"  # of the environment: a file's path or a catalogue's name
_TABLES = {".toml": "a table", ".json": "an object"}  # what each kind of file calls it
SUFFIXES = tuple(_TABLES)
_WAY_KEYS = {"url", "alternates", "discover", "pointer"}


def load_regions(source: RegionSource, /) -> tuple[Region, ...]:
    """Return the regions that `source` holds.

    Args:
        source: a mapping of names to URLs, an iterable of `Region`, the path of a TOML or JSON file (a `PathLike`, or
            a `str` with a separator or a suffix), or the name of a catalogue: `"daily"`.

    Raises:
        InvalidRegionError: what `source` holds is unfit; the message names the file and the key.
        FileNotFoundError: there is no such file.
    """
    if isinstance(source, str | os.PathLike):
        return _load_named(source)
    return to_regions(source)


def _load_named(source: str | os.PathLike[str]) -> tuple[Region, ...]:
    import pathlib  # here: most programs name their regions themselves

    path = pathlib.Path(source)
    if isinstance(source, str):
        if "://" in source:
            raise InvalidRegionError(
                f"regions must be a mapping, {{name: url}}, and not the URL '{redact_url(source)}'"
            )
        if not path.suffix and path.name == source:
            return _load_catalogue(source)
    return _load_file(path)


def parse_regions(data: bytes, where: str) -> tuple[Region, ...]:
    """Return the regions that a file's content holds: JSON where it begins with a brace, else TOML."""
    return _load(data, ".json" if data.lstrip()[:1] == b"{" else ".toml", where)


def catalogue_names() -> list[str]:
    """Return what the catalogues in the package are called."""
    return sorted(entry.name.removesuffix(".toml") for entry in _catalogues())


def _load_file(path: pathlib.Path) -> tuple[Region, ...]:
    if path.suffix not in _TABLES:
        raise InvalidRegionError(f"{path}: expected a name that ends in .toml or .json")
    return _load(path.read_bytes(), path.suffix, str(path))


def _load_catalogue(name: str) -> tuple[Region, ...]:
    catalogues = {entry.name.removesuffix(".toml"): entry for entry in _catalogues()}
    if name not in catalogues:
        known = ", ".join(catalogue_names())
        raise InvalidRegionError(f"there is no catalogue {name!r} (there is: {known}); a file's path has a suffix")
    return _load(catalogues[name].read_bytes(), ".toml", f"catalogue {name}")


def _catalogues() -> Iterator[Any]:
    from importlib import resources

    for entry in resources.files("wsconn").joinpath("catalogues").iterdir():
        if entry.name.endswith(".toml"):
            yield entry


def _load(data: bytes, suffix: str, where: str) -> tuple[Region, ...]:
    try:
        document = _parse_toml(data) if suffix == ".toml" else _parse_json(data)
    except UnicodeDecodeError as error:
        raise InvalidRegionError(f"{where}: its text is not UTF-8: save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRegionError(f"{where}: not {suffix[1:].upper()}: {error}") from error
    return _Document(document, where, table=_TABLES[suffix]).regions()


def _parse_toml(data: bytes) -> object:
    import tomllib

    return tomllib.loads(data.decode("utf-8-sig"))  # editors on Windows put a mark in front


def _parse_json(data: bytes) -> object:
    import json

    return json.loads(data, object_pairs_hook=_without_repeats)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r} is given twice")
    return dict(pairs)


class _Document:
    """A file's content, read key by key: each reader says where it is when something is not as expected."""

    def __init__(self, content: object, where: str, *, table: str) -> None:
        self._content = content
        self._where = where
        self._table_name = table

    def regions(self) -> tuple[Region, ...]:
        top = self._table(self._content, "at the top level", {"template", "regions"})
        template = self._table(top.get("template", {}), "template", {*_WAY_KEYS, "regions"} - {"alternates"})
        ways = self._table(top.get("regions", {}), "regions", None)
        named = [*self._from_template(template)] if template else []
        named += [self._region(name, self._table(way, f"regions.{name}", _WAY_KEYS)) for name, way in ways.items()]
        try:
            return to_regions(named)
        except InvalidRegionError as error:
            raise InvalidRegionError(f"{self._where}: {error}") from error

    def _from_template(self, template: Mapping[str, Any]) -> Iterator[Region]:
        names = self._strings(template.get("regions"), "template.regions")
        for key in ("url", "discover"):
            if "{region}" not in self._string(template.get(key, "{region}"), f"template.{key}"):
                self._fail(f"template.{key}", "a URL with {region} in it")
        texts = {key: self._string(value, f"template.{key}") for key, value in template.items() if key != "regions"}
        for name in names:
            way = {key: text.replace("{region}", name) for key, text in texts.items()}
            yield self._region(name, way, "template")

    def _region(self, name: str, way: Mapping[str, Any], key: str | None = None) -> Region:
        key = key or f"regions.{name}"
        url = self._string(way["url"], f"{key}.url") if "url" in way else None
        alternates = self._strings(way.get("alternates", []), f"{key}.alternates")
        discover = self._discover(way, key)
        if (url is None) == (discover is None):
            self._fail(key, "exactly one of url and discover")
        try:
            return Region(name, url, alternates=alternates, discovery=discover and Discovery(*discover))
        except InvalidRegionError as error:
            raise InvalidRegionError(f"{self._where}: {key}: {error}") from error

    def _discover(self, way: Mapping[str, Any], key: str) -> tuple[str, str] | None:
        """Return URL and pointer. `Region` would tell of a lack in the words of Python: here it is a key's."""
        if "discover" not in way and "pointer" not in way:
            return None
        for missing, needed_by in (("pointer", "discover"), ("discover", "pointer")):
            if missing not in way:
                raise InvalidRegionError(f"{self._where}: {key}: {missing} is missing: {needed_by} needs it")
        return self._string(way["discover"], f"{key}.discover"), self._string(way["pointer"], f"{key}.pointer")

    def _table(self, value: object, key: str, known: set[str] | None) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._fail(key, self._table_name)
        if known is not None and (unknown := sorted(set(value) - known)):
            self._fail(f"{key}: unknown key {unknown[0]!r}", f"one of {', '.join(sorted(known))}")
        return value

    def _strings(self, value: object, key: str) -> list[str]:
        if not isinstance(value, list):
            self._fail(key, "a list of strings")
        return [self._string(entry, key) for entry in value]

    def _string(self, value: object, key: str) -> str:
        if not isinstance(value, str):
            self._fail(key, "a string")
        return value

    def _fail(self, key: str, expected: str) -> NoReturn:
        raise InvalidRegionError(f"{self._where}: {key}: expected {expected}")
