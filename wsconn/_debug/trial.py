"""What an experiment is: one way to a server that differs in one thing from the way that failed."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

import attrs

from wsconn._debug.case import Case
from wsconn._debug.records import Experiment
from wsconn._diagnosis.causes import message_on
from wsconn._diagnosis.evidence import NOTHING, StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.stream import LimitExceeded
from wsconn._outcome import Cause, Evidence, RegionOutcome, Stage, Status
from wsconn._probe.probe import Probe, begin
from wsconn._regions import Target
from wsconn._stages.request import Request
from wsconn._stages.tls import failure as tls_failure
from wsconn._text import plain


class Needless(Exception):
    """The experiment turned out to change nothing: there is nothing to tell."""


@attrs.frozen
class Bench:
    """Where an experiment is made: on which region, with which variant, until when."""

    case: Case
    variant: str
    scope: CancelScope
    recorder: Recorder

    @property
    def probe(self) -> Probe:
        """The check's own."""
        return self.case.probe

    @property
    def target(self) -> Target:
        """Where the check led."""
        return self.case.target

    def begin(self, target: Target, *secrets: str) -> None:
        """Turn to a server; `secrets` will be sent to it, which may repeat them."""
        begin(target, self.recorder)
        self.recorder.hide(*target.secrets, *secrets)

    def go(self, probe: Probe, target: Target, until: Stage | None = None, *, request: Request | None = None) -> None:
        """Go the way to a server as far as the check came, and not further; `until` names another stage.

        Raises `StageFailed` where the way ends before.
        """
        until = until or self.case.stage
        if until in (Stage.UPGRADE, Stage.FRAMES):
            probe.attempt(target, request or self.case.request, self.scope, self.recorder)
            return
        self.begin(target)
        if until is Stage.TLS:
            probe.route.open(target, self.scope, self.recorder).close()
        else:
            probe.route.dialer.dial(target, self.scope, self.recorder).close()


@attrs.frozen
class Finding:
    """What an experiment has seen, and what to say of it: else what is always said.

    `is_contrary`: nothing went wrong, and what was seen is all the same not what a healthy way shows.
    """

    evidence: Evidence = NOTHING
    message: str | None = None
    is_contrary: bool = False


def _once(_: Case) -> Sequence[str]:
    return ("",)


@attrs.frozen(kw_only=True)
class Trial:
    """A row of the table of experiments.

    Attributes:
        name: What conclusions call it.
        changed: What differs from the check. This text and the next name things as `Case.words` does.
        sent: What is sent, and to whom.
        tells: What it tells apart, for the manual.
        run: Makes it; raises `StageFailed` where it fails.
        variants: What it is made with, one after the other; nothing where it does not fit the case.
    """

    name: str
    changed: str
    sent: str
    tells: str
    run: Callable[[Bench], Finding | None]
    variants: Callable[[Case], Sequence[str]] = _once


@attrs.frozen
class Planned:
    """An experiment that is to be made."""

    case: Case
    trial: Trial
    variant: str

    def make(self, scope: CancelScope, recorder: Recorder) -> tuple[RegionOutcome, Finding]:
        """Make it and return how it ended, and what it has seen. Raises `Needless` and `Aborted`."""
        bench = Bench(self.case, self.variant, scope, recorder)
        try:
            finding = self._made(bench) or Finding()
        except StageFailed as failed:
            return recorder.failed(recorder.url_failed(failed, stalled_seconds=scope.stalled_seconds)), Finding()
        recorder.url_worked()
        passed = attrs.evolve(recorder.passed(), evidence=recorder.completed(finding.evidence))
        return passed, attrs.evolve(finding, message=recorder.redact(finding.message))

    def _made(self, bench: Bench) -> Finding | None:
        bench.begin(self.case.target)
        try:
            return self.trial.run(bench)
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise tls_failure(error, Stage.TLS) from error
        except LimitExceeded as error:
            raise StageFailed(Cause.CLOSED, Evidence(detail="it sends without end")) from error

    def experiment(self, outcome: RegionOutcome, finding: Finding, began: float) -> Experiment:
        """Return the record of it; `began` is in seconds since the run's start."""
        words, failure = self.case.words(self.variant), outcome.failure
        seen = (failure.evidence if failure else outcome.evidence) or NOTHING
        reached = seen.stage or Stage.RESOLVE
        passed = self.case.is_beyond(reached) if failure else not finding.is_contrary
        return Experiment(
            region=self.case.region,
            name=self.trial.name,
            variant=self.variant,
            stage=self.case.stage,
            changed=self.trial.changed.format_map(words),
            sent=self.trial.sent.format_map(words),
            status=Status.PASSED if passed else Status.FAILED,
            reached=reached,
            cause=failure.cause if failure else None,
            message=failure.message if failure else finding.message or plain(message_on(None, seen)),
            evidence=seen,
            tls=outcome.tls,
            address=outcome.address,
            round_trip=outcome.round_trip,
            began=began,
            seconds=outcome.duration,
            is_control=self.case.passed,
        )
