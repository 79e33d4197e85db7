"""Speed of tables: 100,000 rows of a moment of order 4 in two processes, with and without a ledger, turn by turn."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pathmoments import Network, moment
from pathmoments.sweeps import Ledger, executor
from pathmoments.tables import table

ROWS, BLOCKS = 100_000, 5


def spec(block: int) -> dict[str, Any]:
    """Return a fifth of the table: 20,000 different networks of depth 3."""
    first = 2 + 20 * block
    return {"widths": [f"{first}..{first + 19},2..101,3..7,1..2"], "laws": ["uniform"], "orders": [4]}


@pytest.mark.parametrize("jobs", [2])
def test_a_table_of_100000_rows(figures: Any, tmp_path: Path, jobs: int) -> None:
    """The time of all rows, from the specification to the CSV, beside bare calls of `moment`; and what a ledger adds."""
    bare = with_ledger = 0.0
    with executor(jobs=jobs) as workers, Ledger(tmp_path / "ledger.db") as ledger:
        table(
            {"widths": ["2,2,2", "3,3,3"], "laws": ["uniform"], "orders": [4]}, executor=workers
        )  # the workers have started
        for block in range(BLOCKS):
            for kept in (None, ledger) if block % 2 else (ledger, None):
                start = time.perf_counter()
                made = table(spec(block), executor=workers, ledger=kept)
                made.to_csv()
                seconds = time.perf_counter() - start
                assert len(made) == ROWS // BLOCKS
                if kept is None:
                    bare += seconds
                else:
                    with_ledger += seconds
        assert len(ledger) == ROWS
        start = time.perf_counter()
        for block in range(BLOCKS):
            table(spec(block), executor=workers, ledger=ledger)
        again = time.perf_counter() - start
    single = _seconds_of_a_moment()
    figures.add(
        f"table, {ROWS:,} rows of order 4, {jobs} processes",
        f"{bare:.1f} s",
        "60 s",
        f"bare calls of moment in one process: {ROWS * single:.0f} s",
    )
    figures.add(
        "  with a ledger / without",
        f"{with_ledger / bare:.2f}",
        "1.2",
        f"{with_ledger:.1f} s; all of it from the ledger: {again:.1f} s",
    )


def _seconds_of_a_moment(count: int = 2_000) -> float:
    start = time.perf_counter()
    for n in range(count):
        moment(Network([2 + n % 20, 2 + n // 20, 3, 1], law="uniform"), {(0, 0): 4})
    return (time.perf_counter() - start) / count
