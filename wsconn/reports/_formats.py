"""The formats of a report: one table, read by the command line. A new format is a file and a row here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import Protocol

import attrs

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


@attrs.frozen(kw_only=True)
class Format:
    """One format. `title` is its name in a sentence, `extra` what must be installed for it.

    `watch` tells whether a report after each round makes sense; `write_line` makes one that takes a single line, to be
    added to those of the rounds before.
    """

    name: str
    title: str
    write: Write
    suffixes: tuple[str, ...]
    extra: str | None = None
    watch: bool = False
    write_line: Write | None = None


_ALL = (
    Format(name="text", title="a text report", write=to_text, suffixes=(".txt",), watch=True),
    Format(
        name="json",
        title="a JSON report",
        write=to_json,
        suffixes=(".json", ".jsonl"),
        watch=True,
        write_line=partial(to_json, indent=None),
    ),
    Format(name="markdown", title="a Markdown report", write=to_markdown, suffixes=(".md", ".markdown")),
    Format(name="html", title="an HTML report", write=to_html, suffixes=(".html", ".htm"), extra="html"),
    Format(name="prometheus", title="a Prometheus report", write=to_prometheus, suffixes=(".prom",), watch=True),
)
FORMATS: Mapping[str, Format] = {form.name: form for form in _ALL}  # the first is the default


def format_of(file: str) -> Format | None:
    """Return the format that a file's suffix means, or `None`."""
    suffix = PurePath(file).suffix.lower()
    return next((form for form in _ALL if suffix in form.suffixes), None)
