"""What a watch shows: a row per region, as `mtr` has one per hop. Pure: statistics in, lines of text out."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from wsconn._cli.display.sparkline import sparkline
from wsconn._cli.display.statistics import Statistics, verdict
from wsconn.reports._columns import padded, wide
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted
from wsconn.reports._signs import ASCII_SIGNS, Signs

_HEADS = {"loss": "loss", "last": "last", "least": "least", "mean": "mean", "most": "most", "deviation": "dev"}
_DROPPED = ("last", "deviation", "least", "most")  # where columns are too many, in this order
_RECENT = "recent"
_CAUSE = "last cause"
_UNKNOWN = "-"  # a loss before there was a round: no number, and not none either
_NUMBER = 6  # columns: a blank, and milliseconds with one decimal up to 999.9, without up to 99999
_GAP = 2  # columns before the bars and before the cause
_NARROWEST_CAUSE = 13  # fits `tls_untrusted`; numbers make room for it
_SHORTEST_CAUSE = 9  # what a long name leaves of it
_NARROWEST_NAME = 8
_MOST_BARS = 30


@attrs.frozen(kw_only=True)
class Layout:
    """How many columns the parts of a row have, 0 for one that is not there; `numbers` are those that fit."""

    region: int
    numbers: tuple[str, ...]
    bars: int
    cause: int


def layout(regions: Sequence[Statistics], width: int) -> Layout:
    """Fit the rows to `width` columns. What goes first are numbers, then the bars, then the end of the cause."""
    name = _longest_name(regions)
    cause = max((len(region.cause) for region in regions if region.cause), default=0)
    cause = max(cause, len(_CAUSE)) if cause else 0
    least_cause = _GAP + min(cause, _NARROWEST_CAUSE) if cause else 0
    numbers = list(_HEADS)
    for number in _DROPPED:
        if name + _NUMBER * len(numbers) + _GAP + len(_RECENT) + least_cause > width:
            numbers.remove(number)
    left = width - _NUMBER * len(numbers)
    most_name = left - (_GAP + _SHORTEST_CAUSE if cause else 0)
    name = max(min(name, most_name), _NARROWEST_NAME)  # names that begin alike differ at their end
    left -= name + least_cause
    recent = min(max(len(_RECENT), *(len(region.recent) for region in regions)), _MOST_BARS)
    bars = min(recent, left - _GAP) if left >= _GAP + len(_RECENT) else 0
    left -= _GAP + bars if bars else 0
    cause = min(cause, least_cause - _GAP + left) if cause else 0
    return Layout(region=name, numbers=tuple(numbers), bars=bars, cause=max(cause, 0))


def head(fit: Layout) -> str:
    """Return what stands above the rows."""
    return _line(("region", *(_HEADS[number] for number in fit.numbers)), _RECENT, _CAUSE, fit)


def row(region: Statistics, fit: Layout, *, ascii_only: bool = False) -> str:
    """Return the row of a region; it ends with its cause, where there is one."""
    name = printable(region.region)
    cause = region.cause or ""
    bars = sparkline(region.recent[-fit.bars :] if fit.bars else (), ascii_only=ascii_only)
    return _line((name, *(_number(region, number) for number in fit.numbers)), bars, cause, fit)


def summary(
    regions: Sequence[Statistics],
    *,
    rounds: int,
    cut_short: bool = False,
    seconds: float,
    width: int,
    signs: Signs,
    warning: str | None = None,
) -> str:
    """Return a summary of all rounds as text: a row per region, then all in a sentence. Names are never cut.

    `rounds` are those that were whole; `cut_short` says whether there is one more that was not. A `warning` comes
    before all else.
    """
    fit = attrs.evolve(layout(regions, width), region=_longest_name(regions))
    word = verdict(regions)
    lines = [
        *([] if warning is None else [f"{signs.warning} Warning: {warning}.", ""]),
        head(fit),
        *(row(region, fit, ascii_only=signs is ASCII_SIGNS) for region in regions),
        "",
        f"{signs.of(word)} {word:7}  {_meaning(regions)}",
        f"{'':11}{_rounds(rounds, cut_short=cut_short)} in {seconds:.0f} s; round trips in ms.",
    ]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: tuple[str, ...], bars: str, cause: str, fit: Layout) -> str:
    name, *numbers = cells
    parts = [padded(_cut(name, fit.region), fit.region), *(number.rjust(_NUMBER) for number in numbers)]
    if fit.bars:
        parts.append(" " * _GAP + bars.ljust(fit.bars))
    if fit.cause:
        parts.append(" " * _GAP + cause[: fit.cause])
    return "".join(parts).rstrip()


def _cut(name: str, columns: int) -> str:
    while wide(name) > columns:
        name = name[:-1]
    return name


def _meaning(regions: Sequence[Statistics]) -> str:
    unknown = sum(not region.rounds for region in regions)
    if unknown == len(regions):
        return "Interrupted before anything was known."
    if unknown:
        return f"Interrupted: nothing is known of {unknown} of {counted(len(regions))}."
    never = sum(region.lost == region.rounds for region in regions)
    if never == len(regions):
        return "No region ever passed."
    sometimes = sum(0 < region.lost < region.rounds for region in regions)
    if never:
        others = f", {sometimes} did not pass in every round" if sometimes else ""
        return f"{never} of {counted(len(regions))} never passed{others}."
    if len(regions) == 1 and sometimes:
        return "The region did not pass in every round."
    return f"{sometimes} of {counted(len(regions))} did not pass in every round." if sometimes else "No round was lost."


def _rounds(whole: int, *, cut_short: bool) -> str:
    if not whole:
        return "No whole round"
    return ("1 round" if whole == 1 else f"{whole} rounds") + (" and one that was cut short" if cut_short else "")


def _longest_name(regions: Sequence[Statistics]) -> int:
    return max(map(wide, ["region", *(printable(region.region) for region in regions)]))


def _number(region: Statistics, name: str) -> str:
    if name == "loss":
        return _UNKNOWN if region.loss is None else _percent(region.loss)
    seconds: float | None = getattr(region, name)
    if seconds is None:
        return ""
    return f"{seconds * 1000:.1f}" if seconds < 0.9995 else f"{seconds * 1000:.0f}"


def _percent(share: float) -> str:
    """Return a share in whole hundredths; only none is 0 %, and only all is 100 %."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"
