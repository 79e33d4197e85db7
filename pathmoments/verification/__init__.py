"""Every statement of the paper on every network of a grid: what `pathmoments verify` runs."""

from .grid import Grid, suite
from .report import Finding, Report, Summary
from .run import verify

__all__ = ["Finding", "Grid", "Report", "Summary", "suite", "verify"]
