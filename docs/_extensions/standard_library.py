"""Links to the standard library's manual, from a short list in place of the whole inventory, which a build without a
network cannot fetch. Checked against the inventory of Debian's python3-doc (3.11).
"""

from __future__ import annotations

import pathlib
import zlib

from sphinx.application import Sphinx
from sphinx.config import Config

MANUAL = "https://docs.python.org/3/"
NAMES = {  # a page of the manual, a role, and what the page has of it
    ("collections.abc", "py:class"): "Callable Iterable Iterator Mapping Sequence",
    ("concurrent.futures", "py:class"): "Future",
    ("datetime", "py:class"): "datetime",
    ("enum", "py:class"): "StrEnum",
    ("os", "py:class"): "PathLike",
    ("socket", "py:class"): "socket",
    ("ssl", "py:class"): "SSLContext TLSVersion",
}
BUILT_IN = {
    ("constants", "py:data"): "None",
    ("exceptions", "py:exception"): (
        "Exception FileNotFoundError KeyError OSError RuntimeError TimeoutError TypeError ValueError"
    ),
    ("functions", "py:class"): "bool float int object",
    ("stdtypes", "py:class"): "bytes dict list str tuple",
}
ALIASES = {"concurrent.futures._base.Future": "concurrent.futures.Future"}  # where a class says that it is written


def entries() -> list[tuple[str, str, str]]:
    """Return what can be linked: a name, its role, and where it is in the manual."""
    found = [(f"{page}.{name}", role, page) for (page, role), names in NAMES.items() for name in names.split()]
    found += [(name, role, page) for (page, role), names in BUILT_IN.items() for name in names.split()]
    listed = [(name, role, f"library/{page}.html#{name}") for name, role, page in found]
    aliases = {name: alias for alias, name in ALIASES.items()}
    return listed + [(aliases[name], role, where) for name, role, where in listed if name in aliases]


def write_inventory(file: pathlib.Path) -> None:
    """Write the list in the form that intersphinx reads: sphinx.util.inventory, version 2."""
    header = "# Sphinx inventory version 2\n# Project: Python\n# Version: 3\n# The rest is compressed using zlib.\n"
    lines = "".join(f"{name} {role} 1 {where} -\n" for name, role, where in entries())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(header.encode() + zlib.compress(lines.encode()))


def add_mapping(app: Sphinx, config: Config) -> None:
    file = pathlib.Path(app.doctreedir) / "python.inv"
    write_inventory(file)
    config.intersphinx_mapping["python"] = (MANUAL, str(file))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", add_mapping, priority=100)  # before intersphinx looks at its mapping
    return {"parallel_read_safe": True, "parallel_write_safe": True}
