"""The example for Prometheus: promtool tries its alerts, and node exporter reads the file that its cron job writes."""

from __future__ import annotations

import pathlib
import urllib.request

import pytest

from tests.components.programs import free_port, running
from tests.components.promtool import promtool
from wsconn import check, reports
from wsconn.lab import Lab, faults

pytestmark = pytest.mark.components

RULES = pathlib.Path(__file__).parents[2] / "examples" / "prometheus" / "rules.yml"
BOUND_SECONDS = 30.0

# A region that is down from the start, one that is down for ten minutes, and a check that stops after half an hour.
UNIT_TEST = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'wsconn_region_up{{region="sa-east-1", instance="office"}}', values: '0x40'}}
      - {{series: 'wsconn_region_up{{region="us-east-1", instance="office"}}', values: '1x5 0x10 1x25'}}
      - {{series: 'wsconn_check_passed_regions{{instance="office"}}', values: '1x40'}}
      - {{series: 'wsconn_check_failed_regions{{instance="office"}}', values: '1x40'}}
      - {{series: 'wsconn_check_timestamp_seconds{{instance="office"}}', values: '0+60x30 1800x40'}}
    alert_rule_test:
      - eval_time: 14m
        alertname: RegionCannotBeReached
      - eval_time: 20m
        alertname: RegionCannotBeReached
        exp_alerts:
          - exp_labels: {{severity: warning, region: sa-east-1, instance: office}}
            exp_annotations: {{summary: sa-east-1 cannot be reached from office}}
      - eval_time: 40m
        alertname: NoRegionCanBeReached
      - eval_time: 45m
        alertname: RegionsAreNotChecked
      - eval_time: 46m
        alertname: RegionsAreNotChecked
        exp_alerts:
          - exp_labels: {{severity: warning, instance: office}}
            exp_annotations:
              summary: office has not checked the regions for 15 minutes
  - interval: 1m
    input_series:
      - {{series: 'wsconn_check_passed_regions{{instance="office"}}', values: '0x20'}}
      - {{series: 'wsconn_check_failed_regions{{instance="office"}}', values: '2x20'}}
    alert_rule_test:
      - eval_time: 10m
        alertname: NoRegionCanBeReached
        exp_alerts:
          - exp_labels: {{severity: critical, instance: office}}
            exp_annotations: {{summary: "office can reach no region: calls will not work"}}
"""


def test_the_alerts_fire_when_they_should(tmp_path: pathlib.Path) -> None:
    """promtool accepts the rules, and its unit test of them finds each alert at its time and at no other."""
    assert "3 rules found" in promtool("check", "rules", RULES)
    unit_test = tmp_path / "test.yml"
    unit_test.write_text(UNIT_TEST.format(rules=RULES))
    promtool("test", "rules", unit_test)


def test_node_exporter_reads_the_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The metrics that the alerts are about come out of node exporter as they went in, without an error."""
    lab.add("eu-central-1")
    lab.add("sa-east-1", fault=faults.REFUSED)
    (tmp_path / "wsconn.prom").write_text(reports.to_prometheus(check(lab.regions, proxy=None)))
    port = free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults"]
    command += ["--collector.textfile", f"--collector.textfile.directory={tmp_path}"]
    with (
        running(command, folder=tmp_path, ports=[port]),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=BOUND_SECONDS) as answer,
    ):
        lines = answer.read().decode().splitlines()
    assert 'wsconn_region_up{region="eu-central-1"} 1' in lines
    assert 'wsconn_region_up{region="sa-east-1"} 0' in lines
    assert "wsconn_check_passed_regions 1" in lines
    assert "wsconn_check_failed_regions 1" in lines
    assert any(line.startswith("wsconn_check_timestamp_seconds ") for line in lines)
    assert "node_textfile_scrape_error 0" in lines
