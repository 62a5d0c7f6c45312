"""What the debugger found, in each format: conclusions first, experiments side by side, and what was held."""

from __future__ import annotations

import importlib.resources
import json
import math
import re
from collections.abc import Callable
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from referencing import Registry, Resource

from tests.factories import EVERYTHING, ZSCALER, passed, result
from tests.reports.diagnosed import DIAGNOSED, held, made
from tests.reports.golden import MACHINE
from tests.reports.hostile import HOSTILE, any_result, hostile
from tests.reports.page import Page
from wsconn import Cause, Conclusion, DebugReport, Evidence, Experiment, Hold, Stage, Status, TlsInfo, reports
from wsconn._debug.records import Addressee, Certainty, HoldEnd, RoundTrip
from wsconn.reports._debugger.holds import end_of, held_of
from wsconn.reports._debugger.plot import plot_of
from wsconn.reports._debugger.trials import strips_of
from wsconn.reports._printable import printable

FORMATS: dict[str, Callable[[DebugReport], str]] = {
    "text": reports.to_text,
    "ascii text": lambda told: reports.to_text(told, width=60, signs=reports.ASCII_SIGNS),
    "markdown": lambda told: reports.to_markdown(told, machine=MACHINE),
    "json": lambda told: reports.to_json(told, machine=MACHINE),
    "prometheus": reports.to_prometheus,
    "html": lambda told: reports.to_html(told, machine=MACHINE),
}
each_format = pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
for_people = pytest.mark.parametrize("name", ["text", "ascii text", "markdown", "html"])
SCHEMAS = [
    json.loads(importlib.resources.files("wsconn.reports").joinpath(f"schema/{name}.json").read_text("utf-8"))
    for name in ("debug-1", "result-2")
]
SCHEMA = jsonschema.Draft202012Validator(
    SCHEMAS[0], registry=Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in SCHEMAS)
)


def seen(name: str, told: DebugReport) -> str:
    """Return what a person reads of a report."""
    report = FORMATS[name](told)
    return Page(report).text() if name == "html" else " ".join(report.replace("`", "").split())


def alone(*, holds: tuple[Hold, ...] = (), experiments: tuple[Experiment, ...] = (), **more: Any) -> DebugReport:
    """Make a report of one region that passed."""
    return attrs.evolve(
        DIAGNOSED, result=result(passed("eu")), conclusions=(), holds=holds, experiments=experiments, **more
    )


# --- for people ------------------------------------------------------------------------------------------------------


@for_people
def test_report_begins_with_who_is_in_the_way_and_whom_to_tell(name: str) -> None:
    """Before the experiments, the holds and what the check found."""
    told = seen(name, DIAGNOSED)
    places = [
        told.find(said)
        for said in (
            "Zscaler opens the TLS to eu-west-1.example.org and not to the others.",
            "the network's administrator",
            "A firewall drops",
            "TLS 1.2 alone",
            "reset after 30.2 s",
            "5 of 7 regions that were tested fail",
        )
    ]
    assert -1 not in places
    assert places == sorted(places)


@for_people
def test_how_sure_it_is_is_told(name: str) -> None:
    """What was shown, what is likely and what cannot be told are not mistaken for each other."""
    told = seen(name, DIAGNOSED)
    for sure in ("shown", "likely", "unclear" if "text" in name else "cannot be told from here"):
        assert sure in told


@for_people
def test_a_run_that_was_ended_early_is_told_as_such(name: str) -> None:
    """What was not tried by then is not taken for what was left out."""
    said = "The run was ended early: this is what was known by then."
    assert said in seen(name, attrs.evolve(DIAGNOSED, aborted=True))
    assert said not in seen(name, DIAGNOSED)


@for_people
def test_the_surest_conclusion_comes_first(name: str) -> None:
    """What was shown stands before what is likely, and that before what cannot be told."""
    made_of = [
        attrs.evolve(DIAGNOSED.conclusions[0], sentence=f"This is {sure.name}.", certainty=sure)
        for sure in reversed(Certainty)
    ]
    told = seen(name, attrs.evolve(DIAGNOSED, conclusions=tuple(made_of)))
    places = [told.find(f"This is {sure.name}.") for sure in Certainty]
    assert -1 not in places
    assert places == sorted(places)


def test_no_line_of_the_headline_ends_before_a_unit() -> None:
    """A number and its unit stay together however narrow the page is."""
    conclusion = attrs.evolve(DIAGNOSED.conclusions[0], sentence="Something ends connections after 2.5 s.")
    assert "after 2.5&nbsp;s." in reports.to_html(attrs.evolve(DIAGNOSED, conclusions=(conclusion,)), machine=MACHINE)


@for_people
def test_without_conclusions_the_finding_comes_first(name: str) -> None:
    """Where all is well there is nobody to tell, and what was held is told all the same."""
    told = seen(name, alone(holds=(held("eu", False, HoldEnd.HELD, 120.0),)))
    assert "stood for 120 s" in told
    assert "The region eu can be reached" in told or "A WebSocket can be opened to the region" in told


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        (held("eu", False, HoldEnd.HELD, 120.0), "stood for 120 s"),
        (held("eu", False, HoldEnd.CLOSE, 9.5, close_code=4401), "closed after 9.5 s, with the code 4401"),
        (held("eu", False, HoldEnd.CLOSE, 9.5), "closed after 9.5 s, with a Close that gives no reason"),
        (held("eu", False, HoldEnd.END, 60.0), "ended after 60 s, without a Close"),
        (held("eu", False, HoldEnd.END, 60.0, close_notify=True), "without a Close and with a goodbye of TLS"),
        (held("eu", False, HoldEnd.RESET, 60.0), "reset after 60 s"),
        (held("eu", False, HoldEnd.SILENCE, 4.0, least_seconds=3.0), "cut in silence between 3 s and 4 s"),
        (held("eu", False, HoldEnd.BROKEN, 4.0, detail="masked"), "given up after 4 s: masked"),
        (held("eu", False, HoldEnd.ABORTED, 4.0), "aborted after 4 s"),
        (held("eu", False, HoldEnd.NOT_OPENED, 0.0, failure=EVERYTHING.outcomes[2].failure), "not opened: ap-south-1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_end_has_its_words(hold: Hold, said: str) -> None:
    """However a connection ended, and when."""
    assert said in end_of(hold)
    for name in ("text", "markdown", "html"):
        assert said.split(":")[0] in seen(name, alone(holds=(hold,)))


# --- experiments side by side ----------------------------------------------------------------------------------------


def test_rows_tell_how_far_each_came() -> None:
    """What was passed counts; a proxy stands where a connection would, and TLS is there only where there is some."""
    strips = {strip.region: strip for strip in strips_of(DIAGNOSED)}
    assert [(row.done, row.failed) for row in strips["eu-west-1"].rows] == [(2, True), (2, True), (3, False), (3, True)]
    assert [(row.done, row.failed) for row in strips["us-east-1"].rows] == [(5, False), (5, False)]
    assert strips["me-south-1"].places == ("resolve", "proxy", "tls", "upgrade", "frames")
    assert strips["ap-south-1"].rows[0].told == "timeout at connect"
    plain = alone(experiments=(made("eu", "again", "the same", Stage.UPGRADE, Cause.CLOSED),))
    plain = attrs.evolve(plain, result=result(passed("eu", url="ws://eu.example.org/")))
    assert strips_of(plain)[0].places == ("resolve", "connect", "upgrade", "frames")


@pytest.mark.parametrize(
    ("url", "name", "absent"),
    [
        pytest.param("ws://eu.example.org/", "other_scheme", [True, True, False], id="over ws, and once over wss"),
        pytest.param("wss://eu.example.org/", "other_scheme", [False, False, True], id="over wss, and once over ws"),
        pytest.param("wss://eu.example.org/", "unencrypted", [False, False, True], id="once in the clear"),
    ],
)
def test_tls_is_ticked_where_there_was_some(url: str, name: str, absent: list[bool]) -> None:
    """A way without TLS has passed none, though another trial of the same region has."""
    tls = TlsInfo(issuer=ZSCALER) if url.startswith("ws:") else None
    trials = (
        made("eu", "again", "the same", Stage.UPGRADE, Cause.HTTP_STATUS),
        made("eu", name, "the other scheme", Stage.UPGRADE, Cause.HTTP_STATUS, tls=tls),
    )
    told = attrs.evolve(alone(experiments=trials), result=result(passed("eu", url=url)))
    (strip,) = strips_of(told)
    place = strip.places.index("tls")
    assert [place in row.absent for row in strip.rows] == absent
    rows = [line.split("|") for line in reports.to_markdown(told).splitlines() if line.startswith("| ")]
    at = next(cells.index(" tls ") for cells in rows if " resolve " in cells)
    marks = [cells[at].strip() for cells in rows if len(cells) == len(rows[0])][1:4]
    assert marks == ["-" if is_absent else "✓" for is_absent in absent]


def test_what_confirms_is_numbered() -> None:
    """The same experiment made once more is another row, and is told as such."""
    once = made("eu", "with_origin", "an Origin", Stage.FRAMES, began=1.0)
    told = alone(experiments=(once, attrs.evolve(once, began=2.0), made("eu", "plain_get", "a page", Stage.UPGRADE)))
    (strip,) = strips_of(told)
    assert [row.changed for row in strip.rows] == ["the check itself", "an Origin", "an Origin (2nd time)", "a page"]


@pytest.mark.parametrize(
    ("pings", "said"),
    [
        pytest.param(5, "5 pings, slowest 2000 ms, median 10 ms", id="few"),
        pytest.param(100, "round trips from 10 ms, median 10 ms, 99 of 100 within 10 ms", id="a hundred"),
    ],
)
def test_few_pings_are_counted(pings: int, said: str) -> None:
    """A share of a hundred is told where there were as many."""
    trips = tuple(RoundTrip(at=float(n), seconds=2.0 if n == 3 else 0.01) for n in range(pings))
    told = alone(holds=(held("eu", True, HoldEnd.HELD, 120.0, round_trips=trips),))
    assert said in seen("markdown", told)


def test_a_region_that_the_check_does_not_know_is_shown() -> None:
    """A record made by hand may hold anything."""
    (strip,) = strips_of(alone(experiments=(made("nowhere", "again", "the same", Stage.CONNECT, Cause.REFUSED),)))
    assert [row.changed for row in strip.rows] == ["the same"]


# --- the plot --------------------------------------------------------------------------------------------------------


def test_plot_is_to_scale() -> None:
    """Time is one scale for all; a cut in silence has a bar that is sure and one that is not."""
    plot = plot_of(held_of(DIAGNOSED))
    (_, (idle, kept)), (_, (silent, closed)) = plot.regions
    assert [tick.label for tick in plot.ticks] == ["0 s", "50 s", "100 s", "150 s"]
    assert (idle.stood, idle.unsure, idle.is_cut) == (pytest.approx(30.2 / 1.5, abs=0.01), 0, True)
    assert (silent.stood, silent.unsure) == (48.0, 16.0)
    assert (kept.is_cut, closed.is_cut) == (False, True)
    assert [stem.height for stem in kept.stems] == pytest.approx([5.5, 7, 6, 95, 6.5, 6])
    assert kept.top == "200 ms"
    assert idle.stems == ()


def test_a_days_pings_are_thinned_and_none_of_the_worst_is_lost() -> None:
    """The page stays small; the longest round trip and every lost ping can still be seen."""
    trips = tuple(RoundTrip(at=float(n), seconds=None if n == 500 else 2.0 if n == 777 else 0.01) for n in range(4000))
    (_, (lane,)) = plot_of(held_of(alone(holds=(held("eu", True, HoldEnd.HELD, 4000.0, round_trips=trips),)))).regions[
        0
    ]
    assert len(lane.stems) <= 240
    assert max(stem.height for stem in lane.stems if not stem.lost) == 100
    assert sum(stem.lost for stem in lane.stems) == 1


def test_no_time_is_drawn_outside() -> None:
    """A record made by hand may hold times that are none."""
    holds = tuple(
        held(
            "eu",
            kept,
            HoldEnd.SILENCE,
            seconds,
            least_seconds=-seconds,
            round_trips=(RoundTrip(at=seconds, seconds=seconds),),
        )
        for seconds in (math.inf, math.nan, -1.0, 0.0)
        for kept in (False, True)
    )
    for _, lanes in plot_of(held_of(alone(holds=holds))).regions:
        for lane in lanes:
            for percent in (lane.stood, lane.unsure, lane.ended, *(stem.at for stem in lane.stems)):
                assert 0 <= percent <= 100
    assert "<svg" in reports.to_html(alone(holds=holds))


def test_page_runs_and_loads_nothing() -> None:
    """As the check's: no script, no attribute that could run something, and a policy that forbids both."""
    page = Page(FORMATS["html"](DIAGNOSED))
    tags = {tag for tag, _ in page.elements}
    assert tags & {"script", "iframe", "object", "embed", "img", "base", "form"} == set()
    assert not [
        name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"
    ]
    for _, attributes in page.elements:
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("It fails (number 1) at once.", "It fails (number 1) at once."),
        ("The proxy (127.0.0.1:3128 by name) answered.", "The proxy (`127.0.0.1:3128` by name) answered."),
        ("It said so (HTTP/1.1): no.", "It said so (`HTTP/1.1`): no."),
        ("It opens TLS (issuer OU=Some CA #9, O=My Lab), which is new.",
         "It opens TLS (issuer `OU=Some CA #9, O=My Lab`), which is new."),
        ("It calls f(a,b) at once.", "It calls `f(a,b)` at once."),
        ("1) is no list here.", "`1`) is no list here."),
    ],
    ids=["number", "opened", "closed", "several words", "its own brackets", "list"],
)  # fmt: skip
def test_code_in_markdown_is_the_value_and_no_more(sentence: str, told: str) -> None:
    """Brackets and points of the sentence stay outside, and a name in a certificate is one value."""
    shown = made("eu", "look", "", Stage.TLS, tls=TlsInfo(issuer="OU=Some CA #9, O=My Lab"))
    conclusion = attrs.evolve(DIAGNOSED.conclusions[0], sentence=sentence)
    report = attrs.evolve(DIAGNOSED, experiments=(shown,), conclusions=(conclusion,))
    assert reports.to_markdown(report, machine=MACHINE).startswith(f"**{told}**")


# --- hostile text ----------------------------------------------------------------------------------------------------


def hostile_report(text: str) -> DebugReport:
    """Make a report in which every text is what somebody hostile would have liked it to be."""
    failure = hostile(text).outcomes[0].failure
    return DebugReport(
        result=hostile(text),
        experiments=(
            made(text, text, text, Stage.TLS, Cause.TLS_FAILED, sent=text, message=text, address=text),
            made(text, text, text, Stage.TLS, evidence=Evidence(detail=text), is_control=True),
        ),
        conclusions=(
            Conclusion(
                region=text,
                suspect=text,
                certainty=Certainty.SHOWN,
                sentence=f"{text}. A {text}",
                addressee=Addressee.PROXY,
                experiments=(text,),
                like_it=(text,),
            ),
        ),
        holds=(
            held(text, False, HoldEnd.CLOSE, 1.0, close_code=4000, close_reason=text, address=text),
            held(text, True, HoldEnd.BROKEN, 1.0, detail=text),
            held(text, True, HoldEnd.NOT_OPENED, 0.0, failure=failure),
        ),
        started_at=DIAGNOSED.started_at,
        duration=1.0,
    )


each_hostile_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


@each_format
@each_hostile_text
def test_hostile_text_reaches_no_terminal(write: Callable[[DebugReport], str], text: str) -> None:
    """No report holds a control character, a change of direction or half a character."""
    report = write(hostile_report(text))
    assert report.replace("\n", "").isprintable()
    assert report.encode()


@each_hostile_text
def test_hostile_text_stays_text(text: str) -> None:
    """Neither a browser nor a renderer of Markdown makes more of it."""
    usual = Page(FORMATS["html"](hostile_report("a")))
    assert Page(FORMATS["html"](hostile_report(text))).kinds() <= usual.kinds()
    tokens = MarkdownIt("commonmark").enable("table").parse(FORMATS["markdown"](hostile_report(text)))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert kinds.isdisjoint(
        {"html_block", "html_inline", "link_open", "image", "em_open", "fence", "ordered_list_open"}
    )
    loose = " ".join(token.content for token in inline if token.type == "text")
    assert not re.search(r"://|www\.|@|#|\$|:smile", loose)


@given(st.text(max_size=60))
def test_markdown_keeps_every_word_of_a_conclusion(text: str) -> None:
    """What stands between backticks and what does not is the sentence, to the last sign."""
    told = attrs.evolve(DIAGNOSED, conclusions=(attrs.evolve(DIAGNOSED.conclusions[0], sentence=f"x {text} x"),))
    tokens = MarkdownIt("commonmark").enable("table").parse(FORMATS["markdown"](told).partition("\n- ")[0])
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert "".join(shown.split()) == "".join(printable(f"x {text} x").split())


def test_a_long_text_is_cut() -> None:
    """A record made by hand may hold a sentence of any length."""
    told = attrs.evolve(DIAGNOSED, conclusions=(attrs.evolve(DIAGNOSED.conclusions[0], sentence="long " * 100_000),))
    for name in ("text", "markdown", "html"):
        assert len(FORMATS[name](told)) < 120_000


@each_format
def test_secrets_stay_out(write: Callable[[DebugReport], str]) -> None:
    """User names, passwords and queries of URLs are not told, even where somebody put them into a record by hand."""
    url = "wss://me:geheim@eu.example.org/a?token=geheim#geheim"
    told = alone(
        experiments=(
            made(
                "eu",
                "again",
                f"asked {url}",
                Stage.TLS,
                Cause.CLOSED,
                sent=url,
                message=url,
                evidence=Evidence(location=url),
            ),
        ),
    )
    sentence = f"Something is wrong with {url}."
    told = attrs.evolve(told, conclusions=(attrs.evolve(DIAGNOSED.conclusions[0], sentence=sentence),))
    assert "geheim" not in write(told)


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_reads_back() -> None:
    """What is read is equal to what was written, and fits the schema."""
    text = reports.to_json(DIAGNOSED)
    assert reports.from_json(text, DebugReport) == DIAGNOSED
    SCHEMA.validate(json.loads(text))
    assert reports.from_json(json.dumps(json.loads(text)["result"])) == EVERYTHING


def test_schema_is_one() -> None:
    """The schema is a right one, and it names every field of every record and nothing more."""
    schema = SCHEMAS[0]
    jsonschema.Draft202012Validator.check_schema(schema)
    records = {"experiment": Experiment, "conclusion": Conclusion, "hold": Hold, "round_trip": RoundTrip}
    for name, record in records.items():
        fields = [field.name for field in attrs.fields(record)]
        assert list(schema["$defs"][name]["properties"]) == schema["$defs"][name]["required"] == fields
    assert list(schema["properties"]) == schema["required"] == list(json.loads(reports.to_json(DIAGNOSED)))
    assert set(schema["$defs"]["conclusion"]["properties"]["certainty"]["enum"]) == set(Certainty)


_seconds = st.floats(0, 1e6)
_texts = st.text(max_size=20)
any_hold = st.builds(
    Hold,
    region=_texts,
    kept_alive=st.booleans(),
    seconds=_seconds,
    ended_by=st.sampled_from(HoldEnd),
    close_code=st.none() | st.integers(1000, 4999),
    close_notify=st.none() | st.booleans(),
    round_trips=st.lists(st.builds(RoundTrip, at=_seconds, seconds=st.none() | _seconds), max_size=3).map(tuple),
)
any_experiment = st.builds(
    Experiment,
    region=_texts,
    name=_texts,
    stage=st.sampled_from(Stage),
    changed=_texts,
    sent=_texts,
    status=st.sampled_from(Status),
    reached=st.sampled_from(Stage),
    cause=st.none() | st.sampled_from(Cause),
    seconds=_seconds,
)
any_report = st.builds(
    DebugReport,
    result=any_result,
    experiments=st.lists(any_experiment, max_size=3).map(tuple),
    holds=st.lists(any_hold, max_size=3).map(tuple),
    started_at=st.just(DIAGNOSED.started_at),
    duration=_seconds,
    aborted=st.booleans(),
)


@given(any_report)
def test_any_report_reads_back_and_is_shown(told: DebugReport) -> None:
    """Every record makes JSON that the schema takes and that comes back, and a report in each format."""
    text = reports.to_json(told, machine=MACHINE)
    SCHEMA.validate(json.loads(text))
    read = reports.from_json(text, DebugReport)
    assert reports.to_json(read, machine=MACHINE) == text
    for write in FORMATS.values():
        assert write(told)


@pytest.mark.parametrize(
    ("text", "record", "said"),
    [
        pytest.param(reports.to_json(DIAGNOSED), None, "this is a debugger's report", id="another record"),
        pytest.param(reports.to_json(EVERYTHING), DebugReport, "it names no debug_schema", id="a result"),
        pytest.param('{"debug_schema": 2}', DebugReport, "debug_schema: expected 1, found 2", id="newer"),
    ],
)
def test_json_of_another_kind_is_told(text: str, record: type[DebugReport] | None, said: str) -> None:
    """Who mixes a result and a debugger's report up hears so."""
    with pytest.raises(ValueError, match=re.escape(said)):
        reports.from_json(text, record) if record else reports.from_json(text)
