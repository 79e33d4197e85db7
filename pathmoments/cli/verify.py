"""`pathmoments verify`."""

from __future__ import annotations


def verify_command() -> None:
    """Not written yet."""
