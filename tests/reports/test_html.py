"""The HTML report as its source: one page that needs nothing else, on which whatever a peer wrote is text."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import math
import pathlib
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings

import wsconn
from tests.factories import EVERYTHING, PROXY, PUBLIC, ZSCALER, aborted, failed, passed, result, signed
from tests.reports.golden import MACHINE
from tests.reports.hostile import HOSTILE, any_result, hostile
from tests.reports.page import Page
from wsconn import Cause, ConnectivityResult, Stage, Timings, reports
from wsconn.reports._analysis.waterfall import waterfall_of
from wsconn.reports._printable import printable

STYLE = importlib.resources.files("wsconn.reports").joinpath("templates/report.css").read_text("utf-8")
MOST_BYTES = 100_000
LOADED_BY = {"src", "srcset", "href", "data", "action", "formaction", "poster", "background", "style", "ping"}


def page(told: ConnectivityResult = EVERYTHING) -> Page:
    return Page(reports.to_html(told, machine=MACHINE))


# --- one page, and nothing else --------------------------------------------------------------------------------------


def test_page_loads_nothing() -> None:
    """There is no script, and no attribute that could fetch or run something; links lead to the page itself."""
    found = page()
    assert {tag for tag, _ in found.elements} & {"script", "iframe", "object", "embed", "img", "base", "form"} == set()
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in LOADED_BY & attributes.keys():
            assert (attributes[name] or "").startswith("#") or (tag, attributes[name]) == ("link", "data:,")
    assert not re.search(r"@import|@font-face|url\((?!#)", STYLE)


def test_policy_allows_the_style_sheet_alone() -> None:
    """The page's own policy forbids everything but the one style sheet, which it knows by its hash."""
    found = page()
    (policy,) = (meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    style = "".join(text for tag, text in found.texts if tag == "style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    assert "unsafe" not in policy


def test_page_of_forty_regions_is_small() -> None:
    """Forty regions that fail, each with much to say, make less than 100 KB."""
    words = " ".join(["word"] * 50)
    regions = [
        failed(
            f"region-with-a-long-name-{number}",
            Stage.UPGRADE,
            Cause.HTTP_STATUS,
            f"{number} {words}",
            timings=Timings(resolve=0.1, connect=0.1, proxy=0.1, tls=0.1, upgrade=0.1),
            proxy=f"http://proxy-{number}.example:3128 (from https_proxy)",
            tls=signed(f"CN=Authority {number}, {words}"),
        )
        for number in range(40)
    ]
    assert len(reports.to_html(result(*regions)).encode()) < MOST_BYTES


def test_page_needs_the_extra() -> None:
    """Without Jinja2 there is one line that says what to install, and all else works."""
    code = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from tests.factories import EVERYTHING\n"
        "from wsconn import reports\n"
        "reports.to_markdown(EVERYTHING)\n"
        "try: reports.to_html(EVERYTHING)\n"
        "except ImportError as error: print(error)"
    )
    root = pathlib.Path(wsconn.__file__).parents[1]
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert child.stdout == 'an HTML report needs jinja2: pip install "wsconn[html]"\n'


# --- what is on it ---------------------------------------------------------------------------------------------------


def test_page_begins_with_the_finding() -> None:
    """The first heading is the finding, and the title says it too."""
    found = page()
    first, *others = reports.findings(EVERYTHING)
    assert found.text("h1") == first
    assert found.text("title") == f"aborted: {first}"
    for other in others:
        assert other in found.text("li")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (result(passed("eu")), "✓ passed"),
        (result(passed("eu"), failed("us", Stage.CONNECT, Cause.REFUSED)), "! warning"),
        (result(failed("us", Stage.CONNECT, Cause.REFUSED)), "✗ failed"),
        (result(passed("eu"), aborted("us")), "○ aborted"),
    ],
    ids=["passed", "warning", "failed", "aborted"],
)
def test_status_is_a_word_and_a_sign(told: ConnectivityResult, said: str) -> None:
    """No status is told by colour alone."""
    assert said in page(told).text("span")


def test_bars_tell_their_numbers() -> None:
    """Who does not see a bar hears what it shows: the region, how it ended, and the time of each stage."""
    labels = [svg["aria-label"] for svg in page().all("svg") if svg.get("role") == "img"]
    assert labels[1] == "us-east-1 passed: resolve 4 ms, connect 345 ms, tls 197 ms, upgrade 103 ms, frames 94 ms"
    assert labels[2] == "ap-south-1 failed, timeout at connect: resolve 6 ms, connect 9994 ms"
    assert len(labels) == len(EVERYTHING.outcomes)


def test_failures_are_grouped_by_cause() -> None:
    """A cause is told once, with the message of each of its regions, and advice that differs in the host alone once."""
    found = page()
    assert [text for tag, text in found.texts if tag == "code"][:4] == [
        "timeout",
        "tls_untrusted",
        "proxy_auth_required",
        "bad_discovery",
    ]
    for outcome in EVERYTHING.outcomes:
        if outcome.failure:
            assert outcome.failure.message in found.text("dd")
    advice = found.text("p", "span")
    assert advice.count("A firewall most likely drops the packets") == 1
    assert "(The same goes for ap-east-1.example.org:443.)" in advice


def test_one_thing_to_do_is_told_at_the_top() -> None:
    """Where most of what failed needs one remedy, it stands beside the finding; where not, nothing does."""
    refused = [failed(name, Stage.CONNECT, Cause.REFUSED) for name in ("eu", "us")]
    header, _, _ = reports.to_html(result(*refused)).partition("</header>")
    assert "Do that." in header
    header, _, _ = reports.to_html(EVERYTHING).partition("</header>")
    assert "drops the packets:" not in header


@pytest.mark.parametrize(
    "row",
    [
        "us-east-1.example.org 443 wss us-east-1",
        "gs.example.org 443 https sa-east-1",
        f"{PROXY} me-south-1",
        f"{PUBLIC} eu-central-1 , us-east-1",
        f"{ZSCALER} eu-west-1",
        "us-east-1.example.org 2001:db8::7 , 192.0.2.11",
        "IPv4 works: 3 made, 2 failed",
        "IPv6 fails: 0 made, 1 failed",
    ],
)
def test_administrator_finds_what_to_allow(row: str) -> None:
    """Hosts and ports, discovery's too, proxies and who named them, issuers, addresses, and which family works."""
    assert row in page().text()


def test_versions_are_at_the_end() -> None:
    """A page says with what it was made."""
    *_, last = reports.to_html(EVERYTHING, machine=MACHINE).rsplit("<footer>", 1)
    for told in (MACHINE.wsconn, MACHINE.python, MACHINE.openssl, MACHINE.system):
        assert told in last


# --- hostile text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_stays_text(text: str) -> None:
    """Whatever a record holds, the page has the elements of a harmless one, and shows the text as it is."""
    found, harmless = page(hostile(text)), page(hostile("harmless"))
    assert found.kinds() <= harmless.kinds()
    assert " ".join(printable(text).split()) in found.text("dd")
    assert reports.to_html(hostile(text)).replace("\n", "").isprintable()


def test_page_keeps_secrets() -> None:
    """No user name, password or query of a URL is on it."""
    url = "wss://me:geheim@eu.example.org/?token=geheim"
    told = failed("eu", Stage.TLS, Cause.CLOSED, url=url, proxy="http://me:geheim@proxy.example:3128 (from x)")
    assert "geheim" not in reports.to_html(result(told))


@settings(max_examples=25)
@given(any_result)
def test_any_result_makes_a_page(told: ConnectivityResult) -> None:
    """Nothing that a record can hold makes the template fail, and each region is on the page."""
    found = page(told)
    assert len([svg for svg in found.all("svg") if svg.get("role") == "img"]) == len(told.outcomes)


# --- the waterfall ---------------------------------------------------------------------------------------------------


def test_bars_follow_one_another_on_one_scale() -> None:
    """Stages begin where the one before ends, and a region that takes twice as long is twice as wide."""
    slow = Timings(resolve=0.1, connect=0.1, tls=0.1, upgrade=0.1)
    quick = Timings(resolve=0.05, connect=0.05, tls=0.05, upgrade=0.05)
    bars = waterfall_of((passed("eu", timings=slow), passed("us", timings=quick))).bars
    assert [segment.start for segment in bars[0].segments] == [0, 25, 50, 75]
    assert [segment.start for segment in bars[1].segments] == [0, 12.5, 25, 37.5]
    assert (bars[0].end, bars[1].end) == (100, 50)


def test_timeouts_do_not_squeeze_the_rest() -> None:
    """The scale is that of the healthy regions; a timeout runs to the edge, cut and marked."""
    healthy = passed("eu", timings=Timings(resolve=0.02, connect=0.08))
    silent = failed("us", Stage.CONNECT, Cause.TIMEOUT, timings=Timings(resolve=0.02, connect=9.98))
    drawn = waterfall_of((healthy, silent))
    assert drawn.ticks[-1].label == "100 ms"
    assert (drawn.bars[0].end, drawn.bars[0].is_cut, drawn.bars[0].is_silent) == (100, False, False)
    assert (drawn.bars[1].end, drawn.bars[1].is_cut, drawn.bars[1].is_silent) == (100, True, True)
    assert [segment.is_silent for segment in drawn.bars[1].segments] == [False, True]


def test_one_slow_region_does_not_set_the_scale() -> None:
    """Of many healthy regions a very slow one is cut too."""
    quick = [passed(f"r{number}", timings=Timings(connect=0.1)) for number in range(9)]
    drawn = waterfall_of((*quick, passed("slow", timings=Timings(connect=30.0))))
    assert drawn.bars[0].end >= 10
    assert drawn.bars[-1].is_cut


def test_scale_without_healthy_regions() -> None:
    """Where nothing passed, what was answered sets the scale, and where nothing was, the silence itself."""
    refused = failed("eu", Stage.CONNECT, Cause.REFUSED, timings=Timings(resolve=0.01, connect=0.03))
    silent = failed("us", Stage.CONNECT, Cause.TIMEOUT, timings=Timings(connect=10.0))
    assert waterfall_of((refused, silent)).bars[0].end >= 50
    assert not waterfall_of((silent,)).bars[0].is_cut
    assert waterfall_of(()).bars == ()


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-9, 1e9, math.nan, math.inf])
@pytest.mark.parametrize("cause", [None, Cause.TIMEOUT], ids=str)
def test_no_time_breaks_the_scale(seconds: float, cause: Cause | None) -> None:
    """A record made by hand may hold any number; the bars stay on the page."""
    times = Timings(resolve=seconds, tls=seconds)
    made = failed("eu", Stage.TLS, cause, timings=times) if cause else passed("eu", timings=times)
    drawn = waterfall_of((made,))
    for bar in drawn.bars:
        for segment in bar.segments:
            assert 0 <= segment.start <= segment.start + segment.width <= 100.01
    assert all(0 <= tick.at <= 100.01 for tick in drawn.ticks)
    assert 2 <= len(drawn.ticks) <= 6


# --- colours ---------------------------------------------------------------------------------------------------------


def palette(*, dark: bool) -> dict[str, str]:
    """Return the style sheet's colours in light or dark."""
    light_ones, dark_ones = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", light_ones))
    return colours | dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", dark_ones)) if dark else colours


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 has it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours_can_be_told_from_the_ground(dark: bool) -> None:
    """Text has the contrast that WCAG AA wants (4.5) on all that it stands on, and the bars theirs (3)."""
    colours = palette(dark=dark)
    for text in ("ink", "quiet", "passed", "failed", "warning", "aborted", "link"):
        for ground in ("ground", "sheet", "wash"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for stage in Stage:
        assert contrast(colours[stage], colours["ground"]) >= 3, stage
