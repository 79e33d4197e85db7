"""How the documentation is built: sphinx-build -W -n --keep-going -b html docs docs/_build/html."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pathmoments._version import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "pathmoments"
author = "The pathmoments developers"
copyright = "2026, the pathmoments developers"
version = release = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "sphinxcontrib.bibtex"]
exclude_patterns = ["_build", "examples"]
nitpicky = True
highlight_language = "text"  # formulas are no Python; doctests are known by their prompt

html_theme = "furo"
html_title = f"pathmoments {release}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
default_role = "code"  # docstrings put names in single backquotes

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True

napoleon_google_docstring = False
napoleon_use_rtype = False
# These sections are prose or definition lists in the docstrings, not fields.
napoleon_custom_sections = ["Cost", "Returns", "Raises", "Yields"]

# Types of other libraries, whose inventories would need a network (CI has none), and names that only annotations use.
nitpick_ignore_regex = [
    ("py:.*", r"(fractions|collections|pathlib|decimal|typing|concurrent)\..*"),  # the standard library
    ("py:.*", r"(flint|sympy|networkx|numpy|np|matplotlib)\..*"),  # dependencies
    ("py:class", r"Fraction|NDArray|Figure|Executor"),  # the same, under the names that annotations import
    (
        "py:class",
        r"tuple\[.*|Cell|WidthText|Orders",
    ),  # halves of annotations, and aliases that are described where they are used
]


def _mend_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:  # noqa: ARG001  # sphinx's signature
    """Give a closing doctest a heading of its own, link the errors that a docstring names, and keep |...| as it is."""
    # Napoleon takes what stands before a colon in the first line of a property for its type: give it a comment instead.
    mended = ["..", ""] if what == "property" else []
    in_fields = False
    for i, line in enumerate(lines):
        underlined = i + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[i + 1])
        if underlined:
            in_fields = line in ("Parameters", "Attributes")
        if in_fields and line.startswith(">>>"):
            mended += ["Examples", "--------"]
            in_fields = False
        if re.match(r"(\w+Error)\b(, \w+Error\b)*$", line) or line.startswith("As :func:"):
            mended.append(re.sub(r"\b\w+Error\b", r":exc:`~pathmoments.errors.\g<0>`", line))
        else:
            mended.append(line if line.lstrip().startswith((">>>", "...")) else line.replace("|", r"\|"))
    lines[:] = mended


def setup(app: Sphinx) -> None:
    """Connect the mending before napoleon reads the docstrings."""
    app.connect("autodoc-process-docstring", _mend_docstring, priority=400)
