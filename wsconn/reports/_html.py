"""A result as one HTML page that needs nothing else: no script, no request, no font. Needs Jinja2 (the extra `html`).

Jinja2 escapes whatever is put into the template. What may run or load is forbidden once more by a policy in the page
itself: only the one style sheet, known by its hash, applies.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._text import duration, plain, words_and_values
from wsconn.reports._analysis.allow_list import allow_lists_of
from wsconn.reports._analysis.families import families_of
from wsconn.reports._analysis.findings import findings
from wsconn.reports._analysis.groups import advice_for_most, grouped
from wsconn.reports._analysis.meaning import meaning, when
from wsconn.reports._analysis.network import issuers_of, lookups_of, ways_of
from wsconn.reports._analysis.operator_list import TITLE, operator_lists_of
from wsconn.reports._analysis.own_hosts import own_hosts
from wsconn.reports._analysis.phrases import AT
from wsconn.reports._analysis.times import beyond_the_stages
from wsconn.reports._analysis.waterfall import waterfall_of
from wsconn.reports._debugger.conclusions import ENDED_EARLY, told_of
from wsconn.reports._debugger.holds import held_of
from wsconn.reports._debugger.plot import plot_of
from wsconn.reports._debugger.trials import strips_of
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._notes import notes_of
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted
from wsconn.reports._signs import SIGNS
from wsconn.reports._subject import Subject, parts_of

if TYPE_CHECKING:
    import jinja2


def to_html(
    result: Subject,
    *,
    machine: Machine | None = None,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
) -> str:
    """Return `result` as an HTML page, a `warning` before all else.

    `machine` is the one that it is from: this one, where it is `None`. `tested_from` are that machine's addresses, for
    whoever has to know them. A debugger's report begins with its conclusions.

    Raises:
        ImportError: Without Jinja2.
    """
    result, debugged = parts_of(result)
    groups = grouped(result.outcomes)
    style = _resource("report.css") + (_resource("debug.css") if debugged else "")
    return _template().render(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        warning=warning,
        result=result,
        findings=findings(result),
        meaning=plain(meaning(result)),
        when=when(result),
        advice=advice_for_most(groups),
        waterfall=waterfall_of(result.outcomes),
        beyond_the_stages=beyond_the_stages(result.outcomes),
        groups=groups,
        allow_lists=allow_lists_of(result),
        operator_lists=operator_lists_of(result),
        operator_title=TITLE,
        ways=ways_of(result),
        issuers=issuers_of(result),
        lookups=lookups_of(result),
        families=families_of(result),
        machine=machine or this_machine(),
        tested_from=tested_from,
        debugged=debugged,
        ended_early=ENDED_EARLY,
        conclusions=told_of(debugged) if debugged else (),
        strips=strips_of(debugged) if debugged else (),
        plot=plot_of(held_of(debugged)) if debugged else None,
    )


def _template() -> jinja2.Template:
    try:
        import jinja2  # here: it is an extra
    except ImportError as exc:
        raise ImportError(f'an HTML report needs {exc.name}: pip install "wsconn[html]"', name=exc.name) from exc
    environment = jinja2.Environment(
        autoescape=True,
        finalize=lambda value: printable(value) if type(value) is str else value,  # and not what is escaped already
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=jinja2.FunctionLoader(_resource),
    )
    environment.globals.update(
        explanations=EXPLANATIONS,
        at=AT,
        sign=SIGNS.of,
        counted=counted,
        duration=duration,
        notes_of=notes_of,
        own_hosts=own_hosts,
        plain=plain,
        words_and_values=words_and_values,
    )
    return environment.get_template("report.html.j2")


def _resource(name: str) -> str:
    import importlib.resources  # here: it loads much, and each command knows all formats

    return importlib.resources.files("wsconn.reports").joinpath("templates", name).read_text("utf-8")
