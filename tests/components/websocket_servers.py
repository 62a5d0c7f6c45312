"""WebSocket servers by others, each run by a small program in the folder `servers`.

All of them answer alike: `/closing` opens and closes at once, as a server does where nobody logged in, `/refused`
answers 403, and anything else is a healthy WebSocket.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

from tests.components.certificates import Certificates
from tests.components.programs import HOME, free_port, running

_PROGRAMS = pathlib.Path(__file__).parent / "servers"
_PYTHON = str(HOME / "servers" / "bin" / "python")
_COMMANDS: dict[str, tuple[str, ...]] = {
    "websockets": (_PYTHON, "websockets_server.py"),
    "aiohttp": (_PYTHON, "aiohttp_server.py"),
    "uvicorn": (_PYTHON, "uvicorn_server.py", "websockets-sansio"),
    "uvicorn with wsproto": (_PYTHON, "uvicorn_server.py", "wsproto"),
    "ws (Node)": ("node", "ws_server.cjs"),
}
SERVERS = tuple(_COMMANDS)


@contextlib.contextmanager
def websocket_server(name: str, *, folder: pathlib.Path, certificates: Certificates, tls: str = "") -> Iterator[int]:
    """Run the server called `name` and give its port; `tls` is "1.2", "1.3" or, for plain TCP, empty."""
    program, script, *rest = _COMMANDS[name]
    port = free_port()
    files = (certificates.server, certificates.key) if tls else ()
    command = (program, str(_PROGRAMS / script), *rest, str(port), tls, *map(str, files))
    environment = {"NODE_PATH": str(HOME / "node" / "node_modules")}
    with running(command, folder=folder, ports=[port], environment=environment):
        yield port
