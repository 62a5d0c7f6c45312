"""wsconn beside what a user would write or install instead, on this machine. README.md says what is measured and how.

Tables go to stdout as Markdown, everything else to stderr. Without --cases, --clients or --rounds it takes up to ten
minutes, with --quick one to two. Case names may be cut: `local:wss` means all of its counts.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import before, certificates, figures, imports, machine, network, tables
from benchmarks.cases import COUNTS, Case, cases
from benchmarks.processes import Service, python
from benchmarks.rounds import Outcome, measure
from benchmarks.runs import CLIENTS, COLD, SOAK, Client, Site

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
_PORTS = 16  # of the server for each scheme: a queue of connections is per port, and short on some systems
_DESCRIPTORS = 8192
_ROUNDS, _QUICK_ROUNDS = 5, 1
_QUICK_COUNTS, _QUICK_SOAK = (1, 25, 200), 1000
_IMPORTS = "imports"


def main() -> None:
    """Measure, and print what was seen."""
    arguments = _parse(sys.argv[1:])
    chosen, clients = _chosen(arguments), _clients(arguments)
    if not arguments.inside and any(case.is_far for case in chosen):
        try:
            network.move(["--inside", *sys.argv[1:]])
        except network.NoNamespaces as reason:
            tell(f"only what is on loopback is measured; no network of far regions here: {reason}")
            chosen = [case for case in chosen if not case.is_far]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all is ended that was started
    _allow_descriptors()
    load_before = machine.load()
    outcomes, took = _measure(arguments, chosen, clients)
    lines = [machine.describe(load_before), "", *report(outcomes, took)]
    print("\n".join(lines))
    if arguments.write is not None:
        arguments.write.write_text("\n".join([*lines, ""]), "utf-8")
    if arguments.write_readme:
        _write_readme(lines)


def report(outcomes: Sequence[Outcome], took: dict[str, list[float]]) -> list[str]:
    """Return what was seen as lines of Markdown."""
    lines = ["### What was asked", "", *figures.table({one.case.name: one for one in outcomes}, took)]
    for outcome in outcomes:
        title = outcome.case.title
        lines += ["", f"### {title[0].upper()}{title[1:]}", "", *tables.table(outcome)]
    if took:
        lines += ["", "### Imports", "", *imports.table(took)]
    return lines


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, fewer regions")
    parser.add_argument(
        "--cases", type=_words, metavar="A,B", help="names, or their first parts; default all: " + _names()
    )
    parser.add_argument("--clients", type=_words, metavar="A,B", help=f"default all: {', '.join(CLIENTS)}")
    parser.add_argument("--counts", type=_words, metavar="N,N", help="how many at once in the local cases")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"default {_ROUNDS}")
    parser.add_argument(
        "--before", type=Path, metavar="WHEEL", help="a wheel or a checkout of an earlier wsconn, as one more client"
    )
    parser.add_argument("--soak", action="store_true", help="the soak alone: 10,000 handshakes, `ws` and `wss`")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there too")
    parser.add_argument("--write-readme", action="store_true", help="put the tables into benchmarks/README.md")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # in namespaces already
    return parser.parse_args(argv)


def _words(value: str) -> list[str]:
    return value.split(",")


def _names() -> str:
    return ", ".join([*(case.name for case in cases(COUNTS)), _IMPORTS])


def _chosen(arguments: argparse.Namespace) -> list[Case]:
    counts = [int(count) for count in arguments.counts or (_QUICK_COUNTS if arguments.quick else COUNTS)]
    every = cases(counts, _QUICK_SOAK) if arguments.quick and not arguments.soak else cases(counts)
    wanted = ["soak"] if arguments.soak else arguments.cases
    if wanted is None:
        return every
    for word in wanted:
        if word != _IMPORTS and not any(_is_meant(case, word) for case in every):
            sys.exit(f"no case is called {word!r}; there are: {_names()}")
    return [case for case in every if any(_is_meant(case, word) for word in wanted)]


def _is_meant(case: Case, word: str) -> bool:
    """Tell whether `word` is the case's name or its first parts: `local:ws` is not `local:wss:25`."""
    return f"{case.name}:".startswith(f"{word}:")


def _clients(arguments: argparse.Namespace) -> list[Client]:
    for name in arguments.clients or ():
        if name not in CLIENTS:
            sys.exit(f"there is no client {name!r}; there are: {', '.join(CLIENTS)}")
    wanted = [client for client in CLIENTS.values() if arguments.clients is None or client.name in arguments.clients]
    for client in wanted:
        if not client.is_installed() and not arguments.inside:
            tell(f"{client.name} is left out, it is not installed: pip install -e '.[bench]'")
    return [client for client in wanted if client.is_installed()]


def _measure(
    arguments: argparse.Namespace, chosen: Sequence[Case], clients: Sequence[Client]
) -> tuple[list[Outcome], dict[str, list[float]]]:
    rounds = arguments.rounds or (_QUICK_ROUNDS if arguments.quick else _ROUNDS)
    outcomes, took = [], {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsconn-bench-")))
        place = before.unpack(arguments.before, folder) if arguments.before else None
        site = _site(stack, folder, has_far=arguments.inside and any(case.is_far for case in chosen))
        for case in chosen:
            own = [SOAK] if case.only else _own(case, clients)
            own += [before.client(place)] if place and not case.only else []
            outcomes.append(measure(site, case, own, case.rounds(rounds), tell))
        if not arguments.soak and (arguments.cases is None or _IMPORTS in arguments.cases):
            tell(_IMPORTS)
            took = imports.measure([client.name for client in clients], 2 * rounds, place)
    return outcomes, took


def _own(case: Case, clients: Sequence[Client]) -> list[Client]:
    """A process' first test is one more client where imports would be seen, and not lost among 200 handshakes."""
    with_cold = case.kind == "local" and len(case.hosts) <= 25 and any(client.name == "wsconn" for client in clients)
    taking_part = [client for client in clients if client.pings or not case.pings]
    return [*taking_part, COLD] if with_cold and not case.pings else taking_part


def _site(stack: ExitStack, folder: Path, *, has_far: bool) -> Site:
    trust = certificates.make(folder, ["127.0.0.1", *network.ADDRESSES])
    tell(f"certificates and {trust.count_of_roots} roots are made")
    if not has_far:
        return Site(trust, stack.enter_context(_local_server(trust)))
    network.set_up_loopback()
    far, delays = stack.enter_context(network.far_side(folder, trust))
    return Site(trust, stack.enter_context(_local_server(trust)), far, delays)


def _local_server(trust: certificates.Certificates) -> Service:
    return Service(python("server", "127.0.0.1", str(_PORTS), trust.chain, trust.key))


def _allow_descriptors() -> None:
    """A thousand connections, and as many in the server, are more than most systems allow at first."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _write_readme(lines: Sequence[str]) -> None:
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text("\n".join([before + BEGIN, *lines, "", END + after]), "utf-8")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
