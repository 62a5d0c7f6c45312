"""The tables of metrics, and what is made from them: names and labels by Prometheus' rules, and the dashboard."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from tests.fleet import dashboard
from wsconn.fleet._exporter.own_metrics import OWN
from wsconn.fleet._exporter.probe_metrics import PROBE
from wsconn.fleet._metrics import METRICS, Kind, Metric

OF_RESULTS_AND_OURS: list[Metric[Any]] = [*METRICS, *OWN]
ALL: list[Metric[Any]] = [*OF_RESULTS_AND_OURS, *PROBE]
BOUNDED = {"region", "stage", "cause", "phase", "version"}  # the last two are blackbox', of a few values each
SUFFIXES = ("_total", "_created", "_count", "_sum", "_bucket", "_info")  # which OpenMetrics keeps for itself


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_names_follow_the_rules(metric: Metric[Any]) -> None:
    """A name is plain, ends with its unit, and has no suffix of OpenMetrics' own; labels have few values."""
    assert re.fullmatch(r"(wsconn|probe)_[a-z0-9_]+", metric.name)
    assert not metric.name.endswith(SUFFIXES) or metric.name in ("probe_tls_version_info", "wsconn_failure_info")
    assert (metric.unit == "seconds") == metric.name.endswith("_seconds")
    assert set(metric.labels) <= BOUNDED
    assert re.fullmatch(r"[A-Z][^\n\\]*\.", metric.help)
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_each_name_is_there_once() -> None:
    """No two metrics of one table have a name, or a series, in common."""
    for table in (OF_RESULTS_AND_OURS, list(PROBE)):
        series = list(itertools.chain.from_iterable(metric.series for metric in table))
        assert len(series) == len(set(series))


def test_the_dashboard_is_what_the_tables_make() -> None:
    """The example is up to date: `python -m tests.fleet.dashboard` writes it."""
    assert json.loads(dashboard.FILE.read_text("utf-8")) == dashboard.dashboard()


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    """Each metric has its panel, and each query names a series and labels that are in the table."""
    panels = [panel for panel in dashboard.dashboard()["panels"] if panel["type"] != "row"]
    series = {name: metric for metric in OF_RESULTS_AND_OURS for name in metric.series}
    shown = set()
    for panel in panels:
        (target,) = panel["targets"]
        (name,) = re.findall(r"wsconn_\w+", target["expr"])
        shown.add(series[name].name)
        legend = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert legend <= {*series[name].labels, "instance"}
    assert shown == {metric.name for metric in OF_RESULTS_AND_OURS}
    assert len(panels) == len(OF_RESULTS_AND_OURS)


def test_no_panel_lies_on_another() -> None:
    """Panels have a place each, within the columns that there are."""
    taken = set()
    for panel in dashboard.dashboard()["panels"]:
        place = panel["gridPos"]
        xs, ys = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells = set(itertools.product(xs, ys))
        assert not cells & taken
        assert max(xs) < 24
        taken |= cells
