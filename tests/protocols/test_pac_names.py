"""Names, addresses and the clock: what a PAC learns, and over how many runs."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Sequence

import pytest

from tests.pac_cases import NAMES, returning
from tests.protocols.pac import NOW, ask, needs_pac

pytestmark = needs_pac


def test_names_are_looked_up_once() -> None:
    """A script is run again until it has what it needs, and each name is asked for once."""
    asked: list[str] = []

    def look_up(name: str) -> Sequence[str]:
        asked.append(name)
        return NAMES.get(name, [])

    script = returning("[dnsResolve('four.test'), dnsResolveEx('six.test'), isResolvable('four.test'), "
                       "isResolvable('none.test'), isResolvable('none.test')].join()")  # fmt: skip
    assert ask(script, look_up=look_up) == "10.1.2.3,fd00::6,true,false,false"
    assert asked == ["four.test", "six.test", "none.test"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("b\\xfccher.test", ["xn--bcher-kva.test"]),
        ("FOUR.test", ["FOUR.test"]),
        ("four.test.", ["four.test."]),
        ("10.1.2.3", []),
        ("fd00::6", []),
        ("", []),
        ("a b", []),
        ("a\\0b", []),
        ("a\\nb", []),
        ("x".center(300, "x"), []),
        ("\\xfc".center(200, "x"), []),
    ],
    ids=str,
)
def test_what_is_looked_up(written: str, asked: list[str]) -> None:
    """Names alone are, written in ASCII; what is no name has no address."""
    seen: list[str] = []
    ask(returning(f"String(dnsResolve('{written}'))"), look_up=lambda name: seen.append(name) or [])
    assert seen == asked


def test_a_lookup_that_ends_all() -> None:
    """What a lookup raises is raised on: a deadline, an abort."""

    def look_up(name: str) -> Sequence[str]:
        raise TimeoutError(name)

    with pytest.raises(TimeoutError, match=r"four\.test"):
        ask(returning("try { dnsResolve('four.test') } catch {} 'x'".join(["(() => {", "})()"])), look_up=look_up)


@pytest.mark.parametrize(
    ("own", "seen"),
    [
        ([], "127.0.0.1 "),
        (["10.0.0.1", "fd00::1"], "10.0.0.1 10.0.0.1;fd00::1"),
        (["fd00::1", "10.0.0.1"], "10.0.0.1 fd00::1;10.0.0.1"),
        (["fd00::1"], "fd00::1 fd00::1"),
    ],
    ids=str,
)
def test_own_addresses(own: Sequence[str], seen: str) -> None:
    """The plain function prefers IPv4, as in Chromium, and always has an answer; the other has all."""
    assert ask(returning("myIpAddress() + ' ' + myIpAddressEx()"), own=lambda: own) == seen


def test_own_addresses_are_asked_for_only_by_those_who_want_them() -> None:
    """A script that does not ask costs nothing."""
    assert ask(returning("'DIRECT'"), own=lambda: [str(1 / 0)]) == "DIRECT"


def test_all_runs_see_one_moment_and_draw_the_same_lots() -> None:
    """Else a script that chooses by lot would ask for other names each time that it is run."""
    seen: list[str] = []

    def look_up(name: str) -> Sequence[str]:
        seen.append(name)
        return []

    lot = "Math.random().toString(36).slice(2)"
    ask(returning(f"['a', 'b'].map(x => [{lot}, x].join('-')).map(dnsResolve).join()"), look_up=look_up)
    assert [name[-2:] for name in seen] == ["-a", "-b"]
    clocks = "[Date.now(), +new Date(), new Date(Date()).getTime() + 15 - 15, new Date(17).getTime()].join()"
    milliseconds = int(NOW.timestamp() * 1000)
    assert ask(returning(clocks)) == f"{milliseconds},{milliseconds},{milliseconds},17"


def test_the_moment_is_the_callers() -> None:
    """A rule for Saturdays holds on the caller's Saturday."""
    script = returning(
        "weekdayRange('SAT', 'GMT') + ' ' + timeRange(12, 'GMT') + ' ' + dateRange(28, 'NOV', 28, 'NOV')"
    )
    assert ask(script) == "true true true"
    assert ask(script, now=NOW.replace(day=22, hour=11)) == "false false false"


def test_time_that_other_threads_take_is_not_the_scripts() -> None:
    """QuickJS counts the processor time of the whole process; a script that waited for others gets a second chance."""
    script = f"for (let i = 0; i < 1e6; i++) i % 7;\n{returning(chr(39) + 'DIRECT' + chr(39)).decode()}"
    assert _at_once(8, lambda number: ask(script)) == ["DIRECT"] * 8


def test_many_threads_at_once() -> None:
    """Each evaluation has a context of its own."""
    script = returning("'PROXY ' + host + ' ' + dnsResolve(host) + ':1'")

    def work(number: int) -> str:
        return "".join(
            ask(script, f"wss://h{number}.test/", look_up=lambda name: [f"10.0.0.{number}"]) for _ in range(10)
        )

    assert _at_once(8, work) == [f"PROXY h{number}.test 10.0.0.{number}:1" * 10 for number in range(8)]


def _at_once(count: int, work: Callable[[int], str]) -> list[str]:
    with concurrent.futures.ThreadPoolExecutor(count) as executor:
        return list(executor.map(work, range(count)))


def test_a_run_can_be_left_behind() -> None:
    """A script that holds its thread is the caller's to leave: what `run` raises is raised on."""

    def run(work: Callable[[], str]) -> str:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ask("", run=run)
