"""How the pages are built: `python -m sphinx -W -n docs docs/_build/html`, with the extra `docs`."""

from __future__ import annotations

import pathlib
import sys

from wsconn import __version__

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "wsconn"
author = "the authors of wsconn"
project_copyright = "the authors of wsconn; MIT"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "standard_library",  # this and the next are in _extensions
    "from_the_package",
]
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore = [  # of getaddrinfo's answers; the manual has no entry for the two
    ("py:class", "socket.AddressFamily"),
    ("py:class", "socket.SocketKind"),
    # Of the debugger's records; they are strings, and the text says which, or a record in a record.
    *(("py:class", f"wsconn._debug.records.{name}") for name in ("Certainty", "Addressee", "HoldEnd", "RoundTrip")),
    # Of `check_everywhere`: types that are not evaluated, as Dask's client need not be there.
    *(("py:class", name) for name in ("Client", "Executor", "RegionSource", "Headers")),
]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3

napoleon_use_ivar = True  # "Attributes" as a list: the fields, with their types, stand below it
default_role = "name"  # docstrings have names in single backticks: from_the_package has the role
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
autodoc_class_signature = "separated"  # without their arguments: of all these classes users make two
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True, "exclude-members": "__init__, __new__"}

html_theme = "furo"
html_title = "wsconn"
html_static_path = ["_static"]
html_css_files = ["wsconn.css"]
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []
pygments_style = "default"
pygments_dark_style = "github-dark"
copybutton_exclude = ".linenos, .gp, .go"
