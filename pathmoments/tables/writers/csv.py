"""CSV: one line a network, with all that it is made of, and the exact values as text."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from .entries import entry_text

if TYPE_CHECKING:
    from ..result import Table


def to_csv(table: Table) -> str:
    """Return the table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading.name for heading in table.columns)
    writer.writerows([entry_text(entry) for entry in row] for row in table.rows)
    return text.getvalue()
