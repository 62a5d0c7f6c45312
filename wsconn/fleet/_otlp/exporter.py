"""Exports results on a thread of its own, which never holds the program longer than one timeout.

The thread is a daemon: an exporter that nobody closed must not hold the end of the process, and loses what waits.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import NamedTuple, Self

from wsconn._api import check_seconds
from wsconn._deadline import Deadline
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._request_fields import Headers
from wsconn._result import ConnectivityResult
from wsconn.fleet._otlp.sender import OtlpExport, Sender
from wsconn.fleet._otlp.sums import Sums
from wsconn.reports._machine import Machine

TIMEOUT_SECONDS = 2.0
_MOST_WAITING = 8  # results: a collector that is slower than the rounds loses the newest
_PATIENCE_SECONDS = 1.0  # for a thread that was told to end; it looks after each wait
_CLOSED = OtlpExport(lost="the exporter was closed before it had been sent")
_log = logging.getLogger("wsconn.fleet")


class _Item(NamedTuple):
    result: ConnectivityResult
    future: Future[OtlpExport]


class Exporting:
    """A thread that sends results, one after the other. It is started by the first one, in the process that has it."""

    def __init__(self, sender: Sender, timeout: float) -> None:
        self._sender = sender
        self._timeout = timeout
        self._items: SimpleQueue[_Item | None] = SimpleQueue()  # `None`: the end
        self._lock = threading.Lock()  # guards what follows
        self._waiting = 0
        self._exported = 0
        self._lost = 0
        self._noted: str | None = None  # a note is logged once
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._abort: Abort | None = None  # of that thread

    @property
    def exported(self) -> int:
        """How many results the collector has taken."""
        with self._lock:
            return self._exported

    @property
    def lost(self) -> int:
        """How many it has not, or not whole, as far as anybody knows."""
        with self._lock:
            return self._lost

    def export(self, result: ConnectivityResult) -> Future[OtlpExport]:
        """Hand a result over, and return at once; the future tells what became of it, and never holds an exception.

        Each has the timeout for itself, from its turn. Where eight wait for theirs already, it is lost at once.

        Raises:
            RuntimeError: The exporter is closed.
        """
        item = _Item(result, Future())
        item.future.set_running_or_notify_cancel()
        if refused := self._hand_over(item):
            self._settle(item, OtlpExport(lost=refused))
        return item.future

    def close(self) -> None:
        """Wait for what is under way or waits, one timeout at most; what is left then is lost."""
        with self._lock:
            self._is_closed = True
            self._items.put(None)
            thread, abort = self._thread, self._abort
        if thread is None or abort is None:
            return
        thread.join(self._timeout)
        abort.set()
        thread.join(_PATIENCE_SECONDS)
        if not thread.is_alive():
            abort.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        with self._lock:
            told = f"{self._exported} exported, {self._lost} lost, {self._waiting} waiting"
        return f"<{type(self).__name__} {told}>"

    def _hand_over(self, item: _Item) -> str | None:
        """Have the thread send it, or return why it does not."""
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the exporter is closed")
            if self._waiting >= _MOST_WAITING:
                return f"{_MOST_WAITING} results wait for the collector already"
            try:
                self._start()
            except (OSError, RuntimeError) as error:  # no descriptor or no thread, or the interpreter is about to end
                return f"there is nothing to send it with on this machine: {error}"
            self._waiting += 1
            self._items.put(item)
        return None

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return  # in a child that was forked it is not
        abort = Abort()
        thread = threading.Thread(target=self._run, args=(abort,), name="wsconn-otlp", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            abort.close()
            raise
        self._thread, self._abort = thread, abort

    def _run(self, abort: Abort) -> None:
        while (item := self._items.get()) is not None:
            with self._lock:
                self._waiting -= 1
            self._settle(item, self._send(item.result, abort))
        self._sender.collector.route.join()

    def _send(self, result: ConnectivityResult, abort: Abort) -> OtlpExport:
        if abort.is_set():
            return _CLOSED
        try:
            parts = self._sender.parts(result)  # a thousand regions take half a second, which is not the collector's
            return self._sender.send(parts, CancelScope(Deadline.after(self._timeout), abort))
        except Aborted:
            return _CLOSED
        except Exception as error:  # noqa: BLE001 - what it holds may be made by hand, and the thread goes on
            _log.debug("OTLP: an export failed", exc_info=True)
            return OtlpExport(lost=f"wsconn itself failed: {type(error).__name__}")

    def _settle(self, item: _Item, became: OtlpExport) -> None:
        with self._lock:
            self._lost += became.lost is not None
            self._exported += became.lost is None
            lost = self._lost
            self._sender.count_lost(lost)
            is_news, self._noted = became.note not in (None, self._noted), became.note or self._noted
        with contextlib.suppress(Exception):  # a program's own log handlers may raise
            if became.lost is not None:
                _log.warning("OTLP: an export was lost, %d so far: %s", lost, became.lost)
            elif is_news:
                _log.info("OTLP: %s", became.note)
        item.future.set_result(became)


class OtlpExporter(Exporting):
    """Sends results to a collector as they come, on a thread of its own: for a program that tests again and again.

    Each result is a trace, and metrics: those of the last result, and counters and histograms of all that this exporter
    was given. Close it, or use it in a `with` block; that takes one timeout at most.

    Args:
        url: The collector's address for OTLP over HTTP, as `"http://localhost:4318"`: what stands before `/v1/traces`.
        timeout: Seconds for each result, all of it together: name, connection, TLS, and the collector's answers.
        headers: Sent with each message: an access token, for example.
        ssl_context: What to verify an `https` collector with; `None` means against the system's roots.
        machine: The one that the results are from: this one, where it is `None`.
        resource: More attributes of the resource, as `{"deployment.environment.name": "production"}`, or in place of
            those that wsconn sets.

    Raises:
        ImportError: The extra is not installed: `pip install "wsconn[otlp]"`.
        TypeError, ValueError: An argument is unfit; the message names it.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        headers: Headers | None = None,
        ssl_context: ssl.SSLContext | None = None,
        machine: Machine | None = None,
        resource: Mapping[str, str] | None = None,
    ) -> None:
        sender = Sender.of(
            url, headers=headers, ssl_context=ssl_context, machine=machine, resource=resource, sums=Sums()
        )
        super().__init__(sender, check_seconds("timeout", timeout))


def export_otlp(
    result: ConnectivityResult,
    url: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
    headers: Headers | None = None,
    ssl_context: ssl.SSLContext | None = None,
    machine: Machine | None = None,
    resource: Mapping[str, str] | None = None,
) -> OtlpExport:
    """Send one result to a collector as a trace and metrics, and return what became of it after `timeout` at most.

    The trace has a span for the check, in it one for each region, in that one for each stage, at the time when they
    were. It goes straight to the collector: no proxy of the environment's is used, and no redirect followed. Nothing is
    sent twice. What is lost is logged, too. Arguments and errors are those of `OtlpExporter`.
    """
    with once(
        url, timeout=timeout, headers=headers, ssl_context=ssl_context, machine=machine, resource=resource
    ) as exporting:
        return exporting.export(result).result()


def once(
    url: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
    headers: Headers | None = None,
    ssl_context: ssl.SSLContext | None = None,
    machine: Machine | None = None,
    resource: Mapping[str, str] | None = None,
) -> Exporting:
    """Return what sends a result by itself: what adds up over several means nothing then."""
    sender = Sender.of(url, headers=headers, ssl_context=ssl_context, machine=machine, resource=resource, sums=None)
    return Exporting(sender, check_seconds("timeout", timeout))
