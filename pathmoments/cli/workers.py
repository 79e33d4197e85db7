"""Where a sweep is done and kept, from --jobs, --dask and --ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..sweeps import Ledger


@contextmanager
def workers(
    *, jobs: int = 1, dask: str | None = None, ledger: Path | None = None
) -> Iterator[tuple[Executor | None, Ledger | None]]:
    """Give the executor and the ledger, and close both."""
    from ..sweeps import Ledger, executor

    with ExitStack() as stack:
        kept = None if ledger is None else stack.enter_context(Ledger(ledger))
        yield stack.enter_context(executor(jobs=jobs, dask=dask)), kept
