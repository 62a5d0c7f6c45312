"""WebSocket servers by others, over plain TCP and over each version of TLS."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

import wsconn
from tests.components.certificates import ORGANISATION, Certificates
from tests.components.conftest import Row
from tests.components.websocket_servers import SERVERS, websocket_server

pytestmark = pytest.mark.components
SECONDS = 5.0


@attrs.frozen
class Served:
    """A server that runs: whose it is, the TLS that it speaks, and its URL without a path."""

    name: str
    tls: str
    url: str

    @property
    def case(self) -> str:
        """What the table calls it."""
        return f"TLS {self.tls}" if self.tls else "no TLS"


def _servers(*versions: str) -> pytest.MarkDecorator:
    """Parametrise a test with every server in each of these versions of TLS; no version is plain TCP."""
    params = [(name, tls) for name in SERVERS for tls in versions]
    ids = [f"{name}-{tls or 'plain'}" for name, tls in params]
    return pytest.mark.parametrize("served", params, ids=ids, indirect=True, scope="module")


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Served]:
    """Run one server in one version of TLS."""
    name, tls = request.param
    folder = tmp_path_factory.mktemp("server")
    with websocket_server(name, folder=folder, certificates=certificates, tls=tls) as port:
        yield Served(name, tls, f"{'wss' if tls else 'ws'}://127.0.0.1:{port}")


def _check(url: str, certificates: Certificates) -> wsconn.RegionOutcome:
    result = wsconn.check({"eu": url}, timeout=SECONDS, proxy=None, ssl_context=certificates.trusting_context())
    return result.outcome("eu")


@_servers("", "1.2", "1.3")
def test_healthy_server_passes(served: Served, certificates: Certificates, row: Row) -> None:
    """The WebSocket opens, the pong comes back, and what was agreed in TLS is in the outcome."""
    outcome = _check(f"{served.url}/", certificates)
    row(served.name, f"healthy, {served.case}", "passed", outcome)
    assert outcome.http_status == 101
    assert outcome.round_trip is not None
    if served.tls:
        assert outcome.tls
        assert outcome.tls.version == f"TLSv{served.tls}"
        assert ORGANISATION in (outcome.tls.issuer or "")
    else:
        assert outcome.tls is None


@_servers("", "1.2", "1.3")
def test_server_that_closes_at_once_passes(served: Served, certificates: Certificates, row: Row) -> None:
    """A Close is a frame too: a server that wants a login has shown that WebSocket works."""
    outcome = _check(f"{served.url}/closing", certificates)
    row(served.name, f"closes at once with 1008, {served.case}", "passed", outcome)
    assert (outcome.close_code, outcome.close_reason) == (1008, "log in first")
    assert outcome.round_trip is None


@_servers("", "1.2", "1.3")
def test_server_that_refuses_fails(served: Served, certificates: Certificates, row: Row) -> None:
    """A status other than 101 fails the region and is told."""
    outcome = _check(f"{served.url}/refused", certificates)
    row(served.name, f"answers 403, {served.case}", "upgrade/http_status", outcome)
    assert outcome.http_status == 403
    assert outcome.failure
    assert "HTTP 403" in outcome.failure.message
    assert served.url.partition("//")[2] in outcome.failure.message


@_servers("1.2", "1.3")
def test_server_with_unknown_authority_is_not_trusted(served: Served, row: Row) -> None:
    """With the system's roots alone the suite's authority is unknown, and the message names it."""
    outcome = wsconn.check({"eu": f"{served.url}/"}, timeout=SECONDS, proxy=None).outcome("eu")
    row(served.name, f"authority unknown, {served.case}", "tls/tls_untrusted", outcome)
    assert outcome.failure
    assert ORGANISATION in outcome.failure.message


@_servers("")
def test_wss_to_a_server_without_tls_fails(served: Served, certificates: Certificates, row: Row) -> None:
    """Asked for TLS, a server that speaks HTTP alone shows that it does not."""
    address = served.url.partition("//")[2]
    outcome = _check(f"wss://{address}/", certificates)
    # aiohttp, uvicorn and ws answer 400 in plain text; websockets hangs up.
    expected = "tls/closed" if served.name == "websockets" else "tls/not_tls"
    row(served.name, "wss to its plain port", expected, outcome)
    assert outcome.failure
    assert address in outcome.failure.message
