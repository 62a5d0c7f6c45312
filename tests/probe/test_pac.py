"""PAC files: how they are had, and what is done where they cannot be."""

from __future__ import annotations

import gzip
import os
import pathlib
import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
import zlib

import pytest

import wsconn
from tests.engine import start_in
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
from tests.probe.proxies import Talk, answer, flood, read_request, trickle, until_closed
from tests.windows import A_DIRECTORY
from wsconn import Cause, Stage, Status
from wsconn._pac_settings import PacSetting, discovered_pac, parse_pac
from wsconn._proxies import SYSTEM, Proxies
from wsconn._regions import parse_url
from wsconn.lab import Lab, faults

promise = pytest.mark.promise


@pytest.fixture
def region(lab: Lab) -> str:
    return named_region(lab)


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
    assert (evidence.pac, evidence.pac_source) == (url, "the argument proxy")
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


@promise(9)
def test_no_redirect_leaves_tls(lab: Lab, region: str) -> None:
    """What was asked for over TLS is not had without it."""
    with pac(script("DIRECT")) as plain:
        to_plain = redirects(plain.removeprefix("pac+"))
        at = lab.add("pac", fault=to_plain, tls=True).replace("wss://", "https://")
        outcome = checked(lab, region, f"pac+{at}")
    assert "must begin with https://" in (seen(outcome).pac_problem or "")


def compressed(text: str, *, coding: str = "gzip", keep: int | None = None) -> Talk:
    """Answer with a file that is compressed, though nobody has asked for that."""
    data = (zlib.compress if coding == "deflate" else gzip.compress)(text.encode())

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode() + data[:keep])

    return talk


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
def test_a_file_that_is_compressed_anyway(lab: Lab, region: str, coding: str) -> None:
    """Some servers keep their files so, and send them to everyone."""
    with pac(compressed(script("DIRECT"), coding=coding)) as named:
        assert seen(checked(lab, region, named)).pac_answer == "DIRECT"


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
    "redirected to half an address": (redirects("http://[::1"), "HTTP 302: where it redirects to"),
    "a charset that nobody knows": (
        gives(script("DIRECT"), "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=iso-8859-99\n\n"),
        "no browser knows its charset 'iso-8859-99'",
    ),
    "brotli": (gives("x", "HTTP/1.1 200 OK\nContent-Encoding: br\n\n"), "its Content-Encoding is 'br'"),
    "no gzip": (gives("x" * 20, "HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n"), "'gzip', and its body is not"),
    "gzip cut short": (compressed(script("DIRECT"), keep=40), "its body, in gzip, is cut short"),
    "much in little gzip": (compressed("x" * (1024 * 1024 + 1)), "it is larger than 1 MiB"),
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


@promise(1)
def test_a_script_that_does_not_end_holds_up_no_others(lab: Lab, region: str) -> None:
    """After a few regions it is not run any more, so that 25 of them have their time."""
    with pac("function FindProxyForURL() { while (true) {} }") as named:
        result = start_in(lab, {str(n): region for n in range(25)}, proxy=named, timeout=10).result(timeout=60)
    assert result.result == "passed"
    problems = [seen(outcome).pac_problem for outcome in result.outcomes]
    assert problems.count("its script does not end") >= 20
    assert max(outcome.duration for outcome in result.outcomes) < 5


@pytest.mark.parametrize(
    ("calls", "said"), [("1000", (None, "DIRECT")), ("1e9", ("RangeError", None))], ids=["a thousand", "no end"]
)
def test_a_script_has_a_stack_of_its_own(
    lab: Lab, region: str, calls: str, said: tuple[str | None, str | None]
) -> None:
    """However small a program has made those of its threads; that size is as before afterwards."""
    text = "function down(n) { return n && down(n - 1) + 1 }\n"
    before = threading.stack_size(512 * 1024)
    try:
        with pac(f'{text}function FindProxyForURL() {{ return down({calls}) && "DIRECT" }}') as named:
            evidence = seen(checked(lab, region, named))
        assert threading.stack_size() == 512 * 1024
    finally:
        threading.stack_size(before)
    problem, answer = said
    assert evidence.pac_answer == answer
    assert (problem or "") in (evidence.pac_problem or "")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/nowhere/x.pac", "it cannot be read: ENOENT"),
        ("/", f"it cannot be read: {A_DIRECTORY}"),
        ("/dev/zero", "than 1 MiB"),
    ],
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
        result = start_in(lab, {str(n): region for n in range(5)}, proxy=named, timeout=3).result(timeout=30)
    assert result.result == "passed"
    assert time.monotonic() - began < 3 + 2.5
    for outcome in result.outcomes:
        assert re.search("did not answer within|half the region's time", seen(outcome).pac_problem or "")
        assert 1.2 < (outcome.timings.proxy or 0.0) < 3


@posix
def test_a_pipe_that_nobody_writes_to(lab: Lab, region: str, tmp_path: pathlib.Path) -> None:
    """A file that hangs, as one on a network's drive may, takes half the time as well."""
    pipe = tmp_path / "pipe.pac"
    os.mkfifo(pipe)
    outcome = checked(lab, region, f"pac+{pipe.as_uri()}", timeout=2)
    assert outcome.status is Status.PASSED
    assert seen(outcome).pac_problem == "it was not there in half the region's time"
    let_go(pipe)


def test_a_name_that_the_script_wants_and_nobody_answers(lab: Lab, region: str) -> None:
    """The script goes on without it, and the region has time left."""
    lab.name("mute.lab.invalid", None)
    wanted = "function FindProxyForURL() { return dnsResolve('mute.lab.invalid') ? 'PROXY p.invalid:1' : 'DIRECT'; }"
    with pac(wanted) as named:
        outcome = checked(lab, region, named, timeout=3)
    assert outcome.status is Status.PASSED
    assert seen(outcome).pac_answer == "DIRECT"


def test_names_are_looked_up_by_the_tests_own_lookups(lab: Lab, region: str) -> None:
    """What the script is told of a name is what a connection would be made to."""
    with pac("function FindProxyForURL(url, host) { return 'PROXY ' + dnsResolve(host) + ':9'; }") as named:
        outcome = checked(lab, region, named)
    assert seen(outcome).pac_answer == "PROXY 127.0.0.1:9"
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, Cause.REFUSED)


HELD = """
    import sys, tracemalloc, wsconn
    healthy, *named = sys.argv[1:]
    wsconn.check({"warm": healthy}, proxy=None)
    tracemalloc.start()
    for one in named:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        wsconn.check({"region": "ws://nope.invalid/"}, timeout=5, proxy=one)
        print(tracemalloc.get_traced_memory()[1] - before)
"""


@promise(1)
def test_a_pac_file_cannot_fill_the_memory(lab: Lab) -> None:
    """Of a file's server no more is held than a file may have, while it is put together and read."""
    endless = gives("x" * 4_000_000, "HTTP/1.1 200 OK\n\n")
    largest = gives(script("DIRECT") + "/" * (1024 * 1024 - 100), "HTTP/1.1 200 OK\n\n")
    with pac(endless) as one, pac(largest) as two:
        child = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(HELD), lab.add("healthy"), one, two],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    held = [int(line) for line in child.stdout.split()]
    assert len(held) == 2
    assert max(held) < 4 * 1024 * 1024, held


# --- what the system asks for ----------------------------------------------------------------------------------------


def offered(named: str) -> PacSetting:
    """A PAC file that the network offers, at another port than the usual one."""
    port = named.rpartition(":")[2].partition("/")[0]
    return discovered_pac(SYSTEM)._replace(target=parse_url(f"http://wpad:{port}/wpad.dat", schemes=("http",)))


@promise(7)
def test_a_pac_file_is_discovered(lab: Lab, region: str) -> None:
    """Where the system's settings ask for it, the name wpad leads to it."""
    lab.name("wpad", ["127.0.0.1"])
    with pac(script("DIRECT")) as named:
        outcome = checked(lab, region, Proxies(system_pacs=(offered(named),)))
    assert not seen(outcome).no_proxy_named
    assert (seen(outcome).pac, seen(outcome).pac_source) == ("http://wpad/wpad.dat", SYSTEM)
    assert seen(outcome).pac_answer == "DIRECT"


@promise(7)
@pytest.mark.parametrize("errors", [{}, None], ids=["no such name", "no answer"])
def test_where_none_is_to_be_discovered(lab: Lab, region: str, errors: dict[int, int] | None) -> None:
    """Then the file that the settings name is asked, and nothing is told of the other; it costs a second at most."""
    lab.name("wpad", None if errors is None else [], errors={socket.AF_INET: socket.EAI_NONAME})
    with pac(script("DIRECT")) as named:
        pacs = (discovered_pac(SYSTEM), parse_pac(named, SYSTEM))
        began = time.monotonic()
        outcome = checked(lab, region, Proxies(system_pacs=pacs))
    assert (seen(outcome).pac, seen(outcome).pac_problem) == (named.removeprefix("pac+"), None)
    assert time.monotonic() - began < 4
    alone = checked(lab, region, Proxies(system_pacs=pacs[:1]))
    assert alone.status is Status.PASSED
    assert alone.evidence is None


@promise(7)
def test_without_the_pac_file_the_systems_proxy(lab: Lab, region: str) -> None:
    """A system may name both, and browsers take the proxy where the file cannot be had."""
    with honest_proxy() as port, pac(answer("HTTP/1.1 404 No\n\n", then=lambda _: None)) as named:
        system = {"http": f"http://127.0.0.1:{port}"}
        outcome = checked(lab, region, Proxies({}, system, system_pacs=(parse_pac(named, SYSTEM),)))
    assert outcome.proxy == f"http://127.0.0.1:{port} (from the system's settings)"
    assert seen(outcome).pac_problem == "HTTP 404 No"


@promise(7)
def test_without_the_extra(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument raises; what a variable or the system names is told of each region that fails, with what to do."""
    monkeypatch.setitem(sys.modules, "_quickjs", None)
    install = 'pip install "wsconn[pac]"'
    with pytest.raises(ValueError, match=re.escape(install)):
        wsconn.start({"a": "ws://nope.invalid/"}, proxy="pac+http://pac.example/")
    lab.name("wpad", ["127.0.0.1"])
    pacs = (discovered_pac(SYSTEM), parse_pac("http://pac.example/", SYSTEM))
    outcome = checked(lab, "ws://nope.invalid/", Proxies(system_pacs=pacs))
    failure, evidence = outcome.failure, seen(outcome)
    assert failure
    assert (failure.stage, failure.cause) == (Stage.RESOLVE, Cause.DNS_NOT_FOUND)
    assert (evidence.pac, evidence.pac_missing_extra) == ("http://pac.example/", "pac")
    assert "the PAC file http://pac.example/ (from the system's settings) could not be used" in failure.message
    assert failure.advice.startswith("First have the PAC file http://pac.example/ (from the system's settings) read,")
    assert install in failure.advice
    refused = checked(
        lab, lab.add("refusing", fault=faults.HTTP_403).replace("127.0.0.1", "127.1"), Proxies(pac=pacs[1])
    )
    assert refused.failure
    assert refused.failure.cause is Cause.HTTP_STATUS
    assert refused.failure.advice.endswith(f"read, as browsers do: {install}.")
