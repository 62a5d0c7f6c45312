"""Programs that others wrote and configurations steer: how each is started, on ports of 127.0.0.1 that were free."""

from __future__ import annotations

import contextlib
import pathlib
import shlex
from collections.abc import Iterator, Mapping

import attrs

from tests.components.configurations import fill, write_configuration
from tests.components.programs import HOME, READY_SECONDS, free_port, running

_SERVERS = pathlib.Path(__file__).parent / "servers"
_VALUES = {
    "python": HOME / "servers" / "bin" / "python",
    "bin": HOME / "servers" / "bin",
    "servers": _SERVERS,
    "ejabberd": next(pathlib.Path("/usr/lib").glob("*/ejabberd-*.*[0-9]"), ""),
}
_LOOKED_UP = {"NODE_PATH": str(HOME / "node" / "node_modules"), "PYTHONPATH": str(_SERVERS)}


@attrs.frozen(kw_only=True)
class Program:
    """A command, its configurations and its environment, in which `@name@` stands for what is filled in.

    `ports` are the names of free ports, that which is tested first. A configuration's file is called what stands behind
    a colon, where something does.
    """

    command: str
    configurations: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    ports: tuple[str, ...] = ("port",)
    ready_seconds: float = READY_SECONDS


@contextlib.contextmanager
def configured(program: Program, folder: pathlib.Path, **values: object) -> Iterator[int]:
    """Run a program in `folder` and give its port; `values` may have one for it."""
    filled = {**_VALUES, "folder": folder, **{name: free_port() for name in program.ports}, **values}
    ports = [int(str(filled[name])) for name in program.ports]
    for configuration in program.configurations:
        source, _, target = configuration.partition(":")
        write_configuration(source, folder, **filled).rename(folder / (target or source))
    command = [fill(word, filled) for word in shlex.split(program.command)]
    environment = {name: fill(value, filled) for name, value in program.environment.items()}
    environment = {**_LOOKED_UP, **environment}
    with running(command, folder=folder, ports=ports, environment=environment, ready_seconds=program.ready_seconds):
        yield ports[0]
