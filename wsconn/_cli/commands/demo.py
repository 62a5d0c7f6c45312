"""`wsconn demo`: 25 regions on this machine, nine of them broken, and whether the check reports what was set up."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

import wsconn
from wsconn import ConnectivityResult, RegionOutcome, Status
from wsconn._cli.display.check_display import check_display
from wsconn._cli.display.follow import follow
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.file import check_place
from wsconn._cli.report import check_format, publish
from wsconn._cli.terminal import say
from wsconn.lab import Fault, Lab, faults

_TIMEOUT_SECONDS = 2.5  # Windows takes 2 s to tell that a connection was refused

_SECONDS: Mapping[str, float] = {  # a round trip for each healthy region, as from a desk in Frankfurt
    "eu-central-1": 0.002,
    "eu-central-2": 0.008,
    "eu-west-1": 0.025,
    "eu-west-2": 0.014,
    "eu-west-3": 0.010,
    "eu-north-1": 0.022,
    "eu-south-1": 0.012,
    "il-central-1": 0.055,
    "ca-central-1": 0.100,
    "us-east-1": 0.092,
    "us-east-2": 0.104,
    "us-west-1": 0.148,
    "ap-south-1": 0.125,
    "ap-southeast-1": 0.160,
    "ap-northeast-1": 0.230,
    "ap-southeast-2": 0.250,
}
_PLAIN = ("eu-west-3", "ca-central-1", "us-west-1", "ap-southeast-1", "me-central-1", "af-south-1", "us-west-2")


_BROKEN: Mapping[str, Fault] = {
    "eu-south-2": faults.UNTRUSTED,
    "me-south-1": faults.EXPIRED,
    "me-central-1": faults.REFUSED,
    "af-south-1": faults.BLACK_HOLE,
    "us-west-2": faults.NO_SUCH_HOST,
    "sa-east-1": faults.HTTP_403,
    "ap-south-2": faults.http_status(503, headers={"Retry-After": "30"}),
    "ap-east-1": faults.REDIRECT,
    "ap-northeast-2": faults.SWALLOWED_FRAMES,
}
_WITHOUT_BLACK_HOLE = faults.MUTE  # the nearest that Windows can show


def demo(args: argparse.Namespace) -> ExitCode:
    """Set the lab up, check it, print the report, and say whether it is what was set up."""
    check_format(args.format)
    check_place(args.output)
    with Lab() as lab:
        broken = _set_up(lab)
        if not args.quiet:
            say(f"{len(lab.regions)} regions on this machine, {len(broken)} of them broken on purpose:")
        # Without a proxy: the environment's would be asked for this machine's own loopback.
        handle = wsconn.start(lab.regions, timeout=_TIMEOUT_SECONDS, proxy=None, ssl_context=lab.ssl_context)
        with handle, check_display(args, _TIMEOUT_SECONDS) as display:
            result, interrupted = follow(handle, display.show)
    publish(args, result)
    if interrupted:
        return ExitCode.INTERRUPTED
    surprises = list(_surprises(result, broken))
    for surprise in surprises:
        say(f"demo: surprise: {surprise}")
    if surprises:
        return ExitCode.FAILED
    say(
        f"demo: as set up: {len(result.passed_regions)} healthy regions passed,"
        f" {len(broken)} broken ones failed for the right cause."
    )
    return ExitCode.PASSED


def _set_up(lab: Lab) -> Mapping[str, Fault]:
    """Add the regions, in the order of their names, and return what is wrong with which."""
    broken = dict(_BROKEN)
    for name in sorted({*_SECONDS, *broken}):
        tls = name not in _PLAIN
        if name in _SECONDS:
            lab.add(name, tls=tls, latency=_SECONDS[name])
            continue
        try:
            lab.add(name, tls=tls, fault=broken[name])
        except OSError:
            if broken[name] is not faults.BLACK_HOLE:
                raise
            broken[name] = _WITHOUT_BLACK_HOLE
            lab.add(name, tls=tls, fault=_WITHOUT_BLACK_HOLE)
    return broken


def _surprises(result: ConnectivityResult, broken: Mapping[str, Fault]) -> Iterator[str]:
    for outcome in result.outcomes:
        expected = broken.get(outcome.region)
        if not _is_as_set_up(outcome, expected):
            failure = outcome.failure
            seen = f"{failure.cause} in {failure.stage}: {failure.message}" if failure else str(outcome.status)
            wanted = f"{expected.causes[0]} in {expected.stage}" if expected else str(Status.PASSED)
            yield f"{outcome.region} was set up for {wanted}, and the check said {seen}"


def _is_as_set_up(outcome: RegionOutcome, expected: Fault | None) -> bool:
    if expected is None:
        return outcome.status is Status.PASSED
    failure = outcome.failure
    return failure is not None and failure.stage == expected.stage and failure.cause in expected.causes
