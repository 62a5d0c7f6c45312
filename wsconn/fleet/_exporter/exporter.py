"""The exporter: a WSGI application, and the rounds behind it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING

import attrs

from wsconn._io.abort import Abort
from wsconn._outcome import Status
from wsconn._regions import Region
from wsconn._result import ConnectivityResult
from wsconn.fleet._exporter.configuration import Configuration
from wsconn.fleet._exporter.memory import Memory
from wsconn.fleet._exporter.modules import DEFAULT, unknown_module
from wsconn.fleet._exporter.own_metrics import OWN, Counted
from wsconn.fleet._exporter.page import OfRounds, Shown, page
from wsconn.fleet._exporter.probe_metrics import PROBE, Probed
from wsconn.fleet._exporter.probing import NotAllowed, Prober
from wsconn.fleet._exporter.requests import (
    Answer,
    Refused,
    check_request,
    fields_of,
    mounted_at,
    path_in,
    seconds_for,
)
from wsconn.fleet._exporter.rounds import OnResult, Rounds
from wsconn.fleet._exporter.schedule import Schedule
from wsconn.fleet._metrics import GAUGES
from wsconn.reports import to_text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from wsconn.fleet._exporter.exposition import Family, Format

_log = logging.getLogger("wsconn.fleet")
_END_SECONDS = 0.25  # for rounds and probes to end after an abort, as `ConnectivityTest` promises
_ENDING = "the exporter is ending"
_HTML = "text/html; charset=utf-8"


class Exporter:
    """A WSGI application: `/metrics`, `/probe`, `/`, `/-/healthy` and `/-/ready`. See `exporter`.

    The rounds begin with the first request, or with `start()`; each process of a server that forks has its own.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        interval: float,
        max_probes: int,
        site: str | None,
        hosts: Collection[str] | None,
        on_result: OnResult | None,
        exports_lost: Callable[[], int],
        warning: str | None,
    ) -> None:
        self._exposition = _exposition()
        self._configuration = configuration
        self._interval = interval
        self._max_probes = max_probes
        self._site = site
        self._hosts = hosts
        self._exports_lost = exports_lost
        self._warning = warning
        self._counted = Counted(interval)
        self._memory = Memory()
        self._rounds = Rounds(configuration, self._counted, self._memory, on_result)
        self._written: dict[str, tuple[ConnectivityResult, bytes]] = {}  # by media type: a result, and its text
        self._shown: OfRounds | None = None
        self._starting = threading.Lock()  # guards the three below
        self._process: int | None = None  # in which they are
        self._schedule: Schedule | None = None
        self._abort: Abort | None = None
        self._is_closed = False
        self._answers: dict[str, Callable[[WSGIEnvironment], Answer]] = {
            "/": self._page,
            "/metrics": self._metrics,
            "/probe": self._probe,
            "/-/healthy": self._healthy,
            "/-/ready": self._ready,
        }

    @property
    def regions(self) -> tuple[Region, ...]:
        """What is checked."""
        return self._configuration.settings.regions

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        self.start()
        answer = self._answer(environ)
        start_response(answer.status, answer.all_headers())
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def start(self) -> None:
        """Begin the rounds, unless they have begun in this process."""
        if self._process == os.getpid() or self._is_closed:
            return
        with self._starting:
            if self._process == os.getpid() or self._is_closed:
                return
            self._abort = Abort()
            self._schedule = Schedule(self._rounds, self._interval)
            self._schedule.start()
            self._process = os.getpid()

    def reload(self) -> None:
        """Have the files read anew, soon; unfit ones are refused, and logged. Safe in a signal handler."""
        if self._schedule is not None:
            self._schedule.reload()

    def stop(self) -> None:
        """Abort the round and all probes: these are answered at once. Nothing more is checked."""
        self._is_closed = True
        if self._schedule is not None:
            self._schedule.stop()
        if self._abort is not None:
            self._abort.set()

    def close(self) -> None:
        """Stop, and wait for the rounds to end. A probe must not be under way any more."""
        self.stop()
        if self._schedule is not None:
            self._schedule.join(_END_SECONDS)
        self._configuration.join()
        if self._abort is not None and not self._counted.now().in_flight:
            self._abort.close()
            self._abort = None

    def __enter__(self) -> Exporter:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        try:
            check_request(environ, self._hosts)
            answer = self._answers.get(path_in(environ))
            if answer is None:
                there = ", ".join(mounted_at(environ) + path for path in self._answers)
                raise Refused("404 Not Found", f"there is {there}")
            return answer(environ)
        except Refused as refused:
            return refused.answer
        except Exception:  # noqa: BLE001 - a scrape gets an answer all the same
            _log.exception("wsconn failed on a request")
            return Answer.text("500 Internal Server Error", "wsconn itself failed; its log says more")

    # --- the answers ---

    def _page(self, environ: WSGIEnvironment) -> Answer:
        content, policy = page(
            Shown(
                rounds=self._page_of_rounds(),
                regions=len(self._configuration.settings.regions),
                counts=self._counted.now(),
                reload=self._configuration.last,
                site=self._site,
                warning=self._warning,
                prefix=mounted_at(environ),
            )
        )
        return Answer("200 OK", content, _HTML, headers=(("Content-Security-Policy", policy),))

    def _page_of_rounds(self) -> OfRounds | None:
        last, kept = self._memory.last, self._shown
        if last is not None and (kept is None or kept.result is not last):
            kept = self._shown = OfRounds.of(last, self._memory)
        return kept

    def _metrics(self, environ: WSGIEnvironment) -> Answer:
        form = self._exposition.accepted(environ.get("HTTP_ACCEPT", ""))
        loaded = self._configuration.last
        counts = attrs.evolve(
            self._counted.now(),
            exports_lost=self._exports_lost(),
            reloaded=loaded.successful,
            loaded_at=loaded.loaded_at,
        )
        own = form.text(self._exposition.families_of(OWN, counts, self._site))
        return Answer("200 OK", self._of_rounds(form) + own + form.end, form.media_type)

    def _of_rounds(self, form: Format) -> bytes:
        """Return the text of what the rounds found, which is written once a round."""
        last = self._memory.last
        if last is None:
            return b""
        kept = self._written.get(form.media_type)
        if kept is None or kept[0] is not last:
            kept = self._written[form.media_type] = last, form.text(self._families(last))
        return kept[1]

    def _families(self, last: ConnectivityResult) -> Iterable[Family]:
        yield from self._exposition.families_of(GAUGES, last, self._site)
        for metric, sums in self._memory.totals.read():
            if sums:
                yield self._exposition.family_of(metric, sums, self._site)

    def _probe(self, environ: WSGIEnvironment) -> Answer:
        fields = fields_of(environ)
        probers = self._configuration.settings.probers
        prober = probers.get(fields.get("module") or DEFAULT)
        if prober is None:
            known = {name: prober.module for name, prober in probers.items()}
            raise Refused("400 Bad Request", unknown_module(fields["module"], known))
        timeout = seconds_for(prober.timeout, environ)
        if not (target := fields.get("target")):
            raise Refused("400 Bad Request", f"the target is missing: {mounted_at(environ)}/probe?target=wss://...")
        probed = self._probed(prober, target, timeout)
        families = self._exposition.families_of(PROBE, probed)
        if fields.get("debug") == "true":
            return Answer("200 OK", _report(probed) + self._exposition.PLAIN.text(families))
        form = self._exposition.accepted(environ.get("HTTP_ACCEPT", ""))
        return Answer("200 OK", form.text(families) + form.end, form.media_type)

    def _probed(self, prober: Prober, target: str, timeout: float) -> Probed:
        try:
            region = prober.region(target)
        except NotAllowed as error:
            raise Refused("403 Forbidden", str(error)) from error
        except ValueError as error:
            raise Refused("400 Bad Request", str(error)) from error
        abort = self._abort
        if self._is_closed or abort is None:
            raise Refused("503 Service Unavailable", _ENDING)
        if not self._counted.enter(self._max_probes):
            raise Refused("503 Service Unavailable", f"{self._max_probes} probes are under way", ("Retry-After", "1"))
        try:
            outcome = prober.run(region, timeout, abort)
        finally:
            self._counted.add("in_flight", -1)
        if outcome.status is Status.ABORTED:
            raise Refused("503 Service Unavailable", _ENDING)
        return Probed(outcome, timeout)

    def _healthy(self, environ: WSGIEnvironment) -> Answer:
        if self._schedule is None or not self._schedule.is_alive():
            return Answer.text("503 Service Unavailable", "no rounds are made")
        return Answer.text("200 OK", "healthy")

    def _ready(self, environ: WSGIEnvironment) -> Answer:
        if self._is_closed:
            return Answer.text("503 Service Unavailable", _ENDING)
        if self._memory.last is None:
            return Answer.text("503 Service Unavailable", "the first round is not over")
        return Answer.text("200 OK", "ready")


def _exposition() -> ModuleType:
    try:
        from wsconn.fleet._exporter import exposition  # here: it needs an extra
    except ImportError as error:
        raise ImportError(f'an exporter needs {error.name}: pip install "wsconn[fleet]"', name=error.name) from error
    return exposition


def _report(probed: Probed) -> bytes:
    """Return what goes before the metrics for a person: the report of a check of one region."""
    outcome = probed.outcome
    result = ConnectivityResult(outcomes=(outcome,), started_at=datetime.now(UTC), duration=outcome.duration)
    return f"{to_text(result)}\nMetrics that would have been returned:\n\n".encode()
