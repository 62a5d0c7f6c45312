"""PAC files: how they are had, what is done where they cannot be, and how the ways that they name are tried."""

from __future__ import annotations

import os
import pathlib
import re
import socket
import threading
import time

import pytest

import wsconn
from tests.engine import only, start_in
from tests.probe.pac_servers import HEAD, gives, honest_proxy, pac, script, silent
from tests.probe.proxies import Talk, answer, flood, proxy, read_request, trickle, until_closed
from wsconn import Cause, Evidence, RegionOutcome, Stage, Status
from wsconn._pac_settings import UnfitPac, is_never_asked, parse_pac, read_pac
from wsconn._proxies import SYSTEM, Proxies
from wsconn._regions import parse_url
from wsconn._system_proxies import settings
from wsconn.lab import Lab, faults
from wsconn.reports import findings, from_json, to_json, to_text

promise = pytest.mark.promise

# --- which file ----------------------------------------------------------------------------------------------------

TARGET = parse_url("wss://a.example/")
NAMED = parse_pac("http://pac.example/x?token=s3cret", "WSCONN_PAC")
OF_SYSTEM = parse_pac("http://system.example/", SYSTEM)


@promise(7)
def test_whose_pac_file_is_asked() -> None:
    """The user's is asked for all; the system's where neither a variable nor `no_proxy` says anything."""
    assert Proxies(direct=True, pac=NAMED).pacs(TARGET) == (NAMED,)
    system = (OF_SYSTEM,)
    assert Proxies(system_pacs=system).pacs(TARGET) == system
    assert Proxies({"ws_proxy": "http://p:1"}, system_pacs=system).pacs(TARGET) == system
    for environ in ({"https_proxy": "http://p:1"}, {"https_proxy": ""}, {"no_proxy": "example"}):
        assert Proxies(environ, system_pacs=system).pacs(TARGET) == ()
    assert Proxies(direct=True, system_pacs=system).pacs(TARGET) == ()


@promise(7)
@pytest.mark.parametrize(
    ("host", "never"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("169.254.3.4", True),
        ("fe80::1%eth0", True),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
        ("169.254.example", False),
        ("wpad", False),
    ],
)
def test_hosts_of_this_machine_are_never_asked_for(host: str, never: bool) -> None:
    """Chromium and Firefox go there directly, whatever a PAC file would say."""
    assert is_never_asked(host) is never


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("pac+https://pac.example/x.pac", "https://pac.example/x.pac"),
        ("PAC+HTTP://pac.example:8080/", "HTTP://pac.example:8080/"),
        ("http://pac.example/?user=s3cret", "http://pac.example/"),
        ("pac+file:///etc/proxy.pac", "file:///etc/proxy.pac"),
        ("file://localhost/etc/a%20b.pac", "file://localhost/etc/a%20b.pac"),
    ],
)
def test_what_names_a_pac_file(url: str, shown: str) -> None:
    """The prefix may be there or not; a query is not shown."""
    setting = parse_pac(url, "test")
    assert setting.url == shown
    assert str(setting) == f"the PAC file {shown}"
    assert (setting.path is None) is (setting.target is not None)


BAD = {
    "ftp://pac.example/x": "must begin with http://, https:// or file:///",
    "/etc/proxy.pac": "must begin with http://, https:// or file:///",
    "https://": "has no host",
    "https://me:s3cret@pac.example/": "has a user name or password",
    "https://pac.example:0/": "has a bad port",
    "https://pac.example/a b": "holds white space",
    "file://server/share/x.pac": "must have three slashes",
    "file:///etc/\x00": "holds a control character",
}


@promise(9)
@pytest.mark.parametrize(("url", "wrong"), BAD.items(), ids=BAD.keys())
def test_a_bad_argument_raises(url: str, wrong: str) -> None:
    """What is wrong is told, and no secret; from a variable the same is a value."""
    with pytest.raises(ValueError, match=f"^proxy: the PAC file.*{re.escape(wrong)}") as caught:
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy=f"pac+{url}")
    assert "s3cret" not in str(caught.value)
    read = read_pac(url, "WSCONN_PAC")
    assert wrong in (read.unfit or "")
    assert "s3cret" not in f"{read.url} {read.unfit}"
    with pytest.raises(UnfitPac):
        parse_pac(url, "test")


def test_the_variable_comes_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is all that counts; one that is empty is none."""
    monkeypatch.setenv("https_proxy", "http://p.example:1")
    monkeypatch.setenv("WSCONN_PAC", "pac+https://pac.example/")
    found = settings()
    assert found.choose(TARGET) is None
    assert found.pac
    assert (found.pac.url, found.pac.source) == ("https://pac.example/", "WSCONN_PAC")
    monkeypatch.setenv("WSCONN_PAC", "")
    assert settings().choose(TARGET) is not None


# --- how it is had ---------------------------------------------------------------------------------------------------


@pytest.fixture
def region(lab: Lab) -> str:
    """A healthy region with a name, which a PAC file is asked about."""
    lab.name("region.lab.invalid", ["127.0.0.1"])
    return lab.add("region").replace("127.0.0.1", "region.lab.invalid")


def checked(lab: Lab, url: str, named: str, **options: float) -> RegionOutcome:
    return only(start_in(lab, {"a": url}, proxy=named, **options))


def seen(outcome: RegionOutcome) -> Evidence:
    evidence = outcome.failure.evidence if outcome.failure else outcome.evidence
    assert evidence is not None
    return evidence


@promise(7)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_pac_file_over_http(lab: Lab, region: str, host: str) -> None:
    """The proxy that it names is used, and the outcome says that the file has said so."""
    with honest_proxy() as port, pac(script(f"PROXY 127.0.0.1:{port}"), host) as named:
        outcome = checked(lab, region, f"{named}?token=s3cret")
    assert outcome.status is Status.PASSED, outcome
    url = named.removeprefix("pac+")
    assert outcome.proxy == f"http://127.0.0.1:{port} (from the PAC file {url})"
    evidence = seen(outcome)
    assert (evidence.pac, evidence.pac_source) == (url, "the option proxy")
    assert evidence.pac_answer == f"PROXY 127.0.0.1:{port}"
    assert evidence.pac_media_type == "application/x-ns-proxy-autoconfig"
    assert evidence.pac_problem is None
    assert "s3cret" not in repr(outcome)


def test_a_pac_file_over_https(lab: Lab, region: str) -> None:
    """It is had over TLS that is verified."""
    at = lab.add("pac", fault=gives(script("DIRECT")), tls=True).replace("wss://", "https://")
    outcome = checked(lab, region, f"pac+{at}")
    assert outcome.status is Status.PASSED
    assert (seen(outcome).pac_answer, outcome.proxy) == ("DIRECT", None)
    bad = lab.add("bad", fault=faults.UNTRUSTED, tls=True).replace("wss://", "https://")
    problem = seen(checked(lab, region, f"pac+{bad}")).pac_problem
    assert problem
    assert "certificate" in problem


def test_a_pac_file_on_this_machine(lab: Lab, region: str, tmp_path: pathlib.Path) -> None:
    """`file:` is read as it is, a byte order mark included."""
    file = tmp_path / "my proxy.pac"
    file.write_text(f"\ufeff{script('DIRECT')}", "utf-8")
    outcome = checked(lab, region, f"pac+{file.as_uri()}")
    assert outcome.status is Status.PASSED
    assert seen(outcome).pac_answer == "DIRECT"


def test_a_pac_file_is_had_once_a_test(lab: Lab, region: str) -> None:
    """All regions share it, those too that begin later."""
    requests: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        requests.append(read_request(sock))
        sock.sendall((HEAD + script("DIRECT")).replace("\n", "\r\n").encode())

    with pac(talk) as named:
        test = start_in(lab, {str(n): region for n in range(12)}, proxy=named, max_workers=4)
        result = test.result(timeout=30)
    assert result.result == "passed"
    assert len(requests) == 1
    assert requests[0].startswith(b"GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:")


def redirects(*locations: str, status: int = 302) -> Talk:
    """Send each client to the next place, and the last one to a file."""
    left = iter([*locations, None])

    def talk(sock: socket.socket) -> None:
        location = next(left)
        if location is None:
            gives(script("DIRECT"))(sock)
        else:
            answer(f"HTTP/1.1 {status} Go\nLocation: {location}\n\n", then=lambda _: None)(sock)

    return talk


def test_redirects_are_followed(lab: Lab, region: str) -> None:
    """As browsers do for a PAC file, up to five times."""
    with pac(redirects("/other.pac", "?token=s3cret", "x")) as named:
        assert seen(checked(lab, region, named)).pac_answer == "DIRECT"
    with pac(redirects(*["/again"] * 6)) as named:
        assert seen(checked(lab, region, named)).pac_problem == "it is redirected more than 5 times"


PROBLEMS: dict[str, tuple[Talk | str, str]] = {
    "404": (answer("HTTP/1.1 404 Not here\n\n", then=lambda _: None), "HTTP 404 Not here"),
    "a login": (answer("HTTP/1.1 401 No\n\n", then=lambda _: None), "HTTP 401 No"),
    "not HTTP": (answer("SSH-2.0-x\n", then=lambda _: None), "no HTTP, but 'SSH-2.0-x'"),
    "closed": (read_request, "ended too early"),
    "cut short": (gives("x", "HTTP/1.1 200 OK\nContent-Length: 100\n\n"), "ended too early"),
    "larger than 1 MiB": (gives("x" * (1024 * 1024 + 1)), "it is larger than 1 MiB"),
    "endless headers": (answer("HTTP/1.1 200 OK\n", then=flood), "its headers are larger than 64 KiB"),
    "redirected from nothing": (answer("HTTP/1.1 302 Go\n\n", then=lambda _: None), "more than 5 times"),
    "redirected elsewhere": (redirects("ftp://x.example/"), "HTTP 302: where it redirects to"),
    "a page": ("<html>Log in</html>", ""),
    "no function": ("var x = 1;", ""),
    "an error": ("function FindProxyForURL() { throw new Error('broken here'); }", "broken here"),
    "no string": ("function FindProxyForURL() { return 7; }", ""),
    "endless": ("function FindProxyForURL() { while (true) {} }", ""),
    "hungry": ("function FindProxyForURL() { var a = []; while (true) a.push('x'.repeat(1e6) + a.length); }", ""),
}


@promise(7)
@pytest.mark.parametrize(("talk", "problem"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_a_pac_file_that_is_of_no_use(lab: Lab, region: str, talk: Talk | str, problem: str) -> None:
    """The way is direct then, as in browsers, and the outcome says what was wrong."""
    with pac(talk) as named:
        outcome = checked(lab, region, named)
    evidence = seen(outcome)
    assert outcome.status is Status.PASSED
    assert outcome.proxy is None
    assert evidence.pac == named.removeprefix("pac+")
    assert evidence.pac_problem
    assert problem in evidence.pac_problem
    assert evidence.pac_answer is None


@pytest.mark.parametrize(
    ("path", "problem"),
    [("/nowhere/x.pac", "it cannot be read: ENOENT"), ("/", "it cannot be read: EISDIR"), ("/dev/zero", "than 1 MiB")],
)
def test_a_file_that_cannot_be_read(lab: Lab, region: str, path: str, problem: str) -> None:
    """The system's own word for it is told; what never ends is not read to its end."""
    outcome = checked(lab, region, f"pac+file://{path}")
    assert outcome.status is Status.PASSED
    assert problem in (seen(outcome).pac_problem or "")


SLOW: dict[str, Talk] = {
    "silent": silent,
    "a byte at a time": answer(HEAD, then=trickle),
    "endless interim answers": answer("HTTP/1.1 100 Go\n\n" * 50, then=until_closed),
}


@promise(1)
@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW.keys())
def test_half_the_time_is_left(lab: Lab, region: str, talk: Talk) -> None:
    """A server that never gives its PAC file takes half of a region's time, of all regions' the same half."""
    with pac(talk) as named:
        began = time.monotonic()
        result = start_in(lab, {str(n): region for n in range(5)}, proxy=named, timeout=1.2).result(timeout=30)
    assert result.result == "passed"
    assert time.monotonic() - began < 1.2 + 2.5
    for outcome in result.outcomes:
        assert re.search("did not answer within|half the region's time", seen(outcome).pac_problem or "")
        assert 0.5 < (outcome.timings.proxy or 0.0) < 1.2


def let_go(pipe: pathlib.Path) -> None:
    """Let the thread go that was left behind with a pipe, if there is one."""
    os.close(os.open(pipe, os.O_RDWR))


def test_a_pipe_that_nobody_writes_to(lab: Lab, region: str, tmp_path: pathlib.Path) -> None:
    """A file that hangs, as one on a network's drive may, takes half the time as well."""
    pipe = tmp_path / "pipe.pac"
    os.mkfifo(pipe)
    outcome = checked(lab, region, f"pac+{pipe.as_uri()}", timeout=0.8)
    assert outcome.status is Status.PASSED
    assert seen(outcome).pac_problem == "it was not there in half the region's time"
    let_go(pipe)


def test_a_name_that_the_script_wants_and_nobody_answers(lab: Lab, region: str) -> None:
    """The script goes on without it, and the region has time left."""
    lab.name("mute.lab.invalid", None)
    wanted = "function FindProxyForURL() { return dnsResolve('mute.lab.invalid') ? 'PROXY p.invalid:1' : 'DIRECT'; }"
    with pac(wanted) as named:
        outcome = checked(lab, region, named, timeout=1.6)
    assert outcome.status is Status.PASSED
    assert seen(outcome).pac_answer == "DIRECT"


def test_names_are_looked_up_by_the_tests_own_lookups(lab: Lab, region: str) -> None:
    """What the script is told of a name is what a connection would be made to."""
    with pac("function FindProxyForURL(url, host) { return 'PROXY ' + dnsResolve(host) + ':9'; }") as named:
        outcome = checked(lab, region, named)
    assert seen(outcome).pac_answer == "PROXY 127.0.0.1:9"
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, Cause.REFUSED)


# --- the ways that it names ------------------------------------------------------------------------------------------


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
    ],
    ids=["403", "407", "503", "not HTTP"],
)
def test_a_proxy_that_says_no_is_an_answer(lab: Lab, region: str, talk: Talk, cause: Cause) -> None:
    """No other way is tried then, as in browsers."""
    with proxy(talk) as port, pac(script(f"PROXY 127.0.0.1:{port}; DIRECT")) as named:
        outcome = checked(lab, region, named)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, cause)
    assert len(outcome.attempts) == 1


@promise(1)
@pytest.mark.parametrize("talk", [silent, answer("HTTP/1.1 200 ", then=trickle)], ids=["silent", "a byte at a time"])
def test_a_silent_proxy_leaves_time(lab: Lab, region: str, talk: Talk) -> None:
    """Each way has its share of the time; the one that works then has all that is left."""
    with proxy(talk) as port, pac(script(f"PROXY 127.0.0.1:{port}; DIRECT")) as named:
        began = time.monotonic()
        outcome = checked(lab, region, named, timeout=1.2)
    assert outcome.status is Status.PASSED
    assert 0.5 < time.monotonic() - began < 1.2
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
    assert failure.message.endswith(f"before that, http://127.0.0.1:{dead} could not be reached")
    assert failure.advice.startswith(f"First ask the network's administrator about http://127.0.0.1:{dead}, which")


def test_a_way_that_wsconn_does_not_speak(lab: Lab, region: str) -> None:
    """It is passed over, and told where it is the only one."""
    with pac(script("QUIC q.example:443; DIRECT")) as named:
        assert checked(lab, region, named).status is Status.PASSED


def test_most_ways(lab: Lab, region: str) -> None:
    """However many it names, twenty ways are tried."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    endless = f"function FindProxyForURL() {{ var a = ''; for (var n = 1; n < 60; n++) a += 'PROXY 127.0.0.' + n + ':{dead};'; return a; }}"  # noqa: E501
    with pac(endless) as named:
        outcome = checked(lab, region, named)
    assert outcome.failure
    assert len(outcome.attempts) == 20
    assert len(seen(outcome).pac_answer or "") == 200


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


def test_abort_while_a_file_hangs(lab: Lab, region: str, tmp_path: pathlib.Path) -> None:
    """The thread that reads it is left behind."""
    pipe = tmp_path / "pipe.pac"
    os.mkfifo(pipe)
    test = start_in(lab, {str(n): region for n in range(5)}, proxy=f"pac+{pipe.as_uri()}", timeout=30)
    began = time.monotonic()
    with test:
        test.abort()
    assert time.monotonic() - began < 2.5
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
        f"; the PAC file {named.removeprefix('pac+')} (from the option proxy) could not be used: HTTP 404 No"
    )
    assert failure.advice.startswith("First have the network's administrator mend the PAC file")
