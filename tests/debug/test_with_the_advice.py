"""What the debugger concludes does not contradict what the check advises: real peers, one fault each."""

from __future__ import annotations

import pathlib
import re
import socket
from collections.abc import Iterator, Mapping

import pytest

import wsconn
from tests.engine import start_in
from tests.probe.proxies import proxy as serving
from wsconn import Conclusion, DebugReport, DebugTest, Region
from wsconn._debug.records import Addressee, Certainty
from wsconn.lab import Lab


def debugged(
    lab: Lab, regions: Mapping[str, str] | None = None, *, proxy: str | None = None, **more: bool
) -> DebugReport:
    """Make a whole run, with the lab's names."""
    check = start_in(lab, regions, proxy=proxy, timeout=1.0)
    with DebugTest(check, *check._under_test(), timeout=1.0, **more) as run:
        return run.result(30)


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port of this machine at which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("way", ["url", "connect_to"])
def test_nothing_listens_on_this_machine(dead_port: int, way: str) -> None:
    """A refusal of localhost is this machine's own, wherever the URL leads."""
    url = f"ws://localhost:{dead_port}/" if way == "url" else "ws://eu.example/"
    region = Region("eu", url, connect_to=None if way == "url" else f"127.0.0.1:{dead_port}")
    (found,) = wsconn.debug([region], timeout=1, proxy=None).conclusions
    assert (found.suspect, found.certainty, found.addressee) == ("this_machine", Certainty.SHOWN, Addressee.USER)
    assert f"Nothing listens at {'localhost' if way == 'url' else '127.0.0.1'}:{dead_port}" in found.sentence
    assert "another network" not in found.sentence


def test_a_certificate_beside_one_that_is_valid(lab: Lab) -> None:
    """The clock that takes another region's certificate is right, though both are of one host."""
    lab.add("old", fault="expired", tls=True)
    lab.add("new", tls=True)
    (found,) = debugged(lab).conclusions
    assert (found.region, found.suspect, found.addressee) == ("old", "certificate_date", Addressee.SERVICE)
    assert "clock is most likely right" in found.sentence


def with_pac(lab: Lab, directory: pathlib.Path, script: str, regions: dict[str, str]) -> Conclusion:
    file = directory / "proxy.pac"
    file.write_text(script)
    (found,) = debugged(lab, regions, proxy=f"pac+{file.as_uri()}").conclusions
    return found


def test_a_broken_pac_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Before the name server comes the PAC file, which may have led through a proxy that finds the name."""
    found = with_pac(lab, tmp_path, "function FindProxyForURL(u, h) { nonsense(", {"eu": "ws://no-such.invalid/"})
    assert (found.suspect, found.certainty) == ("pac_file", Certainty.LIKELY)
    assert "correct the PAC file" in found.sentence


def _wants_login(sock: socket.socket) -> None:
    sock.recv(4096)
    sock.sendall(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')


def test_a_pac_file_holds_no_login(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The URL to put a login into is the one that the user names, as the advice says."""
    with serving(_wants_login) as port:
        script = f'function FindProxyForURL(u, h) {{ return "PROXY 127.0.0.1:{port}"; }}'
        found = with_pac(lab, tmp_path, script, {"eu": "ws://eu.lab.invalid/"})
    assert found.suspect == "proxy_login"
    assert re.search("PAC file (holds|has|can hold) no login", found.sentence)


def test_no_gateway_is_made_up(lab: Lab) -> None:
    """Whether a server that is down answers itself, or a gateway before it, its answer does not show."""
    lab.add("eu", fault="http-503", tls=True)
    (found,) = debugged(lab).conclusions
    assert found.suspect == "backend"
    assert re.match(r"127\.0\.0\.1:\d+, or what stands behind it, is down or overloaded \(HTTP 503\):", found.sentence)


@pytest.mark.parametrize("all_regions", [False, True])
def test_a_refused_login_is_not_sent_again(lab: Lab, all_regions: bool) -> None:
    """Accounts are locked after some failed logins: the check sends one a region, and the debugger none."""
    logins: list[bytes] = []

    def refuse(sock: socket.socket) -> None:
        head = sock.recv(4096)
        logins.extend([head] if b"Proxy-Authorization" in head else [])
        sock.sendall(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')

    regions = {"eu": "ws://eu.lab.invalid/", "us": "ws://us.lab.invalid/"}
    with serving(refuse) as port:
        report = debugged(lab, regions, proxy=f"http://me:S3CRET@127.0.0.1:{port}", all_regions=all_regions)
    assert len(logins) == len(regions)
    assert {found.suspect for found in report.conclusions} == {"proxy_login"}
    assert "It was not sent again" in report.conclusions[0].sentence


def test_where_nobody_is_named_the_check_advises(lab: Lab) -> None:
    """What no experiment tells is left to the advice, word by word."""
    lab.add("eu", fault="http-503")
    report = debugged(lab)
    (found,) = report.conclusions
    failure = report.result.outcomes[0].failure
    assert failure is not None
    assert found.suspect is None
    assert found.sentence.endswith(failure.advice)


@pytest.mark.parametrize(
    ("fault", "suspect"), [("http-503", "backend"), ("http-404", "endpoint"), ("http-429", "rate_limit")]
)
def test_an_endpoint_that_refuses(lab: Lab, fault: str, suspect: str) -> None:
    """What the region's URL is asked of answers for itself, over TLS that was verified."""
    endpoint = lab.add("endpoint", fault=fault, tls=True).replace("wss://", "https://")
    region = Region("eu", discovery=wsconn.Discovery(endpoint, "/wssUri"))
    report = wsconn.debug([region], timeout=2, proxy=None, ssl_context=lab.ssl_context)
    (found,) = report.conclusions
    assert (found.suspect, found.addressee) == (suspect, Addressee.SERVICE)
    assert {experiment.name for experiment in report.experiments} == {"again"}
