"""The ways that a PAC file names: how they are tried, what ends them, what is told of them."""

from __future__ import annotations

import os
import pathlib
import socket
import threading
import time

import pytest

import wsconn
from tests.engine import only, start_in
from tests.probe.pac_servers import (
    HEAD,
    checked,
    gives,
    honest_proxy,
    let_go,
    named_region,
    pac,
    posix,
    script,
    seen,
    silent,
)
from tests.probe.proxies import Talk, answer, proxy, read_request, socks5, trickle
from tests.stuck import until
from wsconn import Cause, Stage, Status
from wsconn._pac_settings import parse_pac
from wsconn._proxies import SYSTEM, Proxies
from wsconn.lab import Lab, faults
from wsconn.reports import findings, from_json, to_json, to_text

promise = pytest.mark.promise


@pytest.fixture
def region(lab: Lab) -> str:
    return named_region(lab)


@promise(7)
def test_a_dead_proxy_and_then_a_way(lab: Lab, region: str) -> None:
    """The next way is tried where a proxy cannot be reached: by its name, or by TCP; each is an attempt."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    with honest_proxy() as port:
        ways = f"PROXY nope.invalid:1; PROXY 127.0.0.1:{dead}; PROXY 127.0.0.1:{port}; DIRECT"
        with pac(script(ways)) as named:
            outcome = checked(lab, region, named)
    assert outcome.status is Status.PASSED
    assert (outcome.proxy or "").startswith(f"http://127.0.0.1:{port} ")
    causes = [(attempt.stage, attempt.cause, attempt.address) for attempt in outcome.attempts]
    assert causes == [
        (Stage.PROXY, Cause.DNS_NOT_FOUND, None),
        (Stage.PROXY, Cause.REFUSED, f"127.0.0.1:{dead}"),
        (Stage.FRAMES, None, f"127.0.0.1:{port}"),
    ]
    assert f"http://127.0.0.1:{dead} (from the PAC file" in outcome.attempts[1].message
    assert seen(outcome).pac_tried == ("http://nope.invalid:1", f"http://127.0.0.1:{dead}")


@promise(7)
def test_then_directly(lab: Lab, region: str) -> None:
    """Of the way that was given up nothing is told but its attempt."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    with pac(script(f"PROXY 127.0.0.1:{dead}; DIRECT")) as named:
        outcome = checked(lab, region, named)
    assert outcome.status is Status.PASSED
    assert outcome.proxy is None
    assert [attempt.cause for attempt in outcome.attempts] == [Cause.REFUSED, None]
    assert "proxy" not in outcome.attempts[-1].message


@promise(7)
@pytest.mark.parametrize(
    ("talk", "cause"),
    [
        (answer("HTTP/1.1 403 No\n\n"), Cause.PROXY_DENIED),
        (answer("HTTP/1.1 407 No\nProxy-Authenticate: Basic\nContent-Length: 0\n\n"), Cause.PROXY_AUTH_REQUIRED),
        (answer("HTTP/1.1 503 No\n\n"), Cause.PROXY_TARGET_UNREACHABLE),
        (answer("SSH-2.0-x\n"), Cause.PROXY_BAD_ANSWER),
        (read_request, Cause.CLOSED),
    ],
    ids=["403", "407", "503", "not HTTP", "the connection's end"],
)
def test_an_http_proxy_that_says_no_is_an_answer(lab: Lab, region: str, talk: Talk, cause: Cause) -> None:
    """No other way is tried then, as in browsers."""
    with proxy(talk) as port, pac(script(f"PROXY 127.0.0.1:{port}; DIRECT")) as named:
        outcome = checked(lab, region, named)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, cause)
    assert len(outcome.attempts) == 1
    if cause is Cause.PROXY_AUTH_REQUIRED:
        assert outcome.failure.advice.startswith("Name this proxy yourself, since a PAC file holds no logins: proxy,")


@promise(7)
@pytest.mark.parametrize("code", [1, 2, 4], ids=["general", "denied", "unreachable"])
def test_a_socks_proxy_that_says_no_leads_on(lab: Lab, region: str, code: int) -> None:
    """Browsers try the next way then."""
    with proxy(socks5(code)) as port, pac(script(f"SOCKS5 127.0.0.1:{port}; DIRECT")) as named:
        outcome = checked(lab, region, named)
    assert outcome.status is Status.PASSED
    assert [attempt.cause is None for attempt in outcome.attempts] == [False, True]


@promise(1)
@pytest.mark.parametrize("talk", [silent, answer("HTTP/1.1 200 ", then=trickle)], ids=["silent", "a byte at a time"])
def test_a_silent_proxy_leaves_time(lab: Lab, region: str, talk: Talk) -> None:
    """Each way has its share of the time; the one that works then has all that is left."""
    with proxy(talk) as port, pac(script(f"PROXY 127.0.0.1:{port}; DIRECT")) as named:
        began = time.monotonic()
        outcome = checked(lab, region, named, timeout=3)
    assert outcome.status is Status.PASSED
    assert 1.4 < time.monotonic() - began < 3
    assert [attempt.cause for attempt in outcome.attempts] == [Cause.TIMEOUT, None]


@promise(1)
def test_a_way_that_was_found_has_all_the_time(lab: Lab) -> None:
    """Only the way to a proxy has a share: what follows lasts as long as the region may."""
    lab.name("mute.lab.invalid", ["127.0.0.1"])
    url = lab.add("mute", fault=faults.MUTE).replace("127.0.0.1", "mute.lab.invalid")
    with honest_proxy() as port, pac(script(f"PROXY 127.0.0.1:{port}; DIRECT")) as named:
        outcome = checked(lab, url, named, timeout=1.2)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.UPGRADE, Cause.TIMEOUT)
    assert outcome.duration > 1.1


@promise(7)
def test_where_no_way_works(lab: Lab) -> None:
    """The last way's failure is the region's, and message and advice tell of those before."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    lab.name("gone.lab.invalid", ["127.0.0.1"])
    with pac(script(f"PROXY 127.0.0.1:{dead}; DIRECT")) as named:
        outcome = checked(lab, f"ws://gone.lab.invalid:{dead}/", named)
    failure = outcome.failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.CONNECT, Cause.REFUSED)
    assert failure.message.endswith(f"before that, http://127.0.0.1:{dead} opened no way")
    assert failure.advice.startswith(f"First ask the network's administrator about http://127.0.0.1:{dead}, which")


def test_a_way_that_wsconn_does_not_speak(lab: Lab, region: str) -> None:
    """It is passed over, and told where it is the only one."""
    with pac(script("QUIC q.example:443; DIRECT")) as named:
        assert checked(lab, region, named).status is Status.PASSED


@promise(9)
@pytest.mark.parametrize("host", ["127.0.0.1", "\u00fc.example"], ids=["shown", "not ASCII"])
def test_a_login_in_an_answer_is_not_shown(lab: Lab, region: str, host: str) -> None:
    """No browser takes one there, but scripts have them, and an answer goes into reports."""
    with pac(script(f"PROXY me:s3cret@{host}:1; SOCKS5 s3cret@h; DIRECT")) as named:
        outcome = checked(lab, region, named)
    assert outcome.status is Status.PASSED
    assert (seen(outcome).pac_answer or seen(outcome).pac_problem or "").count("\u2026@") == 2
    assert "s3cret" not in repr(outcome)


def test_most_ways(lab: Lab, region: str) -> None:
    """However many it names, twenty ways are tried."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    ways = "".join(f"PROXY 127.0.0.{number}:{dead};" for number in range(1, 60))
    with pac(f"function FindProxyForURL() {{ return '{ways}'; }}") as named:
        outcome = checked(lab, region, named)
    assert outcome.failure
    assert len(outcome.attempts) == 20
    assert len(seen(outcome).pac_answer or "") == 200


@pytest.mark.promise(9)
@pytest.mark.parametrize(("scheme", "told"), [("ws", "/x"), ("wss", "/")])
def test_a_script_is_told_no_secret(lab: Lab, scheme: str, told: str) -> None:
    """No query, and over TLS no path; what it then says of the URL is of no interest to anybody."""
    with pac("function FindProxyForURL(url, host) { throw new Error(url); }") as named:
        outcome = checked(lab, f"{scheme}://nope.invalid/x?token=s3cret", named)
    assert f"'{scheme}://nope.invalid{told}'" in (seen(outcome).pac_problem or "").replace("Error: ", "")
    assert "s3cret" not in repr(outcome)


def test_discovery_goes_the_same_way(lab: Lab, region: str) -> None:
    """The endpoint that names a region is asked about as well, by its own URL."""
    asked: list[str] = []
    endpoint = lab.add(
        "endpoint", fault=answer("HTTP/1.1 200 OK\n\n" + '{"a": "wss://nope.invalid/"}', then=lambda _: None), tls=True
    )
    lab.name("endpoint.lab.invalid", ["127.0.0.1"])
    url = endpoint.replace("wss://127.0.0.1", "https://endpoint.lab.invalid")
    discovered = wsconn.Region("a", discovery=wsconn.Discovery(url, "/a"))
    with honest_proxy(asked) as port, pac(script(f"PROXY 127.0.0.1:{port}")) as named:
        test = start_in(lab, [discovered], proxy=named)  # type: ignore[arg-type]  # whatever makes regions
        outcome = only(test)
    assert asked[0].startswith("endpoint.lab.invalid:")
    assert outcome.url == "wss://nope.invalid/"


# --- abort -----------------------------------------------------------------------------------------------------------


def dead_name(lab: Lab) -> str:
    lab.name("mute.lab.invalid", None)
    return "pac+http://mute.lab.invalid/"


STEPS: dict[str, Talk | str] = {
    "fetching": silent,
    "a dripping body": answer(HEAD, then=trickle),
    "a name": "function FindProxyForURL() { return dnsResolve('mute.lab.invalid') ? 'DIRECT' : 'DIRECT'; }",
    "a script": "function FindProxyForURL() { while (true) {} }",
    "a way": "",
}


@promise(2)
@pytest.mark.parametrize("talk", STEPS.values(), ids=STEPS.keys())
def test_abort(lab: Lab, region: str, talk: Talk | str) -> None:
    """An abort ends every step of it, and all is gone soon."""
    lab.name("mute.lab.invalid", None)
    reached = threading.Event()

    def noting(sock: socket.socket) -> None:
        reached.set()
        (gives(talk) if isinstance(talk, str) else talk)(sock)

    with proxy(silent) as port:
        if not talk:
            talk = script(f"PROXY 127.0.0.1:{port}; DIRECT")
        with pac(noting) as named:
            test = start_in(lab, {str(n): region for n in range(25)}, proxy=named, timeout=30)
            assert reached.wait(20)
            threading.Event().wait(0.15)
            began = time.monotonic()
            test.abort()
            assert test.result(timeout=0).result == "aborted"
            with test:
                pass
            assert time.monotonic() - began < 2.5
    assert {outcome.failure for outcome in test.result().outcomes} == {None}


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


@posix
def test_abort_while_a_file_hangs(lab: Lab, region: str, tmp_path: pathlib.Path) -> None:
    """The thread that reads it is left behind, and is one for all tests that ask for the same file."""
    pipe = tmp_path / "pipe.pac"
    os.mkfifo(pipe)
    for _ in range(3):
        test = start_in(lab, {str(n): region for n in range(5)}, proxy=f"pac+{pipe.as_uri()}", timeout=30)
        assert until(lambda: "wsconn-file" in _threads())
        began = time.monotonic()
        with test:
            test.abort()
        assert time.monotonic() - began < 2.5
    assert _threads().count("wsconn-file") == 1
    let_go(pipe)


# --- what is told ----------------------------------------------------------------------------------------------------


def test_the_findings_tell_the_answers(lab: Lab, region: str) -> None:
    """What the file answered is told for the regions together, and comes back from JSON."""
    lab.name("b.lab.invalid", ["127.0.0.1"])
    other = lab.add("other").replace("127.0.0.1", "b.lab.invalid")
    with honest_proxy() as port:
        proxied = f"PROXY 127.0.0.1:{port}"
        by_host = f"function FindProxyForURL(url, host) {{ return host == 'b.lab.invalid' ? 'DIRECT' : '{proxied}'; }}"
        with pac(by_host) as named:
            result = start_in(lab, {"a": region, "b": other, "c": region}, proxy=named).result(timeout=30)
    told = f"The PAC file {named.removeprefix('pac+')} answers DIRECT for b and {proxied} for a and c."
    assert told in findings(result)
    assert told in findings(from_json(to_json(result)))
    assert "The PAC file" in to_text(result)


def test_the_findings_tell_a_problem(lab: Lab, region: str) -> None:
    """So do they tell that it was of no use."""
    with pac(answer("HTTP/1.1 404 No\n\n", then=lambda _: None)) as named:
        result = start_in(lab, {"a": region}, proxy=named).result(timeout=30)
    url = named.removeprefix("pac+")
    assert f"The PAC file {url} could not be used (HTTP 404 No): the region goes without it." in findings(result)


def test_a_failure_tells_of_the_file(lab: Lab) -> None:
    """Where a region fails without it, message and advice say so."""
    lab.name("gone.lab.invalid", None)
    with pac(answer("HTTP/1.1 404 No\n\n", then=lambda _: None)) as named:
        failure = checked(lab, "ws://nope.invalid/", named).failure
    assert failure
    assert failure.message.endswith(
        f"; the PAC file {named.removeprefix('pac+')} (from the argument proxy) could not be used: HTTP 404 No"
    )
    assert failure.advice.startswith("First have the network's administrator correct the PAC file")


WHO_MENDS: dict[str, tuple[Talk | str, str]] = {
    "no such page": (answer("HTTP/1.1 404 No\n\n", then=lambda _: None), ", or correct that setting. Browsers"),
    "a login": (answer("HTTP/1.1 401 No\n\n", then=lambda _: None), "its server wants a login, and name the copy"),
    "a web page": (
        gives("<html>", "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n"),
        "in a browser: a web page",
    ),
    "a script that fails": (
        gives("function FindProxyForURL() { throw 1 }", "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n"),
        "First have the network's administrator correct",
    ),
    "no way that can be read": (script("HTTP p.example:1"), "First have the network's administrator correct"),
}


@pytest.mark.parametrize(("talk", "advised"), WHO_MENDS.values(), ids=WHO_MENDS.keys())
def test_who_can_do_something_about_the_file(lab: Lab, talk: Talk | str, advised: str) -> None:
    """Each trouble with it has an addressee, and something to do."""
    with pac(talk) as named:
        failure = checked(lab, "ws://nope.invalid/", named).failure
    assert failure
    assert advised in failure.advice


def test_whose_file_it_is(lab: Lab) -> None:
    """One on this machine is nobody else's, and one that the system named is no argument's."""
    failure = checked(lab, "ws://nope.invalid/", "pac+file:///nowhere/x.pac").failure
    assert failure
    assert failure.advice.startswith(
        "First correct the PAC file file:///nowhere/x.pac (from the argument proxy), which is on"
    )
    with pac(answer("HTTP/1.1 404 No\n\n", then=lambda _: None)) as named:
        failure = checked(lab, "ws://nope.invalid/", Proxies(system_pacs=(parse_pac(named, SYSTEM),))).failure
    assert failure
    assert "(from the system's settings). Browsers that loaded it before" in failure.advice


@pytest.mark.parametrize(
    ("answered", "problem"),
    [
        ("HTTP p.example:1", "its answer names no way that browsers know"),
        ("PROXY p.example:1, PROXY q.example:1", "its answer names no way that browsers know"),
        ("QUIC p.example:1; DIRECT", None),
        ("DIRECT", None),
        ("", None),
    ],
)
def test_an_answer_that_nobody_reads(lab: Lab, region: str, answered: str, problem: str | None) -> None:
    """Browsers go directly then, without a word; here the word is said."""
    with pac(script(answered)) as named:
        outcome = checked(lab, region, named)
    assert outcome.status is Status.PASSED
    assert (seen(outcome).pac_answer, seen(outcome).pac_problem) == (answered, problem)
