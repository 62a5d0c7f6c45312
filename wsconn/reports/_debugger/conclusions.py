"""What a debugger's report begins with: who is in the way, how sure that is, and whom to tell."""

from __future__ import annotations

import re

import attrs

from wsconn._debug.records import Certainty, Conclusion, DebugReport

ENDED_EARLY = "The run was ended early: this is what was known by then."
_MOST_CHARACTERS = 2000  # of a sentence; a record made by hand may hold any
_SURE = {
    Certainty.SHOWN: "shown by experiment",
    Certainty.LIKELY: "likely",
    Certainty.CANNOT_BE_TOLD: "cannot be told from here",
}
_KINDS = {Certainty.SHOWN: "shown", Certainty.LIKELY: "likely", Certainty.CANNOT_BE_TOLD: "unclear"}


@attrs.frozen(kw_only=True)
class Told:
    """A conclusion as it is shown: the sentence that says it, and the others, which say what to do.

    `kind` is one word for how sure it is.
    """

    first: str
    rest: str
    sure: str
    kind: str
    whom: str | None
    regions: tuple[str, ...]

    @property
    def unbroken(self) -> list[str]:
        """The first sentence, parted where no line may end: before a unit."""
        return re.split(r"(?<=\d) (?=m?s\b)", self.first)

    @property
    def whole(self) -> str:
        """All sentences."""
        return f"{self.first} {self.rest}".strip()


def told_of(report: DebugReport) -> tuple[Told, ...]:
    """Return the conclusions, the surest first."""
    sure = list(_SURE)
    return tuple(map(_told, sorted(report.conclusions, key=lambda conclusion: sure.index(conclusion.certainty))))


def _told(conclusion: Conclusion) -> Told:
    first, *rest = re.split(r"(?<=\.) (?=[A-Z])", conclusion.sentence[:_MOST_CHARACTERS], maxsplit=1)
    return Told(
        first=first,
        rest="".join(rest),
        sure=_SURE[conclusion.certainty],
        kind=_KINDS[conclusion.certainty],
        whom=str(conclusion.addressee) if conclusion.addressee else None,
        regions=(conclusion.region, *conclusion.like_it),
    )
