"""What the initialisers of JAX (Flax uses them as they are) draw, as a law and an exact variance.

An initialiser of JAX is a function that a factory such as `he_normal()` returned. What it was made with is in its closure, and is read there, so the
numbers are those of the JAX that is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError, must_be
from ..laws import Gaussian, Law, TruncatedGaussian, Uniform
from .libraries import library
from .nominal import nominal
from .weights import (
    REASONS,
    Weights,
    Which,
    checked_fans,
    cut_normal,
    normal,
    opened,
    orthogonal,
    refused,
    scaled,
    uniform,
    unknown,
    unreadable,
)

_HOMES = ("jax.nn.initializers", "jax._src.nn.initializers")
"""Where JAX says that its factories come from, and where the functions that they return."""

_LAWS: dict[str, Law] = {"truncated_normal": TruncatedGaussian(2), "normal": Gaussian(), "uniform": Uniform()}


def jax_weights(init: object, fan_in: int, fan_out: int, **arguments: object) -> Weights:
    """Return the law and the exact variance of what an initialiser of JAX draws for a kernel of shape (fan_in, fan_out).

    Parameters
    ----------
    init
        What a factory of `jax.nn.initializers` returned, such as `he_normal()`; the factory or its name, called with `arguments`; a pair (factory or
        name, {argument: value}); or "default", that of Flax's `Dense` and `Linear`: `lecun_normal()`.
    fan_in, fan_out
        The numbers of inputs and outputs.
    **arguments
        Arguments of the factory. A float stands for the number that it is written for.

    Returns
    -------
    (law, variance): a :class:`pathmoments.Law` and a Fraction. The family of `variance_scaling` corrects its normal law, cut at two standard deviations,
    to the nominal variance; `truncated_normal` does not, and its variance is what the cut leaves, to 120 bits.

    Raises
    ------
    ArgumentError
        If the entries are not independent and symmetric about 0, nor an orthogonal matrix (`orthogonal`), with the reason: `uniform` (it draws from [0, scale)),
        `delta_orthogonal`, `constant`, ...;
        for complex numbers, batch axes, and functions of your own.
    UnknownNameError
        If `jax.nn.initializers` has no such factory.
    MissingExtraError
        If jax is not installed.

    Source: jax/_src/nn/initializers.py.
    """
    fan_in, fan_out = checked_fans(fan_in, fan_out)
    return _weights(_resolved(init, arguments, "init"), fan_in, fan_out, "init")


def jax_bias(init: object) -> Weights | None:
    """Return the same for the biases, or None where they are zero: "default" (that of Flax), `zeros`, or None for `use_bias=False`."""
    if init is None or (isinstance(init, str) and init == "default"):
        return None
    function = _resolved(init, {}, "bias_init")
    kind = _kind(function, "bias_init")
    if kind == "zeros" or (kind == "constant" and _closure(function).get("value") == 0):
        return None
    if kind in ("variance_scaling", "orthogonal"):
        raise refused(Which("bias_init", kind), "it needs a matrix, and JAX refuses it for biases")
    return _weights(function, 1, 1, "bias_init")  # what is left has no fans


def _weights(function: Any, fan_in: int, fan_out: int, argument: str) -> Weights:
    which, made = Which(argument, _kind(function, argument)), _closure(function)
    if which.name in REASONS:
        raise refused(which)
    _check_real(function, which)
    try:
        match which.name:
            case "normal":
                return normal(which, 0, made["stddev"])
            case "truncated_normal":
                return cut_normal(which, 0, made["stddev"], made["lower"], made["upper"])
            case "uniform":
                return uniform(which, 0, made["scale"])
            case "orthogonal":
                _check_column_axis(made["column_axis"], argument)
                return orthogonal(which, made["scale"], fan_in, fan_out)
            case "variance_scaling":
                first, second = _fans(made, fan_in, fan_out, argument)
                return scaled(which, _law(made), nominal(made["scale"], "scale"), made["mode"], first, second)
    except KeyError as error:
        raise unreadable(function, argument, f"this JAX keeps no {error} in it: give a Network") from None
    raise unreadable(function, argument, "give one of jax.nn.initializers that is known")


def _law(made: Mapping[str, Any]) -> Law:
    law = _LAWS.get(made["distribution"])
    if law is None:
        raise ArgumentError(must_be("distribution", "one of " + ", ".join(_LAWS), made["distribution"]))
    return law


def _resolved(init: object, arguments: Mapping[str, Any], argument: str) -> Any:
    """Return an initialiser: a function of a key and a shape."""
    module = library("jax", "jax.nn.initializers")
    made, given = opened(init, arguments)
    if isinstance(made, str):
        name = "lecun_normal" if made == "default" else made
        made = getattr(module, name, None)
        if name.startswith("_") or not callable(made):
            raise unknown(Which(argument, name), "a name in jax.nn.initializers")
    if getattr(made, "__module__", None) not in _HOMES:
        raise unreadable(made, argument, "give a function of jax.nn.initializers")
    if made is module.zeros or made is module.ones or "<locals>" in made.__qualname__:
        if given:
            raise ArgumentError(f"{argument} is an initialiser that is made already, and takes no {', '.join(given)}")
        return made
    try:
        return made(**given)
    except TypeError as error:
        raise ArgumentError(f"the initialiser cannot be made with these arguments: {error}") from None


def _kind(function: Any, argument: str) -> str:
    """Return the name of the factory that made the function, or its own."""
    if getattr(function, "__module__", None) not in _HOMES:
        raise unreadable(function, argument, "give what a factory of jax.nn.initializers returned")
    return str(function.__qualname__).partition(".")[0]


def _closure(function: Any) -> dict[str, Any]:
    cells = getattr(function, "__closure__", None) or ()
    return {name: cell.cell_contents for name, cell in zip(function.__code__.co_freevars, cells, strict=True)}


def _check_column_axis(axis: object, argument: str) -> None:
    """Refuse an axis that no matrix has; either axis of one gives the same law."""
    if not isinstance(axis, int) or not -2 <= axis < 2:
        raise ArgumentError(must_be(argument, "one for matrices", f"the column axis {axis}"))


def _check_real(function: Any, which: Which) -> None:
    import numpy as np

    for default in getattr(function, "__defaults__", None) or ():
        if default is not None and np.issubdtype(np.dtype(default), np.complexfloating):
            raise refused(which, "it draws complex numbers")


def _fans(made: Mapping[str, Any], fan_in: int, fan_out: int, argument: str) -> tuple[int, int]:
    """Return the fans as the initialiser takes them from a kernel's shape; its axes may be the other way round."""
    axes = [
        axis[0] if isinstance(axis, (tuple, list)) and len(axis) == 1 else axis
        for axis in (made["in_axis"], made["out_axis"])
    ]
    batch = made["batch_axis"]
    known = all(isinstance(axis, int) and -2 <= axis < 2 for axis in axes) and batch in ((), [])
    if not known or axes[0] % 2 == axes[1] % 2:
        shown = f"the axes in {made['in_axis']}, out {made['out_axis']}, batch {batch}"
        raise ArgumentError(must_be(argument, "one for matrices, with an axis of inputs and one of outputs", shown))
    return (fan_in, fan_out) if axes[0] % 2 == 0 else (fan_out, fan_in)
