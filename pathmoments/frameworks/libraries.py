"""The frameworks themselves, imported when first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import MissingExtraError

BACKENDS = ("jax", "torch")
"""Backends of Keras on which Jacobians are drawn."""

_WAYS_OUT = {"keras": " and set the environment variable KERAS_BACKEND to jax or torch (its own default is tensorflow)"}


def library(name: str, module: str = "") -> Any:
    """Return the framework `name` ("torch", "jax" or "keras"), or one of its modules.

    Raises
    ------
    MissingExtraError
        If it cannot be imported.
    """
    try:
        return import_module(module or name)
    except ImportError as error:
        raise MissingExtraError(
            f"this needs {name}, which cannot be imported ({error}): pip install 'pathmoments[{name}]'"
            + _WAYS_OUT.get(name, "")
        ) from error
