"""`pathmoments table`."""

from __future__ import annotations


def table_command() -> None:
    """Not written yet."""
