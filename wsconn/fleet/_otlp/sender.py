"""Sends one result: its trace and its metrics, within one time."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import attrs

from wsconn._exceptions import about_argument
from wsconn._io.abort import CancelScope
from wsconn._io.importing import undisturbed
from wsconn._request_fields import Headers
from wsconn._result import ConnectivityResult
from wsconn._text import describe, redact
from wsconn.fleet._otlp.collector import BadAnswer, Collector, Lost
from wsconn.fleet._otlp.spans import span_of
from wsconn.fleet._otlp.sums import Sums
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._secrets import without_secrets

_INSTANCES = uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320")  # the namespace that the conventions name


@attrs.frozen(kw_only=True)
class OtlpExport:
    """What became of an export.

    `lost` says why it, or a part of it, did not arrive, or why nobody knows; `None` means that the collector has taken
    all. `note` is what the collector said beside that, or which of traces and metrics it has no place for.
    """

    lost: str | None = None
    note: str | None = None


class Part(NamedTuple):
    """One of the messages of a result, what it holds, and how the collector's answer to it is read."""

    name: str
    items: str
    message: bytes
    rejected: Callable[[bytes], tuple[int, str]]


@attrs.frozen
class Sender:
    """Knows where to send, and what to say of the machine.

    `site` is a label of each point, as in a scrape. `sums` hold what adds up over results, where that is sent.
    """

    collector: Collector
    about: Mapping[str, str]
    site: str | None
    sums: Sums | None

    @classmethod
    def of(
        cls,
        url: str,
        *,
        headers: Headers | None,
        ssl_context: ssl.SSLContext | None,
        machine: Machine | None,
        resource: Mapping[str, str] | None,
        sums: Sums | None,
    ) -> Sender:
        """Check the arguments, and load what makes messages. `ImportError` where the extra is not installed."""
        collector = Collector.of(url, headers, ssl_context)
        machine = machine or this_machine()
        about = {**_about(machine), **_check_resource(resource)}
        undisturbed(_load)
        return cls(collector, about, machine.site, sums)

    def send(self, parts: Sequence[Part], scope: CancelScope) -> OtlpExport:
        """Send what there is of a result; raises `Aborted`."""
        lost: dict[str, Lost] = {}
        notes = []
        for part in parts:
            try:
                if note := self._send(part, scope):
                    notes.append(note)
            except Lost as error:
                lost[part.name] = error
                if error.status is None:  # nor would it answer to the next
                    break
        untaken = [(name, error.status) for name, error in lost.items() if error.is_unknown_path]
        if len(lost) == len(untaken) == 1:
            notes += [f"{self.collector.base.authority} takes no {name}: HTTP {status}" for name, status in untaken]
            lost.clear()
        return OtlpExport(lost=_joined(map(str, lost.values())), note=_joined(notes))

    def count_lost(self, lost: int) -> None:
        """Take over how many results have been lost, which the next ones tell."""
        if self.sums is not None:
            self.sums.lost = lost

    def parts(self, result: ConnectivityResult) -> Sequence[Part]:
        """Return what there is to send of a result, and count it in."""
        from wsconn.fleet._otlp import messages

        result = without_secrets(result)
        if self.sums is not None:
            self.sums.add(result)
        traces = messages.traces(span_of(result), self.about)
        metrics = messages.measurements(result, self.sums, self.about, self.site)
        return [
            Part("traces", "spans", traces, messages.rejected_spans),
            Part("metrics", "points", metrics, messages.rejected_points),
        ]

    def _send(self, part: Part, scope: CancelScope) -> str | None:
        """Send a part, and return what the collector says though it took all; or raise `Lost`."""
        place = self.collector.base.authority
        try:
            rejected, said = part.rejected(self.collector.post(f"/v1/{part.name}", part.message, scope))
        except BadAnswer as error:
            raise Lost(f"{place} answered HTTP 200, but {error}", 200) from error
        said = redact(said, self.collector.request.secrets)
        if rejected:
            raise Lost(f"{place} rejected {rejected} {part.items}" + (f": {said}" if said else ""), 200)
        return f"{place} says of the {part.name}: {said}" if said else None


def _joined(sentences: Iterable[str]) -> str | None:
    return "; ".join(dict.fromkeys(sentences)) or None


def _load() -> None:
    from wsconn.fleet._otlp import messages  # noqa: F401 - so that it is loaded


def _about(machine: Machine) -> dict[str, str]:
    """Return what the resource says of the machine. Its instance is the same each time, as series are by instance."""
    about = {"service.name": "wsconn", "service.version": machine.wsconn}
    if machine.host:
        about |= {"service.instance.id": str(uuid.uuid5(_INSTANCES, machine.host)), "host.name": machine.host}
    if machine.site:
        about["wsconn.site"] = machine.site
    return about | {f"wsconn.label.{name}": value for name, value in machine.labels.items()}


def _check_resource(resource: Mapping[str, str] | None) -> Mapping[str, str]:
    if resource is None:
        return {}
    if not isinstance(resource, Mapping):
        raise about_argument(TypeError, "resource", f" must be a mapping or None, not {describe(resource)}")
    for name, value in resource.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name:
            raise about_argument(TypeError, "resource", f" must hold str names and values; see {describe(name)}")
    return resource
