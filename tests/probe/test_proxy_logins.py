"""Logins at proxies: by each scheme at a proxy that verifies it, and at proxies that never have enough."""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsconn
from tests.probe import login_proxies
from tests.probe.login_proxies import LoginProxy, running
from tests.probe.proxies import proxy, read_request, until_closed
from tests.processes import posix, run
from tests.windows import WINDOWS
from wsconn import Cause, RegionOutcome, Stage
from wsconn._protocols.challenges import Challenge, read_challenges
from wsconn._protocols.proxy_logins import digest, ntlm, schemes
from wsconn._protocols.proxy_logins.legs import Asked, LoginFailed
from wsconn._proxies import parse_proxy
from wsconn._stages.tickets import Tickets
from wsconn.lab import Lab
from wsconn.reports import to_json

promise = pytest.mark.promise
FORKED = """
    import os, signal, sys, threading, time, warnings, wsconn
    warnings.simplefilter("ignore", DeprecationWarning)  # fork in a threaded process is what is tested
    module, proxy, expected = sys.argv[1:]
    def cause():
        return wsconn.check({"a": "ws://127.0.0.1:9/"}, proxy=proxy, timeout=10).outcomes[0].failure.cause
    threading.Thread(target=cause).start()
    while module not in sys.modules:
        time.sleep(0.0001)
    child = os.fork()
    if not child:
        signal.alarm(20)
        sys.exit(0 if cause() == expected else 1)
    print(os.waitpid(child, 0)[1])
"""
USER, PASSWORD = "bob", "S3CRETpass"
TICKETS = "ntlm" if WINDOWS else "kerberos"  # the extra whose library is loaded for one
SOUND = "müßig", "S3CRETpäß wörd"


def digest_with(parameters: str, *, stale: bool = False) -> Callable[[str, str], LoginProxy]:
    return lambda user, password: login_proxies.digest(user, password, parameters, stale=stale)


PROXIES: dict[str, Callable[[str, str], LoginProxy]] = {
    "Basic": login_proxies.basic,
    "Digest, MD5": digest_with('algorithm=MD5, qop="auth"'),
    "Digest, SHA-256": digest_with('algorithm=SHA-256, qop="auth,auth-int", charset=UTF-8'),
    "Digest, MD5-sess": digest_with('algorithm=MD5-sess, qop="auth"'),
    "Digest, SHA-256-sess": digest_with("algorithm=SHA-256-sess, qop=auth"),
    "Digest, nothing named": digest_with("domain=x"),
    "Digest, a stale nonce": digest_with('qop="auth"', stale=True),
    "NTLM": lambda _, __: login_proxies.ntlm(),
    "NTLM under Negotiate": lambda _, __: login_proxies.ntlm("Negotiate"),
}
each_proxy = pytest.mark.parametrize("make", PROXIES.values(), ids=PROXIES.keys())


@pytest.fixture(autouse=True)
def _accounts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell pyspnego's server side whom it knows."""
    users = tmp_path / "users"
    users.write_text("".join(f":{user}:{password}\n" for user, password in ((USER, PASSWORD), SOUND)), encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))


def check(
    lab: Lab, there: LoginProxy, user: str = USER, password: str = PASSWORD, timeout: float = 20
) -> RegionOutcome:
    url = lab.add("region")
    named = there.url(f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else "")
    return wsconn.check({"region": url}, proxy=named, timeout=20).outcome("region")


def expect_refusal(outcome: RegionOutcome, *facts: str, advice: str = "") -> None:
    failure = outcome.failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.PROXY_AUTH_REQUIRED), failure
    for fact in facts:
        assert fact in failure.message
    assert advice in failure.advice


@promise(7)
@each_proxy
@pytest.mark.parametrize(("user", "password"), [(USER, PASSWORD), SOUND], ids=["ASCII", "beyond ASCII"])
def test_a_right_login(lab: Lab, make: Callable[[str, str], LoginProxy], user: str, password: str) -> None:
    """It passes, over the connection that was asked first, and nothing is sent before it is asked for."""
    with running(make(user, password)) as there:
        outcome = check(lab, there, user, password)
    assert outcome.status == "passed", outcome.failure
    assert there.heard[0][0] == b""
    assert len(there.heard) == 1


@promise(7)
@each_proxy
def test_a_wrong_login(lab: Lab, make: Callable[[str, str], LoginProxy]) -> None:
    """It is refused once; message, advice and evidence say in which scheme."""
    with running(make(USER, PASSWORD)) as there:
        outcome = check(lab, there, password="S3CRETguess")
    scheme = there.offers[0].split()[0]
    expect_refusal(outcome, f"refuses the login that it was sent by {scheme} (HTTP 407", advice="check both")
    assert outcome.failure
    assert outcome.failure.evidence
    assert outcome.failure.evidence.logins_refused == (scheme,)
    assert outcome.failure.evidence.login_sent is True


@promise(7)
@pytest.mark.parametrize("offers", [1, 2, 3])
def test_the_strongest_first(lab: Lab, offers: int) -> None:
    """NTLM before Digest before Basic, however they are offered."""
    ways = [login_proxies.basic(USER, PASSWORD), login_proxies.digest(USER, PASSWORD), login_proxies.ntlm()]
    with running(login_proxies.several(*ways[:offers])) as there:
        assert check(lab, there).status == "passed"
    assert there.logins[0].split()[0] == (b"Basic", b"Digest", b"NTLM")[offers - 1]


@promise(7)
def test_two_refusals_are_enough(lab: Lab) -> None:
    """A password is tried in two schemes at most, each on a connection of its own: accounts are locked."""
    ways = [login_proxies.basic(USER, "x"), login_proxies.digest(USER, "x"), login_proxies.ntlm()]
    with running(login_proxies.several(*ways)) as there:
        outcome = check(lab, there, password="S3CRETguess")
    expect_refusal(
        outcome, "sent by NTLM and by Digest (HTTP 407, it offers Basic, Digest, NTLM", advice="DOMAIN%5Cuser"
    )
    assert [[said.split()[0] for said in connection if said] for connection in there.heard] == [
        [b"NTLM", b"NTLM"],
        [b"Digest"],
    ]


def test_a_scheme_that_fails_spoils_no_other(lab: Lab) -> None:
    """Negotiate that leads to nothing is left, with its connection, and the next scheme passes."""

    def begin() -> login_proxies.Verify:
        spoilt: list[str] = []

        def verify(scheme: str, said: bytes) -> list[str] | None:
            if scheme == "Negotiate" or spoilt:
                spoilt.append(scheme)
                return offers
            return there_basic(scheme, said)

        there_basic = login_proxies.basic(USER, PASSWORD).begin()
        return verify

    offers = ["Negotiate", 'Basic realm="x"']
    with running(LoginProxy(begin, offers)) as there:
        assert check(lab, there).status == "passed"
    assert len(there.heard) == 2


def test_a_scheme_that_sends_nothing_costs_no_connection(lab: Lab) -> None:
    """What cannot be tried at all leaves its connection to the next scheme."""
    there = login_proxies.basic(USER, PASSWORD)
    there.offers = ['Digest realm="x", nonce="n", algorithm=token', *there.offers]
    with running(there):
        assert check(lab, there).status == "passed"
    assert [len(connection) for connection in there.heard] == [2]


def test_a_proxy_that_asks_as_a_server_does(lab: Lab) -> None:
    """A 401 to a CONNECT is the proxy's: the server's own would come through the tunnel."""
    there = login_proxies.basic(USER, PASSWORD)
    there.status, there.header = "401 Unauthorized", "WWW-Authenticate"
    with running(there):
        assert check(lab, there).status == "passed"


# --- connections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "headers"),
    [("1.1", ("Connection: close",)), ("1.1", ("Proxy-Connection: close",)), ("1.0", ())],
    ids=["Connection", "Proxy-Connection", "HTTP/1.0"],
)
@pytest.mark.parametrize("make", [PROXIES["Basic"], PROXIES["Digest, MD5"]], ids=["Basic", "Digest"])
def test_a_connection_that_is_to_end_with_each_answer(
    lab: Lab, make: Callable[[str, str], LoginProxy], version: str, headers: tuple[str, ...]
) -> None:
    """The login goes on over the next one, though the proxy lets this one linger."""
    there = make(USER, PASSWORD)
    there.version, there.headers = version, headers
    with running(there):
        assert check(lab, there).status == "passed"
    assert len(there.heard) == 2


def test_a_connection_that_ends_unannounced(lab: Lab) -> None:
    """The proxy says nothing of it, and hangs up: the login goes on over the next one."""
    there = login_proxies.basic(USER, PASSWORD)
    there.closes = lambda _: True
    with running(there):
        assert check(lab, there).status == "passed"
    assert [len(connection) for connection in there.heard] == [1, 1]


def test_http_1_0_that_keeps_its_connection(lab: Lab) -> None:
    """NTLM needs one connection, which HTTP/1.0 keeps where it says so."""
    there = login_proxies.ntlm()
    there.version, there.headers = "1.0", ("Proxy-Connection: Keep-Alive",)
    with running(there):
        assert check(lab, there).status == "passed"
    assert len(there.heard) == 1


def test_ntlm_after_a_bare_refusal_that_ends_the_connection(lab: Lab) -> None:
    """Both its messages go over the next one."""
    there = login_proxies.ntlm()
    there.closes = lambda offers: offers == ["NTLM"]
    with running(there):
        assert check(lab, there).status == "passed"
    assert [len(connection) for connection in there.heard] == [1, 2]


def test_ntlm_that_is_cut_in_two(lab: Lab) -> None:
    """Where the challenge comes with the connection's end, the message says that, and that no password was refused."""
    there = login_proxies.ntlm()
    there.closes = lambda _: True
    with running(there):
        outcome = check(lab, there)
    expect_refusal(outcome, "wants a login", "it ended the connection in the midst of NTLM", advice="other programs")
    assert outcome.failure
    assert outcome.failure.evidence
    assert outcome.failure.evidence.login_sent is False


BROKEN_OFF = {
    "ended": (lambda sock: sock.close(), Cause.CLOSED, "was ended during a login (it offers Basic)"),
    "silent": (until_closed, Cause.TIMEOUT, "fell silent during a login (it offers Basic), and opened no tunnel to"),
    "words": (lambda sock: sock.sendall(b"SSH-2.0-x\r\n"), Cause.PROXY_BAD_ANSWER, "it offers Basic"),
}


@promise(7)
@pytest.mark.parametrize(("then", "cause", "fact"), BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
def test_a_login_that_is_not_answered(then: Callable[[socket.socket], None], cause: Cause, fact: str) -> None:
    """The proxy had spoken HTTP: nobody is told to check that it is one, and it is not asked whether it speaks TLS."""
    begun: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        begun.append(read_request(sock))
        if b"Proxy-Authorization" not in begun[-1]:
            sock.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            begun.append(read_request(sock))
        then(sock)

    with proxy(talk) as port:
        outcome = wsconn.check({"a": "wss://eu.example/"}, proxy=f"http://u:p@127.0.0.1:{port}", timeout=1).outcome("a")
    failure = outcome.failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, cause), failure
    assert fact in failure.message
    assert "asked for a login by Basic, and did not answer" in failure.advice
    assert "what the proxy's log says" in failure.advice
    assert all(request.startswith(b"CONNECT ") for request in begun)


@promise(7)
def test_what_comes_after_a_login_is_told_without_it(lab: Lab) -> None:
    """Where a scheme led to nothing and the next was taken, a refusal of the server says nothing of the first."""
    offers = ['Digest realm="x", nonce="n", qop="auth-int"', 'Basic realm="x"']
    with running(LoginProxy(lambda: lambda _scheme, _said: offers, offers)) as there:
        refused = check(lab, there)
    expect_refusal(refused, "sent by Basic", "auth-int, which wsconn does not speak", advice="check both")

    def talk(sock: socket.socket) -> None:
        said = "403 No" if b"Basic" in read_request(sock) else f"407 No\r\nProxy-Authenticate: {', '.join(offers)}"
        lines = [f"HTTP/1.1 {said}", "Content-Length: 0", "", ""]
        sock.sendall("\r\n".join(lines).encode())

    with proxy(talk) as port:
        denied = wsconn.check({"a": "wss://eu.example/"}, proxy=f"http://u:p@127.0.0.1:{port}").outcome("a").failure
    assert denied
    assert denied.cause is Cause.PROXY_DENIED
    assert "Digest" not in denied.message
    assert denied.evidence
    assert denied.evidence.login_sent is True


BODIES = {
    "chunked": (b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nlogin\r\n0\r\nTrailer: x\r\n\r\n", None, 1),
    "none": (b"Content-Length: 0\r\n\r\n", None, 1),
    "dripping": (b"Content-Length: 9999\r\n\r\n", login_proxies.drip, 2),
    "endless": (b"Content-Length: 99999999999\r\n\r\n", login_proxies.flood, 2),
    "chunks without end": (b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", login_proxies.flood, 2),
    "headers without end": (b"X: ", login_proxies.flood, 2),
    "until the end": (b"\r\nlogin", None, 2),
}


@promise(1)
@pytest.mark.parametrize(("body", "after", "connections"), BODIES.values(), ids=BODIES.keys())
def test_bodies_of_refusals(lab: Lab, body: bytes, after: Callable[..., None] | None, connections: int) -> None:
    """One that has an end soon is read; any other costs a second at most, and its connection."""
    there = login_proxies.basic(USER, PASSWORD)
    there.body, there.after_body = body, after
    with running(there):
        outcome = check(lab, there)
    assert outcome.status == "passed", outcome.failure
    assert len(there.heard) == connections


@promise(1)
def test_a_refusal_whose_body_drips_is_told_at_once(lab: Lab) -> None:
    """Without a login nobody waits for a body."""
    there = login_proxies.basic(USER, PASSWORD)
    there.body, there.after_body = b"Content-Length: 9999\r\n\r\n", login_proxies.drip
    with running(there):
        outcome = check(lab, there, user="")
    expect_refusal(outcome, "wants a login (HTTP 407, it offers Basic", advice="Put your user name")
    assert outcome.duration < 1


@promise(1)
@pytest.mark.parametrize("offer", ["NTLM", "Negotiate", "Basic", 'Digest nonce="x", stale=true', "Basic, NTLM", ""])
def test_a_refusal_for_ever(lab: Lab, offer: str) -> None:
    """Whatever is offered again and again, it ends after a few requests."""
    there = LoginProxy(lambda: lambda _scheme, _said: [offer], [offer])
    with running(there):
        outcome = check(lab, there)
    expect_refusal(outcome, "HTTP 407")
    assert 2 <= sum(map(len, there.heard)) <= 6


@promise(1)
def test_challenges_for_ever(lab: Lab) -> None:
    """An exchange that goes on and on ends, too."""
    there = LoginProxy(lambda: lambda _scheme, _said: ["NTLM TlRMTVNTUAACAAAA"], ["NTLM"])
    with running(there):
        outcome = check(lab, there)
    expect_refusal(outcome, "its challenge cannot be read")


@promise(2)
def test_abort_in_the_midst_of_a_login() -> None:
    """A proxy that falls silent once it was sent a login does not hold an abort."""
    reached = threading.Event()

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
        read_request(sock)
        reached.set()
        until_closed(sock)

    with proxy(talk) as port:
        test = wsconn.start({"a": "wss://eu.example/"}, proxy=f"http://u:p@127.0.0.1:{port}")
        assert reached.wait(20)
        began = time.monotonic()
        test.abort()
        assert test.result(timeout=0).result == "aborted"
        with test:
            pass
        assert time.monotonic() - began < 2.5


# --- secrets ---------------------------------------------------------------------------------------------------------


@promise(9)
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
@each_proxy
def test_logins_appear_nowhere(
    lab: Lab, make: Callable[[str, str], LoginProxy], right: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """No password, token or hash is in a message, a report or a log at any level, though the proxy repeats it."""
    caplog.set_level(logging.DEBUG)
    there = make(USER, PASSWORD)
    there.begin = _repeating(there.begin, there)
    password = PASSWORD if right else "S3CRETguess"
    with running(there):
        outcome = check(lab, there, password=password)
    assert (outcome.status == "passed") is right
    ours = [record.getMessage() for record in caplog.records if "wsconn" in f"{record.name} {record.threadName}"]
    result = wsconn.ConnectivityResult(outcomes=(outcome,), started_at=datetime.now(UTC), duration=1.0)
    told = "\n".join([repr(result), to_json(result), *ours])
    assert "S3CRET" not in told
    for said in there.logins:
        for word in re.findall(r"[A-Za-z0-9+/=]{30,}", said.decode("latin-1")):
            assert word not in told


@promise(9)
def test_others_keep_their_logs(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """What pyspnego logs for another part of the program is logged, before, after and beside a login of ours."""
    caplog.set_level(logging.DEBUG)
    with running(login_proxies.ntlm()) as there:
        assert check(lab, there).status == "passed"
    theirs = [record for record in caplog.records if record.name.startswith("spnego._ntlm")]
    assert len(theirs) == 4  # of the proxy's two steps, which run in this process
    assert all("wsconn" not in (record.threadName or "") for record in theirs)


def _repeating(begin: Callable[[], login_proxies.Verify], there: LoginProxy) -> Callable[[], login_proxies.Verify]:
    """Have a proxy repeat what it was sent."""

    def begun() -> login_proxies.Verify:
        verify = begin()

        def verified(scheme: str, said: bytes) -> list[str] | None:
            repeated = said.decode("latin-1")
            there.headers = (f"X-Squid-Error: {repeated}", f"Via: {repeated[:150]}", f"Server: {repeated[-150:]}")
            return verify(scheme, said)

        return verified

    return begun


# --- what is chosen --------------------------------------------------------------------------------------------------

CHOICES = {
    "all": ("Negotiate, NTLM, Digest, Basic", True, ("spnego", "gssapi"), ["ticket", "ntlm", "digest", "basic"], None),
    "all, no login": ("Negotiate, NTLM, Digest, Basic", False, ("spnego", "gssapi"), ["ticket"], None),
    "Negotiate": ("Negotiate", True, ("spnego", "gssapi"), ["ticket", "negotiate"], None),
    "Negotiate, no library": ("Negotiate", True, (), [], "ntlm"),
    "Negotiate, no Kerberos": ("Negotiate", True, ("spnego",), ["negotiate"], "kerberos"),
    "Negotiate, no login, no library": ("Negotiate", False, (), [], "kerberos"),
    "NTLM, no library": ("NTLM", True, (), [], "ntlm"),
    "NTLM, no login, no library": ("NTLM", False, (), [], "ntlm"),
    "NTLM, no login": ("NTLM", False, ("spnego",), [], None),
    "Basic and Negotiate, no library": ("Negotiate, Basic", True, (), ["basic"], "ntlm"),
    "Basic and Negotiate, no login": ("Negotiate, Basic", False, (), [], "kerberos"),
    "Basic and NTLM, no login": ("NTLM, Basic", False, (), [], None),
    "none": ("", True, (), ["basic"], None),
    "none, no login": ("", False, (), [], None),
    "what nobody speaks": ("Bearer, Kerberos", True, ("spnego", "gssapi"), [], None),
}


LOADING = """
    import sys, wsconn
    failure = wsconn.check({"a": "ws://a.example/"}, proxy=sys.argv[1]).outcomes[0].failure
    print(failure.cause, failure.evidence.missing_extra, failure.message, failure.advice, sep="\\n")
"""


@pytest.mark.parametrize(("offer", "extra"), [("NTLM", "ntlm"), ("Negotiate", TICKETS)])
def test_an_extra_that_cannot_be_loaded(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, offer: str, extra: str
) -> None:
    """It is told as that, with Python's words, and the next scheme is tried; it is no fault of wsconn's."""
    for name in ("spnego", "gssapi"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('libodd.so.2: no such file')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    def refuse(sock: socket.socket) -> None:
        while request := read_request(sock):
            status = "403 No" if b"Authorization: Basic" in request else "407 No"
            lines = [f"HTTP/1.1 {status}", f"Proxy-Authenticate: {offers}", "Content-Length: 0", "", ""]
            sock.sendall("\r\n".join(lines).encode())

    with proxy(refuse) as port:
        named, offers = f"http://u:p@127.0.0.1:{port}", offer
        cause, missing, message, advice, _ = run(LOADING, named)
        offers = f"{offer}, Basic"
        then = run(LOADING, named)[0]
    assert (cause, missing, then) == ("proxy_auth_required", extra, "proxy_denied")
    assert f"the extra {extra} cannot be loaded: libodd.so.2: no such file" in message
    assert f'pip install --force-reinstall "wsconn[{extra}]"' in advice


@pytest.mark.skipif(sys.platform == "win32", reason="there the user's own login can always be tried")
@pytest.mark.parametrize(("offered", "login", "there", "chosen", "extra"), CHOICES.values(), ids=CHOICES.keys())
def test_what_is_chosen(
    offered: str,
    login: bool,
    there: tuple[str, ...],
    chosen: list[str],
    extra: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The strongest first, as far as there is something to log in with and the library for it; else the extra."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in there or None)
    proxy_url = f"http://{'u:p@' if login else ''}p.example:3128"
    choice = schemes.choose(read_challenges(offered), parse_proxy(proxy_url, "test"))
    assert ["ticket" if scheme.uses_ticket else scheme.name for scheme in choice.schemes] == chosen
    assert choice.missing_extra == extra


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    """A proxy that wants no login costs no import of what logs in."""
    program = (
        "import socket, sys, threading, wsconn\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "def serve():\n"
        "    sock, _ = listener.accept()\n"
        "    sock.recv(4096)\n"
        "    sock.sendall(b'HTTP/1.1 403 No\\r\\n\\r\\n')\n"
        "threading.Thread(target=serve, daemon=True).start()\n"
        "url = f'http://u:p@127.0.0.1:{listener.getsockname()[1]}'\n"
        "print(wsconn.check({'a': 'ws://a.example/'}, proxy=url).outcomes[0].failure.cause)\n"
        "heavy = ('spnego', 'gssapi', 'cryptography')\n"
        "print(*(name for name in sys.modules if 'proxy_login' in name or name in heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["proxy_denied"]


# --- the schemes themselves ------------------------------------------------------------------------------------------

EXAMPLES = {
    "RFC 7616, MD5": (
        {"realm": b"http-auth@example.org", "nonce": b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"},
        (b"Mufasa", b"Circle of Life", b"GET", b"/dir/index.html", b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        {"qop": b"auth", "algorithm": b"MD5"},
        b"8ca523f5e9506fed4657c9700eebdbec",
    ),
    "RFC 7616, SHA-256": (
        {"realm": b"http-auth@example.org", "nonce": b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"},
        (b"Mufasa", b"Circle of Life", b"GET", b"/dir/index.html", b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        {"qop": b"auth", "algorithm": b"SHA-256"},
        b"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ),
    "RFC 2617": (
        {"realm": b"testrealm@host.com", "nonce": b"dcd98b7102dd2f0e8b11d0f600bfb0c093"},
        (b"Mufasa", b"Circle Of Life", b"GET", b"/dir/index.html", b"0a4f113b"),
        {"qop": b"auth"},
        b"6629fae49393a05397450978507c4ef1",
    ),
    "RFC 2069": (
        {"realm": b"testrealm@host.com", "nonce": b"dcd98b7102dd2f0e8b11d0f600bfb0c093"},
        (b"Mufasa", b"CircleOfLife", b"GET", b"/dir/index.html", b""),
        {},
        b"1949323746fe6a43ef61f9606e7febea",  # erratum 749: the RFC's own example was wrong
    ),
}


@pytest.mark.parametrize(("named", "asked", "more", "response"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_the_examples_of_the_standards(
    named: dict[str, bytes], asked: tuple[bytes, bytes, bytes, bytes, bytes], more: dict[str, bytes], response: bytes
) -> None:
    """Digest gives what the RFCs say."""
    assert digest.response_to({**named, **more}, *asked) == response


@pytest.mark.parametrize(
    "parameters", ["algorithm=SHA-512-256", "algorithm=token", 'qop="auth-int"'], ids=["SHA-512-256", "odd", "auth-int"]
)
def test_a_digest_that_wsconn_does_not_speak(lab: Lab, parameters: str) -> None:
    """The message says what the proxy wants, and nothing was sent."""
    with running(login_proxies.digest(USER, PASSWORD, parameters)) as there:
        outcome = check(lab, there)
    named = parameters.partition("=")[2].strip('"')
    expect_refusal(outcome, "it wants Digest with", named, "which wsconn does not speak", advice="which other way")
    assert there.logins == []


@pytest.mark.parametrize("parameters", ["", 'realm="x"', 'nonce="", realm="x"'], ids=["none", "realm", "empty"])
def test_a_digest_without_a_nonce(lab: Lab, parameters: str) -> None:
    """It is no challenge, which is told, and no hash of the password is sent for it."""
    offers = [f"Digest {parameters}".strip()]
    with running(LoginProxy(lambda: lambda _scheme, _said: offers, offers)) as there:
        outcome = check(lab, there)
    expect_refusal(outcome, "its challenge for Digest has no nonce", advice="which other way")
    assert there.logins == []


ODD_LOGINS: dict[str, tuple[Callable[[str, str], LoginProxy], str, str]] = {
    "Basic, no password": (PROXIES["Basic"], USER, ""),
    "Basic, a colon": (PROXIES["Basic"], USER, "a:b"),
    "Basic, a domain": (PROXIES["Basic"], f"CORP\\{USER}", PASSWORD),
    "Digest, no password": (PROXIES["Digest, MD5"], USER, ""),
    "Digest, colons": (PROXIES["Digest, MD5"], USER, "a:b%"),
    "Digest, an empty qop": (digest_with('algorithm=MD5, qop=""'), USER, PASSWORD),
    "NTLM, at a domain": (PROXIES["NTLM"], f"{USER}@corp.example", PASSWORD),
    "NTLM, a domain": (PROXIES["NTLM"], f"CORP\\{USER}", PASSWORD),
    "NTLM, no password": (PROXIES["NTLM"], USER, ""),
    "NTLM, like hashes": (PROXIES["NTLM"], USER, f"{'0' * 32}:{'f' * 32}"),
}


@pytest.mark.parametrize(("make", "user", "password"), ODD_LOGINS.values(), ids=ODD_LOGINS.keys())
def test_odd_logins(
    lab: Lab,
    make: Callable[[str, str], LoginProxy],
    user: str,
    password: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a name and a password hold, they arrive as they are."""
    from spnego._ntlm_raw.crypto import lmowfv1, ntowfv1

    hashes = ":".join(base64.b16encode(made(password)).decode() for made in (lmowfv1, ntowfv1))
    users = tmp_path / "one-user"
    users.write_text(f"{user}:1000:{hashes}:[U]:LCT-1\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    with running(make(user, password)) as there:
        outcome = check(lab, there, user, password)
    assert outcome.status == "passed", outcome.failure


def test_a_user_name_that_basic_cannot_carry(lab: Lab) -> None:
    """One with a colon is not sent: the proxy would read another name, and a part of it as the password."""
    with running(login_proxies.basic("a:b", PASSWORD)) as there:
        outcome = check(lab, there, "a:b")
    expect_refusal(outcome, "the user name holds a colon, which Basic cannot carry")
    assert there.logins == []


def test_no_user_name_is_nobody_elses(lab: Lab) -> None:
    """Without one, NTLM does not look for the login of somebody whom the environment names."""
    with running(login_proxies.ntlm()) as there:
        named = there.url(f":{PASSWORD}@")
        outcome = wsconn.check({"region": lab.add("region")}, proxy=named, timeout=20).outcome("region")
    expect_refusal(outcome, "refuses the login that it was sent by NTLM")


def test_the_stronger_of_two_digests(lab: Lab) -> None:
    """A proxy that offers one challenge for each algorithm is answered in the better one."""
    weak = 'Digest realm="x", nonce="n", algorithm=MD5, qop="auth"'
    offers = [weak, weak.replace("MD5", "SHA-256")]
    with running(LoginProxy(lambda: lambda _scheme, _said: offers, offers)) as there:
        check(lab, there)
    assert b"algorithm=SHA-256" in there.logins[0]


SIGNATURE = b"NTLMSSP\0\2\0\0\0"


@given(st.binary(max_size=200) | st.binary(max_size=200).map(SIGNATURE.__add__))
def test_any_challenge_of_ntlm(message: bytes) -> None:
    """Whatever a proxy sends for a challenge, it is answered or told as such."""
    asked = Asked(parse_proxy("http://u:p@p.example", "test"), (Challenge("NTLM", "", {}),), "a.example:443")
    legs = ntlm.log_in(asked)
    next(legs)
    with contextlib.suppress(LoginFailed):
        answer = legs.send((Challenge("NTLM", base64.b64encode(message).decode(), {}),))
        assert base64.b64decode(answer.text).startswith(b"NTLMSSP\0\3\0\0\0")


def test_hung_tickets_cost_two_threads() -> None:
    """All who want a ticket for the same proxy share the fetch; one that hangs is joined until it is old."""
    released, begun = threading.Event(), []

    def hang(host: str) -> None:
        begun.append(host)
        released.wait(20)

    tickets = Tickets(hang)
    fetches: set[Future[None]] = {tickets.fetch("p.example") for _ in range(30)}
    other = tickets.fetch("q.example")
    released.set()
    assert len(fetches) == 1
    for fetch in (*fetches, other):
        fetch.result(20)
    assert sorted(begun) == ["p.example", "q.example"]
    assert tickets.fetch("p.example") not in fetches


@promise(3)
@posix
@pytest.mark.parametrize(
    ("module", "scheme", "cause"),
    [
        ("wsconn._stages.proxy_login", "http", Cause.PROXY_AUTH_REQUIRED),
        ("spnego", "http", Cause.PROXY_AUTH_REQUIRED),
        ("python_socks", "socks5", Cause.PROXY_BAD_ANSWER),
    ],
    ids=["a login", "NTLM", "SOCKS"],
)
def test_a_child_that_is_forked_while_it_loads_can_load_it_too(module: str, scheme: str, cause: Cause) -> None:
    """An import that another thread of the parent had begun would be locked in the child for good."""

    def refuse(sock: socket.socket) -> None:
        while sock.recv(4096):
            sock.sendall(b"HTTP/1.1 407 Login\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n")

    with proxy(refuse) as port:
        assert run(FORKED, module, f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{port}", cause)[0] == "0"
