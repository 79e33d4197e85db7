"""Sweeps: many independent pieces of work, on one machine or a cluster, with a ledger that keeps what is finished. Knows no mathematics."""

from __future__ import annotations

from .executors import executor
from .ledger import Ledger
from .run import Work, sweep

__all__ = ["Ledger", "Work", "executor", "sweep"]
