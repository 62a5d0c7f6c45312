"""The public names of wsconn with their signatures, as docs/reference/api.md has them for those who read the source.

    python -m tests.pages.signatures

writes them there anew.
"""

from __future__ import annotations

import enum
import inspect
import re
import textwrap
from collections.abc import Iterator

import attrs

import wsconn
from tests.pages.snippets import ROOT
from wsconn._record import Record

PAGE = ROOT / "docs" / "reference" / "api.md"
BLOCK = re.compile(r"(?<=<!-- signatures -->\n```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
WIDTH = 88


def signatures() -> str:
    """Return a paragraph for each public name, in the order of `__all__`; functions first."""
    public = [getattr(wsconn, name) for name in wsconn.__all__]
    functions = [written(thing.__name__, thing) for thing in public if inspect.isfunction(thing)]
    classes = [of_class(thing) for thing in public if inspect.isclass(thing)]
    return "\n\n".join([*functions, *classes]) + "\n"


def written(name: str, function: object, indent: str = "") -> str:
    """Write a function with its defaults and what it returns, without the quotes that postponed annotations have."""
    signature = inspect.signature(function)  # type: ignore[arg-type]  # a function
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values() if p.name != "self"]
    short = signature.replace(parameters=parameters)
    text = f"{name}{short}".replace("'", "")
    wrapped = textwrap.wrap(text, WIDTH - len(indent), subsequent_indent=" " * (len(name) + 1), break_long_words=False)
    return textwrap.indent("\n".join(wrapped), indent)


def of_class(kind: type) -> str:
    public = [base for base in kind.__bases__ if base not in (object, Record) and base.__module__ != "enum"]
    bases = ", ".join(base.__name__ for base in public)
    return "\n".join([f"class {kind.__name__}{f'({bases})' if bases else ''}", *members(kind)])


def members(kind: type) -> Iterator[str]:
    """Yield a record's fields, an enum's values, then properties and methods."""
    if issubclass(kind, enum.Enum):
        yield from textwrap.wrap(
            ", ".join(kind), WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
        )
        return
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    for field in fields:
        default = "" if field.default is attrs.NOTHING else f" = {shown(field.default)}"
        yield f"    {field.name}: {field.type}{default}"
    for name, thing in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(thing, property):
            yield f"    {name}: {inspect.signature(thing.fget).return_annotation}"  # type: ignore[arg-type]  # has one
        elif inspect.isfunction(thing):
            yield written(name, thing, "    ")


def shown(default: object) -> str:
    return f"{type(default).__name__}()" if attrs.has(type(default)) else repr(default)


if __name__ == "__main__":
    PAGE.write_text(BLOCK.sub(lambda _: signatures(), PAGE.read_text("utf-8"), count=1), "utf-8")
