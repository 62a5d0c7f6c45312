"""What SECURITY.md promises where no other file holds it; and that each test which that page names is there."""

from __future__ import annotations

import ast
import json
import pathlib
import re
import secrets
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable

import pytest

import wsconn
from tests.engine import only
from wsconn import Cause, Discovery, Region, Stage, Status
from wsconn._cli import file
from wsconn._stages.tls import verifying_context
from wsconn.lab import Lab

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECRET = "s3cret-of-the-user"
HEADERS = {"Authorization": f"Bearer {SECRET}"}
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.skipif(not (ROOT / "SECURITY.md").exists(), reason="needs the sources")
def test_every_test_that_the_page_names_is_there() -> None:
    """SECURITY.md names a test behind each promise, by its file and function, and both exist."""
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(NAMED.findall(page))
    assert len(named) > 20
    assert len(named) == len(set(re.findall(r"`(tests/[^`]+)`", page))), "a test is named in another way"
    for where in {where for where, _ in named}:
        tree = ast.parse((ROOT / where).read_text(encoding="utf-8"))
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert {test for place, test in named if place == where} <= there, where


class Listener:
    """A function that a lab's server hands its connections to: it notes all that it is sent, and answers nothing."""

    def __init__(self) -> None:
        self.connections: list[bytearray] = []
        self.came = threading.Event()

    def __call__(self, sock: socket.socket) -> None:
        got = bytearray()
        self.connections.append(got)
        self.came.set()
        while data := sock.recv(65536):
            got += data

    @property
    def all(self) -> bytes:
        return b"".join(map(bytes, self.connections))


def endpoint(answer: object) -> Callable[[socket.socket], None]:
    """Return what answers discovery with a region's URL, and tries to leave a cookie."""
    body = json.dumps({"url": answer}).encode()

    def serve(sock: socket.socket) -> None:
        sock.recv(65536)
        head = f"HTTP/1.1 200 OK\r\nSet-Cookie: endpoint=1\r\nContent-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode() + body)

    return serve


def test_a_server_that_is_not_trusted_is_told_nothing(lab: Lab) -> None:
    """Neither before nor after its certificate was refused does a byte of the request go to it, headers least of all.

    wsconn looks at the certificate once more, to name its issuer, and says nothing over these connections either.
    """
    listener = Listener()
    lab.add("impostor", tls=True, fault=listener)
    outcome = only(wsconn.start(lab.regions, headers=HEADERS, proxy=None, timeout=5))  # trusts the system's roots alone
    assert outcome.failure
    assert outcome.failure.cause is Cause.TLS_UNTRUSTED
    assert outcome.tls  # it was looked at
    assert listener.came.wait(5)
    assert listener.all == b""


def test_a_proxy_is_told_none_of_the_headers(lab: Lab) -> None:
    """CONNECT names the server; what is for the server goes through the tunnel alone."""
    listener = Listener()
    proxy = lab.add("proxy", fault=listener).replace("ws://", "http://")
    outcome = only(wsconn.start({"a": "wss://a.example/?token=1"}, headers=HEADERS, proxy=proxy, timeout=2))
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, Cause.TIMEOUT)
    assert listener.all.startswith(b"CONNECT a.example:443 HTTP/1.1\r\n")
    assert SECRET.encode() not in listener.all
    assert b"token" not in listener.all


def test_a_discovered_server_is_told_the_upgrade_alone(lab: Lab) -> None:
    """Who is named by a discovery gets what a region would: `headers`, and neither cookie nor address of the endpoint.

    That it gets `headers` is why SECURITY.md says to send no credentials with a discovery that one does not trust.
    """
    listener = Listener()
    named = lab.add("named", tls=True, fault=listener, path="/chosen")
    asked = lab.add("endpoint", tls=True, fault=endpoint(named), path="/rooms").replace("wss://", "https://")
    region = Region("region", discovery=Discovery(asked, "/url"))
    only(wsconn.start([region], headers=HEADERS, ssl_context=lab.ssl_context, proxy=None, timeout=3))
    assert listener.all.startswith(b"GET /chosen HTTP/1.1\r\n")
    assert SECRET.encode() in listener.all
    for told in (b"cookie", b"referer", b"/rooms", asked.partition("//")[2].partition("/")[0].encode()):
        assert told not in listener.all.lower()


def test_an_answer_that_points_into_an_intranet(lab: Lab) -> None:
    """A service that speaks no TLS gets a ClientHello and no byte of the answer's, whatever URL that names."""
    listener = Listener()
    inside = lab.add("inside", fault=listener).replace("ws://", "wss://").rstrip("/")
    answer = f"{inside}/delete?everything=1"
    asked = lab.add("endpoint", tls=True, fault=endpoint(answer), path="/rooms").replace("wss://", "https://")
    region = Region("region", discovery=Discovery(asked, "/url"))
    outcome = only(wsconn.start([region], headers=HEADERS, ssl_context=lab.ssl_context, proxy=None, timeout=3))
    assert outcome.status is Status.FAILED
    assert outcome.failure
    assert outcome.failure.stage is Stage.TLS
    assert listener.all.startswith(b"\x16\x03")  # a TLS record that holds a handshake
    for chosen in (b"delete", b"everything", b"GET", SECRET.encode()):
        assert chosen not in listener.all


def test_a_template_is_no_format_string(tmp_path: pathlib.Path) -> None:
    """A file of regions holds data: `{region}` is replaced by a name, and nothing in it is looked up or run."""
    file = tmp_path / "regions.toml"
    file.write_text(
        '[template]\nurl = "wss://{region}.example.org/{region.__class__}/{0}/%s/$HOME"\nregions = ["eu"]\n',
        encoding="utf-8",
    )
    (region,) = wsconn.load_regions(file)
    assert region.url == "wss://eu.example.org/{region.__class__}/{0}/%s/$HOME"


def test_keys_are_logged_where_the_environment_asks_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """SSLKEYLOGFILE works as in any Python program, for who has to debug; without it, nobody logs a key."""
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    assert verifying_context().keylog_filename is None
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert verifying_context().keylog_filename == str(tmp_path / "keys")


def test_trust_is_not_switched_off() -> None:
    """Without a context of the user's, certificates and host names are verified, and nothing older than TLS 1.2 is."""
    context = verifying_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.skipif(sys.platform == "win32", reason="wine makes no links; Windows refuses CREATE_NEW for one")
def test_no_planted_link_is_followed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report goes through a new file beside it; whoever guesses its name, and puts a link there, gains nothing."""
    mine, report = tmp_path / "mine.txt", tmp_path / "report.txt"
    mine.write_text("precious")
    monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
    (tmp_path / ".wsconn-guessed").symlink_to(mine)
    with pytest.raises(OSError, match="cannot write"):
        file.replace(str(report), "a report")
    assert mine.read_text() == "precious"
    assert not report.exists()


def test_a_check_writes_no_file_and_starts_no_program(lab: Lab) -> None:
    """The interpreter's own audit events tell: nothing is opened for writing, and no other program is run."""
    lab.add("near")
    lab.add("shut", fault="refused")
    program = """
        import json, os, sys
        import wsconn
        from wsconn import reports

        seen = []
        def note(event, arguments):
            if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                seen.append((event, str(arguments[0])))
            elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile"):
                seen.append((event, str(arguments[0])))
        sys.addaudithook(note)
        result = wsconn.check(json.loads(sys.argv[1]), timeout=5)
        for write in reports.to_text, reports.to_json, reports.to_html:
            write(result)
        print(result.result, *seen)
    """
    done = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(program), json.dumps(dict(lab.regions))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["warning"]
