"""The page of many machines as Chromium shows it, and its metrics as promtool reads them."""

from __future__ import annotations

import pathlib

import pytest

from tests.components.chromium import look_at
from tests.components.programs import HOME
from tests.components.promtool import promtool
from tests.fleet.fleets import OK, bad, intercepted, report, rounds
from wsconn import fleet
from wsconn.fleet import FleetReport
from wsconn.fleet._merged.aws import AWS_REGIONS

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not (HOME / "browser").exists(), reason="tests/components/install has not run"),
]

SCRIPT = "<script>alert(1)</script>"
PICTURE = '"><img src=x onerror=alert(2)>'
TEST_SECONDS = 150  # Chromium opens the page nine times, and axe-core looks at each cell


def many() -> FleetReport:
    """Return sites, rounds, all kinds of cells, and names that somebody hostile has chosen."""
    regions = [*[*AWS_REGIONS][::5], "sa-east-1", SCRIPT, PICTURE]
    ok = dict.fromkeys(regions, OK)
    down = {**ok, "sa-east-1": bad()}
    behind = {region: intercepted(SCRIPT) for region in regions}
    machines = [
        one
        for site in ("Graz", "Linz", SCRIPT)
        for number in range(3)
        for one in rounds(f"{site}-{number}", *[ok] * 6, *[down] * 6, site=site)
    ]
    machines += [one for number in range(3) for one in rounds(f"v-{number}", behind, behind, site="Vienna")]
    return fleet.merge([*machines, report(PICTURE, {**ok, "own": bad("tls", "tls_expired")}), "oops"])


def test_the_page_in_chromium(tmp_path: pathlib.Path) -> None:
    """It asks for nothing, runs nothing, fits 390 px, is readable for everybody, and prints."""
    made = many()
    page = tmp_path / "fleet.html"
    page.write_text(fleet.to_html(made), "utf-8")
    seen = look_at(page.as_uri())
    assert set(seen["requests"]) == {page.as_uri()}
    assert (seen["dialogs"], seen["console"], seen["violations"]) == ([], [], [])
    assert {name: int(name.split()[1]) for name in seen["wide"]} == seen["wide"]
    assert seen["beyond"]["light 390"] == seen["beyond"]["dark 390"] == []
    light, dark = seen["ground"][::2]
    assert light != dark
    assert fleet.findings(made)[0].sentence in " ".join(seen["text"].split())
    assert all(site in seen["text"] for site in ("Graz", "Linz", "Vienna"))
    assert 1 <= seen["pages"] <= 10


def test_promtool_takes_the_metrics() -> None:
    """It has nothing to say against a name, a type or a help text."""
    assert promtool("check", "metrics", given=fleet.to_prometheus(many())) == ""
