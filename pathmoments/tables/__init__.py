"""Exact tables: a grid of networks, and quantities of each, from a spec to a file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .build import MAX_ROWS, check_size, checked, table
from .result import Heading, Table
from .spec import TableSpec

if TYPE_CHECKING:
    from .reading import read_spec, spec_of

__all__ = ["MAX_ROWS", "Heading", "Table", "TableSpec", "check_size", "checked", "read_spec", "spec_of", "table"]


def __getattr__(name: str) -> Any:
    """Load the readers of specifications, and pydantic with them, when they are first used."""
    if name not in ("read_spec", "spec_of"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".reading", __name__), name)
