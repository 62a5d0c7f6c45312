"""Which commands there are: one table, read by the parser and by `run`. A new command is a file, its options and a row.

The file is loaded when the command is called, by a plain import, which PyInstaller sees.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import NamedTuple

from wsconn._cli import options
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.fleet_formats import FLEET_FORMATS, LAST, fleet_format_of
from wsconn._cli.numbers import seconds, whole_number
from wsconn.reports._formats import FORMATS

_FILE = "write the report to FILE, whole or not at all, and not to stdout"

Run = Callable[[argparse.Namespace], ExitCode]


class Command(NamedTuple):
    """One command. `help` and `description` are what `--help` says of it in the list of all, and on its own.

    `add_options` is called only where they are wanted, `load` imports the function that runs it, and `extra` is what
    must be installed for that.
    """

    help: str
    description: str
    add_options: Callable[[argparse.ArgumentParser], None]
    load: Callable[[], Run]
    extra: str | None = None


def _check_options(parser: argparse.ArgumentParser) -> None:
    options.add_regions(parser)
    options.add_connection(parser)
    report = options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_show_source(report)
    options.add_labels(report)
    options.add_otlp(parser)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _watch_options(parser: argparse.ArgumentParser) -> None:
    options.add_regions(parser)
    parser.add_argument(
        "--interval",
        type=seconds("--interval"),
        default=10.0,
        metavar="S",
        help="seconds from the start of a round to the start of the next (default: 10)",
    )
    parser.add_argument(
        "--count", type=whole_number("--count"), metavar="N", help="how many rounds (default: until Ctrl-C)"
    )
    options.add_connection(parser)
    report = options.add_report(
        parser,
        [form for form in FORMATS.values() if form.watch],
        "keep FILE up to date: of json a line is added after each round, otherwise the content is replaced",
    )
    options.add_labels(report)
    options.add_otlp(parser)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _serve_options(parser: argparse.ArgumentParser) -> None:
    options.add_regions(parser)
    options.add_serving(parser)
    options.add_connection(parser, without=("total_timeout",))
    options.add_otlp(parser)
    options.add_verbosity(parser, verbose="")


def _debug_options(parser: argparse.ArgumentParser) -> None:
    options.add_regions(parser)
    options.add_debugger(parser)
    options.add_connection(parser)
    report = options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_show_source(report)
    options.add_labels(report)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _proxy_options(parser: argparse.ArgumentParser) -> None:
    options.add_regions(parser)
    options.add_way(parser)
    parser.set_defaults(connect_to=None, source_address=None)
    parser.set_defaults(ca_file=None, client_cert=None, client_key=None, insecure=False)  # nothing is sent to a server
    options.add_report(parser, [FORMATS["text"], FORMATS["json"]], _FILE)
    options.add_verbosity(parser, verbose="")


def _merge_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports",
        nargs="*",
        metavar="FILE|FOLDER|PATTERN",
        help="a file of one or more reports, a folder of such files, or a pattern (-: stdin)",
    )
    parser.add_argument(
        "--last",
        type=whole_number("--last"),
        default=LAST,
        metavar="N",
        help=f"rounds of each machine to keep (default: {LAST})",
    )
    options.add_report(parser, [*FLEET_FORMATS.values()], _FILE, fleet_format_of)
    options.add_fail_on(parser)
    options.add_verbosity(parser, verbose="")


def _lab_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("faults", nargs="*", metavar="NAME=FAULT", help="a region, for example us=http-503")
    parser.add_argument("--list", action="store_true", help="list all faults and exit")
    parser.add_argument("--tls", action="store_true", help="serve wss; faults of TLS are always served with it")
    parser.add_argument(
        "--latency",
        type=seconds("--latency"),
        default=0.0,
        metavar="S",
        help="round trip in seconds (default: 0)",
    )
    parser.add_argument(
        "--ca-file", metavar="FILE", help="write the lab's authority to FILE (PEM), for check's --ca-file, and keep it"
    )
    parser.add_argument(
        "--control",
        type=whole_number("--control"),
        metavar="PORT",
        help="let other programs change the faults by HTTP at this port of 127.0.0.1 (0: any that is free)",
    )
    parser.add_argument(
        "--ready-file", metavar="FILE", help="write the line of JSON to FILE too, which is there as long as the lab is"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="write a file of regions for --regions (TOML), in place of the line on stdout (-: to stdout)",
    )
    options.add_verbosity(parser, verbose="")


def _demo_options(parser: argparse.ArgumentParser) -> None:
    options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_verbosity(parser)
    parser.set_defaults(insecure=False, proxy_insecure=False)


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cause", nargs="?", metavar="WORD", help="for example tls_untrusted, upgrade or 403")


def _check() -> Run:
    from wsconn._cli.commands.check import check

    return check


def _watch() -> Run:
    from wsconn._cli.commands.watch import watch

    return watch


def _serve() -> Run:
    from wsconn._cli.commands.serve import serve

    return serve


def _debug() -> Run:
    from wsconn._cli.commands.debug import debug

    return debug


def _proxy() -> Run:
    from wsconn._cli.commands.proxy import proxy

    return proxy


def _merge() -> Run:
    from wsconn._cli.commands.merge import merge

    return merge


def _lab() -> Run:
    from wsconn._cli.commands.lab import lab

    return lab


def _demo() -> Run:
    from wsconn._cli.commands.demo import demo

    return demo


def _explain() -> Run:
    from wsconn._cli.commands.explain import explain

    return explain


COMMANDS: Mapping[str, Command] = {
    "check": Command(
        "test regions and print a report",
        "Test whether a WebSocket can be opened to each region, all at once, and print a report.",
        _check_options,
        _check,
    ),
    "watch": Command(
        "test regions again and again, and keep statistics",
        "Test the regions at an interval, and keep statistics: loss, round trips, the last cause. Ctrl-C"
        " ends it and prints the summary.",
        _watch_options,
        _watch,
    ),
    "serve": Command(
        "serve what is found to Prometheus, and a page to people",
        "Test the regions at an interval, and serve the results over HTTP: /metrics and /probe to"
        ' Prometheus, / to people. SIGHUP and a changed file reload. Needs the extra "fleet".',
        _serve_options,
        _serve,
    ),
    "debug": Command(
        "find out who is in the way",
        "Test the regions, then make experiments on those that fail, each of which differs from the test in"
        " one thing, and say who is in the way and whom to tell. It takes up to three times --timeout, and --hold.",
        _debug_options,
        _debug,
    ),
    "proxy": Command(
        "tell by which proxy a region would be tested, and who says so",
        "Tell by which ways a region would be tested: through which proxies, or directly, and which setting"
        " says so. A PAC file is fetched and asked; nothing is sent to the regions.",
        _proxy_options,
        _proxy,
    ),
    "merge": Command(
        "make one report of many machines' reports",
        "Make one report of many machines' reports, as check and watch write them in JSON: what they show together,"
        " which machines fail in which regions, and since when.",
        _merge_options,
        _merge,
    ),
    "lab": Command(
        "serve regions with faults of your choice on this machine",
        "Serve regions on this machine, healthy or each with a fault, until Ctrl-C. Once they are there, a"
        ' line of JSON on stdout says where. Needs the extra "lab".',
        _lab_options,
        _lab,
        extra="lab",
    ),
    "demo": Command(
        "see a check of 25 regions on this machine, some of them broken",
        "Start 25 regions on this machine, nine of them broken on purpose, and check them. Needs no"
        ' network. Needs the extra "lab".',
        _demo_options,
        _demo,
        extra="lab",
    ),
    "explain": Command(
        "explain a cause, a stage or an HTTP status, and what to do",
        "Explain a cause: what it means, why it happens and what to do. Or a stage, or an HTTP status."
        " Without a word: all causes, a line each.",
        _explain_options,
        _explain,
    ),
}
