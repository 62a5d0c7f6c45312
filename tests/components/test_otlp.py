"""A collector that others wrote: what it passes on is what it was sent."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from tests.components.programs import HOME, free_port, running
from tests.fleet.otlp_collector import BOUND_SECONDS, collecting
from wsconn import check
from wsconn.fleet import OtlpExport, export_otlp
from wsconn.lab import Lab, faults

pytestmark = pytest.mark.components


def rotel() -> pathlib.Path:
    (program,) = (HOME / "servers").glob("lib/python3*/site-packages/rotel/rotel-agent")
    return program


def spans_of(message: Any) -> list[Any]:
    return [span for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans]


def test_rotel_takes_traces_and_metrics(lab: Lab, tmp_path: pathlib.Path) -> None:
    """It accepts a result, and sends on each span and each metric as wsconn had made it."""
    lab.add("works", tls=True)
    lab.add("expired", tls=True, fault=faults.EXPIRED)
    checked = check(lab.regions, proxy=None, ssl_context=lab.ssl_context)
    port, grpc_port = free_port(), free_port()
    with collecting() as direct, collecting() as behind:
        command = [
            *(rotel(), "start", "--exporter", "otlp", "--otlp-exporter-protocol", "http"),
            *("--otlp-exporter-endpoint", behind.url),
            *("--otlp-http-endpoint", f"127.0.0.1:{port}", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc_port}"),
            *("--pid-file", tmp_path / "pid", "--log-file", tmp_path / "log"),
        ]
        with running(command, folder=tmp_path, ports=[port]):
            assert export_otlp(checked, f"http://127.0.0.1:{port}", timeout=BOUND_SECONDS) == OtlpExport()
            assert export_otlp(checked, direct.url, timeout=BOUND_SECONDS) == OtlpExport()
            sent = {received.path: received.message for received in (direct.next(), direct.next())}
            passed_on = {received.path: received.message for received in (behind.next(), behind.next())}
    assert passed_on["/v1/metrics"].resource_metrics == sent["/v1/metrics"].resource_metrics
    ours, theirs = (spans_of(messages["/v1/traces"]) for messages in (sent, passed_on))
    for mine, its in zip(ours, theirs, strict=True):
        assert (its.name, its.start_time_unix_nano, its.end_time_unix_nano, its.status) == (
            mine.name,
            mine.start_time_unix_nano,
            mine.end_time_unix_nano,
            mine.status,
        )
        assert list(its.attributes) == list(mine.attributes)
    assert parents(theirs) == parents(ours)


def parents(spans: list[Any]) -> list[str | None]:
    names = {span.span_id: span.name for span in spans}
    return [names.get(span.parent_span_id) for span in spans]
