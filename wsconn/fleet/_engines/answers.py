"""What each host has answered, or why it has not: the record that users get."""

from __future__ import annotations

import concurrent.futures
import enum
from concurrent.futures import Future
from typing import Any

import attrs

from wsconn._json import read_json
from wsconn._result import ConnectivityResult
from wsconn._text import sanitize
from wsconn.reports import from_json

LARGEST_REPORT = 16 * 1024 * 1024  # characters: some 2000 regions, each with the evidence of a failure


class Absence(enum.StrEnum):
    """Why there is no report of a host."""

    LOST = "lost"
    TIMEOUT = "timeout"
    ABORTED = "aborted"
    NOT_INSTALLED = "not_installed"
    ERROR = "error"
    UNREADABLE = "unreadable"


@attrs.frozen(kw_only=True)
class HostAnswer:
    """What a host answered: a result, or why there is none.

    Attributes:
        host: What the engine calls it. Of Dask's workers that is their address; of an executor's what the host calls
            itself, and `task 1`, say, if nothing came back.
        workers: What the engine calls the worker processes there; the first one was asked. Empty for an executor.
        result: The result, or `None`.
        report: The result as JSON, as `wsconn.reports.to_json` wrote it on that host, or `None`.
        absence: Why there is no result, or `None`.
        message: The same for a person, with what the engine or the host said.
    """

    host: str
    workers: tuple[str, ...] = ()
    result: ConnectivityResult | None = None
    report: str | None = attrs.field(default=None, repr=False)
    absence: Absence | None = None
    message: str = ""


@attrs.frozen
class Asked:
    """Who was asked."""

    host: str
    workers: tuple[str, ...] = ()

    def absent(self, absence: Absence, message: str) -> HostAnswer:
        """Return that it has not answered."""
        return HostAnswer(host=self.host, workers=self.workers, absence=absence, message=message)


class NotInstalled(Exception):
    """A host has no wsconn that can be asked."""


_LOST = (OSError, EOFError, concurrent.futures.BrokenExecutor)  # what engines raise of a process that is gone


def answer_of(asked: Asked, future: Future[str], *, aborted: bool) -> HostAnswer:
    """Return what a future that is done says."""
    try:
        error = future.exception(timeout=0)
    except concurrent.futures.CancelledError:
        if aborted:
            return asked.absent(Absence.ABORTED, "the check was aborted before it began there")
        return asked.absent(Absence.LOST, "the engine was closed before an answer came")
    if error is None:
        return _read(asked, future.result(timeout=0))
    if isinstance(error, NotInstalled):
        return asked.absent(Absence.NOT_INSTALLED, str(error))
    if isinstance(error, _LOST):
        return asked.absent(Absence.LOST, f"the worker was lost: {_said(error)}")
    return asked.absent(Absence.ERROR, _said(error))  # a `SystemExit` of the host's too, which ends nothing here


def _said(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - it may be of any class, and one host must not cost the others
        return type(error).__name__
    return f"{type(error).__name__}: {sanitize(said)}"


def _read(asked: Asked, text: str) -> HostAnswer:
    try:
        told = _object(text)
        host = asked.host if asked.workers else _text(told["host"])
        if "error" in told:
            said = _text(told["error"])
            return HostAnswer(host=host, workers=asked.workers, absence=Absence.ERROR, message=said)
        result = from_json(told["report"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return asked.absent(Absence.UNREADABLE, f"its report cannot be read here: {_said(error)}")
    return HostAnswer(host=host, workers=asked.workers, result=result, report=told["report"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, found {type(value).__name__}")
    return sanitize(value)


def _object(text: str) -> dict[str, Any]:
    if not isinstance(text, str) or len(text) > LARGEST_REPORT:
        raise ValueError(f"expected a text of at most {LARGEST_REPORT} characters")
    told = read_json(text)
    if not isinstance(told, dict):
        raise TypeError("expected a JSON object")
    return told
