"""The house: who may import whom, who may know which library, and where a thread may wait.

All of it is read from the source, so that an import inside a function counts as well.
"""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

import wsconn

PACKAGE = pathlib.Path(wsconn.__file__).parent

# The rows of the contract's table, the lowest first. A row may have shelves: what stands on one may use what stands on
# those before it, and never what stands beside it.
HOUSE: dict[str, list[set[str]]] = {
    "0: no threads, no sockets": [
        {"_version", "_outcome", "_shown", "_deadline", "_abort", "_life", "_frame_rules", "_hosts"},
        {"_evidence", "_causes", "_result"},
        {"_exceptions", "_messages", "_interceptors", "_proxy_advice"},
        {"_advice"},
        {"_regions", "_http_answer", "_journal"},
        {"_handshake_rules"},
    ],
    "1: one socket, one environment, one file": [
        {"_background", "_waiting", "_proxies", "_region_files", "_greenlets"},
        {"_channel", "_system_proxies"},
        {"_http_head", "_http_body"},
    ],
    "2: one stage each": [{"_resolve", "_tunnel", "_tls", "_upgrade"}, {"_connect"}],
    "3: the way": [{"_route"}],
    "4: discovery": [{"_discovery"}],
    "5: one region": [{"_probe"}],
    "6: one test": [{"_workers", "_waiters", "_teller"}, {"_handle"}],
    "7: the door": [{"_assembly"}, {"_api"}],
    "8: what users see": [{"__init__"}, {"reports"}],
    "9: the command line": [{"_cli"}, {"__main__"}],
    "10: for who packs programs": [{"_pyinstaller"}, {"pyinstaller_hooks"}],
}
SHELVES = [(row, shelf) for row, shelves in HOUSE.items() for shelf in shelves]
LEVEL = {room: level for level, (_, shelf) in enumerate(SHELVES) for room in shelf}
LAB = "lab"  # stands beside


class Import(NamedTuple):
    """A file, and what it imports: a dotted name."""

    file: pathlib.Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(PACKAGE)}:{self.line} imports {self.name}"

    @property
    def importer(self) -> str:
        return room_of(self.file)

    @property
    def imported(self) -> str | None:
        """The room of wsconn's that is imported, or `None` for another library's module."""
        top, *rest = self.name.split(".")
        return None if top != "wsconn" else rest[0] if rest else "__init__"


def room_of(file: pathlib.Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def sources(*, of_the_engine: bool = False) -> list[pathlib.Path]:
    beside = {LAB, "reports", "_cli", "__main__", "__init__"}
    return [file for file in sorted(PACKAGE.rglob("*.py")) if not of_the_engine or room_of(file) not in beside]


def imports_of(file: pathlib.Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(file, node)
            for alias in node.names:
                yield Import(file, node.lineno, f"{start}.{alias.name}" if _is_module(start, alias.name) else start)


def _absolute(file: pathlib.Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = ["wsconn", *file.relative_to(PACKAGE).parts[:-1]]
    start = package[: len(package) - node.level + 1]
    return ".".join([*start, node.module] if node.module else start)


def _is_module(package: str, name: str) -> bool:
    top, *rest = package.split(".")
    where = PACKAGE.joinpath(*rest, name)
    return top == "wsconn" and (where.is_dir() or where.with_suffix(".py").exists())


IMPORTS = [found for file in sources() for found in imports_of(file)]


def test_every_file_has_its_place() -> None:
    """Each file stands on exactly one shelf of the house, and the house has no shelf for a file that is not there."""
    rooms = {room_of(file) for file in sources()} - {LAB}
    assert rooms - LEVEL.keys() == set()
    assert LEVEL.keys() - rooms == set()
    assert sum(len(shelf) for _, shelf in SHELVES) == len(LEVEL)


def test_imports_are_found_however_they_are_written() -> None:
    """Plain, from, relative and inside a function: none of these hides an import."""
    seen = {(found.importer, found.imported or found.name.split(".")[0]) for found in IMPORTS}
    assert {("_upgrade", "_frame_rules"), ("_upgrade", "websocket"), ("_api", "_handle"), ("__main__", "_cli")} <= seen
    relative = ast.parse("from . import b\nfrom .. import c\nfrom .d import e\nfrom ..f import g").body
    inside = PACKAGE / "lab" / "faults" / "a.py"
    names = [_absolute(inside, node) for node in relative if isinstance(node, ast.ImportFrom)]
    assert names == ["wsconn.lab.faults", "wsconn.lab", "wsconn.lab.faults.d", "wsconn.lab.f"]


def test_a_file_imports_only_from_below() -> None:
    """Data flows one way: nobody imports from the same shelf, nor from a higher one."""
    upward = [
        str(found)
        for found in IMPORTS
        if found.imported is not None
        and LAB not in (found.importer, found.imported)
        and found.importer != found.imported
        and LEVEL[found.imported] >= LEVEL[found.importer]
    ]
    assert upward == []


def test_engine_and_lab_do_not_know_each_other() -> None:
    """The lab stands beside: it uses nothing of the engine, and only the command line, for its demo, uses it."""
    crossing = [
        str(found)
        for found in IMPORTS
        if (found.importer == LAB and found.imported not in (None, LAB))
        or (found.imported == LAB and found.importer not in (LAB, "_cli"))
    ]
    assert crossing == []


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("websocket", {"_upgrade"}),
        ("python_socks", {"_tunnel"}),
        ("rich", {"_cli"}),
        ("jinja2", {"reports"}),
        ("markupsafe", set()),
        ("websockets", {LAB}),
        ("trustme", {LAB}),
        ("asyncio", set()),
        ("selectors", {"_waiting", LAB}),
        ("select", set()),
        ("_thread", set()),
        ("multiprocessing", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_library_is_known_in_one_room(library: str, rooms: set[str]) -> None:
    """A third party's library, or a way of waiting, is imported where its exceptions are translated, and only there."""
    strangers = [str(found) for found in IMPORTS if found.name.split(".")[0] == library and found.importer not in rooms]
    assert strangers == []


def test_the_lowest_row_has_no_threads() -> None:
    """Row 0 is rules and records: it starts no thread and opens no socket, but for the abort's own pair."""
    lowest = set().union(*next(iter(HOUSE.values())))
    forbidden = {"threading", "concurrent", "subprocess", "ssl", "socket", "wsconn._background"}
    found = [
        (found.importer, found.name)
        for found in IMPORTS
        if found.importer in lowest and forbidden & {found.name, found.name.split(".")[0]}
    ]
    assert found == [("_abort", "socket")]


# --- the waiting room ------------------------------------------------------------------------------------------------

# Methods of a socket that can hold a thread, wherever they are so much as mentioned: they may be called elsewhere.
OF_A_SOCKET = {
    *("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "readinto", "makefile"),
    *("send", "sendall", "sendto", "sendmsg", "sendfile", "accept", "connect", "connect_ex", "do_handshake", "unwrap"),
}
# And whatever else can. `get` does without arguments (a queue's, not a dict's), `join` on anything but a literal (a
# thread's, not a str's).
CAN_WAIT = OF_A_SOCKET | {
    *("select", "poll", "sleep", "pause", "sigwait", "wait", "wait_for", "as_completed", "join", "shutdown"),
    *("result", "exception", "acquire", "get", "put", "read", "readline", "input", "urlopen", "create_connection"),
    *("getaddrinfo", "gethostbyname", "getnameinfo", "gethostbyaddr", "getfqdn"),
}


class Mention(NamedTuple):
    """What can wait: in which room and function, and how it is written there."""

    room: str
    function: str
    written: str


ALLOWED = {
    Mention(room, *place.split(" ", maxsplit=1)): reason
    for room, places in {
        "_abort": {
            "Abort.set self._rung.send": "one byte into an empty buffer, non-blocking",
        },
        "_background": {
            "Once.begin begun.exception": "it is done",
            "Once.join self._thread.join": "a second at most; the ringer waits so, after all regions",
            "_join_all thread.join": "a second at most for each, when the process ends",
        },
        "_waiting": {
            "wait selector.select": "here wsconn waits: for the socket and the abort, until the deadline",
            "result_of future.result": "it is done",
            "result_of future.exception": "it is done",
            "Bell.ring self._rung.send": "non-blocking; full means rung",
        },
        "_channel": {
            "Channel.start_tls ends.do_handshake": "in memory: what it wants is carried by _receive and _send",
            "Channel._carry tls.outgoing.read": "a buffer in memory",
            "Channel._carry self._sock.send": "non-blocking, and tried once",
            "Channel._send self._sock.send": "non-blocking, and _call goes to the room in between",
            "Channel._receive self._sock.recv": "non-blocking, and _call goes to the room in between",
        },
        "_connect": {
            "_Race._start sock.connect_ex": "the socket is non-blocking",
        },
        "_http_body": {
            "_read_exactly channel.read": "the channel waits in the room",
            "_read_to_the_end channel.read": "the channel waits in the room",
        },
        "_tunnel": {
            "_Forward.recv self._channel.read": "the channel waits in the room",
            "_negotiate_socks socks.connect": "python-socks speaks over the channel that it is given",
        },
        "_upgrade": {
            "_Wire.recv self._channel.read": "the channel waits in the room",
            "OpenWebSocket._read_message self._channel.read": "the channel waits in the room",
            "upgrade library.connect": "websocket-client speaks over the channel that it is given",
        },
        "_resolve": {
            "_ask getaddrinfo": "cannot be woken: called on a daemon thread",
            "_literal socket.getaddrinfo": "AI_NUMERICHOST asks nobody",
            "_found family.result": "it is done",
            "has_way_to_ipv6 sock.connect": "UDP: this looks the way up, and sends nothing",
            "_found family.exception": "it is done",
            "Answers.failure family.exception": "they are done",
        },
        "_waiters": {
            "Waiters.wake queue.put": "a SimpleQueue is unbounded, its put reentrant",
            "Waiter.wait self._queue.get": "the user's own wait, for as long as the handle says",
        },
        "_teller": {
            "Teller.tell self._news.get": "the teller sleeps until a region settles: each does",
            "Teller.notify self._news.put": "a SimpleQueue is unbounded, its put reentrant",
            "log_fault _log.exception": "a log entry",
        },
        "_workers": {
            "Workers.join self._executor.shutdown": "the workers end at their deadlines or the abort",
            "Workers.join thread.join": "so do these",
        },
        "_probe": {
            "Probe.join self.library.join": "as Once.join",
            "Probe.join self.route.trust.join": "as Once.join",
        },
        "_handle": {
            "ConnectivityTest._ring self._to_ringer.get": "the ringer sleeps until the end: every test has one",
            "ConnectivityTest._start_workers self._to_ringer.get": "a millisecond between the starts of threads",
            "ConnectivityTest._ring time.sleep": "a head start of 5 ms for those who wait for an aborted test's result",
            "ConnectivityTest._ring self._workers.join": "the workers end at their deadlines or the abort",
            "ConnectivityTest._wait waiter.wait": "the user's own wait, in slices on the main thread",
            "ConnectivityTest.__exit__ self._ringer.join": "leaving the block waits for the workers",
            "ConnectivityTest.abort self._to_ringer.put": "a SimpleQueue is unbounded, its put reentrant",
            "ConnectivityTest._end self._to_ringer.put": "a SimpleQueue is unbounded, its put reentrant",
        },
        "_api": {
            "check test.result": "the user's own wait",
        },
        "_system_proxies": {
            "settings read": "the registry or the system's configuration, before the test begins",
        },
    }.items()
    for place, reason in places.items()
}


def engine() -> set[Mention]:
    """Return all mentions in the engine's files of what can wait."""
    return {
        Mention(room_of(file), *found)
        for file in sources(of_the_engine=True)
        for found in what_can_wait(ast.parse(file.read_text(encoding="utf-8")))
    }


def what_can_wait(tree: ast.Module) -> Iterator[tuple[str, str]]:
    safe = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in ("wsconn._waiting", "wsconn._connect")
        for alias in node.names  # what comes from there ends at the deadline or the abort
    }
    safe |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}  # looked into where it is defined
    for function, node in _nodes(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) as called) if name in CAN_WAIT and not _is_harmless(node):
                yield function, _written(called)
            case ast.Call(func=ast.Name(id=name)) if name in CAN_WAIT - safe:
                yield function, name
            case ast.Attribute(attr=name) if name in OF_A_SOCKET:
                yield function, _written(node)


def _nodes(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        yield function, child
        is_scope = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _nodes(child, f"{function}.{child.name}".lstrip(".") if is_scope else function)


def _written(called: ast.Attribute) -> str:
    return f"<call>.{called.attr}" if isinstance(called.value, ast.Call) else ast.unparse(called)


def _is_harmless(node: ast.Call) -> bool:
    match node.func:
        case ast.Attribute(attr="join", value=ast.Constant() | ast.JoinedStr()):
            return True
        case ast.Attribute(attr="get"):
            return bool(node.args)
        case _:
            return False


def test_all_waits_are_in_one_room() -> None:
    """Outside the waiting room the engine mentions nothing that can hold a thread, but what is listed with a reason."""
    assert engine() - ALLOWED.keys() == set()


def test_no_exception_outlives_its_reason() -> None:
    """What is listed as allowed is still there: a list that is longer than need be hides the next one."""
    assert ALLOWED.keys() - engine() == set()


def test_waits_are_found_however_they_are_written() -> None:
    """Methods, plain names, nested functions and methods handed on are seen; a dict's `get`, a str's `join` are not."""
    source = """
from time import sleep
from wsconn._waiting import wait
def outer(sock, queue, d, thread):
    d.get('key'); ', '.join(d); f'{d}'.join(d); wait([]); d.result
    def inner():
        sleep(1)
        return call(sock.recv, 1)
    queue.get(); thread.join(); queue.get(timeout=1); future().result()
"""
    assert sorted(set(what_can_wait(ast.parse(source)))) == [
        ("outer", "<call>.result"),
        ("outer", "queue.get"),
        ("outer", "thread.join"),
        ("outer.inner", "sleep"),
        ("outer.inner", "sock.recv"),
    ]
