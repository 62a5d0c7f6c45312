"""The experiments on each region as rows: what was changed, and how far each came on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from wsconn._debug.records import DebugReport, Experiment
from wsconn._outcome import Cause, RegionOutcome, Stage, Status
from wsconn.reports._analysis.alternates import ordinal
from wsconn.reports._analysis.phrases import AT

# A connection to a server and a tunnel through a proxy come to the same.
_PLACES = (
    (Stage.DISCOVERY,),
    (Stage.RESOLVE,),
    (Stage.CONNECT, Stage.PROXY),
    (Stage.TLS,),
    (Stage.UPGRADE,),
    (Stage.FRAMES,),
)
_OPTIONAL = (Stage.DISCOVERY, Stage.TLS)
_SECURE = ("wss://", "https://")
_OTHER_SCHEME = ("other_scheme",)  # experiments that go with TLS where the check goes without, or the other way round
_IN_THE_CLEAR = ("unencrypted", "clock")


@attrs.frozen(kw_only=True)
class Row:
    """The check, or an experiment: `done` places were passed; `failed` says that the next one was where it ended.

    `absent` are the numbers of those places that are not on its way, and are counted all the same.
    """

    changed: str
    status: Status
    stage: Stage
    cause: Cause | None
    done: int
    failed: bool
    seconds: float
    absent: tuple[int, ...] = ()
    sent: str = ""
    message: str = ""
    address: str | None = None
    is_control: bool = False

    @property
    def told(self) -> str:
        """How far it came, in words."""
        if self.cause is not None:
            return f"{self.cause} {AT[self.stage]}"
        if self.status is Status.ABORTED:
            return "aborted"
        return "works" if self.stage is Stage.FRAMES else f"passes as far as {AT[self.stage].removeprefix('at ')}"


@attrs.frozen(kw_only=True)
class Strip:
    """The rows of a region, the check first, and the places on its way."""

    region: str
    places: tuple[str, ...]
    rows: tuple[Row, ...]


def strips_of(report: DebugReport) -> tuple[Strip, ...]:
    """Lay out the experiments on each region, in the order in which they began."""
    regions = dict.fromkeys(experiment.region for experiment in report.experiments)
    outcomes = {outcome.region: outcome for outcome in report.result.outcomes}
    return tuple(_strip(region, outcomes.get(region), report.of(region)) for region in regions)


def _strip(region: str, outcome: RegionOutcome | None, experiments: Sequence[Experiment]) -> Strip:
    places = _places(outcome, experiments)
    rows = list(_numbered(experiments, [_row(experiment, outcome, places) for experiment in experiments]))
    if outcome is not None:
        rows.insert(0, _check(outcome, places))
    names = tuple(" or ".join(_there(place, outcome, experiments)) for place in places)
    return Strip(region=region, places=names, rows=tuple(rows))


def _places(outcome: RegionOutcome | None, experiments: Sequence[Experiment]) -> list[tuple[Stage, ...]]:
    """Return the places on a region's way: discovery and TLS only where there are some."""
    ended = {experiment.reached for experiment in experiments}
    if outcome and outcome.failure:
        ended.add(outcome.failure.stage)
    if (outcome and _is_secure(outcome)) or any(experiment.tls for experiment in experiments):
        ended.add(Stage.TLS)
    return [place for place in _PLACES if place[0] not in _OPTIONAL or place[0] in ended]


def _there(
    place: tuple[Stage, ...], outcome: RegionOutcome | None, experiments: Sequence[Experiment]
) -> tuple[Stage, ...]:
    """Return the stages of a place that are on this region's way."""
    if len(place) == 1:
        return place
    ended = {experiment.reached for experiment in experiments}
    is_behind = outcome is not None and outcome.proxy is not None
    seen = [Stage.CONNECT] if not is_behind or Stage.CONNECT in ended else []
    return (*seen, Stage.PROXY) if is_behind or Stage.PROXY in ended else tuple(seen)


def _check(outcome: RegionOutcome, places: Sequence[tuple[Stage, ...]]) -> Row:
    failure = outcome.failure
    stage = failure.stage if failure else Stage.FRAMES
    return Row(
        changed="the check itself",
        status=outcome.status,
        stage=stage,
        cause=failure.cause if failure else None,
        done=_done(stage, places, through=outcome.status is Status.PASSED),
        failed=failure is not None,
        seconds=outcome.duration,
        absent=_absent(places, lacks_tls=_lacks_tls(outcome)),
        message=failure.message if failure else "",
        address=outcome.address,
    )


def _row(experiment: Experiment, outcome: RegionOutcome | None, places: Sequence[tuple[Stage, ...]]) -> Row:
    return Row(
        changed=experiment.changed,
        status=experiment.status,
        stage=experiment.reached,
        cause=experiment.cause,
        done=_done(experiment.reached, places, through=experiment.cause is None and experiment.status is Status.PASSED),
        failed=experiment.cause is not None,
        seconds=experiment.seconds,
        absent=_absent(places, lacks_tls=_lacks_tls(outcome, experiment)),
        sent=experiment.sent,
        message=experiment.message,
        address=experiment.address,
        is_control=experiment.is_control,
    )


def _is_secure(outcome: RegionOutcome) -> bool:
    return outcome.tls is not None or (outcome.url or "").startswith(_SECURE)


def _numbered(experiments: Sequence[Experiment], rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, with a number where an experiment was made before: to confirm it."""
    made: dict[tuple[str, str], int] = {}
    for experiment, row in zip(experiments, rows, strict=True):
        turn = made[experiment.name, experiment.variant] = made.get((experiment.name, experiment.variant), 0) + 1
        yield row if turn == 1 else attrs.evolve(row, changed=f"{row.changed} ({ordinal(turn)} time)")


def _lacks_tls(outcome: RegionOutcome | None, experiment: Experiment | None = None) -> bool:
    """Tell whether no TLS was on the way of the check, or of an experiment, whatever others of the region had."""
    if experiment is not None and (experiment.tls is not None or experiment.reached is Stage.TLS):
        return False
    if experiment is not None and experiment.name in _IN_THE_CLEAR:
        return True
    if outcome is None or outcome.url is None or (outcome.failure and outcome.failure.stage is Stage.TLS):
        return False
    is_other = experiment is not None and experiment.name in _OTHER_SCHEME
    return _is_secure(outcome) is is_other


def _absent(places: Sequence[tuple[Stage, ...]], *, lacks_tls: bool) -> tuple[int, ...]:
    return tuple(number for number, place in enumerate(places) if lacks_tls and Stage.TLS in place)


def _done(stage: Stage, places: Sequence[tuple[Stage, ...]], *, through: bool) -> int:
    """Return how many places were passed by what ended at `stage`."""
    before = next((number for number, place in enumerate(places) if stage in place), 0)
    return before + through
