"""What a name server can do to a check: wrong answers, late ones and none, for one family of addresses or for both."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.components.check_in_namespace import check_in, outcome_in
from tests.components.conftest import Row
from tests.components.name_server import DELAYS_SECONDS, host
from tests.components.namespaces import ALIVE, DEAD, NAME_SERVER, Network, network_in
from wsconn import ConnectivityResult
from wsconn.reports import findings

pytestmark = pytest.mark.components

APART_SECONDS = 0.5  # until what each family says by itself is used
STRANGER = (DEAD[0][0], DEAD[1][0])
AT_ONCE_SECONDS = 2.0  # far from the 15 s for which glibc waits for a family that is dropped


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network_in(tmp_path_factory.mktemp("network")) as network:
        yield network


def test_healthy(network: Network, row: Row) -> None:
    """Both families are answered, and IPv6 goes first: without a fault there is nothing to see."""
    outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='ok')}/", timeout=10)
    row("DNS", "A and AAAA answered", "passed", outcome)
    assert outcome.address == f"[{ALIVE[1]}]:80"
    assert "answered as it should" in outcome.attempts[-1].message


@pytest.mark.parametrize(
    ("a", "aaaa", "case", "expected", "fact", "os_error"),
    [
        pytest.param(*case, id=f"{case[0]}-{case[1]}")
        for case in (
            ("nxdomain", "nxdomain", "NXDOMAIN", "resolve/dns_not_found", "does not exist", "EAI_NONAME"),
            ("none", "none", "no data", "resolve/dns_not_found", "No address associated", "EAI_NODATA"),
            ("servfail", "servfail", "SERVFAIL", "resolve/dns_failed", "could not be looked up", "EAI_AGAIN"),
            ("refused", "refused", "REFUSED", "resolve/dns_failed", "could not be looked up", "EAI_AGAIN"),
            ("nxdomain", "servfail", "NXDOMAIN A, SERVFAIL AAAA", "resolve/dns_not_found", "resolver", "EAI_NONAME"),
            ("servfail", "none", "SERVFAIL A, no data AAAA", "resolve/dns_not_found", "No address", "EAI_NODATA"),
            ("sinkhole", "none", "sinkhole 0.0.0.0", "resolve/dns_blocked", "resolves to 0.0.0.0", None),
            ("none", "sinkhole", "sinkhole ::", "resolve/dns_blocked", "resolves to ::", None),
            ("sinkhole", "sinkhole", "sinkhole 0.0.0.0 and ::", "resolve/dns_blocked", "resolves to", None),
            ("trap", "none", "sinkhole 255.255.255.255", "resolve/dns_blocked", "255.255.255.255", None),
            ("none", "trap", "sinkhole ::ffff:0.0.0.0", "resolve/dns_blocked", "::ffff:0.0.0.0", None),
        )
    ],
)
def test_bad_answer(
    network: Network, row: Row, a: str, aaaa: str, case: str, expected: str, fact: str, os_error: str | None
) -> None:
    """An answer that gives no address is told at once, for what it is."""
    name = host(a=a, aaaa=aaaa)
    outcome = outcome_in(network, f"ws://{name}/", timeout=10)
    row("DNS", case, expected, outcome)
    assert outcome.failure
    assert name in outcome.failure.message
    assert fact in outcome.failure.message
    assert outcome.failure.os_error == os_error
    assert outcome.duration < AT_ONCE_SECONDS


@pytest.mark.parametrize(
    ("a", "aaaa", "case", "expected", "fact"),
    [
        pytest.param(*case, id=f"{case[0]}-{case[1]}")
        for case in (
            ("mute", "mute", "mute", "resolve/timeout", "the name server did not answer for the name a-mute-aaaa-mute"),
            ("nxdomain", "mute", "NXDOMAIN A, mute AAAA", "resolve/timeout", "the name server did not answer"),
            ("sinkhole", "mute", "sinkhole 0.0.0.0, mute AAAA", "resolve/dns_blocked", "resolves to 0.0.0.0"),
        )
    ],
)
def test_mute(network: Network, row: Row, a: str, aaaa: str, case: str, expected: str, fact: str) -> None:
    """While a name server says nothing the region waits for its timeout, not for glibc's; "no" is not an answer."""
    outcome = outcome_in(network, f"ws://{host(a=a, aaaa=aaaa)}/", timeout=1.5)
    row("DNS", case, expected, outcome)
    assert outcome.failure
    assert fact in outcome.failure.message
    assert outcome.timings.connect is None


def test_late(network: Network, row: Row) -> None:
    """A name server that takes 2 s is slow, and no fault."""
    outcome = outcome_in(network, f"ws://{host(a='late', aaaa='late')}/", timeout=10)
    row("DNS", "late by 2 s", "passed", outcome)
    assert outcome.timings.resolve
    assert DELAYS_SECONDS["late"] <= outcome.timings.resolve < DELAYS_SECONDS["late"] + AT_ONCE_SECONDS
    assert "answered as it should" in outcome.attempts[-1].message


def test_late_and_too_late(network: Network, row: Row) -> None:
    """A name server that takes longer than the region has is told as one that does not answer."""
    outcome = outcome_in(network, f"ws://{host(a='late', aaaa='late')}/", timeout=1)
    row("DNS", "late by 2 s, where the region has 1 s", "resolve/timeout", outcome)
    assert outcome.failure
    assert "the name server did not answer" in outcome.failure.message


@pytest.mark.parametrize("fault", ["nxdomain", "none", "servfail", "refused", "late", "mute"])
@pytest.mark.parametrize("broken", ["A", "AAAA"])
def test_one_family(network: Network, row: Row, broken: str, fault: str) -> None:
    """What happens to one family's question neither fails nor delays a region whose other family is answered."""
    name = host(a=fault, aaaa="ok") if broken == "A" else host(a="ok", aaaa=fault)
    outcome = outcome_in(network, f"ws://{name}/", timeout=10)
    works = "AAAA" if broken == "A" else "A"
    row("DNS", f"{works} answered, {broken} {_WORDS.get(fault, fault.upper())}", "passed", outcome)
    assert outcome.address == (f"[{ALIVE[1]}]:80" if works == "AAAA" else f"{ALIVE[0]}:80")
    assert "answered as it should" in outcome.attempts[-1].message
    assert outcome.duration < AT_ONCE_SECONDS
    if fault in ("late", "mute"):
        assert outcome.timings.resolve
        assert outcome.timings.resolve >= APART_SECONDS * 0.9


_WORDS = {"none": "without data", "late": "late by 2 s", "mute": "dropped"}


def test_no_way_to_ipv6(network: Network, row: Row) -> None:
    """Where no way leads to IPv6 either, a dropped question for it costs no more."""
    with network.no_way_to_ipv6():
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='mute')}/", timeout=10)
    row("DNS", "A answered, AAAA dropped, and no way to IPv6", "passed", outcome)
    assert outcome.timings.resolve
    assert outcome.timings.resolve < 1


# --- what other programs get is what counts --------------------------------------------------------------------------


def test_wildcard_in_the_search_list(network: Network, row: Row) -> None:
    """A wildcard that has AAAA alone does not lead to a stranger: the name itself has an address, if of IPv4 alone."""
    with network.settings(resolv=f"search {host(a='none', aaaa='stranger')}"):
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='none')}/", timeout=10)
    row("DNS", "A answered; the search list has a wildcard with AAAA", "passed", outcome)
    assert {attempt.address for attempt in outcome.attempts} == {f"{ALIVE[0]}:80"}


def test_entry_in_the_hosts_file(network: Network, row: Row) -> None:
    """A block list's IPv4 entry blocks the name whole, as it does for browsers."""
    name = host(a="ok", aaaa="ok")
    with network.settings(hosts=f"0.0.0.0 {name}"):
        outcome = outcome_in(network, f"ws://{name}/", timeout=10)
    fact, first = "by an entry in this machine's hosts file", "blocks the name"
    row("DNS", "A and AAAA answered; 0.0.0.0 in the hosts file", "resolve/dns_blocked", outcome, fact=fact, first=first)


@pytest.mark.parametrize(("entry", "a"), [("127.0.0.1", "ok"), ("0:0::1", "ok"), ("", "inside")])
def test_led_to_this_machine(network: Network, row: Row, entry: str, a: str) -> None:
    """A public name that leads here is told with who leads it: the hosts file, where that has it so."""
    name = f"{host(a=a, aaaa='none')}.example.org"
    with network.settings(hosts=f"{entry} other {name} # blocked" if entry else ""):
        outcome = outcome_in(network, f"ws://{name}/", timeout=10)
    case = f"{entry or 'no entry'} in the hosts file, A {'answered' if a == 'ok' else '127.0.0.1'}"
    first = "An entry in this machine's hosts file leads the name" if entry else "leads to this machine itself"
    row("DNS", case, "connect/refused", outcome, first=first)


def test_many_dots(network: Network, row: Row) -> None:
    """With `ndots:5`, as in Kubernetes, a wildcard with A alone is found before the name itself."""
    with (
        network.settings(resolv=f"search {host(a='stranger', aaaa='none')}\noptions ndots:5"),
        network.firewall(incoming=[f"ip daddr {STRANGER[0]} tcp dport 80 reject with tcp reset"]),
    ):
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='ok')}/", timeout=10)
    row("DNS", "A and AAAA answered; ndots:5 and a wildcard with A", "connect/refused", outcome)
    assert {attempt.address for attempt in outcome.attempts} == {f"{STRANGER[0]}:80"}


def test_families_apart_and_the_search_list(network: Network, row: Row) -> None:
    """While both together are late, a family that went down the search list by itself leads nowhere."""
    with network.settings(resolv=f"search {host(a='none', aaaa='stranger')}"):
        outcome = outcome_in(network, f"ws://{host(a='late', aaaa='none')}/", timeout=10)
    row("DNS", "A late by 2 s; the search list has a wildcard with AAAA", "passed", outcome)
    assert {attempt.address for attempt in outcome.attempts} == {f"{ALIVE[0]}:80"}


def test_first_name_server_is_dead(network: Network, row: Row) -> None:
    """The second name server is asked after 5 s: a pass, if late."""
    with network.dead_name_server(DEAD[0][1]):
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='ok')}/", timeout=10)
    row("DNS", "the first of two name servers is silent", "passed", outcome)
    assert outcome.timings.resolve
    assert 4.9 < outcome.timings.resolve < 5.5
    (first, *_) = findings(ConnectivityResult(outcomes=(outcome,), started_at=datetime.now(UTC), duration=6.0))
    assert first.startswith(f"The first name server, {DEAD[0][1]}, does not answer")


@pytest.mark.parametrize("error", ["servfail", "refused"])
def test_an_error_at_once(network: Network, row: Row, error: str) -> None:
    """A name server that answers with an error is reached: nobody is sent to look whether the machine is online."""
    outcome = outcome_in(network, f"ws://{host(a=error, aaaa=error)}/", timeout=10)
    row("DNS", f"{error.upper()}, at once", "resolve/dns_failed", outcome)
    assert outcome.failure
    assert outcome.failure.advice.startswith(f"The DNS server {NAME_SERVER} answers, but not for")


def test_no_name_server_is_there(network: Network, row: Row) -> None:
    """An error at once may come from the way as well: the advice says so, and does not swear that a server answered."""
    with network.firewall(incoming=["udp dport 53 reject"]):
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='ok')}/", timeout=10)
    row("DNS", "the name server's port is closed", "resolve/dns_failed", outcome, fact="or from the way to it")
    assert outcome.failure
    assert "no DNS server is at that address" in outcome.failure.advice


def test_two_silent_name_servers(network: Network, row: Row) -> None:
    """Where the region's time was over before the second one was asked, both are named, and so is more time."""
    servers = DEAD[0][1:3]
    with (
        network.settings(resolv=""),
        network.dead_name_server(servers[1]),
        network.dead_name_server(servers[0]),
    ):
        outcome = outcome_in(network, f"ws://{host(a='ok', aaaa='ok')}/", timeout=2)
    row("DNS", "the first name servers are silent, and there is no time to ask the next", "resolve/timeout", outcome)
    assert outcome.failure
    assert ", ".join((*servers, NAME_SERVER)) in outcome.failure.advice
    assert "the next is asked after about 5 s" in outcome.failure.advice


@pytest.mark.parametrize("server", [host(a="ok", aaaa="none"), ALIVE[0]], ids=["name", "address"])
def test_no_way_to_ipv4(network: Network, row: Row, server: str) -> None:
    """Where this machine has IPv6 alone, a server that has IPv4 alone is not reached; the advice says so."""
    with network.no_way_to_ipv4():
        outcome = outcome_in(network, f"ws://{server}/", timeout=10)
    what = "address" if server == ALIVE[0] else "name with A alone"
    row("DNS", f"an IPv4 {what}, and no way to IPv4", "connect/unreachable", outcome)
    assert outcome.failure
    assert "this machine has no IPv4" in outcome.failure.message
    assert "this machine has IPv6 alone" in outcome.failure.advice.replace("This", "this")


@pytest.mark.parametrize("error", ["servfail", "refused", "none"])
def test_nscd(network: Network, row: Row, error: str, tmp_path: pathlib.Path) -> None:
    """nscd makes "no such name" of whatever a name server says that is no address; the advice allows for that."""
    with network.name_cache(tmp_path) as within:
        result = check_in(network, {"region": f"ws://{host(a=error, aaaa=error)}/"}, timeout=10, within=within)
    outcome = result.outcome("region")
    row("nscd", "no data" if error == "none" else error.upper(), "resolve/dns_not_found", outcome)
    assert outcome.failure
    assert "according to this machine's resolver" in outcome.failure.message
    assert "Try again in a minute" in outcome.failure.advice


def test_nscd_has_the_name(network: Network, row: Row, tmp_path: pathlib.Path) -> None:
    """Behind nscd a healthy name is one like any other."""
    with network.name_cache(tmp_path) as within:
        result = check_in(network, {"region": f"ws://{host(a='ok', aaaa='ok')}/"}, timeout=10, within=within)
    row("nscd", "A and AAAA answered", "passed", result.outcome("region"))
