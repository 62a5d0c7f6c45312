"""Collectors that refuse, are silent, slow or hostile: none holds an export longer than its time, and all is told."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from typing import Any

import pytest
import trustme
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from tests.factories import passed, result
from tests.fleet.otlp_collector import BOUND_SECONDS, Speak, answer, collecting, read_request, speaking
from tests.processes import posix, run
from wsconn._deadline import Deadline
from wsconn._io.abort import Abort, CancelScope
from wsconn.fleet import OtlpExport, OtlpExporter, export_otlp
from wsconn.fleet._otlp.collector import Collector, Lost

RESULT = result(passed("eu", round_trip=0.02))
SHORT = 0.5  # seconds, for what never ends by itself
MARGIN = 5.0  # of a machine that others use too
TOKEN = "S3CRET-token"
PACE = threading.Event()  # never set


# --- what a collector may do ----------------------------------------------------------------------------------------


def mute(sock: socket.socket) -> None:
    while sock.recv(1 << 16):
        pass


def after_reading(*words: bytes, again: bytes = b"") -> Speak:
    """Make a collector that reads the request, says `words`, and then `again` without end."""

    def speak(sock: socket.socket) -> None:
        read_request(sock)
        for word in words:
            sock.sendall(word)
        while again:
            sock.sendall(again)

    return speak


def drip(sock: socket.socket) -> None:
    """Say a right answer, a byte at a time: any wait for a single byte is short."""
    read_request(sock)
    for byte in answer(200, b"\n" * 4000):
        sock.sendall(bytes([byte]))
        PACE.wait(0.05)


def reads_nothing(sock: socket.socket) -> None:
    PACE.wait(SHORT * 2)


def hangs_up(sock: socket.socket) -> None:
    sock.recv(1)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n"
PARTIAL = ExportTraceServiceResponse(
    partial_success=ExportTracePartialSuccess(rejected_spans=7, error_message=f"full\x1b[31m {TOKEN}")
).SerializeToString()


@pytest.mark.parametrize(
    ("speak", "said"),
    [
        pytest.param(after_reading(HEAD, again=b"X-More: yes\r\n" * 100), "headers are larger", id="endless-headers"),
        pytest.param(after_reading(HEAD + b"X: ", again=b"x" * 4096), "headers are larger", id="endless-line"),
        pytest.param(after_reading(HEAD + b"\r\n", again=b"\n" * 4096), "more than 64 KiB", id="endless-body"),
        pytest.param(
            after_reading(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", again=b"1000\r\n" + bytes(4096) + b"\r\n"),
            "more than 64 KiB",
            id="endless-chunks",
        ),
        pytest.param(
            after_reading(HEAD + b"Content-Length: 99999999999\r\n\r\n", again=b"\0" * 4096),
            "more than 64 KiB",
            id="huge-length",
        ),
        pytest.param(after_reading(HEAD + b"Content-Length: nine\r\n\r\n"), "Content-Length is 'nine'", id="no-length"),
        pytest.param(after_reading(again=b"HTTP/1.1 100 Continue\r\n\r\n"), "headers are larger", id="endless-100"),
        pytest.param(after_reading(b"\0\0\x12\x04\0\0\0\0\0\0"), "answered: no HTTP", id="http-2"),
        pytest.param(hangs_up, "too early", id="hangs-up"),
        pytest.param(after_reading(answer(200, b"<html>", kind="text/html")), "with text/html, as no", id="a-portal"),
        pytest.param(after_reading(answer(200, b"\xff\xff\xff")), "is no message of OTLP's", id="no-protobuf"),
        pytest.param(after_reading(answer(503)), "answered HTTP 503 Said", id="overloaded"),
        pytest.param(after_reading(answer(404)), "answered HTTP 404 Said", id="no-such-path"),
        pytest.param(
            after_reading(answer(401, f"{TOKEN} is bad".encode(), kind="text/plain")), "401 Said: … is bad", id="token"
        ),
        pytest.param(after_reading(answer(200, PARTIAL)), r"rejected 7 spans: full\x1b[31m …", id="some-rejected"),
    ],
)
def test_what_is_lost_is_told(speak: Speak, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a collector says, it is not read without end, and one line says and logs why the export is lost."""
    with speaking(speak) as url:
        became = export_otlp(RESULT, url, timeout=BOUND_SECONDS, headers={"authorization": TOKEN})
    assert became.lost is not None
    assert said in became.lost
    assert TOKEN not in became.lost
    assert became.lost.isprintable()
    (logged,) = caplog.records
    assert (logged.name, logged.levelno) == ("wsconn.fleet", logging.WARNING)
    assert logged.getMessage() == f"OTLP: an export was lost, 1 so far: {became.lost}"


@pytest.mark.parametrize("speak", [mute, drip], ids=["mute", "byte-by-byte"])
def test_an_export_ends_in_its_time(speak: Speak) -> None:
    """A collector that is silent, or of whose answer a byte comes now and then, holds nobody longer than that."""
    with speaking(speak) as url:
        began = time.monotonic()
        became = export_otlp(RESULT, url, timeout=SHORT)
        took = time.monotonic() - began
    assert took < SHORT + MARGIN
    assert became.lost is not None
    assert "did not answer within" in became.lost


def test_a_collector_that_reads_nothing_is_given_up() -> None:
    """Where not even the request goes out, the time is the same."""
    with speaking(reads_nothing) as url, Abort() as abort:
        began = time.monotonic()
        with pytest.raises(Lost, match="did not answer within"):
            Collector.of(url, None, None).post("/v1/traces", bytes(15 << 20), CancelScope(Deadline.after(SHORT), abort))
        assert time.monotonic() - began < SHORT + MARGIN


def test_a_redirect_is_not_followed() -> None:
    """The place that a collector redirects to gets nothing, headers least of all."""
    with collecting() as elsewhere:
        moved = answer(307, more=f"Location: {elsewhere.url}/v1/traces?token={TOKEN}\r\n")
        with collecting({"/v1/traces": moved, "/v1/metrics": moved}) as collector:
            became = export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS)
        assert became.lost is not None
        assert f"a redirect to {elsewhere.url}/v1/traces, which is not followed" in became.lost
        assert TOKEN not in became.lost
        assert elsewhere.is_idle()


def test_nothing_is_sent_twice() -> None:
    """A collector that is overloaded gets no second message of the same kind."""
    with collecting({"/v1/traces": answer(503)}) as collector:
        assert export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS).lost
        assert [collector.next().path, collector.next().path] == ["/v1/traces", "/v1/metrics"]
        assert collector.is_idle()


def test_a_collector_that_does_not_answer_is_asked_once() -> None:
    """Where the first message has no answer, the others are lost with it, and the time is not spent twice."""
    came: list[socket.socket] = []
    with speaking(came.append) as url:
        assert export_otlp(RESULT, url, timeout=BOUND_SECONDS).lost
    assert len(came) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The collector is asked directly, whatever the variables say."""
    with collecting() as proxy, collecting() as collector:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS) == OtlpExport()
        assert proxy.is_idle()


@pytest.mark.parametrize(("missing", "status"), [("traces", 404), ("metrics", 404), ("metrics", 405)])
def test_a_collector_may_take_one_kind_alone(missing: str, status: int) -> None:
    """Jaeger has no place for metrics, Prometheus none for traces: that is noted, and nothing is lost."""
    with collecting({f"/v1/{missing}": answer(status)}) as collector:
        became = export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS)
    assert became.lost is None
    assert became.note is not None
    assert became.note.endswith(f"takes no {missing}: HTTP {status}")


def test_a_note_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A collector that takes no metrics is no news with each result."""
    caplog.set_level(logging.INFO, "wsconn.fleet")
    with (
        collecting({"/v1/metrics": answer(404)}) as collector,
        OtlpExporter(collector.url, timeout=BOUND_SECONDS) as exporter,
    ):
        (note,) = {exporter.export(RESULT).result().note for _ in range(3)}
    assert [record.getMessage() for record in caplog.records] == [f"OTLP: {note}"]


def test_what_a_collector_says_beside_is_noted() -> None:
    """It may take all, and still have something to say."""
    partial = ExportMetricsPartialSuccess(error_message="these names are deprecated")
    said = answer(200, ExportMetricsServiceResponse(partial_success=partial).SerializeToString())
    with collecting({"/v1/metrics": said}) as collector:
        became = export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS)
    assert became.lost is None
    assert became.note is not None
    assert became.note.endswith("says of the metrics: these names are deprecated")


def test_a_collector_below_a_path() -> None:
    """The URL is what stands before /v1, with or without a slash at its end."""
    with collecting() as collector:
        for path in ("/otlp", "/otlp/"):
            assert export_otlp(RESULT, collector.url + path, timeout=BOUND_SECONDS) == OtlpExport()
            assert [collector.next().path, collector.next().path] == ["/otlp/v1/traces", "/otlp/v1/metrics"]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def test_a_collector_with_tls(authority: trustme.CA) -> None:
    """One whose certificate is trusted gets all, and another nothing but a handshake."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    with collecting(tls=server) as collector:
        assert export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS, ssl_context=client) == OtlpExport()
        assert collector.next().fields["host"] == collector.url.removeprefix("https://")
        collector.next()
        became = export_otlp(RESULT, collector.url, timeout=BOUND_SECONDS)
        assert became.lost is not None
        assert "certificate" in became.lost
        assert collector.is_idle()


def test_what_is_too_large_is_not_sent() -> None:
    """A message larger than a collector has to take stays here, and its size is told."""
    with collecting() as collector, Abort() as abort:
        with pytest.raises(Lost, match=r"21\.0 MiB are more than a collector has to take, which is 20"):
            Collector.of(collector.url, None, None).post(
                "/v1/traces", bytes(21 << 20), CancelScope(Deadline.after(BOUND_SECONDS), abort)
            )
        assert collector.is_idle()


# --- an exporter ----------------------------------------------------------------------------------------------------


def test_handing_over_never_waits() -> None:
    """A collector that is silent holds neither who exports nor, longer than one time, who closes; all is lost."""
    with speaking(mute) as url:
        exporter = OtlpExporter(url, timeout=SHORT)
        began = time.monotonic()
        futures = [exporter.export(RESULT) for _ in range(30)]
        handed_over = time.monotonic() - began
        exporter.close()
        closed = time.monotonic() - began - handed_over
    assert handed_over < MARGIN  # had each waited for the one before, it would be three times that
    assert closed < SHORT + MARGIN
    assert all(future.done() for future in futures)
    assert all(future.result().lost for future in futures)
    assert (exporter.exported, exporter.lost) == (0, 30)
    said = {future.result().lost for future in futures}
    assert "8 results wait for the collector already" in said
    assert "the exporter was closed before it had been sent" in said


def test_an_exporter_goes_on_after_a_loss() -> None:
    """What is lost costs that result alone."""
    with collecting() as collector:
        with OtlpExporter(collector.url, timeout=BOUND_SECONDS) as exporter:
            odd: Any = None
            assert exporter.export(odd).result().lost == "wsconn itself failed: AttributeError"
            assert exporter.export(RESULT).result() == OtlpExport()
            assert repr(exporter) == "<OtlpExporter 1 exported, 1 lost, 0 waiting>"
        exporter.close()
        with pytest.raises(RuntimeError, match="the exporter is closed"):
            exporter.export(RESULT)


def test_the_next_result_tells_how_many_were_lost() -> None:
    """So that the collector, too, knows that something is missing."""
    lost = {"/v1/traces": answer(503), "/v1/metrics": answer(503)}
    with collecting(lost) as collector, OtlpExporter(collector.url, timeout=BOUND_SECONDS) as exporter:
        for _ in range(2):
            assert exporter.export(RESULT).result().lost
        lost.clear()
        assert exporter.export(RESULT).result() == OtlpExport()
        told = [collector.next() for _ in range(6)][-1].message.resource_metrics[0].scope_metrics[0].metrics
    (counted,) = (metric.sum for metric in told if metric.name == "wsconn_otlp_lost")
    assert [point.as_double for point in counted.data_points] == [2]


def test_closing_waits_for_what_is_under_way() -> None:
    """Results that were handed over just before arrive."""
    with collecting() as collector:
        with OtlpExporter(collector.url, timeout=BOUND_SECONDS) as exporter:
            for _ in range(5):
                exporter.export(RESULT)
        assert (exporter.exported, exporter.lost) == (5, 0)


@posix
def test_an_exporter_that_nobody_closed_does_not_hold_the_end() -> None:
    """A program that ends with an export under way ends at once."""
    with speaking(mute) as url:
        began = time.monotonic()
        run(
            f"""
            from tests.fleet.test_otlp_collectors import RESULT
            from wsconn.fleet import OtlpExporter

            exporter = OtlpExporter({url!r}, timeout={BOUND_SECONDS})
            exporter.export(RESULT)
            """
        )
        assert time.monotonic() - began < BOUND_SECONDS


# --- arguments ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        pytest.param({"url": 7}, TypeError, "url must be a str, not 7", id="no-str"),
        pytest.param({"url": "collector:4318"}, ValueError, "must begin with https:// or http://", id="no-scheme"),
        pytest.param({"url": "http://me:S3CRET@c/"}, ValueError, "user name or password", id="password"),
        pytest.param({"url": "http://c/?k=S3CRET"}, ValueError, "has a query; send a token in headers", id="query"),
        pytest.param({"url": "http://c/v1/traces"}, ValueError, "must end before /v1/", id="whole-path"),
        pytest.param({"url": "http://c:99999"}, ValueError, "bad port", id="port"),
        pytest.param({"timeout": 0}, ValueError, "timeout must be more than 0", id="no-time"),
        pytest.param({"headers": {"a b": "S3CRET"}}, ValueError, "'a b' is not a header's name", id="header-name"),
        pytest.param({"headers": {"a": "S3CRET\n"}}, ValueError, "a control character", id="header-value"),
        pytest.param({"headers": {"Content-Length": "1"}}, ValueError, "wsconn's own to send", id="our-header"),
        pytest.param({"ssl_context": "x"}, TypeError, "ssl_context must be", id="no-context"),
        pytest.param({"resource": [1]}, TypeError, "resource must be a mapping", id="no-resource"),
        pytest.param({"resource": {"a": 1}}, TypeError, "resource must hold str", id="no-text"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], error: type[Exception], said: str) -> None:
    """What is unfit is an error that names it, and no secret, before anything is sent."""
    for call in (lambda **given: export_otlp(RESULT, **given), OtlpExporter):
        with pytest.raises(error, match=said.replace("(", r"\(")) as raised:
            call(**{"url": "http://127.0.0.1:9", **arguments})
        assert "S3CRET" not in str(raised.value)


def test_without_the_extra() -> None:
    """Where opentelemetry-proto is missing, the error says what to install."""
    run(
        """
        import sys

        sys.modules["opentelemetry.proto"] = None
        from wsconn.fleet import OtlpExporter

        try:
            OtlpExporter("http://127.0.0.1:9")
        except ImportError as error:
            assert 'pip install "wsconn[otlp]"' in str(error), error
        else:
            raise AssertionError
        """
    )


@posix
def test_a_forked_process_exports_on_a_thread_of_its_own() -> None:
    """A server that forks its workers may make the exporter before: parent and child both send, and both can close."""
    with collecting() as collector:
        run(
            f"""
            import os
            from tests.fleet.test_otlp_collectors import RESULT
            from wsconn.fleet import OtlpExport, OtlpExporter

            exporter = OtlpExporter({collector.url!r}, timeout={BOUND_SECONDS})
            assert exporter.export(RESULT).result() == OtlpExport()
            child = os.fork()
            with exporter:
                assert exporter.export(RESULT).result() == OtlpExport()
            if child:
                assert os.waitpid(child, 0)[1] == 0
            """,
            options=(),
        )
        assert [collector.next().path for _ in range(6)].count("/v1/traces") == 3
