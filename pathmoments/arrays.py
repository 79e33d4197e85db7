"""Arrays of any framework as numpy arrays: no framework is imported, for an array of one shows that it is."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .errors import ArgumentError, must_be

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNIFICANDS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
"""Bits of the significand, the leading one included, of the float types in which frameworks compute."""

EXTENDED = ("float80", "float96", "float128")
"""Types that round less than float64."""


def as_numpy(array: object) -> NDArray[Any]:
    """Return an array of numpy, torch, jax or Keras, or nested lists of numbers, as a numpy array of floats.

    float16, float32 and float64 keep their type; float types that numpy does not have, such as bfloat16, become float32 and whole numbers float64, both
    exactly. A torch tensor is detached and taken to the host; the memory of the array is shared where that is possible.

    Raises
    ------
    ArgumentError
        If it is no array of real numbers.

    Cost: at most one copy.

    >>> as_numpy([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    """
    import numpy as np

    torch: Any = sys.modules.get("torch")
    try:
        if torch is not None and isinstance(array, torch.Tensor):
            array = _from_torch(array, torch)
        values = np.asarray(array)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ArgumentError(
            must_be("the samples", "an array of numbers", f"the {type(array).__name__}: {error}")
        ) from None
    kind = values.dtype.kind
    if kind == "f":
        return values
    if kind in "iu":
        return values.astype(np.float64)
    if kind == "V" and "float" in values.dtype.name:  # a type of ml_dtypes, such as bfloat16
        return values.astype(np.float32)
    raise ArgumentError(must_be("the samples", "an array of real numbers", f"the array of {values.dtype}"))


def unit_roundoff(array: object) -> Fraction:
    """Return u, exact: one operation in the float type of the array errs by at most the factor 1 + u.

    2^-53 for float64, 2^-24 for float32, 2^-11 for float16, 2^-8 for bfloat16; 2^-53 for what is no array of floats. Ask it of the array itself: what
    :func:`as_numpy` makes of bfloat16 is float32.

    Raises
    ------
    ArgumentError
        If it is an array of a float type of less than 16 bits.

    >>> import numpy as np
    >>> unit_roundoff(np.ones(3, dtype=np.float32)) == Fraction(1, 2**24)
    True
    """
    name = str(getattr(array, "dtype", "float64")).removeprefix("torch.")
    if name.startswith("float") and name not in SIGNIFICANDS and not name.startswith(EXTENDED):
        raise ArgumentError(
            must_be("the samples", "an array of one of " + ", ".join(SIGNIFICANDS), f"the array of {name}")
        )
    return Fraction(1, 2 ** SIGNIFICANDS.get(name, 53))


def _from_torch(tensor: Any, torch: Any) -> Any:
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    known = tensor.dtype in (torch.float16, torch.float32, torch.float64)
    return (tensor.float() if tensor.dtype.is_floating_point and not known else tensor).numpy()
