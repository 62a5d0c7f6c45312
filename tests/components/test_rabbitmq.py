"""RabbitMQ's two WebSockets, MQTT and STOMP. It takes half a minute to start: a file of its own, beside the others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest

import wsconn
from tests.components.cases import Case, each
from tests.components.configurations import fill
from tests.components.configured import Program, configured
from tests.components.conftest import Row
from tests.components.programs import free_port

pytestmark = pytest.mark.components

_MAPPER = Program(command="epmd -port @mapper@ -address 127.0.0.1", ports=("mapper",))  # else it starts one that stays
_RABBITMQ = Program(
    command="/usr/lib/rabbitmq/bin/rabbitmq-server",
    configurations=("rabbitmq.conf", "rabbitmq.plugins"),
    environment={
        "HOME": "@folder@",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": "@mapper@",
        "RABBITMQ_CONF_ENV_FILE": "@folder@/none",
        "RABBITMQ_CONFIG_FILE": "@folder@/rabbitmq.conf",
        "RABBITMQ_DIST_PORT": "@nodes@",
        "RABBITMQ_ENABLED_PLUGINS_FILE": "@folder@/rabbitmq.plugins",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_MNESIA_BASE": "@folder@",
        "RABBITMQ_NODENAME": "wsconn@localhost",
        "RABBITMQ_PID_FILE": "@folder@/pid",
    },
    ports=("port", "stomp"),
    ready_seconds=90,
)
_MQTT, _STOMP = "ws://127.0.0.1:@port@/ws", "ws://127.0.0.1:@stomp@/ws"
_CASES = {
    "RabbitMQ": (
        Case(name="MQTT, its subprotocol", target=_MQTT, options={"subprotocols": ["mqtt"]}),
        Case(name="MQTT, no subprotocol", target=_MQTT),
        Case(name="STOMP, its subprotocol", target=_STOMP, options={"subprotocols": ["v12.stomp"]}),
        Case(name="STOMP, no subprotocol", target=_STOMP),
        Case(
            name="path unknown",
            target=f"{_MQTT}/other",
            expected="upgrade/http_status",
            fact="HTTP 404",
            first="path",
        ),
    ),
}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, int]]:
    """Run RabbitMQ, and before it what it looks its nodes up with."""
    found = {name: free_port() for name in ("mapper", "nodes", "port", "stomp")}
    with contextlib.ExitStack() as running:
        for program in (_MAPPER, _RABBITMQ):
            running.enter_context(configured(program, tmp_path_factory.mktemp("rabbitmq"), **found))
        yield found


@each(_CASES)
def test_rabbitmq(component: str, case: Case, ports: Mapping[str, int], row: Row) -> None:
    """It takes clients with a subprotocol of its own, and without."""
    url = fill(case.target, ports)
    outcome = wsconn.check({"eu": url}, timeout=case.seconds, proxy=None, **case.options).outcome("eu")
    case.note(row, component, outcome)
