"""What a collector gets of a result: decoded by OpenTelemetry's own messages."""

from __future__ import annotations

import math
import pathlib
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
import opentelemetry.semconv
import pytest
from hypothesis import given
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import wsconn
from tests.factories import EVERYTHING, aborted, attempt, failed, passed, result
from tests.fleet.otlp_collector import BOUND_SECONDS, Collector, collecting
from tests.reports.hostile import any_result
from wsconn import Cause, ConnectivityResult, Evidence, RegionOutcome, Stage, Timings, TlsInfo, reports
from wsconn.fleet import OtlpExport, OtlpExporter, export_otlp
from wsconn.lab import Lab, faults

REFERENCE = pathlib.Path(__file__).parents[2] / "docs" / "reference" / "opentelemetry.md"
NANOSECONDS = 1e9
ALL_TAKEN = OtlpExport()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def exported(collector: Collector, checked: ConnectivityResult, **options: Any) -> tuple[Any, Any]:
    """Export a result, and return the resource's spans and metrics that came of it."""
    assert export_otlp(checked, collector.url, timeout=BOUND_SECONDS, **options) == ALL_TAKEN
    traces, metrics = collector.next(), collector.next()
    assert [traces.path, metrics.path] == ["/v1/traces", "/v1/metrics"]
    (spans,), (measured,) = traces.message.resource_spans, metrics.message.resource_metrics
    return spans, measured


def spans_of(told: Any) -> list[Span]:
    (scope,) = told.scope_spans
    assert (scope.scope.name, scope.scope.version) == ("wsconn", wsconn.__version__)
    return list(scope.spans)


def attributes(told: Any) -> dict[str, Any]:
    return {pair.key: plain(pair.value) for pair in told.attributes}


def plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [plain(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, kind)


def children(spans: list[Span], parent: Span) -> dict[str, Span]:
    return {span.name: span for span in spans if span.parent_span_id == parent.span_id}


def seconds(span: Span) -> tuple[float, float]:
    return span.start_time_unix_nano / NANOSECONDS, span.end_time_unix_nano / NANOSECONDS


# --- traces ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(lab: Lab) -> ConnectivityResult:
    """The result of a region that passes, and of three that fail, each at another stage."""
    lab.add("works", tls=True, latency=0.05)
    lab.add("expired", tls=True, fault=faults.EXPIRED)
    lab.add("forbidden", fault=faults.HTTP_403)
    lab.add("refused", fault=faults.REFUSED)
    return wsconn.check(lab.regions, proxy=None, ssl_context=lab.ssl_context)


def test_a_check_is_a_trace(mixed: ConnectivityResult, collector: Collector) -> None:
    """One trace: the check, in it each region, in that each stage, all at the time when they were."""
    spans = spans_of(exported(collector, mixed)[0])
    assert len({span.trace_id for span in spans}) == 1
    assert len({span.span_id for span in spans}) == len(spans)
    (check,) = (span for span in spans if not span.parent_span_id)
    assert check.name == "wsconn check"
    regions = children(spans, check)
    assert list(regions) == ["works", "expired", "forbidden", "refused"]
    assert [*children(spans, regions["works"])] == ["connect", "tls", "upgrade", "frames"] or [
        *children(spans, regions["works"])
    ] == ["resolve", "connect", "tls", "upgrade", "frames"]
    assert seconds(check)[0] == pytest.approx(mixed.started_at.timestamp(), abs=1e-4)
    assert seconds(check)[1] - seconds(check)[0] == pytest.approx(mixed.duration, abs=1e-4)


def test_spans_have_the_times_that_were_measured(mixed: ConnectivityResult, collector: Collector) -> None:
    """A region begins when it began; a stage takes as long as it took, and nothing is outside what it is part of."""
    spans = spans_of(exported(collector, mixed)[0])
    (check,) = (span for span in spans if not span.parent_span_id)
    for outcome in mixed.outcomes:
        region = children(spans, check)[outcome.region]
        assert outcome.started_at is not None
        assert seconds(region)[0] == pytest.approx(outcome.started_at, abs=0.01)
        for stage, span in children(spans, region).items():
            began, ended = seconds(span)
            assert ended - began == pytest.approx(getattr(outcome.timings, stage), abs=1e-4)
    assert_nested(spans)


def assert_nested(spans: list[Span]) -> None:
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        if parent := by_id.get(span.parent_span_id):
            assert parent.start_time_unix_nano <= span.start_time_unix_nano
            assert span.end_time_unix_nano <= parent.end_time_unix_nano


def test_a_failure_is_the_status_of_its_region_and_its_stage(mixed: ConnectivityResult, collector: Collector) -> None:
    """`error.type` is the cause, and stands where it went wrong; what went right has no status."""
    spans = spans_of(exported(collector, mixed)[0])
    (check,) = (span for span in spans if not span.parent_span_id)
    found = {}
    for region, span in children(spans, check).items():
        for stage, part in {"": span, **children(spans, span)}.items():
            if part.status.code == part.status.STATUS_CODE_ERROR:
                found[region, stage] = attributes(part)["error.type"], part.status.message
            else:
                assert part.status.code == part.status.STATUS_CODE_UNSET
                assert "error.type" not in attributes(part)
    causes = {
        "expired": ("tls", "tls_expired"),
        "forbidden": ("upgrade", "http_status"),
        "refused": ("connect", "refused"),
    }
    assert {place: cause for place, (cause, _) in found.items()} == {
        place: cause for region, (stage, cause) in causes.items() for place in ((region, ""), (region, stage))
    }
    messages = {outcome.region: outcome.failure.message for outcome in mixed.outcomes if outcome.failure}
    assert all(message == messages[region] for (region, _), (_, message) in found.items())


def test_attributes_are_those_of_the_conventions(collector: Collector) -> None:
    """What OpenTelemetry has a name for has that name, and the value that it asks for."""
    not_after = datetime(2027, 1, 1, tzinfo=UTC)
    outcome = failed(
        "eu",
        Stage.UPGRADE,
        Cause.HTTP_STATUS,
        url="wss://eu.example.org/path",
        address="[2001:db8::7]:443",
        http_status=403,
        round_trip=None,
        evidence=Evidence(resolved_to=("2001:db8::7", "192.0.2.7")),
        tls=TlsInfo(
            version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", issuer="CN=R11", subject="CN=eu", not_after=not_after
        ),
    )
    spans = spans_of(exported(collector, result(outcome))[0])
    region = next(span for span in spans if span.name == "eu")
    peer = {
        "network.peer.address": "2001:db8::7",
        "network.peer.port": 443,
        "network.transport": "tcp",
        "network.type": "ipv6",
    }
    server = {"server.address": "eu.example.org", "server.port": 443, "url.full": "wss://eu.example.org/path"}
    error = {"error.type": "http_status"}
    assert by_conventions(region) == {**peer, **server, **error, "http.response.status_code": 403}
    stages = {name: by_conventions(span) for name, span in children(spans, region).items()}
    assert stages == {
        "resolve": {"dns.question.name": "eu.example.org", "dns.answers": ["2001:db8::7", "192.0.2.7"]},
        "connect": peer,
        "tls": {
            "tls.protocol.name": "tls",
            "tls.protocol.version": "1.3",
            "tls.cipher": "TLS_AES_256_GCM_SHA384",
            "tls.server.issuer": "CN=R11",
            "tls.server.subject": "CN=eu",
            "tls.server.not_after": "2027-01-01T00:00:00+00:00",
            "tls.established": True,
        },
        "upgrade": {**server, **error, "http.request.method": "GET", "http.response.status_code": 403},
    }


def by_conventions(span: Span) -> dict[str, Any]:
    return {name: value for name, value in attributes(span).items() if not name.startswith("wsconn.")}


def test_attributes_are_known_to_the_conventions(collector: Collector) -> None:
    """Each name that is not wsconn's own is one of OpenTelemetry's newest release."""
    told, measured = exported(collector, EVERYTHING)
    known = set(names_of_the_conventions())
    spans = spans_of(told)
    used = {name for span in spans for name in attributes(span)} | attributes(told.resource).keys()
    assert {name for name in used if not name.startswith("wsconn.")} <= known
    assert told.schema_url == measured.schema_url == "https://opentelemetry.io/schemas/1.44.0"


def test_the_manual_has_every_attribute(collector: Collector) -> None:
    """The reference names what spans and resource say, and nothing that they never do."""
    closed = passed("eu", close_code=1000, close_reason="bye", proxy="http://p.example:3128 (from x)", round_trip=0.1)
    refused = failed("us", Stage.CONNECT, Cause.REFUSED, os_error="ECONNREFUSED", address="192.0.2.7:443")
    found = result(*EVERYTHING.outcomes, closed, refused, proxied(), resolved())
    machine = attrs.evolve(reports.this_machine(), host="k-17", site="Vienna", labels={"NAME": "x"})
    told, _ = exported(collector, found, machine=machine)
    used = {name for span in spans_of(told) for name in attributes(span)} | attributes(told.resource).keys()
    written = set(re.findall(r"^\| `([^|]*)` \|", REFERENCE.read_text("utf-8"), re.MULTILINE))
    listed = {name for names in written for name in names.split("`, `") if "." in name}
    assert listed == used


def proxied() -> RegionOutcome:
    return failed("ap", Stage.PROXY, Cause.PROXY_DENIED, http_status=403, proxy="http://p.example:3128 (from x)")


def resolved() -> RegionOutcome:
    return passed("ca", evidence=Evidence(resolved_to=("192.0.2.7",)))


def names_of_the_conventions() -> Iterator[str]:
    """Yield the strings in its files: those that are stable, and those that may change still."""
    for folder in opentelemetry.semconv.__path__:
        for file in pathlib.Path(folder).rglob("*_attributes.py"):
            yield from re.findall(r': Final = "([a-z0-9_.]+)"', file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        pytest.param(
            failed("eu", Stage.PROXY, Cause.PROXY_DENIED, http_status=403, proxy="http://p.example:3128 (from x)"),
            "proxy",
            id="a-proxy",
        ),
        pytest.param(failed("eu", Stage.DISCOVERY, Cause.HTTP_STATUS, http_status=403), "discovery", id="an-endpoint"),
    ],
)
def test_a_status_is_told_where_it_was_seen(collector: Collector, outcome: Any, stage: str) -> None:
    """The HTTP status of a proxy, or of an endpoint that names the URL, is not the server's."""
    spans = spans_of(exported(collector, result(outcome))[0])
    saying = [span.name for span in spans if "http.response.status_code" in attributes(span)]
    assert saying == ["eu", stage]


def test_without_beginnings_regions_begin_with_the_check(collector: Collector) -> None:
    """A report of an older version does not say when its regions began."""
    spans = spans_of(exported(collector, result(passed("eu", duration=0.5), duration=1.0))[0])
    check, region, *_ = spans
    assert seconds(region) == pytest.approx((seconds(check)[0], seconds(check)[0] + 0.5), abs=1e-4)


def test_stages_before_the_last_url_come_first(collector: Collector) -> None:
    """Discovery begins with the region, and the stages of the way tried last end with it."""
    timings = Timings(discovery=0.1, connect=0.2, upgrade=0.3)
    outcome = passed("eu", timings=timings, started_at=result().started_at.timestamp(), duration=2.0)
    spans = spans_of(exported(collector, result(outcome, duration=2.0))[0])
    begins = {span.name: round(seconds(span)[0] - seconds(spans[0])[0], 3) for span in spans}
    assert begins == {"wsconn check": 0, "eu": 0, "discovery": 0, "connect": 1.5, "upgrade": 1.7}


def test_a_way_begins_with_its_attempt(collector: Collector) -> None:
    """Name and connection come as long before the end as the attempt took: certificates were loaded after them."""
    timings = Timings(resolve=0.1, connect=0.1, tls=0.1, upgrade=0.1)
    tried = attempt("192.0.2.7:443", stage=Stage.FRAMES, duration=0.8)
    outcome = passed("eu", timings=timings, attempts=(tried,), started_at=result().started_at.timestamp(), duration=1.0)
    spans = spans_of(exported(collector, result(outcome, duration=1.0))[0])
    begins = {span.name: round(seconds(span)[0] - seconds(spans[0])[0], 3) for span in spans[2:]}
    assert begins == {"resolve": 0.1, "connect": 0.2, "tls": 0.8, "upgrade": 0.9}


@pytest.mark.parametrize("started_at", [0.0, 1e12, math.nan, math.inf, -math.inf], ids=str)
def test_a_clock_that_was_set_puts_no_region_outside(collector: Collector, started_at: float) -> None:
    """Whatever a region's clock says, its span is within that of the check."""
    told, _ = exported(collector, result(passed("eu", started_at=started_at, duration=math.inf), duration=1.0))
    assert_nested(spans_of(told))


def test_an_aborted_region_is_no_failure(collector: Collector) -> None:
    """It has no status, and says what became of it."""
    _, region = spans_of(exported(collector, result(aborted("eu")))[0])
    assert region.status.code == region.status.STATUS_CODE_UNSET
    assert attributes(region)["wsconn.status"] == "aborted"


@pytest.mark.parametrize(
    ("timings", "established"),
    [(Timings(tls=0.1), None), (Timings(tls=0.1, upgrade=0.1), True)],
    ids=["in-tls", "later"],
)
def test_an_abort_leaves_open_what_was_not_seen(
    collector: Collector, timings: Timings, established: bool | None
) -> None:
    """That TLS was opened is told only where something came after it."""
    spans = spans_of(exported(collector, result(aborted("eu", timings=timings, duration=0.3)))[0])
    (tls,) = (span for span in spans if span.name == "tls")
    assert attributes(tls).get("tls.established") is established


def test_a_direct_way_has_no_proxy(collector: Collector) -> None:
    """Where a PAC file said so, asking it was in the stage of the proxy, whose peer the server is not."""
    timings = Timings(proxy=0.1, connect=0.1)
    spans = spans_of(exported(collector, result(passed("eu", timings=timings, address="192.0.2.7:443")))[0])
    assert {span.name: "network.peer.address" in attributes(span) for span in spans[2:]} == {
        "connect": True,
        "proxy": False,
    }


def test_a_check_says_what_was_found(collector: Collector) -> None:
    """Its span has the verdict, how many passed, and the findings of a report."""
    (check, *_) = spans_of(exported(collector, EVERYTHING)[0])
    told = attributes(check)
    assert told["wsconn.result"] == EVERYTHING.result
    assert told["wsconn.regions.failed"] == len(EVERYTHING.failed_regions)
    assert told["wsconn.findings"] == list(reports.findings(EVERYTHING))


def test_the_resource_is_wsconn_on_a_machine(collector: Collector) -> None:
    """Spans and metrics say where they are from: host, site and labels, and an instance that stays the same."""
    machine = attrs.evolve(reports.this_machine(), host="k-17", site="Vienna", labels={"kind": "kiosk"})
    first = [attributes(told.resource) for told in exported(collector, EVERYTHING, machine=machine)]
    again = [attributes(told.resource) for told in exported(collector, EVERYTHING, machine=machine)]
    assert first == again == [first[0], first[0]]
    assert uuid.UUID(first[0].pop("service.instance.id"))
    assert first[0] == {
        "service.name": "wsconn",
        "service.version": wsconn.__version__,
        "host.name": "k-17",
        "wsconn.site": "Vienna",
        "wsconn.label.kind": "kiosk",
    }


def test_the_resource_may_be_told_more(collector: Collector) -> None:
    """What is given is added, or replaces what wsconn says."""
    told, _ = exported(collector, EVERYTHING, resource={"service.name": "calls", "deployment.environment.name": "x"})
    about = attributes(told.resource)
    assert (about["service.name"], about["deployment.environment.name"]) == ("calls", "x")


def test_a_site_is_a_label_of_all_metrics(collector: Collector) -> None:
    """As in a scrape."""
    machine = attrs.evolve(reports.this_machine(), site="Vienna")
    _, measured = exported(collector, result(passed("eu")), machine=machine)
    assert {labels[-1] for series in points_of(measured).values() for labels in series} == {"Vienna"}


# --- metrics --------------------------------------------------------------------------------------------------------


def points_of(measured: Any) -> dict[str, dict[tuple[str, ...], Any]]:
    (scope,) = measured.scope_metrics
    return {
        metric.name: {
            tuple(attributes(point).values()): point for point in getattr(metric, metric.WhichOneof("data")).data_points
        }
        for metric in scope.metrics
    }


def test_metrics_are_those_of_a_scrape(collector: Collector) -> None:
    """One check has the gauges that Prometheus gets, each with its value."""
    _, measured = exported(collector, EVERYTHING)
    points = points_of(measured)
    lines = [line for line in reports.to_prometheus(EVERYTHING).splitlines() if not line.startswith("#")]
    written = sorted(line.partition("{")[0].partition(" ")[0] for line in lines)
    assert sorted(name for name, series in points.items() for _ in series) == written
    up = {labels: point.as_double for labels, point in points["wsconn_region_up"].items()}
    assert up == {(o.region,): float(o.status == "passed") for o in EVERYTHING.outcomes if o.status != "aborted"}
    (moment,) = {point.time_unix_nano for series in points.values() for point in series.values()}
    assert moment / NANOSECONDS == pytest.approx(EVERYTHING.started_at.timestamp() + EVERYTHING.duration, abs=1e-3)


def test_what_adds_up_is_told_of_several(collector: Collector) -> None:
    """An exporter's counters and histograms are of all results that it was given, and say since when."""
    before = time.time()
    checked = result(passed("eu", round_trip=0.02, duration=0.3), failed("us", Stage.TLS, Cause.TLS_EXPIRED))
    with OtlpExporter(collector.url, timeout=BOUND_SECONDS) as exporter:
        for _ in range(2):
            assert exporter.export(checked).result() == ALL_TAKEN
            told = [collector.next(), collector.next()][1]
        assert (exporter.exported, exporter.lost) == (2, 0)
    points = points_of(told.message.resource_metrics[0])
    assert points["wsconn_rounds"][()].as_double == 2
    assert points["wsconn_region_failures"]["us", "tls", "tls_expired"].as_double == 2
    trips = points["wsconn_round_trip_seconds"]["eu",]
    assert (trips.count, sum(trips.bucket_counts), trips.sum) == (2, 2, pytest.approx(0.04))
    assert trips.bucket_counts[list(trips.explicit_bounds).index(0.025)] == 2
    assert before <= trips.start_time_unix_nano / NANOSECONDS <= time.time()
    kinds = {metric.name: metric for metric in told.message.resource_metrics[0].scope_metrics[0].metrics}
    assert kinds["wsconn_rounds"].sum.is_monotonic
    assert kinds["wsconn_rounds"].sum.aggregation_temporality == 2  # cumulative, as Prometheus wants them


# --- what a record may hold -----------------------------------------------------------------------------------------


def test_no_secret_is_sent(collector: Collector) -> None:
    """User names, passwords and queries of URLs stay here, though a record that was made by hand holds them."""
    secret = "S3CRET"
    url = f"wss://me:{secret}@eu.example.org/?token={secret}"
    seen = Evidence(discovery=url, location=url, proxy=f"http://me:{secret}@p.example:3128")
    outcome = failed(
        "eu",
        Stage.PROXY,
        Cause.PROXY_AUTH_REQUIRED,
        url=url,
        proxy=f"http://me:{secret}@p.example:3128 (from https_proxy)",
        evidence=seen,
    )
    assert (
        export_otlp(
            result(outcome), collector.url, timeout=BOUND_SECONDS, headers={"authorization": f"Bearer {secret}"}
        )
        == ALL_TAKEN
    )
    for received in (collector.next(), collector.next()):
        assert received.fields["authorization"] == f"Bearer {secret}"
        assert secret.encode() not in received.body


@given(checked=any_result)
def test_any_record_can_be_sent(checked: ConnectivityResult) -> None:
    """Halves of characters, huge numbers, moments out of range: it is a right message all the same, and nested."""
    from wsconn.fleet._otlp import messages, spans

    for odd in (checked, attrs.evolve(checked, duration=math.nan)):
        encoded = messages.traces(spans.span_of(odd), {})
        decoded = messages.ExportTraceServiceRequest()
        decoded.ParseFromString(encoded)
        assert_nested(spans_of(decoded.resource_spans[0]))
        messages.measurements(odd, None, {})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"region": "\ud800\x1b[31m"}, id="half-a-character"),
        pytest.param({"http_status": 10**400, "close_code": -(10**30)}, id="huge-numbers"),
        pytest.param({"region": "r" * 1_000_000}, id="long-name"),
        pytest.param({"url": "wss://[", "address": "nowhere"}, id="no-url"),
        pytest.param({"round_trip": math.nan, "started_at": -1e300}, id="no-numbers"),
    ],
)
def test_odd_records_are_sent(collector: Collector, changes: Mapping[str, Any]) -> None:
    """What a report file may hold is escaped, cut and bounded, and arrives."""
    odd = attrs.evolve(passed("eu"), **changes)
    far = attrs.evolve(result(odd), started_at=datetime.max.replace(tzinfo=UTC))
    for checked in (result(odd), far):
        told, _ = exported(collector, checked)
        assert_nested(spans_of(told))
        assert all(len(span.name) <= 4096 * 10 for span in spans_of(told))
