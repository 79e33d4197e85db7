"""A framework that is not there is asked for by the command that installs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

CALLS = {
    "torch": "f.torch_weights('default', 3, 4)",
    "jax": "f.jax_weights('default', 3, 4)",
    "keras": "f.keras_weights('default', 3, 4)",
}


@pytest.mark.parametrize("name", CALLS)
def test_a_framework_that_is_missing(name: str) -> None:
    """The error is the package's own, and has the command."""
    code = f"""
import sys
sys.modules[{name!r}] = None
import pathmoments.frameworks as f
from pathmoments.errors import MissingExtraError
try:
    {CALLS[name]}
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"this needs {name}, which cannot be imported" in done.stdout
    assert f"pip install 'pathmoments[{name}]'" in done.stdout
    assert ("KERAS_BACKEND" in done.stdout) == (name == "keras")
