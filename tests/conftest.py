"""What all tests share: the package under test is the installed one, and property tests repeat exactly."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

import pathmoments

settings.register_profile("pathmoments", deadline=None, derandomize=True, max_examples=60, database=None)
settings.load_profile("pathmoments")


def pytest_report_header() -> str:
    """Say which package is tested; `scripts/test` tests the built wheel and refuses anything else."""
    home = Path(pathmoments.__file__).resolve().parent
    if os.environ.get("PATHMOMENTS_TEST_INSTALLED") and "site-packages" not in home.parts:
        raise RuntimeError(f"the tests must run against the installed wheel, not {home}")
    return f"pathmoments {pathmoments.__version__} from {'the wheel' if 'site-packages' in home.parts else 'the tree'}"
