"""The options that commands share, in the groups in which `--help` shows them."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from wsconn._cli.exit_code import FailOn
from wsconn._cli.numbers import seconds, whole_number
from wsconn._cli.start_options import REQUEST, START_OPTIONS, TIME, WAY
from wsconn._cli.usage_error import UsageError, near, refuse_quotation_mark
from wsconn._region_files import REGIONS_VARIABLE
from wsconn._text import CONTROL, LONGEST, describe
from wsconn.reports._formats import FORMATS, format_of
from wsconn.reports._machine import SITE_VARIABLE

_LABEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}", re.ASCII)
EXAMPLE = "eu-west-1=wss://eu.example.org/"


def add_regions(parser: argparse.ArgumentParser) -> None:
    """Add what names the regions to test. `regions` makes records of it."""
    group = parser.add_argument_group(
        "regions",
        f"Without any, those of the environment variable {REGIONS_VARIABLE} (a file's path or a catalogue's name).",
    )
    group.add_argument(
        "regions",
        nargs="*",
        metavar="NAME=URL",
        help=f"a region, for example {EXAMPLE}; a URL alone is named for its host",
    )
    group.add_argument(
        "--regions",
        dest="source",
        metavar="FILE|CATALOGUE",
        help='a TOML or JSON file of regions (-: stdin), or a catalogue\'s name ("daily")',
    )
    group.add_argument("--template", metavar="URL", help="a URL with {region} in it: a region for each name in --only")
    group.add_argument(
        "--only",
        type=_names,
        action="extend",
        default=[],
        metavar="REGION,REGION",
        help="test only these regions; with --template, the names that replace {region}",
    )


def add_debugger(parser: argparse.ArgumentParser) -> None:
    """Add what the debugger does more or less of."""
    from wsconn._debug.records import PING_SECONDS  # here: no other command needs the debugger

    group = parser.add_argument_group("experiments")
    group.add_argument(
        "--all-regions",
        action="store_true",
        help="make experiments on every region (default: on one for each kind of failure)",
    )
    group.add_argument(
        "--hold",
        type=seconds("--hold"),
        metavar="S",
        help="seconds to hold connections open to the regions that passed, to see what ends them (default: none)",
    )
    group.add_argument(
        "--ping-every",
        type=seconds("--ping-every"),
        metavar="S",
        help=f"seconds from ping to ping on those kept alive, less than --hold (default: {PING_SECONDS:g})",
    )


def add_serving(parser: argparse.ArgumentParser) -> None:
    """Add where the exporter listens, and how much it does."""
    group = parser.add_argument_group("serving")
    group.add_argument(
        "--listen",
        default="127.0.0.1:9809",
        metavar="HOST:PORT",
        help="where to listen (default: 127.0.0.1:9809, which this machine alone can reach)",
    )
    group.add_argument(
        "--interval",
        type=seconds("--interval"),
        default=60.0,
        metavar="S",
        help="seconds from the start of a round to the start of the next, a tenth more or less (default: 60)",
    )
    group.add_argument(
        "--modules", metavar="FILE", help="a TOML or JSON file that says how /probe probes, and which targets"
    )
    group.add_argument(
        "--max-probes",
        type=whole_number("--max-probes"),
        default=256,
        metavar="N",
        help="probes at once; more are refused (default: 256)",
    )
    group.add_argument(
        "--host",
        dest="hosts",
        action="append",
        default=[],
        metavar="NAME",
        help="a name of this host that requests may use, beside its addresses and localhost; may be repeated"
        " (default: any, where it listens beyond this machine)",
    )


def add_connection(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """Add the options that are arguments of `wsconn.start`, and those that its TLS contexts are made from."""
    groups = {title: parser.add_argument_group(title) for title in (TIME, WAY, REQUEST)}
    for option in START_OPTIONS:
        if option.argument not in without:
            option.add_to(groups[option.group])
    parser.set_defaults(**dict.fromkeys(without))
    _add_ways(groups[WAY])
    _add_trust(groups[WAY])
    _add_trust_in_proxy(groups[WAY])


def add_way(parser: argparse.ArgumentParser) -> None:
    """Add those of them that a way to a server is found with."""
    groups = {title: parser.add_argument_group(title) for title in (TIME, WAY)}
    for option in START_OPTIONS:
        if option.argument in ("timeout", "proxy"):
            option.add_to(groups[option.group])
    _add_trust_in_proxy(groups[WAY])


def _add_ways(group: argparse._ArgumentGroup) -> None:
    """Add what a region may have of its own. `regions` gives it to those that have none."""
    group.add_argument(
        "--connect-to",
        metavar="HOST:PORT",
        help="connect there in place of each URL's host and port; certificate and Host keep the URL's name",
    )
    group.add_argument(
        "--source",
        dest="source_address",
        metavar="ADDRESS",
        help="connect from this address of this machine (default: the one that the system takes)",
    )


def _add_trust(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--ca-file", metavar="FILE", help="trust the authorities in this PEM file instead of the system's"
    )
    group.add_argument(
        "--client-cert",
        metavar="CERT[,KEY]",
        help="a client certificate (PEM); its key is in the same file, after a comma, or given with --client-key",
    )
    group.add_argument("--client-key", metavar="KEY", help="the key of --client-cert (PEM)")
    group.add_argument(
        "--insecure",
        action="store_true",
        help="DO NOT verify certificates: anyone on the way can answer in a region's place",
    )


def _add_trust_in_proxy(group: argparse._ArgumentGroup) -> None:
    """Add the same for TLS to an https:// proxy, which is verified by itself."""
    group.add_argument("--proxy-ca-file", metavar="FILE", help="as --ca-file, for the certificate of an https:// proxy")
    group.add_argument("--proxy-client-cert", metavar="CERT[,KEY]", help="as --client-cert, for an https:// proxy")
    group.add_argument("--proxy-client-key", metavar="KEY", help="the key of --proxy-client-cert (PEM)")
    group.add_argument(
        "--proxy-insecure",
        action="store_true",
        help="DO NOT verify the certificate of an https:// proxy: anyone on the way to it can answer in its place",
    )


class Named(Protocol):
    """A format, as the parser knows it."""

    @property
    def name(self) -> str: ...
    @property
    def suffixes(self) -> tuple[str, ...]: ...


def add_report(
    parser: argparse.ArgumentParser,
    formats: Sequence[Named],
    file: str,
    of_file: Callable[[str], Named | None] = format_of,
) -> argparse._ArgumentGroup:
    """Add the report's format and where it goes. `settle_format` finds the format where none is given."""
    names = [form.name for form in formats]
    group = parser.add_argument_group("report")
    group.add_argument(
        "--format",
        type=_format(names),
        metavar="FORMAT",
        help=f"{', '.join(names)} (default: what the suffix of --output means, else {names[0]})",
    )
    add_output(group, file)
    endings = [ending for form in formats for ending in form.suffixes]
    parser.set_defaults(formats=names, endings=endings, format_of_file=of_file, show_source=False, labels=[])
    return group


def add_labels(group: argparse._ArgumentGroup) -> None:
    """Add what the machine is known by, for those who look at the reports of many."""
    group.add_argument(
        "--label",
        dest="labels",
        type=_label,
        action="append",
        metavar="NAME=VALUE",
        help="what this machine is known by, for example kind=kiosk; may be repeated (its site: WSCONN_SITE)",
    )


def add_show_source(group: argparse._ArgumentGroup) -> None:
    """Add whether a report names this machine's addresses: many a report is sent on to strangers."""
    group.add_argument(
        "--show-source",
        action="store_true",
        help="name this machine's own addresses in the report (default: they are not looked up)",
    )


def add_otlp(parser: argparse.ArgumentParser) -> None:
    """Add where results go for OpenTelemetry."""
    parser.add_argument_group("OpenTelemetry").add_argument(
        "--otlp",
        metavar="URL",
        help="send each result as a trace and metrics to this collector (OTLP over HTTP, for example"
        " http://localhost:4318); no proxy is used. OTEL_EXPORTER_OTLP_HEADERS has its access token",
    )


def settle_format(args: argparse.Namespace) -> None:
    """Take the format from the suffix of `--output` where none was given."""
    if args.format is not None:
        return
    found = args.format_of_file(args.output) if args.output else None
    args.format = found.name if found else args.formats[0]
    if args.format not in args.formats:
        raise UsageError(
            f"--output {args.output}: {args.command} writes no {args.format}", f"--format {' or '.join(args.formats)}"
        )
    ending = os.path.splitext(args.output or "")[1]  # noqa: PTH122 - pathlib is slow to load
    if ending[1:] and not found:
        raise UsageError(
            f"--output {args.output}: no format has the ending {ending} (known: {', '.join(args.endings)})",
            f"one of these, or --format {args.format}",
        )


def add_output(parser: argparse._ActionsContainer, file: str) -> None:
    """Add where to write what would go to stdout."""
    parser.add_argument("--output", type=_output, metavar="FILE", help=f"{file} (-: to stdout)")


def add_fail_on(parser: argparse.ArgumentParser) -> None:
    """Add which results the exit code reports as failures."""
    parser.add_argument_group("exit code").add_argument(
        "--fail-on",
        choices=[*map(str, FailOn)],
        default=str(FailOn.WARNING),
        metavar="RESULT",
        help="the least bad result that counts as a failure: warning, failed or never (default: warning)",
    )


def add_verbosity(
    parser: argparse.ArgumentParser, *, verbose: str = "show each region's stages as they happen; "
) -> None:
    """Add how much is said on stderr meanwhile."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="no progress; errors and warnings remain")
    group.add_argument(
        "-v", "--verbose", action="count", default=0, help=f"{verbose}-vv: tracebacks too, should there be any"
    )


def _names(argument: str) -> list[str]:
    names = [name.strip() for name in argument.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError("expected names of regions with a comma between them")
    return names


def _label(argument: str) -> tuple[str, str]:
    refuse_quotation_mark(argument)
    name, _, value = argument.partition("=")
    if not _LABEL_NAME.fullmatch(name) or not value or len(value) > LONGEST or CONTROL.search(value):
        raise UsageError(
            f"--label {describe(argument)}: expected letters, digits and _.-, then = and 1 to {LONGEST} characters",
            "--label kind=kiosk",
        )
    if name == "site":
        raise UsageError(f"--label {argument}: the site is set otherwise", f"{SITE_VARIABLE}={value}")
    return name, value


def _format(names: Sequence[str]) -> Callable[[str], str]:
    def read(word: str) -> str:
        if word in names:
            return word
        meant = format_of(f"report.{word}")  # a suffix, as in `md`
        hint = f"--format {meant.name}" if meant and meant.name in names else near(word, names, "--format ")
        known = ", ".join(names)
        unknown = f"--format: this command writes no {word!r}" if word in FORMATS else f"--format: there is no {word!r}"
        raise UsageError(unknown, hint or known)

    return read


def _output(argument: str) -> str | None:
    return None if argument == "-" else argument  # `-` is stdout by custom, where it goes without the option
