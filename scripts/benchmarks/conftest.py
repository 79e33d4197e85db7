"""What the benchmarks share: cold caches, peak memory of a fresh process, and the table of figures at the end."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from pathmoments.partitions import merging
from pathmoments.paths.types import remembered
from pathmoments.routes.haar import pairing_inverse
from pathmoments.routes.transfer import _integer_matrix


@dataclass
class Figures:
    """Lines (what, figure, target, beside what) of the closing table."""

    lines: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, target: str, beside: str) -> None:
        """Add one line."""
        self.lines.append((what, figure, target, beside))


FIGURES = Figures()


@pytest.fixture
def figures() -> Figures:
    """Give the table of figures that is printed at the end."""
    return FIGURES


@pytest.fixture
def cold() -> Callable[[], None]:
    """Give a function that empties every cache of the package, as in a fresh process."""

    def clear() -> None:
        merging.cache_clear()
        remembered.cache_clear()
        _integer_matrix.cache_clear()
        pairing_inverse.cache_clear()

    return clear


def peak_megabytes(code: str) -> float:
    """Return the peak memory of a fresh Python process that runs the code, in MB."""
    report = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout.split()[-1])
    return kilobytes / (1024 if sys.platform != "darwin" else 1024 * 1024)


@pytest.fixture
def peak() -> Callable[[str], float]:
    """Give :func:`peak_megabytes`."""
    return peak_megabytes


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures with the machine named."""
    write = terminalreporter.write_line
    write("")
    write(
        f"machine: {platform.machine()}, {_processor()}, Python {platform.python_version()}, {resource.getpagesize()} byte pages"
    )
    for what, figure, target, beside in FIGURES.lines:
        write(f"  {what:<62} {figure:>12}   target {target:<16} {beside}")


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
