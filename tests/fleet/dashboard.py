"""Grafana's dashboard, made from the tables of metrics: python -m tests.fleet.dashboard writes the example anew.

Each metric has a panel: its help is the title, its unit and its kind say how it is drawn.
"""

from __future__ import annotations

import itertools
import json
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

from wsconn.fleet._exporter.own_metrics import OWN
from wsconn.fleet._metrics import GAUGES, SUMS, Kind, Metric

FILE = pathlib.Path(__file__).parents[2] / "examples" / "prometheus" / "dashboard.json"
ROWS: tuple[tuple[str, Sequence[Metric[Any]]], ...] = (
    ("Regions, in the last round", [metric for metric in GAUGES if "region" in metric.labels]),
    ("Regions, over rounds", SUMS),
    ("Rounds", [metric for metric in GAUGES if "region" not in metric.labels]),
    ("The exporter", OWN),
)
PANELS_IN_A_ROW, WIDTH, HEIGHT = 3, 8, 8  # of Grafana's 24 columns
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
CHOSEN = 'instance=~"$instance"'
CHOSEN_REGION = f'{CHOSEN},region=~"$region"'
TIMELINES = {"wsconn_region_up", "wsconn_region_failure", "wsconn_config_last_reload_successful"}
AGES, AHEAD = "_timestamp_seconds", "_expiry_timestamp_seconds"  # drawn as how long ago that was, or how far ahead


def main() -> None:
    """Write the example."""
    FILE.write_text(json.dumps(dashboard(), indent=1) + "\n", "utf-8")


def dashboard() -> dict[str, Any]:
    return {
        "title": "wsconn",
        "uid": "wsconn",
        "description": "Which regions a WebSocket can be opened to, and why not to the others.",
        "tags": ["wsconn", "websocket"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(_variables())},
        "panels": list(_panels()),
    }


def query(metric: Metric[Any]) -> str:
    """Return what is drawn of a metric."""
    chosen = f"{{{CHOSEN_REGION if 'region' in metric.labels else CHOSEN}}}"
    by = ", ".join(("instance", *metric.labels))
    if metric.kind is Kind.HISTOGRAM:
        rate = f"rate({metric.name}_bucket{chosen}[$__rate_interval])"
        return f"histogram_quantile(0.95, sum by (le, {by}) ({rate}))"
    if metric.kind is Kind.COUNTER:
        return f"sum by ({by}) (increase({metric.name}_total{chosen}[$__rate_interval]))"
    if metric.name.endswith(AHEAD):
        return f"{metric.name}{chosen} - time()"
    return f"time() - {metric.name}{chosen}" if metric.name.endswith(AGES) else f"{metric.name}{chosen}"


def _panels() -> Iterator[dict[str, Any]]:
    numbers, y = itertools.count(1), 0
    for title, metrics in ROWS:
        yield {
            "id": next(numbers),
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
        }
        for place, metric in enumerate(metrics):
            line, column = divmod(place, PANELS_IN_A_ROW)
            at = {"x": column * WIDTH, "y": y + 1 + line * HEIGHT, "w": WIDTH, "h": HEIGHT}
            yield {"id": next(numbers), "gridPos": at, **_panel(metric)}
        y += 1 + HEIGHT * -(-len(metrics) // PANELS_IN_A_ROW)


def _panel(metric: Metric[Any]) -> dict[str, Any]:
    legend = " ".join(f"{{{{{label}}}}}" for label in metric.labels or ("instance",))
    return {
        "type": "state-timeline" if metric.name in TIMELINES else "timeseries",
        "title": _title(metric),
        "description": ", ".join(f"`{name}`" for name in metric.series),
        "datasource": SOURCE,
        "fieldConfig": {"defaults": _drawn(metric), "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [{"refId": "A", "datasource": SOURCE, "expr": query(metric), "legendFormat": legend}],
    }


def _title(metric: Metric[Any]) -> str:
    said = metric.help.rstrip(".").replace(", in seconds since 1970", "")
    if metric.kind is Kind.HISTOGRAM:
        return f"{said} (95 %)"
    if metric.name.endswith(AHEAD):
        return f"{said} (from now)"
    return f"{said} (ago)" if metric.name.endswith(AGES) else said


def _drawn(metric: Metric[Any]) -> dict[str, Any]:
    drawn: dict[str, Any] = {"unit": {"seconds": "s"}.get(metric.unit, "short"), "min": 0}
    if metric.name.endswith(AGES):
        del drawn["min"]
    if metric.name in TIMELINES:
        drawn["mappings"] = [
            {"type": "value", "options": {"0": {"text": "no", "color": "red"}, "1": {"text": "yes", "color": "green"}}}
        ]
    return drawn


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}
    for name, asked in (
        ("instance", "label_values(wsconn_round_interval_seconds, instance)"),
        ("region", f"label_values(wsconn_region_up{{{CHOSEN}}}, region)"),
    ):
        yield {
            "name": name,
            "type": "query",
            "label": name.capitalize(),
            "datasource": SOURCE,
            "query": {"query": asked, "refId": name},
            "refresh": 2,
            "includeAll": True,
            "allValue": ".*",
            "multi": True,
            "current": {"text": "All", "value": "$__all"},
        }


if __name__ == "__main__":
    main()
