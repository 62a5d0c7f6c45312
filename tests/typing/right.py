"""The public names as users write them: type checkers must take all of it, with the types that are asserted."""

from __future__ import annotations

import asyncio
import concurrent.futures
import pathlib
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from queue import SimpleQueue
from typing import assert_type

import wsconn
from wsconn import (
    Attempt,
    Cause,
    Conclusion,
    ConnectivityResult,
    ConnectivityTest,
    DebugReport,
    DebugTest,
    Discovery,
    Experiment,
    Failure,
    Hold,
    InvalidRegionError,
    Region,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    Verdict,
    WsconnError,
    fleet,
    reports,
)
from wsconn.lab import FAULTS, Fault, Lab, faults

REGIONS = {"eu-central-1": "wss://eu.example.org/", "us-east-1": "wss://us.example.org/"}


def regions_of_every_kind(path: pathlib.Path) -> None:
    """Whatever names regions is taken by all who take regions."""
    records = [
        Region("eu", "wss://eu.example.org/"),
        Region("us", "wss://us.example.org/", alternates=["wss://us.example.net/"]),
        Region("sa", discovery=Discovery("https://gs.example.org/sa", "/worker/wssUri")),
        Region(
            "own",
            "wss://eu.example.org/",
            headers={"X-Api-Version": "2"},
            subprotocols=["chat"],
            origin="https://example.org",
            connect_to="203.0.113.7:443",
            source="192.0.2.5",
            allow=["*.example.org:443"],
            help="https://help.example.org/",
        ),
        Region("pairs", "wss://eu.example.org/", headers=[("Cookie", "a=b")], subprotocols=()),
    ]
    assert_type(wsconn.check(), ConnectivityResult)
    assert_type(wsconn.check(REGIONS), ConnectivityResult)
    assert_type(wsconn.check(records), ConnectivityResult)
    assert_type(wsconn.check(region for region in records), ConnectivityResult)
    assert_type(wsconn.start(path), ConnectivityTest)
    assert_type(wsconn.start("daily"), ConnectivityTest)
    assert_type(wsconn.load_regions(path), tuple[Region, ...])
    assert_type(records[0].url, str | None)
    assert_type(records[1].alternates, tuple[str, ...])
    assert_type(records[2].discovery, Discovery | None)
    assert_type(records[3].headers, tuple[tuple[str, str], ...] | None)
    assert_type(records[3].connect_to, str | None)
    assert_type(records[3].allow, tuple[str, ...])


def every_argument(context: ssl.SSLContext, seen: list[RegionOutcome]) -> None:
    """A callback may return what it likes: `append` returns `None`, and `put` too."""
    wsconn.check(
        REGIONS,
        timeout=5,
        total_timeout=30.0,
        max_workers=4,
        verify_frames=False,
        proxy="http://proxy.example.org:3128",
        proxy_ssl_context=context,
        ssl_context=context,
        headers={"X-Api-Version": "2"},
        subprotocols=["chat"],
        origin="https://example.org",
        on_outcome=seen.append,
    )
    wsconn.start(REGIONS, proxy=None, headers=[("Cookie", "a=b")], subprotocols=("chat",), on_outcome=print)


def the_handle() -> Iterator[RegionOutcome]:
    events: SimpleQueue[RegionOutcome | ConnectivityTest] = SimpleQueue()
    with wsconn.start(REGIONS, on_outcome=events.put) as handle:
        assert_type(handle, ConnectivityTest)
        handle.add_done_callback(events.put)
        assert_type(handle.done(), bool)
        assert_type(handle.running(), bool)
        assert_type(handle.aborted(), bool)
        assert_type(handle.outcomes, tuple[RegionOutcome, ...])
        assert_type(handle.futures, Mapping[str, concurrent.futures.Future[RegionOutcome]])
        assert_type(handle.result(timeout=1), ConnectivityResult)
        handle.abort()
        yield from handle.as_completed(timeout=5)


async def from_asyncio(handle: ConnectivityTest) -> None:
    assert_type(await asyncio.wrap_future(handle.futures["eu-central-1"]), RegionOutcome)


def the_result(result: ConnectivityResult) -> str:
    assert_type(result.result, Verdict)
    assert_type(result.passed_regions, tuple[str, ...])
    assert_type(result.outcomes, tuple[RegionOutcome, ...])
    assert_type(result.outcomes[0].started_at, float | None)
    assert_type(result.outcome("eu-central-1"), RegionOutcome)
    assert_type(result.fastest(), RegionOutcome | None)
    assert_type(result.started_at, datetime)
    assert_type(result.duration, float)
    assert_type(result.to_dict()["passedRegions"], str | list[str])
    match result.result:  # every word is here, so that nothing comes after it
        case Verdict.PASSED | Verdict.WARNING:
            return "join"
        case Verdict.FAILED:
            return "do not"
        case Verdict.ABORTED:
            return "again"


def to_a_collector(result: ConnectivityResult, context: ssl.SSLContext) -> None:
    """A result is exported once, or to an exporter that is kept."""
    export = fleet.export_otlp(
        result,
        "https://collector.example.org",
        timeout=1,
        headers={"Authorization": "Bearer x"},
        ssl_context=context,
        machine=reports.this_machine(),
        resource={"deployment.environment.name": "production"},
    )
    assert_type(export, fleet.OtlpExport)
    assert_type((export.lost, export.note), tuple[str | None, str | None])
    with fleet.OtlpExporter("http://localhost:4318", headers=[("a", "b")]) as exporter:
        assert_type(exporter.export(result), concurrent.futures.Future[fleet.OtlpExport])
        assert_type((exporter.exported, exporter.lost), tuple[int, int])
    exporter.close()


def an_outcome(outcome: RegionOutcome) -> None:
    assert_type(outcome.status, Status)
    assert_type(outcome.failure, Failure | None)
    assert_type(outcome.attempts, tuple[Attempt, ...])
    assert_type(outcome.timings, Timings)
    assert_type(outcome.timings.connect, float | None)
    assert_type(outcome.tls, TlsInfo | None)
    assert_type(outcome.round_trip, float | None)
    assert_type(outcome.http_status, int | None)
    if outcome.failure is not None:
        assert_type(outcome.failure.stage, Stage)
        assert_type(outcome.failure.cause, Cause)
        assert_type(outcome.failure.os_error, str | None)
        assert_type(outcome.failure.message, str)
        label: str = outcome.failure.cause  # an enum of strings: a metric's label as it is
        assert label


def the_debugger(context: ssl.SSLContext) -> Iterator[Experiment]:
    report = wsconn.debug(REGIONS, timeout=5, ssl_context=context, proxy=None, all_regions=True, hold=120)
    assert_type(report, DebugReport)
    assert_type(report.result, ConnectivityResult)
    assert_type(report.conclusions, tuple[Conclusion, ...])
    assert_type(report.holds, tuple[Hold, ...])
    assert_type(report.conclusions[0].suspect, str | None)
    certainty: str = report.conclusions[0].certainty
    assert certainty in ("shown", "likely", "cannot be told")
    with wsconn.start_debug(REGIONS, hold=2.5, ping_every=0.5) as run:
        assert_type(run, DebugTest)
        assert_type(run.check, ConnectivityTest)
        run.add_done_callback(print)
        run.abort()
        assert_type(run.result(timeout=1), DebugReport)
        yield from run.as_completed(timeout=5)


def errors() -> None:
    try:
        wsconn.check(REGIONS)
    except InvalidRegionError as error:
        as_value_error: ValueError = error
        raise as_value_error from None
    except WsconnError:
        raise


def every_report(result: ConnectivityResult) -> None:
    assert_type(reports.findings(result), tuple[str, ...])
    assert_type(reports.to_text(result, width=60, signs=reports.ASCII_SIGNS), str)
    assert_type(reports.to_markdown(result), str)
    assert_type(reports.to_html(result), str)
    assert_type(reports.to_prometheus(result), str)
    assert_type(reports.from_json(reports.to_json(result)), ConnectivityResult)
    assert_type(reports.from_json("{}", DebugReport), DebugReport)


def many_machines(folder: pathlib.Path) -> None:
    """Texts and paths are merged, and what they show is read as fields."""
    report = fleet.merge([folder, "{}", b"{}"], last=20)
    assert_type(report, fleet.FleetReport)
    for finding in fleet.findings(report):
        assert_type(finding, fleet.FleetFinding)
        assert_type(finding.kind, fleet.FindingKind)
        assert_type(finding.suspect, fleet.Suspect | None)
        assert_type(finding.since, datetime | None)
        assert_type(finding.sentence, str)
    for host, region, cell in report.cells():
        assert_type((host, region, cell), tuple[fleet.FleetHost, str, fleet.Cell])
        assert_type(cell.ending, fleet.Ending)
    assert_type(fleet.from_json(fleet.to_json(report)), fleet.FleetReport)
    assert_type(fleet.to_text(report, width=60), str)
    assert_type(
        [write(report) for write in (fleet.to_csv, fleet.to_html, fleet.to_markdown, fleet.to_prometheus)], list[str]
    )


def the_exporter(result: ConnectivityResult) -> None:
    seen: list[ConnectivityResult] = []
    with fleet.exporter({"eu": "wss://eu.example.org/"}, interval=30, site="vienna", on_result=seen.append) as app:
        assert_type(app, fleet.Exporter)
        assert_type(app.regions, tuple[Region, ...])
        app.reload()
        app.stop()
    fleet.exporter(pathlib.Path("regions.toml"), modules="modules.toml", max_probes=20, hosts=["localhost"]).close()


def the_lab() -> None:
    with Lab() as lab:
        assert_type(lab.add("eu-central-1", tls=True, latency=0.02), str)
        lab.add("us-east-1", fault="http-503")
        lab.add("sa-east-1", fault=faults.http_status(503, headers={"Retry-After": "30"}))
        lab.add("ap-south-1", fault=lambda sock: sock.sendall(b"HTTP/1.1 418 I'm a teapot\r\n\r\n"))
        assert_type(FAULTS["mute"], Fault)
        assert_type(lab.faults, dict[str, Fault])
        lab.set_fault("eu-central-1", faults.stall_after(1.5), existing="keep")
        lab.reset("eu-central-1")
        assert_type(lab.control(), str)
        assert_type(lab.proxy, str)
        wsconn.check(lab.regions, ssl_context=lab.ssl_context)


assert_type(wsconn.__version__, str)


def from_everywhere(executor: concurrent.futures.Executor) -> None:
    """Hosts answer with results, or with why there is none."""
    with fleet.start_everywhere(executor, {"eu": "wss://eu.example.org/"}, answer_timeout=5, tasks=2) as test:
        assert_type(test, fleet.FleetTest)
        assert_type(test.done(), bool)
        answers = test.result(timeout=1)
    assert_type(answers, tuple[fleet.HostAnswer, ...])
    for answer in fleet.check_everywhere(executor, "daily", headers=[("a", "b")]):
        assert_type((answer.host, answer.workers, answer.message), tuple[str, tuple[str, ...], str])
        assert_type(answer.result, ConnectivityResult | None)
        assert_type(answer.absence, fleet.Absence | None)
    assert_type(fleet.merge(answers), fleet.FleetReport)
