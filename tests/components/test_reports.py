"""Reports as people and their programs read them: HTML in Chromium, metrics in promtool."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import wsconn
from tests.components.chromium import look_at
from tests.components.programs import HOME
from tests.components.promtool import promtool
from tests.factories import EVERYTHING
from tests.reports.diagnosed import DIAGNOSED
from wsconn import ConnectivityResult, DebugReport, Status, reports
from wsconn.lab import FAULTS, Lab, faults

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not (HOME / "browser").exists(), reason="tests/components/install has not run"),
]

SCRIPT = "<script>alert(1)</script>"
PICTURE = '"><img src=x onerror=alert(2)>'


@pytest.fixture(scope="module")
def of_the_lab() -> ConnectivityResult:
    """Check a region with every fault that the lab has, and some that hand over what should not be run."""
    with Lab() as lab:
        for fault in FAULTS.values():
            lab.add(fault.name, tls=fault.needs_tls, fault=fault)
        for number, latency in enumerate((0.01, 0.05, 0.1)):
            lab.add(f"healthy-{number}", tls=True, latency=latency)
        lab.add(SCRIPT, fault=faults.redirect(f"https://portal.example/{PICTURE}"))
        lab.add(PICTURE, fault=faults.http_status(403, headers={"Server": SCRIPT}))
        result = wsconn.check(lab.regions, timeout=3.0, proxy=None, ssl_context=lab.ssl_context)
    assert {Status.PASSED, Status.FAILED} == {outcome.status for outcome in result.outcomes}
    return result


@pytest.fixture(scope="module", params=["lab", "everything", "debugged"])
def shown(request: pytest.FixtureRequest, of_the_lab: ConnectivityResult) -> ConnectivityResult | DebugReport:
    """Return what to show: the lab's result, and two made by hand that have all that the lab cannot do."""
    made: Mapping[str, ConnectivityResult | DebugReport] = {"everything": EVERYTHING, "debugged": DIAGNOSED}
    return made.get(request.param, of_the_lab)


class Server(http.server.ThreadingHTTPServer):
    """Serves one page at /, and keeps what was asked for."""

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.page = page.encode()
        self.asked_for: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answer(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked_for.append(self.path)
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(self.server.page)))
        self.end_headers()
        self.wfile.write(self.server.page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(shown: ConnectivityResult | DebugReport) -> Iterator[Server]:
    with Server(reports.to_html(shown)) as server:
        thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def seen(served: Server) -> dict[str, Any]:
    """Let Chromium open the page, and return what it saw."""
    return look_at(served.url)


def test_opening_makes_one_request(seen: dict[str, Any], served: Server) -> None:
    """The page is asked for once each time it is opened, and nothing else is: no icon, no font, no picture."""
    assert set(seen["requests"]) == {served.url}
    assert len(seen["requests"]) == 4
    assert set(served.asked_for) == {"/"}


def test_nothing_runs(seen: dict[str, Any]) -> None:
    """No script that a region's name or a server's answer brought along does, and the console stays empty."""
    assert (seen["dialogs"], seen["console"]) == ([], [])


def test_nothing_overflows(seen: dict[str, Any]) -> None:
    """On a desk and at 390 px all is within the page, and nothing must be scrolled sideways."""
    assert {name: int(name.split()[1]) for name in seen["wide"]} == seen["wide"]
    assert [there for found in seen["beyond"].values() for there in found] == []


def test_light_and_dark_differ(seen: dict[str, Any]) -> None:
    """The page takes the scheme that the person has chosen."""
    light, dark = seen["ground"][::2]
    assert light != dark


def test_everybody_can_read_it(seen: dict[str, Any]) -> None:
    """Neither in light nor in dark, wide or narrow, does axe-core find anything against WCAG 2.2 AA."""
    assert seen["violations"] == []


def test_it_prints(seen: dict[str, Any], shown: ConnectivityResult | DebugReport) -> None:
    """On paper there are the finding and every region, on no more sheets than need be."""
    checked, experiments = (shown.result, shown.experiments) if isinstance(shown, DebugReport) else (shown, ())
    assert reports.findings(checked)[0] in seen["text"]
    for outcome in checked.outcomes:
        assert outcome.region in seen["text"]
    assert 1 <= seen["pages"] <= 4 + len(checked.outcomes) / 4 + len(experiments) / 4


def test_promtool_takes_the_metrics(of_the_lab: ConnectivityResult) -> None:
    """`promtool check metrics` reads them all and has nothing to say against a name, a type or a help text."""
    for result in (of_the_lab, EVERYTHING):
        assert promtool("check", "metrics", given=reports.to_prometheus(result)) == ""


def test_json_reads_back(of_the_lab: ConnectivityResult) -> None:
    """What a check of every fault found is equal after having been JSON."""
    assert reports.from_json(reports.to_json(of_the_lab)) == of_the_lab
