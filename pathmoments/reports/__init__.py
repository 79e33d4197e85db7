"""How a verification is read: as text, Markdown, LaTeX, JSON, or one self-contained HTML page with its plots."""

from __future__ import annotations

from collections.abc import Callable

from ..verification import Report
from .as_json import report_json
from .markup import report_latex, report_markdown
from .page import report_html
from .text import report_text

__all__ = ["FORMATS", "report_html", "report_json", "report_latex", "report_markdown", "report_text"]

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": report_text,
    "json": report_json,
    "markdown": report_markdown,
    "latex": report_latex,
    "html": report_html,
}
"""The writers of a report by the names of their formats."""
