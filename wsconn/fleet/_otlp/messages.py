"""Spans and metrics as OTLP's messages in protobuf: the one file that knows the library `opentelemetry-proto`.

Import this where it is used: it loads in some 50 ms, and is an extra.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, TypeVar

import attrs

from wsconn._result import ConnectivityResult
from wsconn._text import sanitize
from wsconn._version import __version__
from wsconn.fleet._exporter.totals import Labels, Observed, Total
from wsconn.fleet._metrics import GAUGES, SITE, Metric
from wsconn.fleet._otlp.attributes import CONVENTIONS, Value
from wsconn.fleet._otlp.collector import BadAnswer
from wsconn.fleet._otlp.spans import Span
from wsconn.fleet._otlp.sums import LOST, Sums
from wsconn.reports._printable import printable

try:
    from google.protobuf.message import DecodeError, Message
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceRequest,
        ExportMetricsServiceResponse,
    )
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
        ExportTraceServiceRequest,
        ExportTraceServiceResponse,
    )
    from opentelemetry.proto.common.v1 import common_pb2 as common
    from opentelemetry.proto.metrics.v1 import metrics_pb2 as metrics
    from opentelemetry.proto.resource.v1 import resource_pb2 as resource
    from opentelemetry.proto.trace.v1 import trace_pb2 as trace
except ImportError as exc:
    library = "opentelemetry-proto"  # it may be its protobuf that is missing, which comes with it
    raise ImportError(f'OTLP needs {library}: pip install "wsconn[otlp]"', name=library) from exc

_LONGEST_TEXT = 4096  # characters; a message has some hundred
_NANOSECONDS = 1_000_000_000
_LAST_MOMENT = 2**63 - 1  # a year in 2262
_UNITS = {"seconds": "s", "": ""}  # as UCUM has them
_LARGEST = 2**63 - 1  # an integer; that of a hand-made record may be any
_CUMULATIVE = metrics.AGGREGATION_TEMPORALITY_CUMULATIVE
_Answer = TypeVar("_Answer", bound=Message)


def traces(span: Span, about: Mapping[str, Value]) -> bytes:
    """Return the request that exports a trace of this span and all within it."""
    of_scope = trace.ScopeSpans(scope=_scope(), schema_url=CONVENTIONS, spans=_spans(span, os.urandom(16), b""))
    of_resource = trace.ResourceSpans(resource=_resource(about), schema_url=CONVENTIONS, scope_spans=[of_scope])
    return ExportTraceServiceRequest(resource_spans=[of_resource]).SerializeToString()


def measurements(
    result: ConnectivityResult, sums: Sums | None, about: Mapping[str, Value], site: str | None = None
) -> bytes:
    """Return the request that exports a result's metrics, and what has added up until then."""
    moment = _moment(result.started_at.timestamp() + result.duration)
    points = _Points(moment, {SITE: site} if site else {})
    found = [points.gauge(metric, result) for metric in GAUGES]
    if sums is not None:
        summing = _Points(moment, points.beside, since=_moment(sums.since))
        found += [summing.summed(metric, totals) for metric, totals in sums.totals.read()]
        found.append(summing.summed(LOST, {labels: float(value) for labels, value in LOST.samples(sums.lost)}))
    of_scope = metrics.ScopeMetrics(
        scope=_scope(), schema_url=CONVENTIONS, metrics=[metric for metric in found if metric is not None]
    )
    of_resource = metrics.ResourceMetrics(resource=_resource(about), schema_url=CONVENTIONS, scope_metrics=[of_scope])
    return ExportMetricsServiceRequest(resource_metrics=[of_resource]).SerializeToString()


def rejected_spans(answer: bytes) -> tuple[int, str]:
    """Return how many spans a collector did not take, and what it says; `BadAnswer` where it says nothing of OTLP."""
    said = _parsed(ExportTraceServiceResponse(), answer).partial_success
    return said.rejected_spans, sanitize(said.error_message)


def rejected_points(answer: bytes) -> tuple[int, str]:
    """Do so for the points of metrics."""
    said = _parsed(ExportMetricsServiceResponse(), answer).partial_success
    return said.rejected_data_points, sanitize(said.error_message)


def _parsed(into: _Answer, answer: bytes) -> _Answer:
    try:
        into.ParseFromString(answer)
    except DecodeError as error:
        raise BadAnswer("what it answers is no message of OTLP's") from error
    return into


def _scope() -> common.InstrumentationScope:
    return common.InstrumentationScope(name="wsconn", version=__version__)


def _resource(about: Mapping[str, Value]) -> resource.Resource:
    return resource.Resource(attributes=_attributes(about))


def _spans(span: Span, trace_id: bytes, parent: bytes) -> Iterator[trace.Span]:
    own = os.urandom(8)
    yield trace.Span(
        trace_id=trace_id,
        span_id=own,
        parent_span_id=parent,
        name=_text(span.name),
        kind=trace.Span.SPAN_KIND_CLIENT if span.is_client else trace.Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=_moment(span.start),
        end_time_unix_nano=_moment(span.end),
        attributes=_attributes(span.attributes),
        status=None
        if span.error is None
        else trace.Status(code=trace.Status.STATUS_CODE_ERROR, message=_text(span.error)),
    )
    for child in span.children:
        yield from _spans(child, trace_id, own)


@attrs.frozen
class _Points:
    """Makes the points of metrics of one moment, in nanoseconds, each with labels `beside` its own.

    A metric without points is `None`, and a series is never told twice.
    """

    moment: int
    beside: dict[str, str]
    since: int = 0

    def gauge(self, metric: Metric[ConnectivityResult], result: ConnectivityResult) -> metrics.Metric | None:
        points = [self._number(metric, labels, value) for labels, value in dict(metric.samples(result)).items()]
        return _metric(metric, gauge=metrics.Gauge(data_points=points)) if points else None

    def summed(self, metric: Metric[Any], totals: Mapping[Labels, Total]) -> metrics.Metric | None:
        if not totals:
            return None
        observed = [self._histogram(metric, labels, total) for labels, total in totals.items() if _is_observed(total)]
        if observed:
            histogram = metrics.Histogram(data_points=observed, aggregation_temporality=_CUMULATIVE)
            return _metric(metric, histogram=histogram)
        points = [self._number(metric, labels, total) for labels, total in totals.items() if isinstance(total, float)]
        counted = metrics.Sum(data_points=points, aggregation_temporality=_CUMULATIVE, is_monotonic=True)
        return _metric(metric, sum=counted)

    def _number(self, metric: Metric[Any], labels: Labels, value: float) -> metrics.NumberDataPoint:
        return metrics.NumberDataPoint(**self._place(metric, labels), as_double=value)

    def _histogram(self, metric: Metric[Any], labels: Labels, observed: Observed) -> metrics.HistogramDataPoint:
        return metrics.HistogramDataPoint(
            **self._place(metric, labels),
            count=sum(observed.counts),
            sum=observed.sum,
            bucket_counts=observed.counts,
            explicit_bounds=metric.buckets,
        )

    def _place(self, metric: Metric[Any], labels: Labels) -> dict[str, Any]:
        named = dict(zip(metric.labels, labels, strict=True))
        return {
            "attributes": _attributes({**named, **self.beside}),
            "start_time_unix_nano": self.since,
            "time_unix_nano": self.moment,
        }


def _is_observed(total: Total) -> TypeGuard[Observed]:
    return isinstance(total, Observed)


def _metric(metric: Metric[Any], **data: Any) -> metrics.Metric:  # noqa: ANN401 - one of the kinds
    return metrics.Metric(name=metric.name, description=metric.help, unit=_UNITS[metric.unit], **data)


def _attributes(attributes: Mapping[str, Value]) -> Iterator[common.KeyValue]:
    return (common.KeyValue(key=_text(name), value=_value(value)) for name, value in attributes.items())


def _value(value: Value) -> common.AnyValue:
    match value:
        case bool():
            return common.AnyValue(bool_value=value)
        case int():
            return common.AnyValue(int_value=max(min(value, _LARGEST), -_LARGEST))
        case float():
            return common.AnyValue(double_value=value)
        case str():
            return common.AnyValue(string_value=_text(value))
    return common.AnyValue(array_value=common.ArrayValue(values=[_value(one) for one in value]))


def _text(text: str) -> str:
    """Return a text as protobuf takes it, which has no halves of characters, and in bounds; a record is hand-made."""
    text = text[:_LONGEST_TEXT]
    return text if text.isprintable() else printable(text)  # which most is, and that takes long


def _moment(seconds: float) -> int:
    """Return a time in nanoseconds since 1970, within what 64 bits hold and collectors take."""
    return min(max(round(seconds * _NANOSECONDS), 0), _LAST_MOMENT) if math.isfinite(seconds) else 0
