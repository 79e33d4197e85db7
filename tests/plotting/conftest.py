"""A report to draw: real verdicts, made once."""

from __future__ import annotations

import pytest

from pathmoments.verification import Grid, Report, verify


@pytest.fixture(scope="session")
def report() -> Report:
    """Return a verification of small networks."""
    return verify(Grid(statements=("2", "11", "12", "13", "14", "15"), max_depth=3, max_width=2, samples=0))
