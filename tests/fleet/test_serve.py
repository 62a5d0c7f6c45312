"""`wsconn serve`, as systems and strangers meet it: signals, slow and mute clients, too much, a bad command."""

from __future__ import annotations

import contextlib
import pathlib
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.cli.command_line import posix, run
from tests.fleet.asking import Answered, Served, probe, serving
from tests.stuck import until
from wsconn.fleet import exporter
from wsconn.fleet._exporter import serving as serving_module
from wsconn.lab import Lab, faults

END_SECONDS = 0.5  # promised
SLACK_SECONDS = 4.0  # for a machine that has a lot else to do
MUTE_CLIENTS = 120  # more than waitress lets in by itself


@contextlib.contextmanager
def clients(served: Served, count: int, sent: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connect so many, each of which sends this and nothing more."""
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            made.append(stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30.0)))
            made[-1].sendall(sent)
        yield made


def answer_to(served: Served, request: bytes) -> bytes:
    with clients(served, 1, request) as (client,):
        return client.recv(65536)


@posix
def test_sigterm_aborts_answers_and_ends(lab: Lab) -> None:
    """A probe that is under way is answered, the round is aborted, and the exit code is 0."""
    lab.add("mute", fault=faults.MUTE)
    with serving(f"mute={lab.regions['mute']}", "--timeout", "60") as served:
        seen: list[Answered] = []
        asker = threading.Thread(target=lambda: seen.append(served.get(f"/probe?{probe('mute')}")))
        asker.start()
        assert until(lambda: served.get("/metrics").series["wsconn_probes_in_flight"] == 1)
        told = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(END_SECONDS + SLACK_SECONDS) == 0
        asker.join()
        assert time.monotonic() - told < END_SECONDS + SLACK_SECONDS
    assert seen[0].status == 503


@posix
def test_sighup_reads_the_files_anew(lab: Lab, tmp_path: pathlib.Path) -> None:
    """A good file takes effect; a bad one is refused, and stderr says why."""
    lab.add("eu")
    file = tmp_path / "regions.toml"
    file.write_text(f'[regions.eu]\nurl = "{lab.regions["eu"]}"\n')
    with serving("--regions", str(file)) as served:
        file.write_text(f'[regions.us]\nurl = "{lab.regions["eu"]}"\n')
        served.process.send_signal(signal.SIGHUP)
        assert "reloaded: 1 regions, 1 modules" in served.read_line()
        assert served.get(f"/probe?{probe('us')}").series["probe_success"] == 1
        file.write_text("regions = 1\n")
        served.process.send_signal(signal.SIGHUP)
        assert f"not reloaded, the settings before go on: {file}: regions: expected a table" in served.read_line()
        assert served.get(f"/probe?{probe('us')}").series["probe_success"] == 1


@pytest.mark.parametrize("sent", [b"", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: "], ids=["mute", "half"])
def test_mute_clients_hold_nobody_else(lab: Lab, sent: bytes) -> None:
    """However many connect and ask for nothing, or for half a thing: others are answered."""
    lab.add("eu")
    with serving(f"eu={lab.regions['eu']}") as served, clients(served, MUTE_CLIENTS, sent):
        assert served.get("/-/healthy").status == 200
        assert served.get(f"/probe?{probe('eu')}").series["probe_success"] == 1


def test_more_connections_than_it_takes_make_room(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the limit is near, those that ask for nothing are closed, the oldest first, and others are answered."""
    monkeypatch.setattr(serving_module, "MOST_CONNECTIONS", 40)
    monkeypatch.setattr(serving_module, "_ROOM", 10)
    monkeypatch.setitem(serving_module._LIMITS, "connection_limit", 40)
    lab.add("eu")
    with exporter(lab.regions, proxy=None) as app, contextlib.ExitStack() as stack:
        server = serving_module.Server(app, "127.0.0.1:0", max_probes=2)
        thread = threading.Thread(target=server.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        (url,) = server.urls
        place = ("127.0.0.1", int(url.rpartition(":")[2].rstrip("/")))
        idle = [stack.enter_context(socket.create_connection(place, timeout=30.0)) for _ in range(60)]
        with socket.create_connection(place, timeout=30.0) as client:
            client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")
        assert idle[0].recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_scrapes_and_probes_leave_nothing(lab: Lab) -> None:
    """Descriptors and threads are as few after many requests as after some, and memory does not grow."""
    lab.add("eu", fault=faults.http_status(503))
    with serving(f"eu={lab.regions['eu']}") as served:

        def after(count: int) -> tuple[int, int]:
            for _ in range(count):
                assert served.get("/metrics").status == 200
                assert served.get(f"/probe?{probe('eu')}").status == 200
            assert until(lambda: descriptors() <= few)
            status = pathlib.Path(f"/proc/{served.process.pid}/status").read_text()
            threads, memory = (int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("Threads", "VmRSS"))
            return threads, memory

        def descriptors() -> int:
            return len(list(pathlib.Path(f"/proc/{served.process.pid}/fd").iterdir()))

        few = descriptors()
        threads, memory = after(20)
        more_threads, more_memory = after(60)
    assert more_threads <= threads + 2
    assert more_memory < memory + 2048  # KiB


def test_who_reads_nothing_holds_nobody_else(lab: Lab) -> None:
    """Clients that ask for much and take nothing of it wait alone."""
    for number in range(100):
        lab.add(f"region-{number}")
    names = [f"{name}={url}" for name, url in lab.regions.items()]
    with serving(*names) as served:
        assert until(lambda: served.get("/-/ready").status == 200, 60.0)
        with clients(served, 20, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20):
            assert served.get("/-/healthy").status == 200


def test_probes_beside_mute_targets(lab: Lab) -> None:
    """Probes of targets that answer nothing take none of the threads that others need."""
    lab.add("eu")
    lab.add("mute", fault=faults.MUTE)
    names = [f"{name}={url}" for name, url in lab.regions.items()]
    seen: list[int] = []
    with serving(*names, "--timeout", "60", "--max-probes", "40") as served:
        mute = f"/probe?{probe('mute')}"
        askers = [threading.Thread(target=lambda: seen.append(served.get(mute).status)) for _ in range(39)]
        for asker in askers:
            asker.start()
        assert until(lambda: served.get("/metrics").series["wsconn_probes_in_flight"] == 39)
        assert served.get(f"/probe?{probe('eu')}").series["probe_success"] == 1
    for asker in askers:
        asker.join()
    assert seen == [503] * 39  # it was told to end


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n", b"413"),
        (b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET http://evil.example/metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
    ids=["header", "body", "host", "absolute", "path", "nonsense"],
)
def test_what_is_too_much_or_no_http_is_refused(lab: Lab, request_line: bytes, status: bytes) -> None:
    """The answer says so, and the next request is answered."""
    lab.add("eu")
    with serving(f"eu={lab.regions['eu']}") as served:
        assert answer_to(served, request_line).split()[1] == status
        assert served.get("/-/healthy").status == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--listen", "9809"), "--listen takes a host and a port, not '9809'; try --listen 127.0.0.1:9809"),
        (("--listen", "127.0.0.1:70000"), "--listen takes a host and a port"),
        (("--listen", "no.such.host.invalid:1"), "--listen no.such.host.invalid:1: "),
        (("--interval", "0"), "--interval must be more than 0"),
        (("--interval", "nan"), "--interval must be more than 0"),
        (("--max-probes", "0"), "--max-probes must be at least 1, not 0"),
        (("--listen", "127.0.0.1:0 127.0.0.1:0"), "--listen takes a host and a port"),
        (("--listen", "a b:1"), "--listen takes a host and a port"),
        (("--modules", ""), "--modules needs the name of a file"),
        (("--modules", "missing.toml"), "--modules missing.toml: No such file"),
        (("--host", "a b"), "--host takes a host's name without a port, not 'a b'; try --host localhost"),
        (("--host", "localhost:9809"), "--host takes a host's name without a port, not 'localhost:9809'"),
        (("--host", ""), "--host takes a host's name without a port, not ''"),
        (("--timeout", "-1"), "--timeout must be more than 0"),
        (("--header", "Host: x"), "--header: 'Host' is wsconn's own to send"),
        (("--total-timeout", "5"), "there is no '--total-timeout' here"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_bad_command_is_told_in_a_line(options: tuple[str, ...], said: str) -> None:
    """The option and its value are in it, and nothing is served."""
    done = run("serve", "eu=ws://127.0.0.1:1/", *options)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_told_in_a_line() -> None:
    """So is an address that is not this machine's."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "eu=ws://127.0.0.1:1/", "--listen", f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert f"--listen 127.0.0.1:{port}: " in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("library", ["prometheus_client", "waitress"])
def test_without_the_extra_it_says_how_to_install_it(library: str) -> None:
    """The line names what is missing."""
    code = f"import sys; sys.modules['{library}'] = None; from wsconn._cli import main; sys.exit(main())"
    done = run("serve", "eu=ws://127.0.0.1:1/", code=code)
    assert done.returncode == 2, done.stderr
    assert 'pip install "wsconn[fleet]"' in done.stderr


def test_regions_from_stdin_are_read_once() -> None:
    """A reload has what stdin held, which can be read once only."""
    if sys.platform == "win32":
        pytest.skip("there is no SIGHUP")
    with serving("eu=ws://127.0.0.1:1/") as served:
        served.process.send_signal(signal.SIGHUP)
        assert "reloaded: 1 regions" in served.read_line()
