"""Which regions are to be tested: from the arguments, a file, a template or the environment."""

from __future__ import annotations

import argparse
import collections
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

import wsconn
from wsconn import Region
from wsconn._cli.options import EXAMPLE
from wsconn._cli.usage_error import UsageError, refuse_quotation_mark
from wsconn._places import check_connect_to, check_source
from wsconn._region_files import MOST_BYTES, REGIONS_VARIABLE, SUFFIXES, catalogue_names, parse_regions
from wsconn._regions import parse_url
from wsconn._text import host_port, without_query

if TYPE_CHECKING:
    from pathlib import Path

_STDIN = "-"
_MOST_NAMED = 12  # in a message
_WEBSOCKET = {"http": "ws", "https": "wss"}  # what is meant by a scheme that people copy from a browser
_NOT_TO_SHOW = "?#@"  # a URL with one of these may hold a secret


def regions(args: argparse.Namespace) -> Sequence[Region]:
    """Return the regions that `args` name. `UsageError` says what is wrong with them, or that there are none."""
    given = vars(args)  # a command that connects to no region has neither
    connect_to = _checked(given.get("connect_to"), "--connect-to", check_connect_to)
    source = _checked(given.get("source_address"), "--source", check_source)
    return [
        attrs.evolve(region, connect_to=region.connect_to or connect_to, source=region.source or source)
        for region in _named(args)
    ]


def _checked(value: str | None, flag: str, check: Callable[[object], None]) -> str | None:
    try:
        check(value)
    except ValueError as error:
        raise UsageError(f"{flag}{vars(error)['wrong']}") from error
    return value


def _named(args: argparse.Namespace) -> Sequence[Region]:
    try:
        if args.template is not None:
            return _from_template(args)
        found = [*_listed(args), *_all_typed(args.regions)]
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not found:
        raise UsageError("no region is named", f"NAME=URL ({EXAMPLE}), --regions FILE, or --regions daily")
    return _only(found, args.only)


def _from_template(args: argparse.Namespace) -> Sequence[Region]:
    refuse_quotation_mark(args.template)
    if args.source is not None:
        raise UsageError("--template and --regions cannot be given together: a file has a [template] of its own")
    if not args.only:
        raise UsageError("--template needs the names to put for {region}", "--only REGION,REGION")
    if "{region}" not in args.template:
        raise UsageError("--template has no {region} in it", "wss://{region}.example.org/")
    filled = (Region(name, args.template.replace("{region}", name)) for name in dict.fromkeys(args.only))
    return [*filled, *_all_typed(args.regions)]


def _listed(args: argparse.Namespace) -> Sequence[Region]:
    if args.source == "":
        raise UsageError("--regions needs the name of a file or a catalogue", "--regions daily")
    if args.source is not None:
        refuse_quotation_mark(args.source)
        return _from_stdin() if args.source == _STDIN else _loaded(args.source, "--regions")
    if not args.regions and (source := os.environ.get(REGIONS_VARIABLE)):
        try:
            return _loaded(source, REGIONS_VARIABLE)
        except ValueError as error:
            raise UsageError(f"{REGIONS_VARIABLE}: {error}") from error
    return ()


def _from_stdin() -> Sequence[Region]:
    if sys.stdin is None:
        raise UsageError("--regions -: stdin is closed")
    return parse_regions(sys.stdin.buffer.read(MOST_BYTES + 1), "stdin")


def _loaded(source: str, said_by: str) -> Sequence[Region]:
    if "://" in source:  # it stays out of the message: it may hold a secret
        raise UsageError(f"{said_by} takes a file or a catalogue, and not a URL", f"NAME=URL ({EXAMPLE})")
    try:
        return wsconn.load_regions(source)
    except OSError as error:
        raise UsageError(f"{said_by} {source}: {error.strerror or error}") from error


def _all_typed(arguments: Sequence[str]) -> Sequence[Region]:
    """Return the regions; of URLs alone that share a host, port and path stand in the name too."""
    found = list(map(_typed, arguments))
    alone = collections.Counter(region.name for region, said in zip(found, arguments, strict=True) if _is_alone(said))
    return [
        attrs.evolve(region, name=_place(said)) if _is_alone(said) and alone[region.name] > 1 else region
        for region, said in zip(found, arguments, strict=True)
    ]


def _is_alone(argument: str) -> bool:
    """Whether it is a URL without a name, with an = in its query perhaps."""
    return "://" in argument.partition("=")[0]


def _place(url: str) -> str:
    target = parse_url(url)
    path = without_query(target.resource)
    return f"{host_port(target.host, target.port)}{path if path != '/' else ''}"


def _typed(argument: str) -> Region:
    refuse_quotation_mark(argument)
    name, equals, url = argument.partition("=")
    if _is_alone(argument):
        _check_scheme(argument, "")
        return Region(parse_url(argument).host, argument)
    if not equals:
        raise _without_url(argument)
    refuse_quotation_mark(url)
    _check_scheme(url, f"{name}=")
    return Region(name, url)


def _check_scheme(url: str, before: str) -> None:
    """Raise `UsageError`, which offers the right URL, for one of HTTP."""
    scheme, _, rest = url.partition("://")
    if scheme := _WEBSOCKET.get(scheme.lower(), ""):
        has_secret = any(sign in url for sign in _NOT_TO_SHOW)
        raise UsageError(
            "the URL of a WebSocket begins with ws:// or wss://",
            f"{scheme}:// in its place" if has_secret else f"{before}{scheme}://{rest}",
        )


def _without_url(argument: str) -> UsageError:
    """Return an error for a region that is given as one word. It appears only where it cannot hold a secret."""
    from pathlib import Path

    path = Path(argument)
    if argument in catalogue_names() or path.suffix in SUFFIXES or _is_file(path):
        return UsageError(
            "a region is given as NAME=URL, a file or a catalogue of them with --regions",
            f"--regions {argument}",
        )
    return UsageError("a region is given as a name, = and a URL", EXAMPLE)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name is too long
        return False


def _only(found: Sequence[Region], names: Sequence[str]) -> Sequence[Region]:
    known = [region.name for region in found]
    if unknown := [name for name in names if name not in known]:
        more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        raise UsageError(f"--only: there is no region {unknown[0]!r}; there is {', '.join(known[:_MOST_NAMED])}{more}")
    return [region for region in found if not names or region.name in names]
