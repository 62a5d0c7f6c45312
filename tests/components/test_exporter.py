"""The exporter as its users meet it: Prometheus scrapes it, promtool tries its alerts, a browser opens its page."""

from __future__ import annotations

import contextlib
import http.client
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.components.chromium import look_at
from tests.components.programs import HOME, free_port, running
from tests.components.promtool import promtool
from tests.fleet import dashboard
from tests.fleet.asking import Served, serving
from tests.stuck import until
from wsconn.lab import Lab, faults

pytestmark = pytest.mark.components

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "prometheus"
BOUND_SECONDS = 30.0
SCRIPT = "<script>alert(1)</script>"

# An exporter that goes away, one with bad files and late rounds, a certificate's last days, and a target that is down.
UNIT_TEST = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'up{{job="wsconn", instance="office"}}', values: '1x10 0x20'}}
      - {{series: 'up{{job="other", instance="office"}}', values: '0x30'}}
      - {{series: 'wsconn_config_last_reload_successful{{instance="office"}}', values: '1x5 0x10 1x15'}}
      - {{series: 'wsconn_rounds_late_total{{instance="office"}}', values: '0x10 1+1x10 11x60'}}
      - {{series: 'wsconn_probes_refused_total{{instance="office"}}', values: '0x10 5x60'}}
      - {{series: 'probe_success{{job="wsconn-probe", instance="wss://a.example/"}}', values: '0x30'}}
      - {{series: 'probe_success{{job="wsconn-probe", instance="wss://b.example/"}}', values: '1x5 0x10 1x15'}}
    alert_rule_test:
      - {{eval_time: 15m, alertname: ExporterIsDown}}
      - eval_time: 17m
        alertname: ExporterIsDown
        exp_alerts:
          - exp_labels: {{severity: critical, job: wsconn, instance: office}}
            exp_annotations: {{summary: "office does not answer: nobody tests the regions"}}
      - {{eval_time: 10m, alertname: FileWasRefused}}
      - eval_time: 12m
        alertname: FileWasRefused
        exp_alerts:
          - exp_labels: {{severity: warning, instance: office}}
            exp_annotations: {{summary: "office could not read its files, and goes on by the old ones"}}
      - {{eval_time: 20m, alertname: FileWasRefused}}
      - {{eval_time: 10m, alertname: RoundsAreLate}}
      - eval_time: 20m
        alertname: RoundsAreLate
        exp_alerts:
          - exp_labels: {{severity: warning, instance: office}}
            exp_annotations: {{summary: "office tests too many regions for its interval"}}
      - {{eval_time: 70m, alertname: RoundsAreLate}}
      - eval_time: 12m
        alertname: ProbesAreRefused
        exp_alerts:
          - exp_labels: {{severity: warning, instance: office}}
            exp_annotations: {{summary: "office is asked for more probes at once than --max-probes"}}
      - {{eval_time: 40m, alertname: ProbesAreRefused}}
      - {{eval_time: 14m, alertname: TargetCannotBeReached}}
      - eval_time: 20m
        alertname: TargetCannotBeReached
        exp_alerts:
          - exp_labels: {{severity: warning, job: wsconn-probe, instance: "wss://a.example/"}}
            exp_annotations: {{summary: "wss://a.example/ cannot be reached"}}
  - interval: 1m
    input_series:
      - {{series: 'wsconn_region_certificate_expiry_timestamp_seconds{{region="eu"}}', values: '1213200x130'}}
      - {{series: 'wsconn_region_certificate_expiry_timestamp_seconds{{region="us"}}', values: '9999999x130'}}
    alert_rule_test:
      - {{eval_time: 2h, alertname: CertificateExpiresSoon}}
      - eval_time: 125m
        alertname: CertificateExpiresSoon
        exp_alerts:
          - exp_labels: {{severity: warning, region: eu}}
            exp_annotations: {{summary: "the certificate of eu expires in 13d 22h 55m 0s"}}
"""


def test_the_alerts_fire_when_they_should(tmp_path: pathlib.Path) -> None:
    """promtool accepts rules and configuration, and its unit test finds each alert at its time and at no other."""
    rules = EXAMPLES / "exporter-rules.yml"
    assert "6 rules found" in promtool("check", "rules", rules)
    promtool("check", "config", EXAMPLES / "prometheus.yml")
    unit_test = tmp_path / "test.yml"
    unit_test.write_text(UNIT_TEST.format(rules=rules))
    promtool("test", "rules", unit_test)


@pytest.fixture
def served(lab: Lab, tmp_path: pathlib.Path) -> Iterator[Served]:
    """Serve three regions, one that is down and one of an odd name, as the examples have it."""
    lab.add("eu-central-1", tls=True)
    lab.add("sa-east-1", fault=faults.http_status(503))
    lab.add(SCRIPT, tls=True)
    regions, modules, authority = (tmp_path / name for name in ("regions.toml", "modules.toml", "lab.pem"))
    tables = [f"[regions.{json.dumps(name)}]\nurl = {json.dumps(url)}\n" for name, url in lab.regions.items()]
    regions.write_text("".join(tables))
    authority.write_bytes(lab_authority(lab))
    port = urllib.parse.urlsplit(lab.regions["eu-central-1"]).port
    allowed = (EXAMPLES / "modules.toml").read_text().replace("wss://*.example.org", f"wss://127.0.0.1:{port}")
    modules.write_text(allowed)
    options = ("--interval", "1", "--ca-file", str(authority), "--modules", str(modules))
    with serving("--regions", str(regions), *options) as served:
        yield served


def lab_authority(lab: Lab) -> bytes:
    import ssl

    return "".join(map(ssl.DER_cert_to_PEM_cert, lab.ssl_context.get_ca_certs(binary_form=True))).encode()


def test_prometheus_scrapes_the_examples(lab: Lab, served: Served, tmp_path: pathlib.Path) -> None:
    """Both jobs are up, the rules are loaded, and each query of the dashboard finds what the exporter tells."""
    port = free_port()
    configuration = yaml.safe_load((EXAMPLES / "prometheus.yml").read_text())
    configuration["global"]["scrape_interval"] = "1s"
    configuration["rule_files"] = [str(EXAMPLES / name) for name in configuration["rule_files"]]
    plain, probing = configuration["scrape_configs"]
    plain["static_configs"][0]["targets"] = [f"127.0.0.1:{served.port}"]
    probing["static_configs"][0]["targets"] = [lab.regions["eu-central-1"]]
    probing["relabel_configs"][-1]["replacement"] = f"127.0.0.1:{served.port}"
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    command = ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}"]
    command += [f"--storage.tsdb.path={tmp_path / 'data'}", "--log.level=warn"]
    with running(command, folder=tmp_path, ports=[port]):
        prometheus = Prometheus(port)
        assert until(lambda: prometheus.ask("/-/ready")[0] == 200, BOUND_SECONDS)
        assert until(lambda: bool(prometheus.values("count_over_time(probe_success[5m]) >= 3")), BOUND_SECONDS)
        targets = prometheus.get("targets?state=active")["activeTargets"]
        assert {(one["scrapePool"], one["health"], one["lastError"]) for one in targets} == {
            ("wsconn", "up", ""),
            ("wsconn-probe", "up", ""),
        }
        assert prometheus.values("probe_success") == [1]
        assert prometheus.values('wsconn_region_up{region="sa-east-1"}') == [0]
        assert prometheus.values(f'wsconn_region_up{{region="{SCRIPT}"}}') == [1]
        groups = prometheus.get("rules")["groups"]
        assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}
        assert sum(len(group["rules"]) for group in groups) == 9
        asked = [panel["targets"][0]["expr"] for panel in dashboard.dashboard()["panels"] if "targets" in panel]
        assert [query for query in map(filled, asked) if not prometheus.values(query)] == []


def filled(query: str) -> str:
    """Put values for Grafana's variables."""
    return query.replace("$instance", ".*").replace("$region", ".*").replace("$__rate_interval", "4m")


class Prometheus:
    """A Prometheus at a port of this machine, asked by its API."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=BOUND_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def get(self, path: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ask(f"/api/v1/{path}")[1])
        assert told["status"] == "success"
        data: dict[str, Any] = told["data"]
        return data

    def values(self, query: str) -> list[float]:
        found = self.get(f"query?query={urllib.parse.quote(query, safe='')}")["result"]
        return [float(one["value"][1]) for one in found]


def test_promtool_takes_what_is_served(lab: Lab, served: Served) -> None:
    """`promtool check metrics` has nothing to say against a name, a type or a help text, but for one of blackbox'."""
    assert until(lambda: served.get("/-/ready").status == 200, BOUND_SECONDS)
    target = urllib.parse.quote(lab.regions["eu-central-1"], safe="")
    for path in ("/metrics", f"/probe?module=chat&target={target}"):
        assert promtool("check", "metrics", given=served.get(path).body) == "", path


@pytest.mark.skipif(not (HOME / "browser").exists(), reason="tests/components/install has not run")
def test_the_page_is_for_everybody(served: Served) -> None:
    """In Chromium nothing runs, nothing else is asked for, nothing overflows, and axe-core finds nothing against it."""
    assert until(lambda: served.get("/-/ready").status == 200, BOUND_SECONDS)
    url = f"http://127.0.0.1:{served.port}/"
    seen = look_at(url)
    assert set(seen["requests"]) == {url}
    assert (seen["dialogs"], seen["console"], seen["violations"]) == ([], [], [])
    assert {name: int(name.split()[1]) for name in seen["wide"]} == seen["wide"]
    assert [there for found in seen["beyond"].values() for there in found] == []
    assert seen["ground"][0] != seen["ground"][2]
    assert SCRIPT in seen["text"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's programs")
def test_systemd_takes_the_unit(tmp_path: pathlib.Path) -> None:
    """`systemd-analyze verify` has nothing to say against it, once the command is where it says."""
    unit = tmp_path / "wsconn.service"
    unit.write_text((EXAMPLES / "wsconn.service").read_text().replace("/usr/local/bin/wsconn", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=BOUND_SECONDS, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
