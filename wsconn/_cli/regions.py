"""Which regions are to be tested: from what was typed, a file, a template or the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import wsconn
from wsconn import Region
from wsconn._cli.options import EXAMPLE
from wsconn._cli.usage_error import UsageError

_VARIABLE = "WSCONN_REGIONS"
_MOST_NAMED = 12  # in a message


def regions(args: argparse.Namespace) -> Sequence[Region]:
    """Return the regions that `args` name. `UsageError` says what is wrong with them, or that there are none."""
    try:
        if args.template is not None:
            return _from_template(args)
        found = [*_listed(args), *map(_typed, args.regions)]
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not found:
        raise UsageError("no region is named", f"NAME=URL ({EXAMPLE}), --regions FILE, or --regions daily")
    return _only(found, args.only)


def _from_template(args: argparse.Namespace) -> Sequence[Region]:
    if args.source is not None:
        raise UsageError("--template and --regions cannot be given together: a file has a [template] of its own")
    if not args.only:
        raise UsageError("--template needs the names to put for {region}", "--only REGION,REGION")
    if "{region}" not in args.template:
        raise UsageError("--template has no {region} in it", "wss://{region}.example.org/")
    filled = (Region(name, args.template.replace("{region}", name)) for name in dict.fromkeys(args.only))
    return [*filled, *map(_typed, args.regions)]


def _listed(args: argparse.Namespace) -> Sequence[Region]:
    if args.source:
        return _loaded(args.source, "--regions")
    if not args.regions and (source := os.environ.get(_VARIABLE)):
        try:
            return _loaded(source, _VARIABLE)
        except ValueError as error:
            raise UsageError(f"{_VARIABLE}: {error}") from error
    return ()


def _loaded(source: str, said_by: str) -> Sequence[Region]:
    if "://" in source:  # it is not shown: it may hold a secret
        raise UsageError(f"{said_by} takes a file or a catalogue, and not a URL", f"NAME=URL ({EXAMPLE})")
    try:
        return wsconn.load_regions(source)
    except OSError as error:
        raise UsageError(f"{said_by} {source}: {error.strerror or error}") from error


def _typed(argument: str) -> Region:
    name, equals, url = argument.partition("=")
    if not equals or "://" in name:  # the argument is not shown: it may be a URL with a secret
        raise UsageError("a region is given as a name, = and a URL", EXAMPLE)
    return Region(name, url)


def _only(found: Sequence[Region], names: Sequence[str]) -> Sequence[Region]:
    known = [region.name for region in found]
    if unknown := [name for name in names if name not in known]:
        more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        raise UsageError(f"--only: there is no region {unknown[0]!r}; there is {', '.join(known[:_MOST_NAMED])}{more}")
    return [region for region in found if not names or region.name in names]
