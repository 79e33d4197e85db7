"""Write what pytest prints for docs/examples/project: the right initialisation, and each known mistake.

    python scripts/refresh_reports.py                  # rewrite docs/howto/printed/*.txt
    python scripts/refresh_reports.py --into FOLDER    # write them elsewhere

passes.txt is all that `pytest -q` prints, fails.txt all that it prints with a mistake, and MISTAKE.txt the report in the message of the test that fails. tests/plugin/test_example_project.py holds
the committed files against new ones; digits of sampled numbers may differ in the last places from one processor to another.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRINTED = ROOT / "docs" / "howto" / "printed"
PLUGIN = "_pathmoments_pytestplugin"
SEED = "--pathmoments-seed=1"
SHOWN = "glorot"
"""The mistake of which all is shown."""
TESTS = {
    "layer-missing": "tests/test_depth.py",
    "not-orthogonal": "tests/test_orthogonal.py",
    "underflow": "tests/test_half.py",
}
"""The test that a mistake fails, where it is not that of the initialisation."""


class Failures:
    """A plugin that keeps the messages of tests that fail."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a message."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.messages.append(str(report.longrepr) if crash is None else crash.message)


@contextlib.contextmanager
def project() -> Iterator[Path]:
    """Stand in a copy of the example project."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "project"
        shutil.copytree(
            ROOT / "docs" / "examples" / "project", folder, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def run(folder: Path, *words: str) -> tuple[str, Failures]:
    """Run pytest in the project and return what it prints, and what failed; the project's modules are imported anew."""
    failures, printed = Failures(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        pytest.main(["-q", *words, SEED], plugins=[failures])
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
    return re.sub(r" in [\d.]+s\b", "", printed.getvalue()), failures


def reports() -> Iterator[tuple[str, str]]:
    """Yield (name of a file, its text)."""
    with project() as folder:
        yield "passes", run(folder)[0]
        from pathmoments.conformance.mistakes import CATALOGUE  # pytest was to import it first

        for mistake in CATALOGUE:
            test = TESTS.get(mistake.name, "tests/test_initialisation.py")
            printed, failures = run(folder, f"--mistake={mistake.name}", test)
            if len(failures.messages) != 1:
                raise SystemExit(f"{mistake.name} must fail one test, and did not:\n{printed}")
            yield mistake.name, failures.messages[0].partition(": ")[2] + "\n"
            if mistake.name == SHOWN:
                yield "fails", printed


def main() -> int:
    """Write all files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--into", type=Path, default=PRINTED, metavar="FOLDER", help="where to write them")
    into = parser.parse_args().into.resolve()
    installed = any(one.value == PLUGIN for one in importlib.metadata.entry_points(group="pytest11"))
    for name in ("CI", "BUILD_NUMBER"):
        os.environ.pop(name, None)  # with one of them pytest shortens no line, and a reader's terminal does
    os.environ |= {
        "PYTEST_ADDOPTS": "-p no:cacheprovider -p no:unraisableexception" + ("" if installed else f" -p {PLUGIN}"),
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }
    into.mkdir(parents=True, exist_ok=True)
    for name, text in reports():
        (into / f"{name}.txt").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
