"""What a test found, in a few sentences: what the failures share comes first, what is known of the whole after it.

Each rule looks at the facts and yields sentences that they bear out, or none. `_RULES` is the order of telling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wsconn._outcome import Cause, Stage
from wsconn._result import ConnectivityResult
from wsconn._text import plain, value
from wsconn.reports._analysis.alternates import failed_before, ordinal
from wsconn.reports._analysis.facts import Facts, Regions, facts_of, is_not_begun, shared
from wsconn.reports._analysis.groups import Group, grouped, has_majority
from wsconn.reports._analysis.issuers import issuer_of, left_out
from wsconn.reports._analysis.led import passes_otherwise
from wsconn.reports._analysis.names import found_through_the_search_list, other_names_resolve, silent_name_servers
from wsconn.reports._analysis.pac import pac_answers
from wsconn.reports._analysis.patterns import contrasts, offline, one_address, one_family
from wsconn.reports._analysis.phrases import AT, what, where
from wsconn.reports._analysis.weighed import better_advice
from wsconn.reports._closing import closing_of
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted, every
from wsconn.reports._secrets import without_secrets
from wsconn.reports._subject import check_result

_MOST_NAMES = 3  # of regions in a sentence
_MOST_GROUPS = 5  # that are told one by one


def findings(result: ConnectivityResult) -> tuple[str, ...]:
    """Say what the regions of a test have in common, above all those that failed: sentences, most telling first."""
    return tuple(printable(plain(said)) for said in marked_findings(result))


def marked_findings(result: ConnectivityResult) -> tuple[str, ...]:
    """Say the same, with the names and other values marked."""
    facts = facts_of(without_secrets(check_result(result, "a ConnectivityResult")))
    return tuple(said if plain(said).endswith(".") else f"{said}." for rule in _RULES for said in rule(facts))


# --- of whom a sentence speaks -----------------------------------------------------------------------------------


def _subject(regions: Regions, facts: Facts) -> str:
    """Name some of the regions that were tested, or count them."""
    if len(facts.result.outcomes) == 1:
        return f"The region {value(regions[0].region)}"
    if facts.tested == 1:
        return f"{value(regions[0].region)}, the only region that was tested,"
    tested = counted(facts.tested) + _tested_ones(facts)
    if len(regions) == facts.tested:
        return f"{every(facts.tested)} regions{_tested_ones(facts)}"
    if len(regions) <= _MOST_NAMES:
        return f"{_listed([region.region for region in regions])} ({len(regions)} of {tested})"
    return f"{len(regions)} of {tested}"


def _tested_ones(facts: Facts) -> str:
    return " that were tested" if facts.untested or facts.aborted else ""


def _fail(regions: Regions) -> str:
    return "fails" if len(regions) == 1 else "fail"


def _listed(names: list[str]) -> str:
    *first, last = map(value, names)
    return f"{', '.join(first)} and {last}" if first else last


# --- rules -------------------------------------------------------------------------------------------------------


def _no_regions(facts: Facts) -> Iterator[str]:
    if not facts.result.outcomes:
        yield "No region was tested"


def _failures(facts: Facts) -> Iterator[str]:
    if said := offline(facts):
        yield said
        return
    comparison = list(contrasts(facts))
    if len(facts.failed) > 1:  # one region that fails may differ from the others by chance
        yield from comparison
    yield from _groups(facts)
    if len(facts.failed) == 1:
        yield from comparison
    if said := one_address(facts):
        yield said


def _groups(facts: Facts) -> Iterator[str]:
    groups = grouped(facts.failed)
    if len(groups) > 1 and not has_majority(groups):
        yield f"{_subject(facts.failed, facts)} fail{_same_stage(groups)}, in {len(groups)} different ways"
    refuted = {name for name, better in better_advice(facts.result.outcomes).items() if better.is_refuted}
    for group in groups[:_MOST_GROUPS]:
        is_refuted = all(region.region in refuted for region in group.regions)
        at = where(group.regions, group.stage)
        shows = what(group.regions, group.stage, group.cause, is_refuted=is_refuted)
        yield f"{_subject(group.regions, facts)} {_fail(group.regions)} {at}{shows}"
    if others := tuple(region for group in groups[_MOST_GROUPS:] for region in group.regions):
        yield f"{counted(len(others), 'other')} {_fail(others)} in other ways"
    if unexplained := tuple(region for region in facts.failed if region.failure is None):
        yield f"{_subject(unexplained, facts)} {_fail(unexplained)}, and no reason is recorded"
    if groups and not facts.passed and shared(group.stage for group in groups) is Stage.DISCOVERY:
        yield "Nothing is known yet about WebSocket from here"


def _same_stage(groups: tuple[Group, ...]) -> str:
    stage = shared(group.stage for group in groups)
    return f" {AT[stage]}" if stage else ""


def _left_out(facts: Facts) -> Iterator[str]:
    """Where certificates of the same authority are trusted elsewhere, its own is what the server does not send."""
    trusted = [issuer for region in facts.passed if (issuer := issuer_of(region))]
    lacking = tuple(region for region in facts.failed if left_out(region, trusted))
    if lacking:
        yield (
            f"{_subject(lacking, facts)} {_fail(lacking)} with a certificate of an authority that another region passes"
            " with: the server leaves out the intermediate certificate, and its operator must have it sent"
        )


def _untested(facts: Facts) -> Iterator[str]:
    late = [region for region in facts.untested if is_not_begun(region)]
    if late:
        yield f"The time for the whole test was over before {counted(len(late))} had begun"
    if limited := _with_cause(Cause.LOCAL_LIMIT, facts):
        lack = "this machine had no descriptors, threads, ports or memory left"
        yield f"{counted(limited)} could not be tested: {'this program was ending' if _is_ending(facts) else lack}"
    if broken := _with_cause(Cause.INTERNAL_ERROR, facts):
        yield f"wsconn itself failed on {counted(broken)}: nothing is known about {'it' if broken == 1 else 'them'}"


def _is_ending(facts: Facts) -> bool:
    seen = [region.failure and region.failure.evidence for region in facts.untested]
    return any(one and one.shutting_down for one in seen)


def _with_cause(cause: Cause, facts: Facts) -> int:
    return sum(region.failure is not None and region.failure.cause is cause for region in facts.untested)


def _aborted(facts: Facts) -> Iterator[str]:
    total, aborted = len(facts.result.outcomes), len(facts.aborted)
    if aborted == total > 0:
        yield "The test was aborted before any region had settled: nothing is known"
    elif aborted:
        yield f"The test was aborted: {aborted} of {counted(total)} had not settled"


def _family(facts: Facts) -> Iterator[str]:
    if said := one_family(facts):
        yield said


def _all_passed(facts: Facts) -> Iterator[str]:
    if facts.passed and not facts.failed:
        yield f"{_subject(facts.passed, facts)} passed"


def _frames_not_verified(facts: Facts) -> Iterator[str]:
    """With `verify_frames=False` an open WebSocket is a pass: the upgrade was timed, and no frames were."""
    timings = [region.timings for region in facts.passed]
    if timings and all(times.upgrade is not None and times.frames is None for times in timings):
        yield "No frames were exchanged: an open WebSocket alone counted as a pass"


def _by_an_alternate(facts: Facts) -> Iterator[str]:
    if regions := tuple(region for region in facts.passed if failed_before(region)):
        ends = dict.fromkeys(failed.cause for region in regions for failed in failed_before(region))
        yield f"{_subject(regions, facts)} passed by {_which_url(regions)}: {', '.join(ends)}"


def _which_url(regions: Regions) -> str:
    whose = "its" if len(regions) == 1 else "their"
    before = shared(len(failed_before(region)) for region in regions)
    if before is None:
        return "an alternate URL; the URLs before"
    return f"{whose} {ordinal(before + 1)} URL; {'the first' if before == 1 else 'the URLs before'}"


def _closed_at_once(facts: Facts) -> Iterator[str]:
    if closed := tuple(region for region in facts.passed if closing_of(region)):
        yield f"{_subject(closed, facts)} opened the WebSocket and closed it at once: a pass, as no login is tested"


_RULES: tuple[Callable[[Facts], Iterator[str]], ...] = (
    _no_regions,
    _failures,
    passes_otherwise,
    other_names_resolve,
    silent_name_servers,
    found_through_the_search_list,
    _left_out,
    _untested,
    _aborted,
    _family,
    _all_passed,
    pac_answers,
    _frames_not_verified,
    _by_an_alternate,
    _closed_at_once,
)
