"""The formats of a report: one table, read by the command line. A new format is a file, a function here and a row.

Each is loaded when it is first used, by a plain import, which PyInstaller sees: a report in text needs nothing of HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from wsconn.reports._html import to_html
    from wsconn.reports._json import to_json
    from wsconn.reports._machine import Machine
    from wsconn.reports._markdown import to_markdown
    from wsconn.reports._prometheus import to_prometheus
    from wsconn.reports._subject import Subject
    from wsconn.reports._text import to_text

__all__ = ["to_html", "to_json", "to_markdown", "to_prometheus", "to_text"]  # what `wsconn.reports` exports of them


class Write(Protocol):
    """Makes a report, of a check's result or of what the debugger found.

    `machine` is the one that has tested: this one, where it is `None`.
    `warning` is a sentence that nobody who reads the report may miss. `tested_from` are the addresses of the machine
    that has tested, where they are to be told.
    """

    def __call__(
        self,
        result: Subject,
        /,
        *,
        machine: Machine | None = None,
        warning: str | None = None,
        tested_from: Sequence[str] = (),
    ) -> str: ...


class Format(NamedTuple):
    """One format. `title` is its name in a sentence, `extra` what must be installed for it.

    `load` imports the function that writes it. `watch` tells whether a report after each round makes sense; `load_line`
    imports one that writes a single line, to be added to those of the rounds before.
    """

    name: str
    title: str
    load: Callable[[], Write]
    suffixes: tuple[str, ...]
    extra: str | None = None
    watch: bool = False
    load_line: Callable[[], Write] | None = None


def _text() -> Write:
    from wsconn.reports._text import to_text

    return to_text


def _json() -> Write:
    from wsconn.reports._json import to_json

    return to_json


def _json_line() -> Write:
    from wsconn.reports._json import to_json

    return partial(to_json, indent=None)


def _markdown() -> Write:
    from wsconn.reports._markdown import to_markdown

    return to_markdown


def _html() -> Write:
    from wsconn.reports._html import to_html

    return to_html


def _prometheus() -> Write:
    from wsconn.reports._prometheus import to_prometheus

    return to_prometheus


_ALL = (
    Format("text", "a text report", _text, (".txt",), watch=True),
    Format("json", "a JSON report", _json, (".json", ".jsonl"), watch=True, load_line=_json_line),
    Format("markdown", "a Markdown report", _markdown, (".md", ".markdown")),
    Format("html", "an HTML report", _html, (".html", ".htm"), extra="html"),
    Format("prometheus", "a Prometheus report", _prometheus, (".prom",), watch=True),
)
FORMATS: Mapping[str, Format] = {form.name: form for form in _ALL}  # the first is the default


def format_of(file: str) -> Format | None:
    """Return the format that a file's suffix means, or `None`."""
    name = file.lower()
    return next((form for form in _ALL if name.endswith(form.suffixes)), None)
