"""How long the stages of a region took, and why that may be less than the region's whole time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsconn._outcome import Cause, RegionOutcome, Stage

_NOTICED_SECONDS = 0.01
_NOTICED_SHARE = 0.05
_LOOKED_AT_AGAIN = (Cause.TLS_UNTRUSTED, Cause.TLS_HOSTNAME_MISMATCH, Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID)
_LOADING = "waiting for this machine to load its root certificates and libraries"
_LOOKING = "a second look at a certificate that did not pass"
_BEFORE = "other URLs that were tried before"


def times_of(outcome: RegionOutcome) -> dict[Stage, float]:
    """Return the seconds of the stages that were reached, in order, up to the one that failed.

    With TLS 1.3 a server may refuse a client when the request to upgrade is already out. That the record has a time for
    the upgrade then would puzzle who reads that the region failed before it.
    """
    stages = list(Stage)
    last = stages.index(outcome.failure.stage) if outcome.failure else len(stages) - 1
    seconds = {stage: getattr(outcome.timings, stage) for stage in stages[: last + 1]}
    return {stage: spent for stage, spent in seconds.items() if spent is not None}


def beyond_the_stages(outcomes: Sequence[RegionOutcome]) -> str | None:
    """Say what the totals hold that no stage does, or `None` where the stages add up."""
    longer = [outcome for outcome in outcomes if _is_noticed(outcome)]
    if not longer:
        return None
    parts = dict.fromkeys(part for outcome in longer for part in _parts(outcome))
    return f"What a total has beyond its stages is {', and '.join(parts)}."


def _is_noticed(outcome: RegionOutcome) -> bool:
    beyond = outcome.duration - sum(times_of(outcome).values())
    return beyond >= max(_NOTICED_SECONDS, _NOTICED_SHARE * outcome.duration)


def _parts(outcome: RegionOutcome) -> Iterator[str]:
    looked = outcome.failure is not None and outcome.failure.cause in _LOOKED_AT_AGAIN
    before = {attempt.url for attempt in outcome.attempts if attempt.stage is not Stage.DISCOVERY} - {outcome.url}
    if Stage.TLS in times_of(outcome) or not (looked or before):
        yield _LOADING
    if looked:
        yield _LOOKING
    if before:
        yield _BEFORE
