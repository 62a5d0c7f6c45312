"""Where regions are read from: files, TOML or JSON of the same shape, and the catalogues that come with the package.

What a file holds is read in `_region_document`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from wsconn._exceptions import InvalidRegionError
from wsconn._json import read_json
from wsconn._region_document import Document
from wsconn._regions import Region, to_regions
from wsconn._text import redact_url

if TYPE_CHECKING:
    import pathlib

RegionSource: TypeAlias = Mapping[str, str] | Iterable[Region] | str | os.PathLike[str]

MOST_BYTES = 16 * 1024 * 1024  # of a file: more than anybody names, and less than a device or a log may have
REGIONS_VARIABLE = "WSCONN_REGIONS"  # of the environment: a file's path or a catalogue's name
_TABLES = {".toml": "a table", ".json": "an object"}  # what each kind of file calls it
SUFFIXES = tuple(_TABLES)


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


def read_document(path: pathlib.Path) -> object:
    """Return the content of a TOML or JSON file; `InvalidRegionError` for what is neither."""
    if path.suffix not in _TABLES:
        raise InvalidRegionError(f"{path}: expected a name that ends in .toml or .json")
    with path.open("rb") as file:
        return _parse(file.read(MOST_BYTES + 1), path.suffix, str(path))


def _load_file(path: pathlib.Path) -> tuple[Region, ...]:
    return Document(read_document(path), str(path), table=_TABLES[path.suffix]).regions()


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
    return Document(_parse(data, suffix, where), where, table=_TABLES[suffix]).regions()


def _parse(data: bytes, suffix: str, where: str) -> object:
    if len(data) > MOST_BYTES:
        raise InvalidRegionError(f"{where}: it is longer than {MOST_BYTES >> 20} MiB")
    try:
        return _parse_toml(data) if suffix == ".toml" else _parse_json(data)
    except UnicodeDecodeError as error:
        raise InvalidRegionError(f"{where}: its text is not UTF-8: save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRegionError(f"{where}: not {suffix[1:].upper()}: {error}") from error


def _parse_toml(data: bytes) -> object:
    import tomllib

    return tomllib.loads(data.decode("utf-8-sig"))  # editors on Windows put a mark in front


def _parse_json(data: bytes) -> object:
    return read_json(data, object_pairs_hook=_without_repeats)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r} is given twice")
    return dict(pairs)
