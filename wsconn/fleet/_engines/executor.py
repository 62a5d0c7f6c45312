"""Checks on the workers of a `concurrent.futures.Executor`, wherever these are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from wsconn._run.handle import ConnectivityTest
from wsconn.fleet._engines.answers import Asked
from wsconn.fleet._engines.request import begin, write_error, write_report


def ask_executor(executor: Executor, request: str, tasks: int) -> tuple[dict[Future[str], Asked], Callable[[], None]]:
    """Submit that many checks; return a future for each, and what ends them all."""
    jobs = [Job(request) for _ in range(tasks)]
    futures: list[Future[str]] = []

    def stop() -> None:
        for future, job in zip(futures, jobs, strict=False):  # fewer futures, where one could not be submitted
            future.cancel()
            job.abort()

    try:
        futures += map(executor.submit, jobs)
    except BaseException:  # it was shut down, say: nobody would wait for those before
        stop()
        raise
    return {future: Asked(f"task {number}") for number, future in enumerate(futures, 1)}, stop


class Job:
    """A check for an executor to run.

    An executor that runs it in this process runs this object, which can be aborted. To others it is pickled, and no
    executor can tell such a copy anything: that runs to its own end.
    """

    def __init__(self, request: str) -> None:
        self._request = request
        self._aborted = False
        self._test: ConnectivityTest | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"_request": self._request, "_aborted": False, "_test": None}

    def __call__(self) -> str:
        """Check, and return what is sent back."""
        try:
            self._test = begin(self._request)
        except Exception as error:  # noqa: BLE001 - it is sent back
            return write_error(error)
        if self._aborted:  # before there was a test to abort
            self._test.abort()
        return write_report(self._test.result())

    def abort(self) -> None:
        """End the check, if it runs in this process."""
        self._aborted = True
        if self._test is not None:
            self._test.abort()
