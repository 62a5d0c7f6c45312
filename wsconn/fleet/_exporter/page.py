"""The page for people: the last round, what it found, and what became of each region in the rounds before.

It needs nothing else and runs nothing: no script, no request, no font. A policy forbids all but its one style sheet.
Whatever is put into it is escaped by `_text`, the names of regions and what peers said above all.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import attrs

from wsconn._outcome import RegionOutcome, Status
from wsconn._result import ConnectivityResult
from wsconn._text import duration
from wsconn.fleet._exporter.configuration import Reload
from wsconn.fleet._exporter.memory import ROUNDS, Mark, Memory
from wsconn.fleet._exporter.own_metrics import Counts
from wsconn.reports import SIGNS, findings
from wsconn.reports._analysis.meaning import when
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted

_HEIGHT = 28  # pixels of the history of a region
_LEAST = 4  # of a bar in it


@attrs.frozen
class OfRounds:
    """What the page tells of the last round, `result`, and those before it: written once a round."""

    result: ConnectivityResult
    title: str
    content: str

    @classmethod
    def of(cls, last: ConnectivityResult, memory: Memory) -> OfRounds:
        """Write it."""
        content = "\n".join((*_finding(last), *_regions(last, memory)))
        return cls(last, f"{last.result}: {findings(last)[0]}", content)


@attrs.frozen(kw_only=True)
class Shown:
    """What the page tells. `prefix` is the path at which the application is mounted."""

    rounds: OfRounds | None
    regions: int
    counts: Counts
    reload: Reload
    site: str | None
    warning: str | None
    prefix: str


def page(shown: Shown) -> tuple[bytes, str]:
    """Return the page, and the policy that goes before it (Content-Security-Policy)."""
    style, policy = _style()
    title = shown.rounds.title if shown.rounds else "The first round is under way"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">',
        f'<link rel="icon" href="data:,"><title>{_text(title)}</title><style>{style}</style></head><body><main>',
        *_warnings(shown),
        *((shown.rounds.content,) if shown.rounds else _nothing_yet(shown)),
        *_exporter(shown),
        "</main></body></html>",
    ]
    return "\n".join(parts).encode("utf-8", "backslashreplace"), policy


@functools.cache
def _style() -> tuple[str, str]:
    import importlib.resources  # here: it loads much, and few exporters show their page

    reports = importlib.resources.files("wsconn.reports").joinpath("templates", "report.css")
    own = importlib.resources.files("wsconn.fleet").joinpath("_exporter", "page.css")
    style = reports.read_text("utf-8") + own.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    return style, f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _text(said: object) -> str:
    return html.escape(printable(str(said)))


def _warnings(shown: Shown) -> Iterator[str]:
    for said in (shown.warning, shown.reload.wrong and f"The files were not reloaded: {shown.reload.wrong}"):
        if said:
            yield f'<p class="finding failed"><b>Warning:</b> {_text(said)}</p>'


def _nothing_yet(shown: Shown) -> Iterator[str]:
    yield f'<header class="finding"><h1>The first round is under way: {counted(shown.regions)}</h1></header>'


def _finding(last: ConnectivityResult) -> Iterator[str]:
    said, *more = findings(last)
    yield f'<header class="finding {last.result}"><p class="verdict">{_status(last.result)}</p><h1>{_text(said)}</h1>'
    if more:
        yield f"<ul>{''.join(f'<li>{_text(one)}</li>' for one in more)}</ul>"
    yield (
        f'<p class="quiet">Tested {when(last)} in {last.duration:.1f} s: {len(last.passed_regions)} passed,'
        f" {len(last.failed_regions)} failed.</p></header>"
    )


def _status(word: str) -> str:
    sign: str = getattr(SIGNS, word)
    return f'<span class="status {word}"><span aria-hidden="true">{sign}</span> {word}</span>'


def _regions(last: ConnectivityResult, memory: Memory) -> Iterator[str]:
    yield '<section aria-labelledby="regions"><h2 id="regions">Regions</h2>'
    yield (
        f'<p class="quiet">The last {ROUNDS} rounds at most, the newest on the right. The height of a bar is the round'
        " trip, as a share of the longest one here; one in red, of full height, is a round that failed.</p>"
    )
    yield '<ol class="waterfall history">'
    for outcome in last.outcomes:
        marks = memory.marks.get(outcome.region, ())
        yield (
            f'<li><div class="who"><span class="name">{_text(outcome.region)}</span> {_status(outcome.status)}</div>'
            f'<div class="bar">{_history(marks)}{_why(outcome)}</div>'
            f'<div class="total">{_round_trip(outcome)}<span class="quiet">{_passed(marks)}</span></div></li>'
        )
    yield "</ol></section>"


def _history(marks: Sequence[Mark]) -> str:
    longest = max((mark.round_trip or 0.0 for mark in marks), default=0.0)
    first = ROUNDS - len(marks)
    bars = "".join(_bar(first + place, mark, longest) for place, mark in enumerate(marks))
    return f'<svg height="{_HEIGHT}" role="img" aria-label="{_text(_told(marks))}">{bars}</svg>'


def _bar(place: int, mark: Mark, longest: float) -> str:
    share = (mark.round_trip or 0.0) / longest if longest else 0.0
    height = _HEIGHT if mark.failure else max(_LEAST, round((_HEIGHT - _LEAST) * share))
    width = 100 / ROUNDS
    return (
        f'<rect class="{mark.status}" x="{place * width:.2f}%" width="{width * 0.8:.2f}%" y="{_HEIGHT - height}"'
        f' height="{height}"/>'
    )


def _told(marks: Sequence[Mark]) -> str:
    failed = [mark for mark in marks if mark.failure]
    last = f"; the last failure was {failed[-1].failure} at {_clock(failed[-1].at)}" if failed else ""
    return f"{_passed(marks)}{last}"


def _passed(marks: Sequence[Mark]) -> str:
    return f"{sum(mark.status is Status.PASSED for mark in marks)} of {counted(len(marks), 'round')} passed"


def _why(outcome: RegionOutcome) -> str:
    return f'<p class="note">{_text(outcome.failure.message)}</p>' if outcome.failure else ""


def _round_trip(outcome: RegionOutcome) -> str:
    return duration(outcome.duration if outcome.round_trip is None else outcome.round_trip)


def _exporter(shown: Shown) -> Iterator[str]:
    yield '<section aria-labelledby="exporter"><h2 id="exporter">This exporter</h2><dl class="facts">'
    for term, said in _facts(shown):
        yield f"<dt>{term}</dt><dd>{_text(said)}</dd>"
    metrics = _text(f"{shown.prefix}/metrics")
    yield f'</dl></section><footer><p>For Prometheus: <a href="{metrics}">{metrics}</a>.</p></footer>'


def _facts(shown: Shown) -> Iterator[tuple[str, str]]:
    counts = shown.counts
    if shown.site:
        yield "Site", shown.site
    late = f"; {counted(counts.late, 'round')} began late" if counts.late else ""
    yield "Rounds", f"{counted(shown.regions)}, every {counts.interval:g} s{late}"
    refused = f"; {counts.refused} refused, as too many were under way" if counts.refused else ""
    yield "Probes", f"{counts.probes} made, {counts.in_flight} under way{refused}"
    yield "Files read", _clock(datetime.fromtimestamp(shown.reload.loaded_at, UTC))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
