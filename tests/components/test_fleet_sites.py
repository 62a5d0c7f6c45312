"""A fleet at three sites, each with a fault of its own: what Dask brings back from there."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.components.name_server import host
from tests.components.namespaces import network_in
from tests.components.three_sites import Hub
from wsconn.reports import from_json

pytestmark = pytest.mark.components

TEST_SECONDS = 150  # three nannies, whose workers import Dask
HOST = host(a="ok", aaaa="none")
REGIONS = {"secure": f"wss://{HOST}/", "plain": f"ws://{HOST}/"}
FOUND = {
    "10.90.1.2": ("vienna", {"secure": ("tls", "tls_untrusted"), "plain": None}),
    "10.90.2.2": ("tokyo", {"secure": ("resolve", "dns_failed"), "plain": ("resolve", "dns_failed")}),
    "10.90.3.2": ("lima", {"secure": ("connect", "timeout"), "plain": None}),
}
FIREWALL = (
    "ip saddr 10.90.2.2 udp dport 53 reject",
    "ip saddr 10.90.3.2 tcp dport 443 drop",
)


def test_each_site_tells_of_its_own_fault(tmp_path: pathlib.Path) -> None:
    """Roots that one lacks, a name server that refuses another, a firewall before the third: each in its own report."""
    with network_in(tmp_path, Hub) as hub, hub.firewall(incoming=FIREWALL):
        answers = hub.ask(REGIONS, timeout=4)
    assert sorted(answers) == sorted(FOUND)
    for address, (site, expected) in FOUND.items():
        answer = answers[address]
        assert answer["absence"] is None, answer["message"]
        seen = {
            outcome.region: outcome.failure and (outcome.failure.stage, outcome.failure.cause)
            for outcome in from_json(answer["report"]).outcomes
        }
        machine = json.loads(answer["report"])["machine"]
        assert (seen, machine["host"], machine["site"]) == (expected, f"{site}-1", site)
