"""The layers: who may import whom, who may know which library, and where a thread may wait."""

from __future__ import annotations

import ast
import graphlib
import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.layers import (
    IMPORTS,
    LAB,
    LAYERS,
    LEVEL,
    PACKAGE,
    RECORDS,
    absolute,
    folder_of,
    imports_of,
    module_of,
    sources,
)


def test_every_file_has_its_layer() -> None:
    """Each file is in exactly one layer, and no layer names what is not there."""
    there = {folder_of(file) for file in sources()} - {LAB}
    assert there == LEVEL.keys()
    assert sum(map(len, LAYERS.values())) == len(LEVEL)


def test_imports_are_found_however_they_are_written() -> None:
    """Plain, from, relative and inside a function: none of these hides an import."""
    seen = {(found.importer, found.imported or found.name.split(".")[0]) for found in IMPORTS}
    assert {("_stages", "_protocols"), ("_protocols", "websocket"), ("_api", "_run"), ("__main__", "_cli")} <= seen
    relative = ast.parse("from . import b\nfrom .. import c\nfrom .d import e\nfrom ..f import g").body
    inside = PACKAGE / "lab" / "faults" / "a.py"
    names = [absolute(inside, node) for node in relative if isinstance(node, ast.ImportFrom)]
    assert names == ["wsconn.lab.faults", "wsconn.lab", "wsconn.lab.faults.d", "wsconn.lab.f"]


def test_a_layer_imports_only_from_lower_ones() -> None:
    """Data flows one way."""
    upward = [
        str(found)
        for found in IMPORTS
        if found.imported is not None
        and LAB not in (found.importer, found.imported)
        and LEVEL[found.imported] > LEVEL[found.importer]
    ]
    assert upward == []


def test_no_files_import_each_other_in_a_circle() -> None:
    """Within a layer too, one file can be read before the other."""
    modules = {f"wsconn.{module_of(file)}": file for file in sources()}
    graph = {
        file: {modules[found.name] for found in imports_of(file) if found.name in modules} for file in modules.values()
    }
    assert list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


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
    ("library", "places"),
    [
        ("websocket", {"_protocols.websocket_client"}),
        ("python_socks", {"_stages.proxy"}),
        ("_quickjs", {"_protocols.pac.sandbox"}),
        ("quickjs", set()),
        ("spnego", {"_protocols.proxy_logins.ntlm"}),
        ("gssapi", {"_protocols.proxy_logins.negotiate"}),
        ("rich", {"_cli"}),
        ("jinja2", {"reports", "fleet._merged.formats.html_format"}),
        ("prometheus_client", {"fleet._exporter.exposition"}),
        ("waitress", {"fleet._exporter.serving"}),
        ("opentelemetry", {"fleet._otlp.messages"}),
        ("google", {"fleet._otlp.messages"}),
        ("markupsafe", set()),
        ("websockets", {LAB}),
        ("trustme", {LAB}),
        ("asyncio", {"fleet._engines.dask"}),
        ("distributed", {"fleet._engines.dask", "fleet._everywhere"}),
        ("selectors", {"_io.waiting", LAB}),
        ("select", {"_io.waiting"}),
        ("_thread", set()),
        ("multiprocessing", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_library_is_known_in_one_place(library: str, places: set[str]) -> None:
    """A third party's library, or a way of waiting, is imported where its exceptions are translated, and only there."""
    strangers = [
        str(found)
        for found in IMPORTS
        if found.name.split(".")[0] == library and not {found.importer, module_of(found.file)} & places
    ]
    assert strangers == []


def test_records_and_rules_have_no_threads() -> None:
    """The lowest layer starts no thread and opens no socket."""
    forbidden = {"threading", "concurrent", "subprocess", "ssl", "socket"}
    found = [
        str(found) for found in IMPORTS if found.importer in LAYERS[RECORDS] and found.name.split(".")[0] in forbidden
    ]
    assert found == []


# --- the one place to wait -----------------------------------------------------------------------------------------

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
    """What can wait: in which file and function, and how it is written there."""

    module: str
    function: str
    written: str


ALLOWED = {
    Mention(module, *place.split(" ", maxsplit=1)): reason
    for module, places in {
        "_io.wakeup": {
            "WakeupSocketpair.wake self._sender.send": "non-blocking; full means woken",
        },
        "_io.background": {
            "Lazy.begin begun.exception": "it is done",
            "Lazy.hurry self._hurry.put": "a SimpleQueue is unbounded, its put reentrant",
            "Lazy._work_when_due self._hurry.get": "5 ms, on a thread that is left behind",
            "Lazy.join self._hurry.put": "a SimpleQueue is unbounded, its put reentrant",
            "Lazy.join self._thread.join": "a second at most; the supervisor waits so, after all regions",
            "_join_all thread.join": "a second at most for each, when the process ends",
        },
        "_region_files": {
            "read_document file.read": "a file that the caller names, before a test begins",
        },
        "_io.importing": {
            "undisturbed thread.join": "an import ends by itself; Ctrl-C ends the waiting",
        },
        "_io.waiting": {
            "_Poll.__init__ select.poll": "makes one",
            "_Poll.select self._poll.poll": "see `wait`",
            "_Select.select self._selector.select": "see `wait`",
            "wait selector.select": "here wsconn waits: for the socket and the abort, until the deadline",
            "result_of future.result": "it is done",
            "result_of future.exception": "it is done",
        },
        "_io.stream": {
            "Stream.start_tls ends.do_handshake": "in memory: what it wants is carried by _get and _put",
            "Stream._put tls.outgoing.read": "a buffer in memory",
            "Stream.close self._tls.outgoing.read": "a buffer in memory",
            "Stream.close self._sock.send": "non-blocking, and tried once",
            "Stream.close self._sock.shutdown": "waits for nothing: it says that nothing more is sent",
            "Stream._carry tls.outgoing.read": "a buffer in memory",
            "_sealed tls.outgoing.read": "a buffer in memory",
            "Stream._carry self._sock.send": "non-blocking, and tried once",
            "Stream._send self._sock.send": "non-blocking, and _call waits in between",
            "Stream._receive self._sock.recv": "non-blocking, and _call waits in between",
        },
        "_io.held_stream": {
            "HeldStream.ended_by_tls self._tls.ends.read": "in memory: what has ended already",
        },
        "_io.mailbox": {
            "Mailbox.add self._items.put": "a SimpleQueue is unbounded, its put reentrant",
            "Mailbox.take self._watched.recv": "non-blocking",
        },
        "_io.file_reading": {
            "_first_bytes file.read": "on a daemon thread, which is left behind where it hangs",
        },
        "_stages.connect": {
            "_Race._start sock.connect_ex": "the socket is non-blocking",
        },
        "_protocols.http_body": {
            "_read_exactly stream.read": "the stream waits in the one place",
        },
        "_stages.proxy": {
            "_PythonSocksSocket.recv self._stream.read": "the stream waits in the one place",
            "_negotiate_socks socks.connect": "python-socks speaks over the stream that it is given",
        },
        "_protocols.proxy_logins.ntlm": {
            "_is_of_others _is_ours.get": "a context variable",
        },
        "_stages.proxy_login": {
            "_resumed legs.send": "a generator that computes; those that ask others do so on a thread of their own",
        },
        "_stages.frames": {
            "_read_message stream.read": "the stream waits in the one place",
        },
        "_protocols.websocket_client": {
            "_SocketAdapter.recv self._stream.read": "the stream waits in the one place",
            "open_websocket library.connect": "websocket-client speaks over the stream that it is given",
        },
        "_stages.resolve": {
            "_ask getaddrinfo": "cannot be woken: called on a daemon thread",
            "literal_addresses socket.getaddrinfo": "AI_NUMERICHOST asks nobody",
            "_found lookup.result": "it is done",
            "_found lookup.exception": "it is done",
            "_Inquiry._failure self._together.exception": "it is done",
            "_Inquiry._beside each.result": "it is done",
            "_Inquiry.evidence each.result": "they are done",
            "_Inquiry._said_of lookup.exception": "it is done",
        },
        "_run.waiters": {
            "Waiters.wake queue.put": "a SimpleQueue is unbounded, its put reentrant",
            "Waiter.wait self._queue.get": "the user's own wait, for as long as the handle says",
            "wait_until waiter.wait": "the user's own wait, in slices on the main thread",
        },
        "_run.notifier": {
            "Notifier._resolve_futures self._news.get": "it sleeps until a region settles: each does",
            "Notifier._resolve_futures self._resolved.put": "a SimpleQueue is unbounded, its put reentrant",
            "Notifier._call_on_outcome self._resolved.get": "it sleeps until a future is resolved: each is",
            "Notifier.notify self._news.put": "a SimpleQueue is unbounded, its put reentrant",
            "log_fault _log.exception": "a log entry",
        },
        "_run.workers": {
            "Workers.join self._executor.shutdown": "the workers end at their deadlines or the abort",
            "Workers.join thread.join": "so do these",
        },
        "_probe.probe": {
            "Probe.join self.library.join": "as Lazy.join",
            "Probe.join self.route.join": "as Lazy.join",
        },
        "_probe.route": {
            "Route.join self.trust.join": "as Lazy.join",
            "Route.join self.dialer.pac.join": "as PacThread.join",
            "Route.join self.dialer.trust.join": "as Lazy.join",
        },
        "_probe.trust": {
            "Trust.join self.context.join": "as Lazy.join",
        },
        "_debug.held_connection": {
            "HeldConnection._read_frame self.stream.read": "a held stream never waits",
        },
        "_debug.holding": {
            "Holding._join workers.join": "the workers have handed over all, or end at their deadlines or the abort",
        },
        "_run.supervisor": {
            "Supervisor._supervise self._inbox.get": "it sleeps until the end: every test has one",
            "Supervisor._start_workers self._inbox.get": "a millisecond between the starts of threads",
            "Supervisor._supervise time.sleep": "5 ms for those who wait for an aborted test's result",
            "Supervisor._supervise self._workers.join": "the workers end at their deadlines or the abort",
            "Supervisor._supervise self._probe.join": "as Lazy.join",
            "Supervisor.join self._thread.join": "leaving a handle's block waits for the workers",
            "Supervisor.abort self._inbox.put": "a SimpleQueue is unbounded, its put reentrant",
            "Supervisor._publish self._inbox.put": "a SimpleQueue is unbounded, its put reentrant",
        },
        "_run.handle": {
            "ConnectivityTest.__exit__ self._supervisor.join": "leaving the block waits for the workers",
        },
        "_debug.experiments.name_servers": {
            "_connected socket.getaddrinfo": "AI_NUMERICHOST asks nobody",
            "_connected sock.connect": "UDP: this sends nothing",
            "_replies sock.send": "non-blocking, and one datagram",
            "_receive sock.recv": "non-blocking, and `wait` waits in between",
        },
        "_debug.experiments.frames": {
            "_read_frame stream.read": "the stream waits in the one place",
        },
        "_debug.laboratory": {
            "_Laboratory.join self._probe.join": "as Lazy.join",
        },
        "_debug.handle": {
            "DebugTest._run self._check.result": "on the run's own thread, which an abort of the check ends",
            "DebugTest._experiment self._experimenting.result": "on the run's own thread; an abort ends it",
            "DebugTest._end self._check.result": "it is there",
            "DebugTest._look_into holding.join": "holding ends at its deadline or the abort",
            "DebugTest.__exit__ self._thread.join": "leaving the block waits for the run's threads",
        },
        "_debug_api": {
            "debug test.result": "the user's own wait",
        },
        "_hosts_file": {
            "entries_for file.read": "a small file of the system's",
        },
        "_api": {
            "check test.result": "the user's own wait",
        },
        "_resolver_settings": {
            "resolver_settings file.read": "a small file of the system's",
        },
        "_io.routes": {
            "_from sock.connect": "UDP: this looks the way up, and sends nothing",
        },
        "_tls_settings": {
            "_has_certificate file.read": "a regular file, which OpenSSL has read or missed just before",
        },
        "_probe.pac": {
            "Pac.join self._thread.join": "as PacThread.join",
        },
        "_probe.pac_thread": {
            "PacThread.join self._thread.join": "0.1 s at most",
            "PacThread._start started.exception": "it is done where there is no thread",
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
        Mention(module_of(file), *found)
        for file in sources(of_the_engine=True)
        for found in what_can_wait(ast.parse(file.read_text(encoding="utf-8")))
    }


def what_can_wait(tree: ast.Module) -> Iterator[tuple[str, str]]:
    safe = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in ("wsconn._io.waiting", "wsconn._stages.connect")
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


def test_all_waits_are_in_one_place() -> None:
    """Outside `_io/waiting.py` the engine mentions nothing that can hold a thread, but what is listed with a reason."""
    assert engine() - ALLOWED.keys() == set()


def test_no_exception_outlives_its_reason() -> None:
    """What is listed as allowed is still there: a list that is longer than need be hides the next one."""
    assert ALLOWED.keys() - engine() == set()


def test_waits_are_found_however_they_are_written() -> None:
    """Methods, plain names, nested functions and methods handed on are seen; a dict's `get`, a str's `join` are not."""
    source = """
from time import sleep
from wsconn._io.waiting import wait
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


def test_no_test_imports_from_another() -> None:
    """What two files of tests need is in a file of its own."""
    tests = pathlib.Path(__file__).parent
    found = [
        (str(file.relative_to(tests)), node.module)
        for file in tests.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_")
    ]
    assert found == []
