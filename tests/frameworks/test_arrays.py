"""Arrays of every framework as numpy arrays."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pathmoments.errors import ArgumentError
from pathmoments.frameworks import as_numpy, unit_roundoff

VALUES = [[1.0, -2.5], [0.125, 3.0]]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_types_that_numpy_has_stay(torch: Any, kind: str) -> None:
    """A numpy array is taken as it is, and a torch tensor with its gradient shares no less than its values."""
    array = np.array(VALUES, dtype=kind)
    assert as_numpy(array) is array
    tensor = torch.tensor(VALUES, dtype=getattr(torch, kind), requires_grad=True)
    assert as_numpy(tensor).dtype == kind
    np.testing.assert_array_equal(as_numpy(tensor), VALUES)


def test_bfloat16_becomes_float32_exactly(torch: Any, jax: Any) -> None:
    """Every bfloat16 is a float32, from torch and from JAX alike."""
    for array in (torch.tensor(VALUES, dtype=torch.bfloat16), jax.numpy.array(VALUES, dtype="bfloat16")):
        assert as_numpy(array).dtype == np.float32
        np.testing.assert_array_equal(as_numpy(array), VALUES)


def test_jax_and_keras_arrays(jax: Any, keras: Any) -> None:
    """What numpy can read is read, a Keras variable included."""
    np.testing.assert_array_equal(as_numpy(jax.numpy.array(VALUES)), VALUES)
    np.testing.assert_array_equal(as_numpy(keras.Variable(VALUES)), VALUES)


def test_whole_numbers_become_float64(torch: Any) -> None:
    """Counts and nested lists are numbers too."""
    for array in ([[1, 2], [3, 4]], torch.tensor([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]], dtype=np.uint8)):
        assert as_numpy(array).dtype == np.float64
        np.testing.assert_array_equal(as_numpy(array), [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("array", ["text", [[1.0], [1.0, 2.0]], [1j], np.array([True]), object()])
def test_what_holds_no_real_numbers_is_refused(array: object) -> None:
    """Text, ragged lists, complex numbers, truth values and other objects."""
    with pytest.raises(ArgumentError, match="the samples must be an array of"):
        as_numpy(array)


def test_unit_roundoff(torch: Any, jax: Any) -> None:
    """Half the distance from 1 to the next number of the type, for arrays of every framework."""
    for kind in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        assert unit_roundoff(torch.ones(2, dtype=kind)) == Fraction(torch.finfo(kind).eps) / 2
    assert unit_roundoff(jax.numpy.ones(2, dtype="bfloat16")) == Fraction(1, 256)
    assert unit_roundoff([1.0]) == Fraction(1, 2**53)


def test_no_framework_is_imported_by_the_room() -> None:
    """Importing the room, and taking a numpy array, loads none of them."""
    code = (
        "import sys, numpy, pathmoments.frameworks as f; f.as_numpy(numpy.ones(2)); "
        "print([n for n in ('torch', 'jax', 'flax', 'keras') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_small_floats_and_tensors_without_data_are_refused(torch: Any) -> None:
    """Eight-bit floats are no array whose rounding is known, and a meta tensor has no numbers."""
    with pytest.raises(ArgumentError, match="float8"):
        unit_roundoff(torch.ones(2).to(torch.float8_e4m3fn))
    with pytest.raises(ArgumentError, match="meta"):
        as_numpy(torch.empty(2, device="meta"))
    assert unit_roundoff(np.ones(2, dtype=np.longdouble)) == Fraction(1, 2**53)
