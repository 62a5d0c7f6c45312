"""`wsconn lab`: serve regions with faults of a person's choice, for a program in any language to be tested against."""

from __future__ import annotations

import argparse
import contextlib
import json
import pathlib
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from wsconn import InvalidRegionError, Region
from wsconn._api import LONGEST_SECONDS
from wsconn._cli.display.definitions import wrapped
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.file import check_place, remove, replace
from wsconn._cli.terminal import put, say
from wsconn._cli.usage_error import UsageError
from wsconn._text import describe
from wsconn.lab import FAULTS, Fault, Lab, UnknownFaultError, fault_named
from wsconn.lab._control import described
from wsconn.lab.faults import Reachability
from wsconn.reports._quantities import counted

# The names in their URLs are made up: only `lab.getaddrinfo`, for programs in Python, knows them.
_NAMED_IN_PYTHON = (Reachability.HANGING_NAME, Reachability.BLOCKED_NAME, Reachability.PORTAL_NAME)
SERVED = tuple(fault for fault in FAULTS.values() if fault.reachability not in _NAMED_IN_PYTHON)
# Linux may hand a signal to a thread that just begins, as one does for each connection: Python runs the handler on the
# main thread, whose sleep goes on. And on Windows Ctrl-C ends no other wait than a sleep.
_SLICE_SECONDS = 0.25
_MOST_SUGGESTIONS = 3
_LAST_PORT = 65535
_STDOUT = "-"
_FAMILIES = (
    "Any http-STATUS (200 to 599) and close-CODE (1000 to 4999) will do, any origin-wanted-STATUS and"
    " subprotocol-wanted-STATUS (400 to 599), and any time in latency-250ms, stall-after-1.5s and cut-after-30s."
)


def lab(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found: it ends by Ctrl-C, which is its ordinary end."""
    if args.list:
        put(_list())
        return ExitCode.PASSED
    _check(args)
    wanted = _wanted(args.faults)
    with Lab() as served, contextlib.suppress(KeyboardInterrupt):
        _add(served, wanted, args)
        control = _control(served, args.control)
        with _authority(served, args.ca_file) as ca_file, _ready_file(args.ready_file) as tell:
            if args.output is not None:
                _write(args.output, _to_toml(served.regions, ca_file))
            ready = {"regions": described(served), "authority": ca_file, "proxy": served.proxy, "control": control}
            line = f"{json.dumps(ready)}\n"
            tell(line)
            if args.output is None:
                put(line)
            if not args.quiet:
                say(f"Serving {counted(len(wanted))} on this machine until Ctrl-C.")
            while True:
                time.sleep(_SLICE_SECONDS)
    return ExitCode.PASSED


def _check(args: argparse.Namespace) -> None:
    if not 0 <= args.latency <= LONGEST_SECONDS:  # nor is it so for a NaN
        raise UsageError(f"--latency must be at least 0 and at most {LONGEST_SECONDS} seconds, not {args.latency:g}")
    if args.control is not None and not 0 <= args.control <= _LAST_PORT:
        raise UsageError(f"--control must be a port from 0 to {_LAST_PORT}, not {describe(args.control)}")
    check_place(None if args.output == _STDOUT else args.output)
    check_place(args.ca_file, "--ca-file")
    check_place(args.ready_file, "--ready-file")


def _wanted(arguments: Sequence[str]) -> Mapping[str, Fault]:
    wanted: dict[str, Fault] = {}
    for argument in arguments:
        name, fault = _region(argument)
        if name in wanted:
            raise UsageError(f"the name {name!r} is given twice")
        wanted[name] = fault
    if not wanted:
        raise UsageError("no region is named", "eu=healthy us=http-503, or wsconn lab --list for all faults")
    return wanted


def _control(served: Lab, port: int | None) -> str | None:
    if port is None:
        return None
    try:
        return served.control(port)
    except OSError as error:
        raise UsageError(f"--control {port}: {error.strerror}", "--control 0, for any port that is free") from error


@contextlib.contextmanager
def _ready_file(file: str | None) -> Iterator[Callable[[str], None]]:
    """Give a function that writes `file`, which nobody is to find before that or after the lab has ended."""
    if file is None:
        yield lambda text: None
        return
    remove(file)
    try:
        yield lambda text: replace(file, text)
    finally:
        remove(file)


def _region(argument: str) -> tuple[str, Fault]:
    name, equals, fault = argument.partition("=")
    if not equals:
        raise UsageError(f"a region is given as a name, = and a fault, as in us=http-503: {argument!r}")
    try:
        Region(name, "ws://127.0.0.1/")
        return name, _fault(fault)
    except InvalidRegionError as error:
        raise UsageError(str(error)) from error


def _fault(name: str) -> Fault:
    try:
        fault = fault_named(name)
    except UnknownFaultError as error:
        to_try = " or ".join(error.suggestions[:_MOST_SUGGESTIONS]) or "wsconn lab --list"
        raise UsageError(f"there is no fault {name!r}", to_try) from error
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from error
    if fault.reachability in _NAMED_IN_PYTHON:
        raise UsageError(f"the fault {name} is for programs in Python that ask lab.getaddrinfo: see wsconn.lab")
    return fault


def _add(served: Lab, wanted: Mapping[str, Fault], args: argparse.Namespace) -> None:
    for name, fault in wanted.items():
        served.add(name, fault=fault, tls=args.tls or fault.needs_tls, latency=args.latency)


@contextlib.contextmanager
def _authority(served: Lab, file: str | None) -> Iterator[str | None]:
    """Write the authority to `file`, else to one that is removed at the end; without TLS there is none to trust."""
    if not any(url.startswith("wss:") for url in served.regions.values()):
        yield None
        return
    pem = "".join(map(ssl.DER_cert_to_PEM_cert, served.ssl_context.get_ca_certs(binary_form=True)))
    if file is not None:
        replace(file, pem)
        yield str(pathlib.Path(file).resolve())
        return
    with tempfile.TemporaryDirectory(prefix="wsconn-lab-") as folder:
        path = pathlib.Path(folder, "lab-ca.pem")
        path.write_text(pem, "utf-8")
        yield str(path)


def _write(file: str, toml: str) -> None:
    if file == _STDOUT:
        put(toml)
    else:
        replace(file, toml)


def _to_toml(regions: Mapping[str, str], ca_file: str | None) -> str:
    trust = [f"# The authority that signed their certificates: {ca_file}"] if ca_file else []
    tables = [f"\n[regions.{_quoted(name)}]\nurl = {_quoted(url)}" for name, url in regions.items()]
    return "\n".join(["# Regions of wsconn lab, as long as it runs.", *trust, *tables]) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML string; without control characters, which no name has, JSON's are the same."""
    return json.dumps(text, ensure_ascii=False)


def _list() -> str:
    listed = [fault_named("healthy"), *SERVED]
    widest = max(len(fault.name) for fault in listed)
    described = "".join(_described(fault, widest) for fault in listed)
    return f"{described}\n{wrapped('Any http-STATUS (200 to 599) and close-CODE (1000 to 4999) will do.')}\n"


def _described(fault: Fault, widest: int) -> str:
    """Return columns with its name, and the stage and causes that a check reports, and below them what happens."""
    columns = f"{fault.name:{widest}}  {fault.stage or 'passes':7}  {', '.join(fault.causes)}"
    return f"{wrapped(columns.rstrip(), '', '  ')}\n{wrapped(fault.summary, '  ', '  ')}\n"
