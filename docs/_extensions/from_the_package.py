"""Directives that print what the package itself says, so that the pages cannot differ from it.

    {causes}        each cause: meaning, origin, advice            wsconn._diagnosis.causes.EXPLANATIONS
    {layers}        the layers and their imports, as a picture     the package's sources, tests/layers.py
    {states}        the life of a region, as a picture and table   wsconn._run.state.TABLE
    {faults}        what a region of the lab can suffer from       wsconn.lab.FAULTS
    {help}          the help of every command                      the parser of wsconn._cli
    {formats}       the formats of a report                       wsconn.reports._formats.FORMATS
    {metrics}       the metrics, and their labels                  wsconn.reports.to_prometheus
    {exporter-metrics}, {probe-metrics}  those of the exporter     wsconn.fleet
    {fleet-metrics} those of many machines' reports                wsconn.fleet
    {fleet-rules}   what is found across machines                  wsconn.fleet
    {report}        a report of a made-up test, in text            wsconn.reports, sample.py
    {short-report}  one of fewer regions
    {html-report}   the same as HTML, a page of its own
    {exit-codes}    what the command line tells the shell          wsconn._cli.ExitCode
    {experiments}   what the debugger can change                   wsconn._debug.experiments.TRIALS
    {choices}       when it changes what                           wsconn._debug.choice.CHOICES
    {conclusions}   what it concludes from that                    wsconn._debug.conclusions.RULES
    {facts}         and from what else                             wsconn._debug.conclusions.FACTS
    {holds}         and from connections that were held open       wsconn._debug.hold_conclusions.HOLD_RULES
    {tried}         which systems it was tried on                  docs/_tried, which tests/systems writes

And the names: a type in a signature is linked where it is public (`wsconn.Stage`), not where it is written
(`wsconn._outcome.Stage`), and a public name that no page documents fails the build.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import runpy
import ssl
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from types import ModuleType
from typing import Any
from unittest import mock

import debugger_tables
import layers_picture
import sample
import state_picture
import tried_table
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

import wsconn
from wsconn import Cause, _api, _debug_api, lab, reports
from wsconn._cli import ExitCode
from wsconn._cli.parser import make_parser
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._run import handle
from wsconn._run.state import TABLE, Event
from wsconn.fleet._exporter import entry
from wsconn.fleet._exporter.own_metrics import OWN
from wsconn.fleet._exporter.probe_metrics import PROBE
from wsconn.fleet._merged.formats.prometheus_format import GAUGES as FLEET_GAUGES
from wsconn.fleet._merged.rules import RULES
from wsconn.fleet._metrics import METRICS, Metric
from wsconn.lab import FAULTS, Fault, faults
from wsconn.reports._formats import FORMATS

log = logging.getLogger(__name__)
PUBLIC_MODULES = (wsconn, lab, faults, reports)
LAYERS = pathlib.Path(__file__).parents[2] / "tests" / "layers.py"
HTML_REPORT = "sample-report.html"
IN_A_CHECKOUT = re.compile(r"^<!-- in a checkout -->\n.*?^<!-- end -->\n", re.MULTILINE | re.DOTALL)
COLUMNS = "88"  # the width that argparse is told to wrap at: what the page shows without a scroll bar


def causes() -> str:
    """Write a definition list: an anchor for each cause, what it means, how it comes about, what to do."""
    return "\n".join(
        f"({anchor(cause)})=\n## `{cause}`\n\n{explanation.meaning}\n\n"
        f"How it comes about\n: {explanation.origin}\n\nWhat to do\n: {explanation.advice}\n"
        for cause, explanation in EXPLANATIONS.items()
    )


def anchor(cause: Cause) -> str:
    return f"cause-{cause.replace('_', '-')}"


def states() -> str:
    """Write the table of moves: a row for each state, a column for each event."""
    events = list(Event)
    rows = [
        f"| `{state}` | " + " | ".join(f"`{moves[event]}`" if event in moves else "dropped" for event in events) + " |"
        for state, moves in TABLE.items()
    ]
    return "\n".join([f"| state | {' | '.join(events)} |", "|---|" + "---|" * len(events), *rows])


def exit_codes() -> str:
    return "\n".join(["| code | meaning |", "|---|---|", *(f"| {code.value} | {code.meaning} |" for code in ExitCode)])


def all_faults() -> str:
    """Write a table of the named faults. The page says how a constant's name follows from the fault's."""
    for fault in (value for name, value in vars(faults).items() if name.isupper() and isinstance(value, Fault)):
        if getattr(faults, fault.name.upper().replace("-", "_")) is not FAULTS[fault.name]:
            raise ValueError(f"the constant of {fault.name} is not called as the page says")
    rows = [
        f"| `{name}` | {_escaped(fault.summary)} | {fault.stage or ''} | {', '.join(map(_linked, fault.causes))} |"
        for name, fault in FAULTS.items()
    ]
    return "\n".join(["| name | what happens | stage | cause |", "|---|---|---|---|", *rows])


def _linked(cause: str) -> str:
    return f"[`{cause}`](#{anchor(Cause(cause))})"


def _escaped(text: str) -> str:
    return text.replace("*", r"\*").replace("|", r"\|")


def metrics() -> str:
    """Write a table of the metrics, from the lines of help in a report."""
    written = reports.to_prometheus(sample.result())
    told = dict(re.findall(r"^# HELP (\w+) (.*)$", written, re.MULTILINE))
    labelled = dict(re.findall(r"^(\w+)\{(.*)\} ", written, re.MULTILINE))
    labels = {name: ", ".join(re.findall(r'(\w+)="', said)) for name, said in labelled.items()}
    rows = [f"| `{name}` | {labels.get(name, '')} | {text} |" for name, text in told.items()]
    return "\n".join(["| metric | labels | what it tells |", "|---|---|---|", *rows])


def table_of(metrics: Iterable[Metric[Any]]) -> str:
    """Write a table of metrics, from the table that they are made by."""
    rows = [
        f"| {', '.join(f'`{name}`' for name in metric.series)} | {metric.kind} | {', '.join(metric.labels)}"
        f" | {metric.help} |"
        for metric in metrics
    ]
    return "\n".join(["| series | kind | labels | what it tells |", "|---|---|---|---|", *rows])


def fleet_rules() -> str:
    """Write a table of the rules across machines, in the order in which they look."""
    rows = [f"| {', '.join(f'`{kind}`' for kind in rule.kinds)} | {rule.meaning} |" for rule in RULES]
    return "\n".join(["| kind of finding | what machines have to show for it |", "|---|---|", *rows])


def every_help() -> str:
    """Write the help of the command line and of each command that its parser has."""
    with mock.patch.dict(os.environ, {"COLUMNS": COLUMNS, "NO_COLOR": "1"}):
        return "\n\n".join(
            f"## `{parser.prog}`\n\n```text\n{parser.format_help().rstrip()}\n```" for parser in _parsers()
        )


def _parsers() -> Iterator[argparse.ArgumentParser]:
    whole, commands = make_parser()
    yield whole
    yield from commands.values()


def formats() -> str:
    """Write a table of the formats of a report, as the command line takes them."""
    rows = [
        f"| `{name}` | {' '.join(f'`{suffix}`' for suffix in form.suffixes)} | {'yes' if form.watch else ''}"
        f" | {f'`{form.extra}`' if form.extra else ''} |"
        for name, form in FORMATS.items()
    ]
    return "\n".join(["| `--format` | suffix of `--output` | `watch` | needs the extra |", "|---|---|---|---|", *rows])


class FromThePackage(SphinxDirective):
    """A directive without content: what it says is in `WRITERS`."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        write = WRITERS[self.name]
        return self.parse_text_to_nodes(write(), allow_section_headings=True)


class States(SphinxDirective):
    """The picture of the states where the page is HTML, and the table everywhere."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        drawn = nodes.raw("", state_picture.picture(TABLE), format="html")
        return [drawn, *self.parse_text_to_nodes(states())]


class Layers(SphinxDirective):
    """The picture of the layers, where the page is HTML."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        source = runpy.run_path(str(LAYERS))
        self.env.note_dependency(str(LAYERS))
        drawn = layers_picture.picture(*source["by_layer"]())
        return [nodes.raw("", drawn, format="html")]


class HtmlReport(SphinxDirective):
    """The sample report as the HTML page that it is, in a frame and behind a link."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        where = "../" * self.env.docname.count("/") + HTML_REPORT
        frame = f'<iframe class="report" src="{where}" title="A report of a made-up test"></iframe>'
        link = f'<p><a href="{where}">The report on a page of its own</a></p>'
        return [nodes.raw("", frame + link, format="html")]


def write_html_report(app: Sphinx, failed: Exception | None) -> None:
    """Put the sample report beside the pages."""
    if not failed and app.builder.format == "html":
        (app.outdir / HTML_REPORT).write_text(sample.as_html(), "utf-8")


WRITERS = {
    "causes": causes,
    "faults": all_faults,
    "formats": formats,
    "help": every_help,
    "exit-codes": exit_codes,
    "experiments": debugger_tables.experiments,
    "choices": debugger_tables.choices,
    "conclusions": debugger_tables.conclusions,
    "facts": debugger_tables.facts,
    "holds": debugger_tables.holds,
    "metrics": metrics,
    "fleet-metrics": lambda: table_of(FLEET_GAUGES),
    "fleet-rules": fleet_rules,
    "exporter-metrics": partial(table_of, [*METRICS, *OWN]),
    "probe-metrics": partial(table_of, PROBE),
    "report": sample.as_text,
    "short-report": partial(sample.as_text, most=3),
    "tried": tried_table.tried,
}


class Name(SphinxRole):
    """What docstrings have in single backticks: a link if it is a public name, of this module or of `wsconn`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        shown = nodes.literal(self.rawtext, self.text, classes=["py"])
        dotted = self.text.removesuffix("()")
        here = self.env.ref_context.get("py:module")
        near = [module for module in PUBLIC_MODULES if module.__name__ == here] + [wsconn]
        module = next((module for module in near if dotted.partition(".")[0] in module.__all__), None)
        if module is None:
            return [shown], []
        link = pending_xref("", shown, refdomain="py", reftype="obj", reftarget=f"{module.__name__}.{dotted}")
        link["refdoc"] = self.env.docname
        return [link], []


def leave_out_what_stands_in_for_directives(_app: Sphinx, _docname: str, source: list[str]) -> None:
    """Drop what a page says to those who read it in a checkout or on a code host; line numbers stay."""
    source[0] = IN_A_CHECKOUT.sub(lambda found: "\n" * found[0].count("\n"), source[0])


def link_where_it_is_public(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.TextElement
) -> nodes.Node | None:
    """Resolve `wsconn._outcome.Stage` as `wsconn.Stage`, and a cause to its place on the page of causes."""
    module, _, name = node.get("reftarget", "").rpartition(".")
    if module == "wsconn.Cause":
        node["refexplicit"] = True
        return env.domains["std"].resolve_xref(
            env, node["refdoc"], app.builder, "ref", anchor(Cause[name]), node, contnode
        )
    if module.startswith("wsconn._"):
        return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "obj", f"wsconn.{name}", node, contnode)
    return None


def miss_no_public_name(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn, which fails the build, of each public name that has no entry in the reference."""
    documented = {name for name, *_ in env.domains["py"].get_objects()}
    for module in PUBLIC_MODULES:
        names = {name for name in module.__all__ if not isinstance(getattr(module, name), Fault | ModuleType)}
        if module is faults:  # what is in lab too is documented there; the faults have their table
            names -= set(lab.__all__)
        if missing := {f"{module.__name__}.{name}" for name in names} - documented:
            log.warning("the reference lacks %s", ", ".join(sorted(missing)))


def setup(app: Sphinx) -> dict[str, bool]:
    # Imported there for type checkers alone, and annotations cannot be read without:
    _api.ssl = _debug_api.ssl = entry.ssl = ssl
    handle.Future = Future
    for form in FORMATS.values():
        vars(sys.modules[form.load().__module__]).update(
            ConnectivityResult=wsconn.ConnectivityResult, DebugReport=wsconn.DebugReport
        )
    for name in WRITERS:
        app.add_directive(name, FromThePackage)
    app.add_directive("layers", Layers)
    app.add_directive("states", States)
    app.add_role("name", Name())
    app.add_directive("html-report", HtmlReport)
    app.connect("source-read", leave_out_what_stands_in_for_directives)
    app.connect("build-finished", write_html_report)
    app.connect("missing-reference", link_where_it_is_public)
    app.connect("env-check-consistency", miss_no_public_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
