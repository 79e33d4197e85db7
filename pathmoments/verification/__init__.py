"""Every statement of the paper on every network of a grid: what `pathmoments verify` runs."""

from .report import Finding, Report, Summary

__all__ = ["Finding", "Report", "Summary"]
