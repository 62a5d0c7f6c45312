"""What a rule of the table of conclusions is, and when it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from wsconn._debug.case import Case
from wsconn._debug.records import Addressee, Certainty, Experiment
from wsconn._outcome import Cause, Stage, Status


class Results:
    """The experiments on one region, by name. Those that were not made, or not ended, are nowhere in it.

    Where one was made twice, to confirm it, and did not end alike, it counts as neither passed nor failed.
    """

    def __init__(self, experiments: Iterable[Experiment]) -> None:
        self._by_name: dict[str, list[Experiment]] = {}
        for experiment in experiments:
            if experiment.status is not Status.ABORTED:
                self._by_name.setdefault(experiment.name, []).append(experiment)

    def of(self, name: str) -> list[Experiment]:
        """Return the experiments of this name: several where it has variants, or was repeated."""
        return self._by_name.get(name, [])

    def those(self, name: str, status: Status) -> list[Experiment]:
        """Return the variants of a name that ended so, every time."""
        ended: dict[str, list[Experiment]] = {}
        for experiment in self.of(name):
            ended.setdefault(experiment.variant, []).append(experiment)
        return [runs[0] for runs in ended.values() if all(run.status is status for run in runs)]

    def passed(self, name: str) -> bool:
        """Tell whether a variant of this name passed."""
        return bool(self.those(name, Status.PASSED))

    def failed(self, name: str) -> bool:
        """Tell whether this was made, and failed whatever the variant."""
        runs = self.of(name)
        return bool(runs) and all(run.status is Status.FAILED for run in runs)

    def partly(self, name: str) -> bool:
        """Tell whether some of this name passed and some failed."""
        return {Status.PASSED, Status.FAILED} <= {run.status for run in self.of(name)}


@attrs.frozen
class Fact:
    """Something that a rule may ask for beside experiments: what it means, and how it is found."""

    meaning: str
    holds: Callable[[Case, Results], bool]


@attrs.frozen(kw_only=True)
class Rule:
    """A row of the table of conclusions.

    Attributes:
        suspect: Who or what is in the way; `None` where that cannot be told.
        certainty: How sure it is.
        addressee: Who can mend it.
        stages: Where the check ended.
        causes: What ended it; empty for any cause.
        passed: Experiments of which at least one of each name passed.
        failed: Experiments that were made, and of which none of that name passed.
        partly: Experiments of which some of that name passed and some failed.
        facts: Names of what else must be so: see `FACTS`.
        of_passed: It is about regions that passed their check, and not about those that failed.
        sentence: What is said; the words in braces are those of `words`.
    """

    suspect: str | None
    certainty: Certainty
    addressee: Addressee | None
    stages: tuple[Stage, ...]
    causes: tuple[Cause, ...] = ()
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    of_passed: bool = False
    sentence: str

    @property
    def experiments(self) -> tuple[str, ...]:
        """The names of all experiments that it rests on."""
        return (*self.passed, *self.failed, *self.partly)

    def holds(self, case: Case, results: Results, facts: Mapping[str, Fact]) -> bool:
        """Tell whether it does."""
        return (
            case.passed == self.of_passed
            and case.stage in self.stages
            and (not self.causes or case.cause in self.causes)
            and all(map(results.passed, self.passed))
            and all(map(results.failed, self.failed))
            and all(map(results.partly, self.partly))
            and all(facts[name].holds(case, results) for name in self.facts)
        )
