"""What there is to tell of a region beside how it ended: a pass that is not quite like any other."""

from __future__ import annotations

from wsconn._outcome import RegionOutcome
from wsconn.reports._analysis.alternates import alternate_of
from wsconn.reports._analysis.led import way_of
from wsconn.reports._closing import closing_of


def notes_of(outcome: RegionOutcome) -> tuple[str, ...]:
    """Return the notes on a region, none for most."""
    return tuple(note for note in (way_of(outcome), alternate_of(outcome), closing_of(outcome)) if note)
