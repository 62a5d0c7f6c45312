"""What can be tried wherever a check ended: the same once more."""

from __future__ import annotations

from wsconn._deadline import now
from wsconn._debug.trial import Bench, Trial
from wsconn._io.waiting import wait

APART_SECONDS = 0.5
_TIMES = ("1st", "2nd", "3rd")
CONFIRMING = ("4th", "5th")  # made when the others are over
_SHARE = 8  # of the time that is left: a short deadline leaves no room for pauses


def _again(bench: Bench) -> None:
    turn = _TIMES.index(bench.variant) if bench.variant in _TIMES else 0
    pause = min(APART_SECONDS, bench.scope.remaining() / _SHARE) * turn
    until = now() + pause
    while (left := until - now()) > 0:
        wait([], bench.scope.within(left))
    bench.recorder.begin()  # the pause is no part of it
    region = bench.case.definition
    if bench.case.is_discovery and region.discovery:
        bench.probe.discover(region.discovery, region, bench.scope, bench.recorder)
    else:
        bench.probe.attempt(bench.target, bench.case.request, bench.scope, bench.recorder)


EXPERIMENTS = (
    Trial(
        name="again",
        changed="the same again ({variant} repeat)",
        sent="All that the check sends to {server}.",
        tells="whether it fails always, or only at times",
        run=_again,
        variants=lambda case: () if case.passed else _TIMES,
    ),
)
