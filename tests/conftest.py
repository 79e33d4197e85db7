"""What all tests share: the package under test is the installed one, and property tests repeat exactly."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

import pathmoments

pytest_plugins = ["pytester"]

settings.register_profile("pathmoments", deadline=None, derandomize=True, max_examples=60, database=None)
settings.load_profile("pathmoments")


def pytest_report_header() -> str:
    """Say which package is tested, and refuse another than PATHMOMENTS_TEST_HOME asks for (the wheel, an altered copy)."""
    home = Path(pathmoments.__file__).resolve().parent.parent
    wanted = os.environ.get("PATHMOMENTS_TEST_HOME")
    if wanted and home != Path(wanted).resolve():
        raise RuntimeError(f"the tests must run on the package in {wanted}, not on that in {home}")
    return f"pathmoments {pathmoments.__version__} from {home}"
