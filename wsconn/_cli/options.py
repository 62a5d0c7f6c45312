"""The options that commands share, in the groups in which `--help` shows them."""

from __future__ import annotations

import argparse

from wsconn._cli.exit_code import FailOn

EXAMPLE = "eu-west-1=wss://eu.example.org/"


def add_regions(parser: argparse.ArgumentParser) -> None:
    """Add what names the regions to test. `_regions` makes records of it."""
    group = parser.add_argument_group(
        "regions",
        "Without any, those that the environment names in WSCONN_REGIONS (a file's path or a catalogue's name).",
    )
    group.add_argument("regions", nargs="*", metavar="NAME=URL", help=f"a region, for example {EXAMPLE}")
    group.add_argument(
        "--regions",
        dest="source",
        metavar="FILE|CATALOGUE",
        help='a TOML or JSON file of regions, or a catalogue\'s name ("daily")',
    )
    group.add_argument("--template", metavar="URL", help="a URL with {region} in it: a region for each name in --only")
    group.add_argument(
        "--only",
        type=_names,
        action="extend",
        default=[],
        metavar="REGION,REGION",
        help="test these regions alone; with --template, the names that take the place of {region}",
    )


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add what `wsconn.start` is told of time, proxy, trust and the request. `_begin` hands it over."""
    _add_time(parser.add_argument_group("time"))
    _add_way(parser.add_argument_group("proxy and TLS"))
    _add_request(parser.add_argument_group("request"))


def _add_time(time: argparse._ArgumentGroup) -> None:
    time.add_argument(
        "--timeout", type=float, default=10.0, metavar="S", help="seconds that a region may take (default: 10)"
    )
    time.add_argument("--total-timeout", type=float, metavar="S", help="seconds for all regions together")
    time.add_argument("--max-workers", type=int, metavar="N", help="regions at once (default: all, up to 128)")


def _add_way(way: argparse._ArgumentGroup) -> None:
    way.add_argument(
        "--proxy", metavar="URL|none", help='a proxy, or "none" for a direct way (default: what the system says)'
    )
    way.add_argument(
        "--ca-file", metavar="FILE", help="trust the authorities in this PEM file, in place of the system's"
    )
    way.add_argument(
        "--client-cert",
        metavar="CERT[,KEY]",
        help="a client certificate (PEM); its key is in the same file, behind a comma, or given with --client-key",
    )
    way.add_argument("--client-key", metavar="KEY", help="the key of --client-cert (PEM)")
    way.add_argument(
        "--insecure",
        action="store_true",
        help="DO NOT verify certificates: whoever is on the way can answer in a region's place",
    )


def _add_request(request: argparse._ArgumentGroup) -> None:
    request.add_argument(
        "--header",
        dest="headers",
        type=_header,
        action="append",
        metavar="'NAME: VALUE'",
        help="sent with the upgrade; may be given again",
    )
    request.add_argument(
        "--subprotocol",
        dest="subprotocols",
        action="append",
        metavar="NAME",
        help="offered to the server; may be given again",
    )
    request.add_argument("--origin", metavar="ORIGIN", help="the Origin header (default: none is sent)")
    request.add_argument(
        "--no-verify-frames",
        dest="verify_frames",
        action="store_false",
        help="an open WebSocket has passed: do not wait for a pong",
    )


def add_report(parser: argparse.ArgumentParser, formats: tuple[str, ...], file: str) -> None:
    """Add what is printed in the end, and where to."""
    group = parser.add_argument_group("report")
    group.add_argument(
        "--format", choices=formats, default=formats[0], metavar="FORMAT", help=f"{', '.join(formats)} (default: text)"
    )
    add_output(group, file)


def add_output(parser: argparse._ActionsContainer, file: str) -> None:
    """Add where to write what would go to stdout."""
    parser.add_argument("--output", type=_output, metavar="FILE", help=f"{file} (-: to stdout)")


def add_fail_on(parser: argparse.ArgumentParser) -> None:
    """Add which verdicts the exit code tells as failures."""
    parser.add_argument_group("exit code").add_argument(
        "--fail-on",
        choices=[*map(str, FailOn)],
        default=str(FailOn.WARNING),
        metavar="RESULT",
        help="from which result on it tells a failure: warning, failed or never (default: warning)",
    )


def add_talk(parser: argparse.ArgumentParser, *, verbosely: str = "tell each region's stages as they happen; ") -> None:
    """Add how much is said on stderr meanwhile."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing meanwhile; errors and warnings remain")
    group.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help=f"{verbosely}-vv: a traceback too, should there be one",
    )


def _names(argument: str) -> list[str]:
    names = [name.strip() for name in argument.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError("expected names of regions with a comma between them")
    return names


def _output(argument: str) -> str | None:
    return None if argument == "-" else argument  # `-` is stdout by custom, where it goes without the option


def _header(argument: str) -> tuple[str, str]:
    name, colon, value = argument.partition(":")
    if not colon:  # the argument is not shown: it may be a secret
        raise argparse.ArgumentTypeError("expected a name, a colon and a value, as in 'X-Api-Version: 2'")
    return name.strip(), value.strip(" \t")
