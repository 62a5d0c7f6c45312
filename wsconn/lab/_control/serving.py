"""What the control answers, and what it changes."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from wsconn.lab._control.request import RefusedError, Request, read, shown
from wsconn.lab._fault import Fault, Serve
from wsconn.lab._fault_names import HEALTHY, UnknownFaultError
from wsconn.lab._wire import hang_up, response
from wsconn.lab.faults import FAULTS

_SECONDS = 10.0  # for each piece of a request
_KEYS = ("fault", "existing")


class Controlled(Protocol):
    """The part of `Lab` that is controlled."""

    @property
    def regions(self) -> dict[str, str]: ...
    @property
    def faults(self) -> dict[str, Fault]: ...
    def set_fault(self, name: str, fault: str, *, existing: Any = ...) -> None: ...  # noqa: ANN401 - it checks that
    def reset(self, name: str | None = None) -> None: ...


Answer = Callable[[Controlled, Request], Mapping[str, Any]]


def controlling(lab: Controlled) -> Serve:
    """Return a function that serves the connections of whoever controls `lab`: a request each."""

    def serve(sock: socket.socket) -> None:
        sock.settimeout(_SECONDS)
        status, said, headers = _answer(lab, sock)
        body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
        fixed = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        sock.sendall(response(status, {**fixed, **headers}, body))
        hang_up(sock)

    return serve


def _answer(lab: Controlled, sock: socket.socket) -> tuple[int, Mapping[str, Any], Mapping[str, str]]:
    headers: dict[str, str] = {}
    try:
        request = read(sock)
        methods = _methods(request.path)
        if request.method not in methods:
            headers = {"Allow": ", ".join(methods)}
            raise RefusedError(405, f"{request.method} is not for this path, but {' or '.join(methods)}")
        return 200, methods[request.method](lab, request), headers
    except RefusedError as refused:
        return refused.status, {"error": refused.why}, headers


def _methods(path: tuple[str, ...]) -> Mapping[str, Answer]:
    match path:
        case ("regions",):
            return {"GET": _all_regions, "DELETE": _reset_all}
        case ("regions", _):
            return {"GET": _region, "PUT": _put, "DELETE": _reset}
        case ("faults",):
            return {"GET": _faults}
        case _:
            raise RefusedError(404, f"there are /regions, /regions/NAME and /faults, not {shown('/' + '/'.join(path))}")


def _all_regions(lab: Controlled, _request: Request) -> Mapping[str, Any]:
    return described(lab)


def _region(lab: Controlled, request: Request) -> Mapping[str, Any]:
    name, regions = request.path[1], described(lab)
    if name not in regions:
        raise RefusedError(404, f"there is no region {shown(name)}; there are {', '.join(regions)}")
    return regions[name]


def _put(lab: Controlled, request: Request) -> Mapping[str, Any]:
    _region(lab, request)
    wanted = request.body
    for key in wanted:
        if key not in _KEYS:
            raise RefusedError(400, f"there is no key {shown(key)}; there are {' and '.join(_KEYS)}")
    if not isinstance(wanted.get("fault"), str):
        raise RefusedError(400, f"fault must be the name of a fault, not {shown(wanted.get('fault'))}")
    try:
        lab.set_fault(request.path[1], wanted["fault"], existing=wanted.get("existing", "close"))
    except UnknownFaultError as error:
        to_try = " or ".join(error.suggestions) or "GET /faults"
        raise RefusedError(400, f"there is no fault {shown(error.name)}; try {to_try}") from error
    except ValueError as error:
        raise RefusedError(400, str(error)) from error
    except RuntimeError as error:  # the lab was closed meanwhile
        raise RefusedError(503, str(error)) from error
    except OSError as error:
        raise RefusedError(500, f"this machine cannot do it: {error}") from error
    return _region(lab, request)


def _reset(lab: Controlled, request: Request) -> Mapping[str, Any]:
    _region(lab, request)
    lab.reset(request.path[1])
    return _region(lab, request)


def _reset_all(lab: Controlled, _request: Request) -> Mapping[str, Any]:
    lab.reset()
    return described(lab)


def _faults(_lab: Controlled, _request: Request) -> Mapping[str, Any]:
    return {
        fault.name: {
            "summary": fault.summary,
            "stage": fault.stage,
            "causes": list(fault.causes),
            "tls": fault.needs_tls,
        }
        for fault in (HEALTHY, *FAULTS.values())
        if not fault.reachability.names_a_host
    }


def described(lab: Controlled) -> dict[str, dict[str, str]]:
    """Return what is served, as it is written for programs."""
    faults = lab.faults
    return {name: {"url": url, "fault": faults[name].name} for name, url in lab.regions.items()}
