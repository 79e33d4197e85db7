"""`pathmoments advise`."""

from __future__ import annotations


def advise_command() -> None:
    """Not written yet."""
