"""Which experiments follow from where a check ended, and why: one table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from wsconn._debug.case import Case
from wsconn._debug.conclusions import results_of, rule_for
from wsconn._debug.experiments import TRIALS
from wsconn._debug.experiments.anywhere import CONFIRMING
from wsconn._debug.records import Experiment
from wsconn._debug.trial import Planned
from wsconn._outcome import Cause, Stage, Status

_CERTIFICATE = (*(Cause.TLS_UNTRUSTED, Cause.TLS_HOSTNAME_MISMATCH, Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID),)
_CUT = (Cause.TIMEOUT, Cause.CLOSED, Cause.TLS_FAILED, Cause.TLS_VERSION)
_THIS_MACHINE = (Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR)  # about which no server can tell anything
_WRONG_ADDRESS = (
    "hosts_file",
    "name_server",
    "name_server_address",
    "final_dot",
    "address",
)  # which the first later stage finds out
_OTHER_WAY = ("direct", "proxied")
_SENDS_NO_LOGIN = ("direct",)
_SENDS_A_LOGIN = ("proxied",)  # to the proxy of the settings, which the check has not used


@attrs.frozen
class Choice:
    """A row: experiments for the cases that ended at this stage for one of these causes; `None` means any cause."""

    stage: Stage
    causes: tuple[Cause, ...] | None
    experiments: tuple[str, ...]


CHOICES = (
    Choice(Stage.RESOLVE, None, ("hosts_file", "name_server", "name_server_alive", "name_server_address")),
    Choice(Stage.RESOLVE, None, ("final_dot", "ipv4_alone", "ipv6_alone", "proxied")),
    Choice(Stage.CONNECT, None, (*_WRONG_ADDRESS, "ipv4_alone", "ipv6_alone", "port", "port_elsewhere", "proxied")),
    Choice(Stage.PROXY, None, ("elsewhere_through_proxy", "direct", "port")),
    Choice(Stage.TLS, _CUT, ("look", "tls_1_2", "no_server_name", "other_server_name", "server_name_elsewhere")),
    Choice(Stage.TLS, _CUT, ("unknown_name_elsewhere", "small_segments", *_WRONG_ADDRESS, *_OTHER_WAY)),
    Choice(Stage.TLS, _CERTIFICATE, ("look", "other_server_name", *_WRONG_ADDRESS, *_OTHER_WAY)),
    Choice(Stage.TLS, (Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID), ("clock",)),
    Choice(Stage.TLS, (Cause.NOT_TLS,), ("unencrypted", *_WRONG_ADDRESS, *_OTHER_WAY)),
    Choice(Stage.TLS, (Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,), ("look", *_OTHER_WAY)),
    Choice(Stage.UPGRADE, None, ("plain_get", "with_origin", "without_origin", "subprotocol")),
    Choice(Stage.UPGRADE, (Cause.TIMEOUT,), ("small_segments",)),
    Choice(
        Stage.UPGRADE,
        None,
        ("without_subprotocols", "browser_user_agent", "other_scheme", *_WRONG_ADDRESS, *_OTHER_WAY),
    ),
    Choice(
        Stage.FRAMES,
        None,
        ("many_pings", "many_pings_in_small_segments", "large_up", "close_at_once", "other_scheme", *_OTHER_WAY),
    ),
)
# On a region that passed, to compare with one that failed at this stage.
CONTROLS = {Stage.TLS: ("look",), Stage.UPGRADE: ("plain_get",), Stage.FRAMES: ("many_pings",)}


def chosen(case: Case) -> tuple[str, ...]:
    """Return the names of the experiments for a case: the failed check again first.

    A login that was refused is not sent again: some failed ones in a row lock an account.
    """
    if case.login_refused:
        return _SENDS_NO_LOGIN
    if case.cause in _THIS_MACHINE:
        return ("again",)
    rows = (
        row.experiments
        for row in CHOICES
        if row.stage is case.stage and (row.causes is None or case.cause in row.causes)
    )
    return tuple(dict.fromkeys(("again", *itertools.chain.from_iterable(rows))))


def plan(cases: Sequence[Case], controls: Sequence[Case]) -> tuple[Planned, ...]:
    """Return all experiments on the cases, those of different regions in turn, and those on the controls."""
    left_out = _SENDS_A_LOGIN if any(case.login_refused for case in cases) else ()
    lists = [list(_planned(case, [name for name in chosen(case) if name not in left_out])) for case in cases]
    lists += [list(_planned(control, _as_control(cases))) for control in controls]
    return tuple(one for turn in itertools.zip_longest(*lists) for one in turn if one)


def confirmation(case: Case, experiments: Iterable[Experiment]) -> Iterator[Planned]:
    """Return what is made once more, so that no chance is taken for a cause: all that the conclusion rests on."""
    results = results_of(case, experiments)
    rule = rule_for(case, results)
    if rule is None or rule.suspect is None:
        return
    wanted = [(name, Status.PASSED) for name in rule.passed] + [(name, Status.FAILED) for name in rule.failed]
    for name, status in wanted:
        variants = CONFIRMING if name == "again" else [made.variant for made in results.those(name, status)]
        yield from (Planned(case, TRIALS[name], variant) for variant in variants)


def _as_control(cases: Iterable[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for case in cases for name in CONTROLS.get(case.stage, ()) if not case.passed))


def _planned(case: Case, names: Iterable[str]) -> Iterator[Planned]:
    for name in names:
        for variant in TRIALS[name].variants(case):
            yield Planned(case, TRIALS[name], variant)
