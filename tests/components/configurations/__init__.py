"""Configurations of the programs, as their manuals would have them; `@name@` stands for what a test fills in."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put `values` where `text` names them."""
    return re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), text)


def write_configuration(name: str, folder: pathlib.Path, /, **values: object) -> pathlib.Path:
    """Write the configuration `name` to `folder` with `values` filled in, and return its path."""
    template = (pathlib.Path(__file__).parent / name).read_text()
    path = folder / name
    path.write_text(fill(template, values))
    return path
