"""Servers of others' that let nobody in who does not ask as they want it: the subprotocol, the Origin, the path."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

import pytest

import wsconn
from tests.components.cases import Case, each
from tests.components.configured import Program, configured
from tests.components.conftest import Row

pytestmark = pytest.mark.components

_OURS, _OTHER = {"origin": "https://page.example"}, {"origin": "https://other.example"}
_SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"
_STATUS = "upgrade/http_status"

_PROGRAMS = {
    "janus": Program(
        command="janus -F @folder@ -C @folder@/janus.jcfg",
        configurations=("janus.jcfg", "janus.transport.websockets.jcfg"),
    ),
    "kamailio": Program(
        command="kamailio -DD -E -f @folder@/kamailio.cfg -Y @folder@ -w @folder@", configurations=("kamailio.cfg",)
    ),
    "prosody": Program(command="prosody -F --config @folder@/prosody.cfg.lua", configurations=("prosody.cfg.lua",)),
    # Without a node's name Erlang starts no port mapper, which would stay.
    "ejabberd": Program(
        command="erl -noinput -pa @ejabberd@/ebin -mnesia dir '\"@folder@\"' -s ejabberd",
        configurations=("ejabberd.yml",),
        environment={"EJABBERD_CONFIG_PATH": "@folder@/ejabberd.yml"},
    ),
    "mosquitto": Program(
        command="mosquitto -c @folder@/mosquitto.conf",
        configurations=("mosquitto.conf",),
        ports=("port", "clients"),
    ),
    "NATS": Program(
        command="nats-server -c @folder@/nats.conf", configurations=("nats.conf",), ports=("port", "clients")
    ),
    "Nextcloud's signaling": Program(
        command="nextcloud-spreed-signaling-server -config @folder@/spreed.conf", configurations=("spreed.conf",)
    ),
    "uWSGI": Program(
        command="uwsgi --http-socket 127.0.0.1:@port@ --plugin python3 --wsgi-file @servers@/uwsgi_application.py"
        " --master --die-on-term --workers 2"
    ),
    "Tornado": Program(command="@python@ @servers@/tornado_server.py @port@"),
    "Django Channels": Program(command="@bin@/daphne -b 127.0.0.1 -p @port@ channels_application:application"),
    "FastAPI": Program(command="@bin@/uvicorn --host 127.0.0.1 --port @port@ fastapi_server:app"),
    "express-ws": Program(command="node @servers@/express_ws_server.cjs @port@"),
    "python-socketio": Program(command="@python@ @servers@/python_socketio_server.py @port@"),
    "Socket.IO": Program(command="node @servers@/socket_io_server.cjs @port@"),
    "protoo": Program(command="node @servers@/protoo_server.cjs @port@"),
    "graphql-ws": Program(command="node @servers@/graphql_ws_server.cjs @port@"),
    "ActionCable": Program(command="puma --quiet --bind tcp://127.0.0.1:@port@ @servers@/action_cable.ru"),
}


def _subprotocol(*names: str) -> dict[str, list[str]]:
    return {"subprotocols": list(names)}


_CASES = {
    "janus": (
        Case(name="its subprotocol", options=_subprotocol("janus-protocol")),
        Case(
            name="no subprotocol",
            expected="upgrade/closed",
            fact="before it had answered",
            first="--subprotocol",
        ),
        Case(
            name="another subprotocol",
            options=_subprotocol("sip"),
            expected="upgrade/closed",
            fact="before it had answered",
            first="subprotocol",
        ),
    ),
    "kamailio": (
        Case(name="its subprotocol", options=_subprotocol("sip")),
        Case(
            name="no subprotocol, and the answer names it",
            expected=_STATUS,
            fact="sip",
            first="--subprotocol",
        ),
    ),
    "prosody": (
        Case(name="its subprotocol", target="/xmpp-websocket", options=_subprotocol("xmpp")),
        Case(
            name="no subprotocol",
            target="/xmpp-websocket",
            expected=_STATUS,
            fact="HTTP 501",
            first="--subprotocol",
        ),
        Case(
            name="another subprotocol",
            target="/xmpp-websocket",
            options=_subprotocol("sip"),
            expected=_STATUS,
            fact="HTTP 501",
            first="subprotocol",
        ),
    ),
    "ejabberd": (
        Case(name="its subprotocol", target="/ws", options=_subprotocol("xmpp")),
        Case(name="no subprotocol", target="/ws"),
        Case(name="path unknown", target="/chat", expected=_STATUS, fact="HTTP 404", first="path"),
    ),
    "mosquitto": (
        Case(name="its subprotocol", target="/mqtt", options=_subprotocol("mqtt")),
        Case(name="no subprotocol", target="/mqtt"),
        Case(
            name="another subprotocol",
            target="/mqtt",
            options=_subprotocol("sip"),
            expected="upgrade/closed",
            fact="before it had answered",
            first="subprotocol",
        ),
    ),
    "NATS": (
        Case(name="speaks first"),
        Case(
            name="another page's Origin",
            options=_OTHER,
            expected=_STATUS,
            fact="HTTP 403",
            first="Origin",
        ),
    ),
    "Nextcloud's signaling": (
        Case(name="speaks first", target="/spreed"),
        Case(name="path unknown", expected=_STATUS, fact="HTTP 404", first="path"),
    ),
    "uWSGI": (Case(name="pongs without payload"),),
    "Tornado": (
        Case(name="healthy"),
        Case(
            name="another page's Origin",
            options=_OTHER,
            expected=_STATUS,
            fact="HTTP 403",
            first="Origin",
        ),
        Case(name="login missing", target="/login", expected=_STATUS, fact="401 Token missing", first="--header"),
        Case(name="path unknown", target="/nowhere", expected=_STATUS, fact="HTTP 404", first="path"),
    ),
    "Django Channels": (
        Case(name="its page's Origin", options=_OURS),
        Case(name="no Origin", expected=_STATUS, fact="403 Access denied", first="--origin"),
        Case(
            name="another page's Origin",
            options=_OTHER,
            expected=_STATUS,
            fact="403 Access denied",
            first="Origin",
        ),
    ),
    "python-socketio": (
        Case(name="speaks first", target=_SOCKET_IO),
        Case(
            name="another page's Origin, and the answer says so",
            target=_SOCKET_IO,
            options=_OTHER,
            expected=_STATUS,
            fact="not an accepted origin",
            first="Origin",
        ),
        Case(
            name="no transport in the URL, and the answer says so",
            target="/socket.io/",
            expected=_STATUS,
            fact="unsupported version",
        ),
    ),
    "Socket.IO": (
        Case(name="speaks first", target=_SOCKET_IO),
        Case(
            name="another page's Origin",
            target=_SOCKET_IO,
            options=_OTHER,
            expected=_STATUS,
            fact="HTTP 400",
            first="Origin",
        ),
        Case(name="no transport in the URL", target="/socket.io/", expected=_STATUS, fact="HTTP 400", first="path"),
        Case(
            name="path unknown",
            target="/nowhere",
            expected="upgrade/closed",
            fact="before it had answered",
            first="path",
        ),
    ),
    "protoo": (
        Case(name="its subprotocol", options=_subprotocol("protoo")),
        Case(
            name="no subprotocol, and the answer says so",
            expected=_STATUS,
            fact="Sec-WebSocket-Protocol",
            first="--subprotocol",
        ),
    ),
    "FastAPI": (
        Case(name="healthy", target="/call?room=1"),
        Case(name="path unknown", target="/calls?room=1", expected=_STATUS, fact="HTTP 403", first="path"),
        Case(name="no parameter", target="/call", expected=_STATUS, fact="HTTP 403", first="query"),
    ),
    "express-ws": (
        Case(name="healthy", target="/call"),
        Case(name="path unknown: it opens, and closes without a code", target="/calls", close_code=1005),
    ),
    "graphql-ws": (
        Case(name="its subprotocol", options=_subprotocol("graphql-transport-ws")),
        Case(name="no subprotocol", close_code=4406),
        Case(name="another subprotocol", options=_subprotocol("graphql-ws"), close_code=4406),
    ),
    "ActionCable": (
        Case(name="its page's Origin; it speaks first", options=_OURS),
        Case(
            name="its page's Origin and its subprotocol; it speaks first",
            options=_OURS | _subprotocol("actioncable-v1-json"),
        ),
        Case(name="no Origin", expected=_STATUS, fact="HTTP 404", first="--origin"),
        Case(
            name="another page's Origin",
            options=_OTHER,
            expected=_STATUS,
            fact="HTTP 404",
            first="Origin",
        ),
    ),
}


@pytest.fixture(scope="module")
def port_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """Start each server when it is first asked for, and end all of them with the module."""
    with contextlib.ExitStack() as servers:

        @functools.cache
        def start(name: str) -> int:
            folder = tmp_path_factory.mktemp("service")
            return servers.enter_context(configured(_PROGRAMS[name], folder))

        yield start


@each(_CASES)
def test_service(component: str, case: Case, port_of: Callable[[str], int], row: Row) -> None:
    """Who asks as the server wants it gets in; who does not is told what to ask for."""
    url = f"ws://127.0.0.1:{port_of(component)}{case.target}"
    outcome = wsconn.check({"eu": url}, timeout=case.seconds, proxy=None, **case.options).outcome("eu")
    case.note(row, component, outcome)
