"""The option --mistake=NAME: the tests see a model with a known mistake."""

from __future__ import annotations

import pytest

import mistakes
import model


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--mistake", choices=sorted(mistakes.MISTAKES), help="make this mistake, see mistakes.py")


def pytest_configure(config: pytest.Config) -> None:
    """Put the mistake into the model, before the tests import it."""
    name = config.getoption("--mistake")
    if name is not None:
        changed, wrong = mistakes.MISTAKES[name]
        setattr(model, changed, wrong)
