"""Where `--otlp` sends results: a line on stderr for each one that is lost."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wsconn._cli.log import Teller
from wsconn._cli.terminal import say
from wsconn._cli.usage_error import UsageError, missing_extra
from wsconn._io.importing import undisturbed

if TYPE_CHECKING:
    import ssl

    from wsconn.fleet._otlp.exporter import Exporting
    from wsconn.reports import Machine

HEADERS_VARIABLE = "OTEL_EXPORTER_OTLP_HEADERS"
CERTIFICATE_VARIABLE = "OTEL_EXPORTER_OTLP_CERTIFICATE"
RESOURCE_VARIABLE = "OTEL_RESOURCE_ATTRIBUTES"
SERVICE_VARIABLE = "OTEL_SERVICE_NAME"
_NAMES = {"url": "--otlp", "headers": HEADERS_VARIABLE, "resource": RESOURCE_VARIABLE}
_TOLD_ANYWAY = 2  # with this many -v all that is logged goes to stderr


@contextlib.contextmanager
def exporting(
    args: argparse.Namespace, *, again_and_again: bool, tell: Callable[[str], object] = say
) -> Iterator[Exporting | None]:
    """Give what exports results on a thread of its own, or `None` without `--otlp`; its end waits two seconds at most.

    `tell` is called with a line for each export that is lost, on that thread.

    Raises:
        UsageError: for what is no collector's address, and where the extra is not installed.
    """
    if args.otlp is None:
        yield None
        return
    with _told(args, tell), _exporter(args, again_and_again=again_and_again) as exporter:
        yield exporter


def _exporter(args: argparse.Namespace, *, again_and_again: bool) -> Exporting:
    try:
        undisturbed(_load)
        from wsconn.fleet._otlp.exporter import OtlpExporter, once

        make: Callable[..., Exporting] = OtlpExporter if again_and_again else once
        return make(args.otlp, machine=_machine(args), **_from_environment())
    except ImportError as error:
        raise missing_extra("--otlp", "otlp", error) from error
    except ValueError as error:
        argument = getattr(error, "argument", None)  # see `wsconn._exceptions.about_argument`
        raise UsageError(f"{_NAMES[argument]}{vars(error)['wrong']}" if argument in _NAMES else str(error)) from error


def _load() -> None:
    import wsconn._cli.tls_context
    import wsconn.fleet._otlp.exporter  # noqa: F401 - for later: few need it, and it is slow to load


def _machine(args: argparse.Namespace) -> Machine:
    from wsconn.reports import this_machine

    return this_machine(dict(getattr(args, "labels", None) or ()))  # not every command has --label


def _from_environment() -> dict[str, Any]:
    """Return what OpenTelemetry's own variables say; a secret belongs there and not on a command line."""
    resource = _pairs(RESOURCE_VARIABLE)
    if name := os.environ.get(SERVICE_VARIABLE, "").strip():
        resource["service.name"] = name
    return {"headers": _pairs(HEADERS_VARIABLE), "resource": resource, "ssl_context": _ssl_context()}


def _ssl_context() -> ssl.SSLContext | None:
    """Return what trusts the authorities in the file that a variable names: `--ca-file` is for the regions."""
    file = os.environ.get(CERTIFICATE_VARIABLE)
    if not file:
        return None
    from wsconn._cli.tls_context import make_context

    return make_context(file, None, None, lambda _: CERTIFICATE_VARIABLE, verifies=True)


def _pairs(variable: str) -> dict[str, str]:
    """Read `name=value,name=value`, percent-encoded; the values of a variable are in no message."""
    pairs = {}
    for part in os.environ.get(variable, "").split(","):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            pairs[unquote(name.strip())] = unquote(value.strip())
        elif part.strip():
            raise UsageError(f"{variable} must be name=value, with commas between")
    return pairs


@contextlib.contextmanager
def _told(args: argparse.Namespace, tell: Callable[[str], object]) -> Iterator[None]:
    """Tell what is logged of exports that are lost, unless it is told anyway."""
    logger, handler = logging.getLogger("wsconn.fleet"), Teller(tell)
    if args.verbose < _TOLD_ANYWAY and not logger.handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
