"""`--otlp`: what a collector gets of a check, a watch and an exporter, and what a person gets to read."""

from __future__ import annotations

import pathlib
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests.cli.command_line import AS_MODULE, arguments, environment, posix, run
from tests.fleet.asking import serving
from tests.fleet.otlp_collector import BOUND_SECONDS, Collector, collecting, speaking
from tests.stuck import until
from wsconn.lab import Lab, faults

TIMEOUT = 2.0  # that of an export
PATIENT = f"""
from wsconn.fleet._otlp import exporter
for make in exporter.OtlpExporter.__init__, exporter.once:  # as it is on a machine that has nothing else to do
    make.__kwdefaults__["timeout"] = {BOUND_SECONDS}
{AS_MODULE}
"""
MARGIN = 5.0  # for a child on a machine that others use too, beyond what it takes anyway


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def regions(lab: Lab) -> list[str]:
    """One region that passes, and one that does not."""
    lab.add("works")
    lab.add("forbidden", fault=faults.HTTP_403)
    return ["--proxy", "none", *(f"{name}={url}" for name, url in lab.regions.items())]


def names(received: Any) -> list[str]:
    (resource,) = received.message.resource_spans
    return [span.name for span in resource.scope_spans[0].spans]


def metrics(received: Any) -> set[str]:
    (resource,) = received.message.resource_metrics
    return {metric.name for metric in resource.scope_metrics[0].metrics}


def test_check_sends_its_result(collector: Collector, regions: list[str]) -> None:
    """A trace and metrics arrive; report, streams and exit code are what they are without."""
    done = run("check", *regions, "--otlp", collector.url, code=PATIENT)
    assert (done.returncode, "OTLP" in done.stderr) == (3, False)
    assert "forbidden" in done.stdout
    assert {"wsconn check", "works", "forbidden", "upgrade"} <= set(names(collector.next()))
    assert "wsconn_rounds" not in metrics(collector.next())
    assert collector.is_idle()


def test_the_environment_says_the_rest(collector: Collector, regions: list[str]) -> None:
    """OpenTelemetry's variables have the access token and what the resource is called."""
    done = run(
        *("check", *regions, "-q", "--otlp", collector.url),
        code=PATIENT,
        OTEL_EXPORTER_OTLP_HEADERS="Authorization=Basic%20c2VjcmV0, X-Scope=a=b",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=production",
        OTEL_SERVICE_NAME="prechecks",
    )
    assert done.stderr == ""
    received = collector.next()
    assert (received.fields["authorization"], received.fields["x-scope"]) == ("Basic c2VjcmV0", "a=b")
    told = {pair.key: pair.value.string_value for pair in received.message.resource_spans[0].resource.attributes}
    assert told["service.name"] == "prechecks"
    assert told["deployment.environment.name"] == "production"


def test_the_environment_says_whom_to_trust(regions: list[str], tmp_path: pathlib.Path) -> None:
    """A collector behind a company's own certificate is trusted by a file that a variable names."""
    authority, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with collecting(tls=server) as collector:
        options = ("check", *regions, "-q", "--otlp", collector.url)
        assert run(*options, code=PATIENT, OTEL_EXPORTER_OTLP_CERTIFICATE=str(tmp_path / "ca.pem")).stderr == ""
        assert collector.next().path == "/v1/traces"
        assert "certificate" in run(*options, code=PATIENT).stderr
    done = run(*options, OTEL_EXPORTER_OTLP_CERTIFICATE=str(tmp_path / "none.pem"))
    assert done.returncode == 2
    assert "OTEL_EXPORTER_OTLP_CERTIFICATE" in done.stderr


def test_watch_sends_each_round(collector: Collector, regions: list[str]) -> None:
    """Each round is a trace, and what adds up is told of all of them."""
    run("watch", *regions, "-q", "--interval", "0.2", "--count", "3", "--otlp", collector.url, code=PATIENT)
    received = [collector.next() for _ in range(6)]
    assert [one.path for one in received] == ["/v1/traces", "/v1/metrics"] * 3
    assert {"wsconn_rounds", "wsconn_region_checks", "wsconn_opening_seconds"} <= metrics(received[-1])


@posix
def test_serve_sends_each_round(collector: Collector, regions: list[str]) -> None:
    """The exporter's rounds are sent as they end."""
    options = ("--listen", "127.0.0.1:0", "--interval", "0.3", "--otlp", collector.url)
    command = arguments("serve", *regions, *options, code=PATIENT)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True)
    try:
        assert {"works", "forbidden"} <= set(names(collector.next()))
        collector.next()
        assert {"works", "forbidden"} <= set(names(collector.next()))
    finally:
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=BOUND_SECONDS)
    assert "OTLP" not in said
    assert child.returncode == 0


@posix
def test_serve_counts_what_is_lost(regions: list[str]) -> None:
    """`/metrics` has the results that the collector did not take; without one there are none."""
    with serving(*regions, "--interval", "0.3", "--otlp", "http://127.0.0.1:9") as served:
        assert until(lambda: served.get("/metrics").series["wsconn_otlp_lost_total"] >= 2)
    with serving(*regions) as served:
        assert served.get("/metrics").series["wsconn_otlp_lost_total"] == 0


def test_a_lost_export_is_a_line(regions: list[str]) -> None:
    """It is told on stderr, at -q as at -vv, and the exit code is that of the check."""
    for more in (["-q"], ["-vv"]):
        done = run("check", *regions, *more, "--otlp", "http://127.0.0.1:9")
        told = [line for line in done.stderr.splitlines() if "OTLP" in line]
        assert done.returncode == 3
        assert len(told) == 1
        assert told[0].startswith("OTLP: an export was lost, 1 so far: 127.0.0.1:9 refused the connection")


def test_a_silent_collector_does_not_hold_the_end(regions: list[str]) -> None:
    """The command ends two seconds after its report, at most."""
    began = time.monotonic()
    run("check", *regions, "-q")
    plain = time.monotonic() - began
    with speaking(lambda sock: sock.recv(1 << 20) and sock.recv(1)) as url:
        began = time.monotonic()
        done = run("check", *regions, "-q", "--otlp", url)
        took = time.monotonic() - began
    assert done.returncode == 3
    assert "OTLP: an export was lost" in done.stderr
    assert took < 2 * plain + TIMEOUT + MARGIN


@pytest.mark.parametrize(
    ("url", "variable", "said"),
    [
        pytest.param("collector", "", "--otlp 'collector' must begin with https:// or http://", id="no-url"),
        pytest.param("http://me:S3CRET@c", "", "--otlp 'http://c' has a user name or password", id="password"),
        pytest.param("http://c/v1/traces", "", "--otlp 'http://c/v1/traces' must end before /v1/", id="path"),
        pytest.param("http://c", "S3CRET", "OTEL_EXPORTER_OTLP_HEADERS must be name=value", id="no-pair"),
        pytest.param("http://c", "a%0A=S3CRET", "OTEL_EXPORTER_OTLP_HEADERS: 'a\\n' is not a header's name", id="name"),
    ],
)
@pytest.mark.parametrize("command", ["check", "watch"])
def test_what_is_no_collector_is_a_usage_error(command: str, url: str, variable: str, said: str) -> None:
    """It is told before anything is tested, with the option or the variable, and without the secret."""
    done = run(command, "a=ws://127.0.0.1:9/", "--otlp", url, OTEL_EXPORTER_OTLP_HEADERS=variable)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"wsconn {command}: {said}")
    assert "S3CRET" not in done.stderr


def test_without_the_extra_it_says_what_to_install() -> None:
    """The option needs an extra, which is told before anything is tested."""
    code = "import sys; sys.modules['opentelemetry.proto'] = None; from wsconn._cli import main; sys.exit(main())"
    done = run("check", "a=ws://127.0.0.1:9/", "--otlp", "http://127.0.0.1:9", code=code)
    assert done.returncode == 2
    assert done.stderr == 'wsconn check: --otlp needs opentelemetry-proto; try pip install "wsconn[otlp]"\n'
