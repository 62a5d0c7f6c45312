"""One check on each host of a Dask cluster.

A host is asked through one of its workers, by `Client.run`, which goes past the queue of tasks: a busy worker answers
too. Each host has a call of its own: a call to several ends only when the last of them has answered.

On the worker the check has threads of its own beside the event loop, which meanwhile keeps the worker alive. An abort
comes there through an event at the scheduler: a call that is cancelled here runs on there.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from wsconn._run.handle import ConnectivityTest
from wsconn.fleet._engines.answers import Asked, NotInstalled
from wsconn.fleet._engines.request import begin, write_error, write_report

if TYPE_CHECKING:
    from distributed import Client, Worker


T = TypeVar("T")


def ask_cluster(client: Client, request: str, seconds: float) -> tuple[dict[Future[str], Asked], Callable[[], None]]:
    """Ask a worker on each host. Return whom each future is of, and what ends all checks."""
    if client.asynchronous:
        raise RuntimeError(
            "this would block the client's event loop: call it as asyncio.to_thread(check_everywhere, …)"
        )
    if client.status == "closed":
        raise RuntimeError("the client is closed")
    cluster = _Cluster(client)
    asked = {cluster.ask(host, request, seconds): host for host in _hosts(client, seconds)}
    cluster.release_after(asked)
    return asked, cluster.stop


def _hosts(client: Client, seconds: float) -> list[Asked]:
    # Not `scheduler_info`: what that returns may be without workers, from a poll in the background (2026.8).
    info = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=seconds)
    on_host: dict[str, list[str]] = defaultdict(list)
    for address, worker in info["workers"].items():
        on_host[worker["host"]].append(address)
    if not on_host:
        raise ValueError("client has no workers yet: client.wait_for_workers(1) waits for the first")
    return [Asked(host, tuple(workers)) for host, workers in on_host.items()]


class _Cluster:
    """A client, and the event by which the workers learn of an abort."""

    def __init__(self, client: Client) -> None:
        from distributed import Event  # here: who has a client has loaded it

        self._client = client
        self._abort = Event(f"wsconn-{uuid.uuid4().hex}", client)

    def ask(self, asked: Asked, request: str, seconds: float) -> Future[str]:
        """Ask a host."""
        return self._on_loop(self._answer_of(asked.workers[0], request, seconds))

    def stop(self) -> None:
        """Tell all hosts to end, and come back at once."""
        self._on_loop(self._set())

    def release_after(self, asks: Iterable[Future[str]]) -> None:
        """Have the scheduler forget the event in the end.

        It goes on waiting for those who have gone away, and logs an error for each of them when it is closed.
        """
        self._on_loop(self._release_after([*asks]))

    def _on_loop(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._client.loop.asyncio_loop)

    async def _answer_of(self, worker: str, request: str, seconds: float) -> str:
        ask = functools.partial(self._client.run, workers=[worker], on_error="return")
        told: str | Exception = (await ask(answer, request, self._abort.name, seconds))[worker]
        if not isinstance(told, Exception):
            return told
        if not isinstance(told, OSError):
            found = (await ask(importlib.util.find_spec, __name__))[worker]
            if found is None or isinstance(found, ImportError):
                raise NotInstalled("it has no wsconn, or one without wsconn.fleet: install this version on the workers")
        raise told

    async def _release_after(self, asks: Sequence[Future[str]]) -> None:
        await asyncio.wait([asyncio.wrap_future(ask) for ask in asks])
        await self._set()
        await self._abort.clear()

    async def _set(self) -> None:
        await self._abort.set()


async def answer(request: str, event: str, seconds: float, *, dask_worker: Worker) -> str:
    """Check from a worker's host; `seconds` are the longest that it may take.

    It raises nothing: Dask would log the request, and that may hold secrets.
    """
    try:
        test = await asyncio.to_thread(begin, request)
    except Exception as error:  # noqa: BLE001 - it is sent back
        return write_error(error)
    try:
        await _ended(test, dask_worker.scheduler.event_wait(name=event, timeout=seconds), seconds)
    finally:
        test.abort()  # which does nothing where it has ended
    return await asyncio.to_thread(lambda: write_report(test.result()))


async def _ended(test: ConnectivityTest, aborted: Awaitable[object], seconds: float) -> None:
    """Wait for the test to end, or for the event; a scheduler that is gone is as good, as nobody wants the answer."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    test.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    waits = [asyncio.ensure_future(aborted), asyncio.ensure_future(done.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
