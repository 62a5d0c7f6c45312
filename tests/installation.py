"""Whether what is installed works, and says how to install the rest. A program for environments without pytest.

    python -I tests/installation.py [EXTRA ...]

The extras are those that were installed; every other one must be missing, and each use of it end with the line that
installs it.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import wsconn
from wsconn import ConnectivityResult, reports

LIBRARIES = {
    "fleet": ["prometheus_client", "waitress"],
    "html": ["jinja2"],
    "lab": ["trustme", "websockets"],
    "ntlm": ["spnego"],
    "otlp": ["opentelemetry"],
    "pac": ["_quickjs"],
    "rich": ["rich"],
    "socks": ["python_socks"],
}
ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


def main(extras: list[str]) -> None:
    unknown = set(extras) - LIBRARIES.keys()
    assert not unknown, f"there are no extras {unknown}"
    for extra, libraries in LIBRARIES.items():
        for library in libraries:
            is_there = importlib.util.find_spec(library) is not None
            assert is_there == (extra in extras), f"{library} is {'' if is_there else 'not '}installed"
    result = the_package()
    uses = {"fleet": fleet, "html": html, "lab": lab, "ntlm": ntlm, "otlp": otlp, "pac": pac, "socks": socks}
    for extra, use in uses.items():
        if extra in extras:
            use(result)
        else:
            refused(extra, lambda use=use: use(result))
    command_line(has_lab="lab" in extras)
    print("works:", *(extras or ["wsconn alone"]))


def the_package() -> ConnectivityResult:
    """Test a region that passes and one that does not; show both in every format that needs no extra."""
    with serving(answer_a_websocket) as passes, socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))  # and does not listen
        urls = {"passes": f"ws://127.0.0.1:{passes}/", "shut": f"ws://127.0.0.1:{shut.getsockname()[1]}/"}
        result = wsconn.check(urls, timeout=5, proxy=None)
    assert result.to_dict() == {
        "result": "warning",
        "passedRegions": ["passes"],
        "failedRegions": ["shut"],
        "abortedRegions": [],
    }, result
    assert len(wsconn.load_regions("daily")) == 10
    for write in reports.to_text, reports.to_json, reports.to_markdown, reports.to_prometheus:
        assert "shut" in write(result)
    return result


def fleet(_: ConnectivityResult) -> None:
    from wsconn.fleet import exporter

    said: list[str] = []
    rounds = exporter({"a": "ws://127.0.0.1:9/"}, timeout=5, proxy=None)
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/-/healthy", "HTTP_HOST": "localhost"}
    rounds(request, lambda status, headers: said.append(status))
    rounds.stop()
    assert said == ["200 OK"], said


def html(result: ConnectivityResult) -> None:
    assert "shut" in reports.to_html(result)


def lab(_: ConnectivityResult) -> None:
    from wsconn.lab import Lab

    with Lab() as lab:
        lab.add("secure", tls=True)
        assert wsconn.check(lab.regions, timeout=5, proxy=None, ssl_context=lab.ssl_context).result == "passed"


def socks(_: ConnectivityResult) -> None:
    with serving(deny) as port:
        result = wsconn.check({"a": "ws://a.example/"}, timeout=5, proxy=f"socks5h://127.0.0.1:{port}")
    failure = result.outcomes[0].failure
    assert failure is not None
    assert failure.cause == "proxy_denied", failure


def ntlm(_: ConnectivityResult) -> None:
    with serving(offer_ntlm) as port:
        result = wsconn.check({"a": "ws://a.example/"}, timeout=5, proxy=f"http://me:secret@127.0.0.1:{port}")
    failure = result.outcomes[0].failure
    assert failure is not None
    assert failure.cause == "proxy_auth_required", failure
    if failure.evidence and failure.evidence.missing_extra:
        raise ImportError(failure.message)
    assert "does not go on" in failure.message, failure


def otlp(result: ConnectivityResult) -> None:
    from wsconn.fleet import export_otlp

    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))  # and does not listen
        lost = export_otlp(result, f"http://127.0.0.1:{shut.getsockname()[1]}").lost
    assert lost is not None
    assert "refused" in lost, lost


def pac(_: ConnectivityResult) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))  # and does not listen
        place = f"127.0.0.1:{shut.getsockname()[1]}"
        file = pathlib.Path(folder, "proxy.pac")
        file.write_text(f"function FindProxyForURL() {{ return 'PROXY {place}'; }}", encoding="ascii")
        outcome = wsconn.check({"a": "ws://a.example/"}, timeout=5, proxy=f"pac+{file.as_uri()}").outcomes[0]
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.address) == ("proxy", None), outcome
    assert place in outcome.failure.message, outcome.failure


def refused(extra: str, use: Callable[[], None]) -> None:
    said = ""
    try:
        use()
    except (ImportError, ValueError) as error:
        said = str(error)
    assert f'pip install "wsconn[{extra}]"' in said, said or f"it works without the extra {extra}, and was not to"


def command_line(*, has_lab: bool) -> None:
    done = wsconn_does("--version")
    assert done.stdout.split() == ["wsconn", wsconn.__version__]
    done = wsconn_does("demo")
    if has_lab:
        assert done.returncode == 0, done.stdout + done.stderr
        assert "as set up" in done.stdout + done.stderr
    else:
        assert done.returncode == 2, done.stdout + done.stderr
        assert 'pip install "wsconn[lab]"' in done.stderr


def wsconn_does(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "wsconn", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer the first connection that comes to a port of this machine."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)  # a daemon: who never connects is not waited for
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def answer_a_websocket(connection: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    (key,) = (line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + ACCEPT, usedforsecurity=False).digest())
    head = (b"HTTP/1.1 101 OK", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + accept)
    connection.sendall(b"\r\n".join([*head, b"", b""]))
    _, length = connection.recv(2, socket.MSG_WAITALL)
    mask = connection.recv(4, socket.MSG_WAITALL)
    payload = connection.recv(length & 0x7F, socket.MSG_WAITALL)
    ping = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    connection.sendall(struct.pack("BB", 0x8A, len(ping)) + ping)
    connection.recv(4096)  # its Close, or the end


def deny(connection: socket.socket) -> None:
    """Refuse what is asked of a SOCKS 5 proxy (RFC 1928, section 6: not allowed by the rules)."""
    connection.recv(262)
    connection.sendall(b"\x05\x00")
    connection.recv(262)
    connection.sendall(b"\x05\x02\x00\x01" + bytes(6))


def offer_ntlm(connection: socket.socket) -> None:
    """Want a login by NTLM, and take none."""
    while connection.recv(4096):
        connection.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n")


if __name__ == "__main__":
    main(sys.argv[1:])
