"""JSON, schema pathmoments/table/1: provenance, columns, then one object a network on a line of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from .entries import entry_text

if TYPE_CHECKING:
    from ..result import Table

SCHEMA = "pathmoments/table/1"


def to_json(table: Table) -> str:
    """Return the table as JSON: exact values as text, the widths as a list."""
    names = [heading.name for heading in table.columns]
    opening: dict[str, Any] = {"schema": SCHEMA, "version": __version__, "spec": table.spec.to_json()}
    opening["columns"] = [{"name": heading.name, "kind": heading.kind} for heading in table.columns]
    head = ",\n".join(f'  "{key}": {_text(value)}' for key, value in opening.items())
    rows = ",\n".join("    " + _text(dict(zip(names, map(_entry, row), strict=True))) for row in table.rows)
    return f'{{\n{head},\n  "rows": [\n{rows}\n  ]\n}}\n'


def _entry(entry: Any) -> Any:
    if entry is None or isinstance(entry, int):
        return entry
    return list(entry) if isinstance(entry, tuple) else entry_text(entry)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
