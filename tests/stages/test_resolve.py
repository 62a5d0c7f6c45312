"""What a name leads to: one lookup of both families is the truth, and each family by itself only helps it out."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.engine import echo_server, only, probe_with
from wsconn import Cause, ConnectivityTest, RegionOutcome, Stage, Status
from wsconn._addresses import can_be_a_server, is_inside, is_public_name
from wsconn._deadline import Deadline
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._regions import to_regions
from wsconn._resolver_settings import ResolverSettings, parse
from wsconn._stages.resolve import BOTH, Answers, Lookups, resolve

V4, V6 = socket.AF_INET, socket.AF_INET6
NAME = "server.example.org"
SETTINGS = ResolverSettings(servers=("127.0.0.53",), search=("corp.test",))


class Resolver:
    """Answers by family: an address and the name that has it, an error's code, or (where nothing is listed) nothing."""

    def __init__(self, said: dict[int, object], seconds: dict[int, float] | None = None) -> None:
        self.asked: list[int] = []
        self.end = threading.Event()
        self._said = said
        self._seconds = seconds or {}

    def getaddrinfo(self, host: str, _port: object, family: int, *_: object) -> list[object]:
        self.asked.append(family)
        self.end.wait(self._seconds.get(family, 0.0 if family in self._said else 60.0))
        said = self._said.get(family, socket.EAI_AGAIN)
        if isinstance(said, int):
            raise socket.gaierror(said, "as the test has it")
        entries = said if isinstance(said, list) else [said]
        return [self._entry(*(entry if isinstance(entry, tuple) else (entry, host))) for entry in entries]

    @staticmethod
    def _entry(address: str, canonical: str) -> object:
        family, rest = (V6, (0, 0)) if ":" in address else (V4, ())
        return family, socket.SOCK_STREAM, 6, canonical, (address, 0, *rest)


Resolve = Callable[..., Answers]


@pytest.fixture
def ask() -> Iterator[Resolve]:
    """Look the name up with a resolver; lookups that hang are let go at the end."""
    resolvers: list[Resolver] = []
    with closing(Abort()) as abort:

        def ask(resolver: Resolver, seconds: float = 10.0) -> Answers:
            resolvers.append(resolver)
            lookups = Lookups(resolver.getaddrinfo, lambda: SETTINGS)
            return resolve(NAME, 443, lookups, CancelScope(Deadline.after(seconds), abort))

        yield ask
        for resolver in resolvers:
            resolver.end.set()


def hosts(answers: Answers) -> list[str]:
    return [address.sockaddr[0] for address in answers.addresses()]


def test_both_families_are_asked_for_once(ask: Resolve) -> None:
    """A resolver that answers in time is asked one question; the families are taken in turn, IPv6 first."""
    resolver = Resolver({BOTH: ["192.0.2.1", "192.0.2.2", "2001:db8::1"]})
    assert hosts(ask(resolver)) == ["2001:db8::1", "192.0.2.1", "192.0.2.2"]
    assert resolver.asked == [BOTH]


def test_a_slow_answer_is_still_the_truth(ask: Resolve) -> None:
    """What both together say within 250 ms after the first address counts, and not what each says by itself."""
    resolver = Resolver({BOTH: "192.0.2.1", V4: "192.0.2.1", V6: "2001:db8::bad"}, {BOTH: 0.4})
    assert hosts(ask(resolver)) == ["192.0.2.1"]
    assert sorted(resolver.asked) == sorted([BOTH, V4, V6])


def test_each_family_helps_out(ask: Resolve) -> None:
    """Where both together hang, a family that answers is enough."""
    answers = ask(Resolver({V4: "192.0.2.1"}))
    assert hosts(answers) == ["192.0.2.1"]
    assert (answers.evidence.ipv4_lookup, answers.evidence.ipv6_lookup) == ("answered", "unanswered")
    assert answers.pending()


def test_what_comes_late_is_added(ask: Resolve) -> None:
    """What both together say later comes after what is known."""
    resolver = Resolver({BOTH: ["192.0.2.1", "2001:db8::1"], V4: "192.0.2.1"}, {BOTH: 60.0})
    answers = ask(resolver)
    assert hosts(answers) == ["192.0.2.1"]
    (late,) = answers.pending()
    resolver.end.set()
    late.result(timeout=10)
    assert hosts(answers) == ["192.0.2.1", "2001:db8::1"]
    assert not answers.pending()


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(("2001:db8::bad", f"{NAME}.corp.test"), id="wildcard"),
        pytest.param(("2001:db8::bad", "lb.corp.test"), id="wildcard CNAME"),
    ],
)
def test_the_search_list_is_not_used_by_a_family_alone(ask: Resolve, stranger: tuple[str, str]) -> None:
    """A family that went down the search list casts doubt on both: the lookup of both is waited for."""
    answers = ask(Resolver({BOTH: "192.0.2.1", V4: "192.0.2.1", V6: stranger}, {BOTH: 1.0}))
    assert hosts(answers) == ["192.0.2.1"]
    assert not answers.pending()


def test_families_of_two_names_are_not_believed(ask: Resolve) -> None:
    """A CNAME in the search list may lead anywhere: a family that is of another name than the other one got there."""
    stranger = ("2001:db8::bad", "lb.elsewhere.example")
    answers = ask(Resolver({BOTH: "192.0.2.1", V4: "192.0.2.1", V6: stranger}, {BOTH: 1.0}))
    assert hosts(answers) == ["192.0.2.1"]


def test_a_cname_is_no_search(ask: Resolve) -> None:
    """A name that leads to another by a CNAME, even one that begins alike, was not searched for."""
    answers = ask(Resolver({V4: ("192.0.2.1", f"{NAME}.cdn.example.net")}))
    assert hosts(answers) == ["192.0.2.1"]
    assert (answers.evidence.canonical_name, answers.evidence.search_domain) == (f"{NAME}.cdn.example.net", None)


def test_found_through_the_search_list(ask: Resolve) -> None:
    """Where both together went down the search list, that is where other programs go; the evidence says so."""
    evidence = ask(Resolver({BOTH: ("192.0.2.1", f"{NAME}.Corp.Test.")})).evidence
    assert (evidence.canonical_name, evidence.search_domain) == (f"{NAME}.Corp.Test.", "corp.test")
    assert evidence.resolved_to == ("192.0.2.1",)


def test_a_hung_name(ask: Resolve) -> None:
    """A name that hangs fails at the deadline, with what is known of each family."""
    with pytest.raises(StageFailed) as caught:
        ask(Resolver({V6: socket.EAI_NONAME}), seconds=0.6)
    evidence = caught.value.evidence
    assert caught.value.cause is Cause.TIMEOUT
    assert evidence
    assert evidence.name_servers == SETTINGS.servers
    assert (evidence.ipv4_lookup, evidence.ipv6_lookup) == ("unanswered", "EAI_NONAME")


def test_an_abort_ends_every_wait() -> None:
    """An aborted test waits for no name."""
    resolver = Resolver({})
    with closing(Abort()) as abort:
        abort.set()
        with pytest.raises(Aborted):
            resolve(NAME, 443, Lookups(resolver.getaddrinfo), CancelScope(Deadline.after(10), abort))
        resolver.end.set()


def outcome_of(resolver: Resolver, port: int = 9) -> RegionOutcome:
    probe = probe_with(Lookups(resolver.getaddrinfo, lambda: SETTINGS))
    return only(ConnectivityTest(to_regions({"region": f"ws://{NAME}:{port}/"}), probe, timeout=5))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.0.0.1", "224.0.0.251", "240.0.0.1", "255.255.255.255"),
        *("::", "::ffff:0.0.0.0", "64:ff9b::", "64:ff9b::ffff:ffff", "ff02::fb", "fe80::1"),
        *("::2", "::1.2.3.4", "::ffff:0.0.0.1", "64:ff9b:1::", "2002::1", "100::1"),
    ],
)
def test_sinkholes(address: str) -> None:
    """A name is blocked that leads to what no server can have, in whatever form."""
    outcome = outcome_of(Resolver({BOTH: address}))
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.RESOLVE, Cause.DNS_BLOCKED)
    assert address in outcome.failure.message
    assert outcome.failure.evidence
    assert outcome.failure.evidence.resolved_to == (address,)


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        pytest.param(socket.EAI_NONAME, "does not exist, according to this machine's resolver", "spelling", id="none"),
        pytest.param(
            getattr(socket, "EAI_NODATA", -5),
            "has no address",
            "exists, but has no address",
            id="no data",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="EAI_NODATA and EAI_NONAME are one number there"),
        ),
        pytest.param(socket.EAI_AGAIN, "could not be looked up", "online", id="error"),
    ],
)
def test_no_address(code: int, message: str, advice: str) -> None:
    """A name that does not exist, one that has no address and one that could not be looked up are told apart."""
    failure = outcome_of(Resolver({BOTH: code})).failure
    assert failure
    assert message in failure.message
    assert advice in failure.advice


def test_a_public_name_that_leads_to_this_machine() -> None:
    """It is told whatever listens there: the advice is about who named the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=_answer, args=(listener, b"HTTP/1.1 404 Not Found\r\n\r\n"))
        thread.start()
        failure = outcome_of(Resolver({BOTH: "127.0.0.1"}), port).failure
        thread.join(10)
    assert failure
    assert failure.cause is Cause.HTTP_STATUS
    assert f"{NAME} leads to this machine itself (127.0.0.1)" in failure.advice


def _answer(listener: socket.socket, said: bytes) -> None:
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        client.sendall(said)


def test_a_failure_of_a_name_that_was_searched_for() -> None:
    """The message has the name that was found, and the advice begins with the search list."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failure = outcome_of(Resolver({BOTH: ("127.0.0.1", f"{NAME}.corp.test")}), port).failure
    assert failure
    assert f"found as {NAME}.corp.test" in failure.message
    assert failure.advice.startswith(
        f"The name {NAME} was found as {NAME}.corp.test, through this machine's DNS search"
    )


def test_a_pass_has_its_evidence() -> None:
    """A pass under another name than its own says so."""
    with echo_server("127.0.0.1") as port:
        outcome = outcome_of(Resolver({BOTH: ("127.0.0.1", f"{NAME}.corp.test")}), port)
    assert outcome.status is Status.PASSED
    assert outcome.evidence
    assert outcome.evidence.resolved_to == ("127.0.0.1",)
    assert outcome.evidence.canonical_name == f"{NAME}.corp.test"


def test_a_silent_first_name_server() -> None:
    """An answer that took as long as the first name server is given says that this one is silent."""
    settings = ResolverSettings(servers=("192.0.2.53", "192.0.2.54"), timeout=1.0)
    resolver = Resolver({BOTH: "127.0.0.1", V4: socket.EAI_AGAIN, V6: socket.EAI_AGAIN}, {BOTH: 1.1})
    with echo_server("127.0.0.1") as port:
        probe = probe_with(Lookups(resolver.getaddrinfo, lambda: settings))
        regions = to_regions({"region": f"ws://{NAME}:{port}/"})
        outcome = only(ConnectivityTest(regions, probe, timeout=5))
    assert outcome.evidence
    assert outcome.evidence.silent_name_server == "192.0.2.53"


def test_a_silent_first_name_server_before_one_that_says_no() -> None:
    """It is named where the second one knows no such name, and is not said to have answered."""
    settings = ResolverSettings(servers=("192.0.2.53", "192.0.2.54"), timeout=1.0)
    resolver = Resolver(dict.fromkeys((BOTH, V4, V6), socket.EAI_NONAME), {BOTH: 1.1, V4: 1.1, V6: 1.1})
    lookups = Lookups(resolver.getaddrinfo, lambda: settings)
    with closing(Abort()) as abort, pytest.raises(StageFailed) as caught:
        resolve(NAME, 443, lookups, CancelScope(Deadline.after(10), abort))
    assert caught.value.evidence
    assert caught.value.evidence.silent_name_server == "192.0.2.53"
    assert caught.value.evidence.failing_name_server is None


def test_resolver_settings() -> None:
    """`resolv.conf` is read as glibc does: the last search list, the first three servers."""
    text = "nameserver 192.0.2.1\nnameserver 192.0.2.2 # two\ndomain a.test\nsearch Corp.Test. b.test\n"
    text += "options ndots:5 timeout:2\n"
    assert parse(text, {}, "me.home.test") == ResolverSettings(("192.0.2.1", "192.0.2.2"), ("corp.test", "b.test"), 2.0)
    assert parse(text, {"LOCALDOMAIN": "c.test"}, "me").search == ("c.test",)
    assert parse("", {}, "me.home.test") == ResolverSettings((), ("home.test",), 5.0)
    assert parse("options timeout:x\nnameserver\nsearch\n", {}, "me") == ResolverSettings()


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        *((name, True) for name in ("a.example.org", "A.EXAMPLE.ORG.", "xn--a.xn--p1ai")),
        *((name, False) for name in ("intranet", "a.test", "a.local.", "192.0.2.1", "::1", "localhost", "…")),
        *((name, False) for name in ("a.lan", "a.corp", "a.home.arpa", "127.1", "0x7f.1", "127.0x1")),
    ],
)
def test_public_names(host: str, is_public: bool) -> None:
    """A name is public if it has a dot and no ending that is reserved."""
    assert is_public_name(host) is is_public


@pytest.mark.parametrize(
    ("address", "possible", "inside"),
    [
        *((ip, True, True) for ip in ("10.1.2.3", "100.64.0.1", "127.0.0.1", "::ffff:10.0.0.1", "fd00::1", "::1")),
        *((ip, True, True) for ip in ("198.18.0.7", "169.254.1.1", "64:ff9b:1::10.0.0.1")),
        *((ip, True, False) for ip in ("192.0.2.1", "2001:db8::1", "64:ff9b::808:808")),
        ("fe80::1%2", True, True),
        ("0.1.2.3", False, False),
    ],
)
def test_addresses(address: str, possible: bool, inside: bool) -> None:
    """A private network's addresses are a server's, if not all the world's."""
    assert (can_be_a_server(address), is_inside(address)) == (possible, inside)
