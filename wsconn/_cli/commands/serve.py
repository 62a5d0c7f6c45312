"""`wsconn serve`: the exporter for Prometheus, until it is told to end."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import pathlib
import re
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wsconn import Region
from wsconn._api import LONGEST_SECONDS
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.log import Teller
from wsconn._cli.otlp import exporting
from wsconn._cli.regions import regions
from wsconn._cli.start_options import of_argument, start_arguments
from wsconn._cli.terminal import say
from wsconn._cli.trust import ssl_contexts, warning
from wsconn._cli.usage_error import UsageError, missing_extra
from wsconn._region_files import REGIONS_VARIABLE
from wsconn._text import describe, is_loopback
from wsconn.fleet._exporter.entry import files_of, make_exporter
from wsconn.fleet._exporter.exporter import Exporter
from wsconn.fleet._exporter.probing import Arguments
from wsconn.reports._quantities import counted

if TYPE_CHECKING:
    from wsconn.fleet._otlp.exporter import Exporting

_STDIN = "-"
_THIS_MACHINE = ("localhost",)
_HOST_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # as requests have it: without a port, in its xn-- form
_LISTEN_HOST = re.compile(r"\S+")  # waitress would take several places with blanks between
_LOGGERS = ("wsconn.fleet", "waitress")


def serve(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    host = _check(args)
    if unverified := warning(args):
        say(f"WARNING: {unverified}")
    with (
        _logged(quiet=args.quiet),
        exporting(args, again_and_again=True) as otlp,
        contextlib.closing(_exporter(args, host, otlp)) as app,
    ):
        _serve(app, args, host)
    return ExitCode.PASSED


def _serve(app: Exporter, args: argparse.Namespace, host: str) -> None:
    try:
        from wsconn.fleet._exporter.serving import Server

        server = Server(app, args.listen, max_probes=args.max_probes)
    except ImportError as error:
        raise missing_extra("wsconn serve", "fleet", error) from error
    except (OSError, ValueError) as error:
        wrong = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise UsageError(f"--listen {args.listen}: {wrong}") from error
    if not is_loopback(host):
        say(f"WARNING: --listen {args.listen}: whoever reaches it reads the metrics, and probes what the modules allow")
    with _signals(stop=server.stop, reload=app.reload):
        app.start()
        if not args.quiet:
            say(f"Serving {counted(len(app.regions))} at {' and '.join(server.urls)} until Ctrl-C.")
        server.run()


def _check(args: argparse.Namespace) -> str:
    """Return the host to listen at, or raise `UsageError` for what no option can mean."""
    host, colon, port = args.listen.rpartition(":")
    if not colon or not _LISTEN_HOST.fullmatch(host) or not port.isdecimal() or int(port) > 0xFFFF:
        raise UsageError(f"--listen takes a host and a port, not {args.listen!r}", "--listen 127.0.0.1:9809")
    if not 0 < args.interval <= LONGEST_SECONDS:  # nor is it so for a NaN
        raise UsageError(f"--interval must be more than 0 and at most {LONGEST_SECONDS} seconds, not {args.interval:g}")
    if args.max_probes < 1:
        raise UsageError(f"--max-probes must be at least 1, not {describe(args.max_probes)}")
    if args.modules == "":
        raise UsageError("--modules needs the name of a file")
    for name in args.hosts:
        if not _HOST_NAME.fullmatch(name):
            raise UsageError(f"--host takes a host's name without a port, not {describe(name)}", "--host localhost")
    return str(host.strip("[]"))


def _exporter(args: argparse.Namespace, host: str, otlp: Exporting | None) -> Exporter:
    try:
        return make_exporter(
            _read(args),
            _files(args),
            _arguments(args),
            interval=args.interval,
            modules=args.modules,
            max_probes=args.max_probes,
            site=None,
            hosts=[*_THIS_MACHINE, *args.hosts] if is_loopback(host) or args.hosts else None,
            on_result=otlp.export if otlp else None,
            exports_lost=lambda: otlp.lost if otlp else 0,
            warning=warning(args),
        )
    except ImportError as error:
        raise missing_extra("wsconn serve", "fleet", error) from error
    except OSError as error:
        option = "--modules " if error.filename == args.modules else ""
        raise UsageError(f"{option}{error.filename}: {error.strerror}") from error
    except ValueError as error:
        raise of_argument(error) from error


def _read(args: argparse.Namespace) -> Callable[[], tuple[Region, ...]]:
    """Return what reads the regions anew; stdin can be read once."""
    if args.source == _STDIN:
        known = tuple(regions(args))
        return lambda: known
    return lambda: tuple(regions(args))


def _files(args: argparse.Namespace) -> tuple[pathlib.Path, ...]:
    source = args.source or (None if args.regions else os.environ.get(REGIONS_VARIABLE))
    return files_of(source) if source else ()


def _arguments(args: argparse.Namespace) -> Arguments:
    given = {**ssl_contexts(args), **start_arguments(args)}
    del given["total_timeout"]
    return Arguments(timeout=given.pop("timeout"), max_workers=given.pop("max_workers"), given=given)


@contextlib.contextmanager
def _signals(*, stop: Callable[[], None], reload: Callable[[], None]) -> Iterator[None]:
    """End at Ctrl-C and SIGTERM, and read the files anew at SIGHUP, where there is one."""
    wanted = {signal.SIGINT: stop, signal.SIGTERM: stop}
    if hasattr(signal, "SIGHUP"):
        wanted[signal.SIGHUP] = reload
    before = {number: signal.signal(number, lambda *_, do=do: do()) for number, do in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _logged(*, quiet: bool) -> Iterator[None]:
    """Write to stderr what a person who looks after the exporter has to know."""
    handler = Teller(level=logging.WARNING if quiet else logging.INFO)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(handler.level)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
