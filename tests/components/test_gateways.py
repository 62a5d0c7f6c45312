"""Gateways by others before a real WebSocket server, told to pass the upgrade on, or not told to.

haproxy ends TLS before each of them, as a load balancer does.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

import attrs
import pytest

import wsconn
from tests.components.cases import Case, each
from tests.components.certificates import Certificates
from tests.components.configured import Program, configured
from tests.components.conftest import Row
from tests.components.programs import free_port
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components

_STATUS = "upgrade/http_status"

_PROGRAMS = {
    "nginx, as it comes": Program(
        command="/usr/sbin/nginx -p @folder@ -e stderr -c @folder@/nginx-bare.conf",
        configurations=("nginx-bare.conf",),
    ),
    "Apache": Program(command="apache2 -DFOREGROUND -f @folder@/apache.conf", configurations=("apache.conf",)),
    "lighttpd": Program(command="lighttpd -D -f @folder@/lighttpd.conf", configurations=("lighttpd.conf",)),
    "Caddy": Program(
        command="caddy run --config @folder@/Caddyfile --adapter caddyfile",
        configurations=("Caddyfile",),
        environment={"XDG_CONFIG_HOME": "@folder@", "XDG_DATA_HOME": "@folder@"},
    ),
    "Varnish": Program(
        command="varnishd -j none -F -a 127.0.0.1:@port@ -f @folder@/varnish.vcl -n @folder@/state -S none -T none"
        " -s malloc,1m",
        configurations=("varnish.vcl",),
    ),
    "h2o": Program(command="h2o -c @folder@/h2o.yaml", configurations=("h2o.yaml",)),
    "Envoy": Program(
        command="@bin@/envoy -c @folder@/envoy.json --use-dynamic-base-id --concurrency 1",
        configurations=("envoy.json",),
    ),
    "Traffic Server": Program(
        command="traffic_server --run-root=@folder@",
        configurations=(
            "trafficserver.runroot.yaml:runroot.yaml",
            "trafficserver.records.config:records.config",
            "trafficserver.storage.config:storage.config",
            "trafficserver.ip_allow.yaml:ip_allow.yaml",
            "trafficserver.remap.config:remap.config",
        ),
    ),
}
_TLS = Program(command="haproxy -db -f @folder@/tls.cfg", configurations=("tls.cfg",))

_PASSED_ON = (
    Case(name="upgrade passed on", target="ws /passed-on"),
    Case(name="and TLS ended", target="wss /passed-on"),
)
_WITHOUT_UPGRADE = Case(
    name="upgrade not passed on, TLS",
    target="wss /without-upgrade",
    expected=_STATUS,
    fact="HTTP 426",
    first="operator",
)


def _dead(status: int) -> Case:
    return Case(
        name="dead upstream, TLS",
        target="wss /dead",
        expected=_STATUS,
        fact=f"HTTP {status}",
        first="down",
    )


def _unknown(status: int) -> Case:
    return Case(name="path unknown, TLS", target="wss /nowhere", expected=_STATUS, fact=f"HTTP {status}", first="path")


_CASES = {
    "nginx, as it comes": (
        *_PASSED_ON,
        attrs.evolve(_WITHOUT_UPGRADE, fact="HTTP 505", first="proxy_http_version 1.1"),
        attrs.evolve(_WITHOUT_UPGRADE, name="upgrade not passed on, in HTTP/1.1, TLS", target="wss /http-1.1"),
        _dead(502),
    ),
    "Apache": (*_PASSED_ON, _WITHOUT_UPGRADE, _dead(503), _unknown(404)),
    "lighttpd": (*_PASSED_ON, _WITHOUT_UPGRADE, _dead(503)),
    "Caddy": (*_PASSED_ON, _dead(502), _unknown(200)),
    "Varnish": (*_PASSED_ON, _WITHOUT_UPGRADE, _dead(503)),
    "h2o": (*_PASSED_ON, _WITHOUT_UPGRADE, _dead(502), _unknown(404)),
    "Envoy": (
        *_PASSED_ON,
        attrs.evolve(_WITHOUT_UPGRADE, fact="HTTP 403", first="upgrade_configs"),
        _dead(503),
        _unknown(404),
    ),
    "Traffic Server": (
        *_PASSED_ON,
        Case(
            name="mapped for http alone, TLS",
            target="wss /http-only",
            expected=_STATUS,
            fact="HTTP 404 Not Found on Accelerator",
            first="map",
        ),
        _dead(502),
    ),
}


@pytest.fixture(scope="module")
def ports_of(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Callable[[str], dict[str, int]]]:
    """Start each gateway when it is first asked for; give its port, and that of TLS before it, by scheme."""
    with contextlib.ExitStack() as programs:
        upstream = websocket_server("websockets", folder=tmp_path_factory.mktemp("upstream"), certificates=certificates)
        values = {"upstream": programs.enter_context(upstream), "dead": free_port(), "only_mapped": 1}

        @functools.cache
        def start(name: str) -> dict[str, int]:
            folder, before = tmp_path_factory.mktemp("gateway"), tmp_path_factory.mktemp("tls")
            wss, pem = free_port(), certificates.server_and_key
            ws = programs.enter_context(configured(_PROGRAMS[name], folder, **values, tls=wss))
            programs.enter_context(configured(_TLS, before, behind=ws, port=wss, server_and_key=pem))
            return {"ws": ws, "wss": wss}

        yield start


@each(_CASES)
def test_gateway(
    component: str,
    case: Case,
    ports_of: Callable[[str], dict[str, int]],
    certificates: Certificates,
    row: Row,
) -> None:
    """What a gateway does not pass on is its operator's to mend."""
    scheme, _, path = case.target.partition(" ")
    url = f"{scheme}://127.0.0.1:{ports_of(component)[scheme]}{path}"
    context = certificates.trusting_context()
    outcome = wsconn.check({"eu": url}, timeout=case.seconds, proxy=None, ssl_context=context).outcome("eu")
    case.note(row, component, outcome)
