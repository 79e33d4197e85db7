"""What the initialisers of Keras 3 draw, as a law and an exact variance; read from the attributes of the object, so as the installed Keras has them.

On the torch backend, Keras 3 draws a cut normal from four candidates a weight and keeps the last resort where all four are beyond the cut: one weight in
230,000, which adds 3 parts in 10^5 to the variance. The law given here is the cut one, as on the JAX backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError, must_be
from ..laws import Gaussian, Law, TruncatedGaussian, Uniform
from .libraries import library
from .nominal import nominal
from .weights import (
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

_SCALING = (
    "VarianceScaling", "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal",
)  # fmt: skip
_LAWS: dict[str, Law] = {
    "truncated_normal": TruncatedGaussian(2),
    "untruncated_normal": Gaussian(),
    "uniform": Uniform(),
}


def keras_weights(init: object, fan_in: int, fan_out: int, **arguments: object) -> Weights:
    """Return the law and the exact variance of what an initialiser of Keras 3 draws for the kernel of `Dense(fan_out)` with `fan_in` inputs.

    Parameters
    ----------
    init
        An initialiser object; its class, or its name as Keras knows it ("he_normal", "HeNormal"), made with `arguments`; Keras's own
        {"class_name": ..., "config": ...}; a pair (class or name, {argument: value}); or "default", that of `Dense`: "glorot_uniform".
    fan_in, fan_out
        The numbers of inputs and outputs.
    **arguments
        Arguments of the class. A float stands for the number that it is written for.

    Returns
    -------
    (law, variance): a :class:`pathmoments.Law` and a Fraction. `VarianceScaling` and its relatives correct their normal law, cut at two standard deviations,
    to the nominal variance; `TruncatedNormal` does not, and its variance is what the cut leaves, to 120 bits.

    Raises
    ------
    ArgumentError
        If the entries are not independent and symmetric about 0 (`Zeros`, a mean, ...) nor an orthogonal matrix (`Orthogonal`), with the reason; or for a class of
        your own.
    UnknownNameError
        If Keras has no initialiser of that name.
    MissingExtraError
        If keras is not installed, or its backend is not.

    Source: keras/src/initializers/random_initializers.py.
    """
    fan_in, fan_out = checked_fans(fan_in, fan_out)
    return _weights(_resolved(init, arguments, "init"), fan_in, fan_out, "init")


def keras_bias(init: object, fan_out: int) -> Weights | None:
    """Return the same for the biases of `Dense(fan_out)`, or None where they are zero: "default", "zeros", or None for `use_bias=False`."""
    if init is None or (isinstance(init, str) and init == "default"):
        return None
    made = _resolved(init, {}, "bias_init")
    name = _class_name(made, "bias_init")
    if name == "Zeros" or (name == "Constant" and made.value == 0):
        return None
    return _weights(made, fan_out, fan_out, "bias_init")  # Keras takes both fans of a vector for its length


def _weights(init: Any, fan_in: int, fan_out: int, argument: str) -> Weights:
    which = Which(argument, _class_name(init, argument))
    if which.name in _SCALING:
        first, second = _fans(init, fan_in, fan_out, argument)
        return scaled(which, _LAWS[init.distribution], nominal(init.scale, "scale"), init.mode, first, second)
    match which.name:
        case "RandomNormal":
            return normal(which, init.mean, init.stddev)
        case "RandomUniform":
            return uniform(which, init.minval, init.maxval)
        case "TruncatedNormal":
            return cut_normal(which, init.mean, init.stddev, -2, 2)
        case "Orthogonal" if argument == "bias_init":
            raise refused(which, "it needs a matrix, and Keras refuses it for biases")
        case "Orthogonal":
            return orthogonal(which, init.gain, fan_in, fan_out)
    raise refused(which)


def _resolved(init: object, arguments: Mapping[str, Any], argument: str) -> Any:
    """Return an initialiser object."""
    made, given = opened(init, arguments)
    if isinstance(made, dict):
        form: dict[str, Any] = made
        made, given = form.get("class_name"), {**(form.get("config") or {}), **given}
    if isinstance(made, str):
        made = _class_named("glorot_uniform" if made == "default" else made, argument)
    if not isinstance(made, type):
        if given:
            raise ArgumentError(f"{argument} is an initialiser that is made already, and takes no {', '.join(given)}")
        return made
    try:
        return made(**given)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"the initialiser cannot be made with these arguments: {error}") from None


def _class_named(name: str, argument: str) -> type:
    initializers = library("keras").initializers
    # Keras finds its classes under several names each; "RandomUniform", "random_uniform" and "uniform" are one.
    found = getattr(initializers, name, None)
    if not isinstance(found, type):
        try:
            found = type(initializers.get(name))
        except (ValueError, TypeError):
            found = None
    if found is None or found.__name__ not in dir(initializers):
        raise unknown(Which(argument, name), "the name of an initialiser of Keras")
    return found


def _class_name(init: object, argument: str) -> str:
    """Return the name of a class of Keras itself; refuse any other, for nobody knows what it draws."""
    name = type(init).__name__
    if getattr(library("keras").initializers, name, None) is not type(init):
        raise unreadable(init, argument, "give an initialiser of keras.initializers")
    return name


def _fans(init: Any, fan_in: int, fan_out: int, argument: str) -> tuple[int, int]:
    """Return the fans as the initialiser takes them from a kernel's shape; its axes may be the other way round."""
    given: Any = (getattr(init, "input_axes", None), getattr(init, "output_axes", None))
    if None in given:
        return fan_in, fan_out
    axes = [[axis % 2 for axis in axes] for axes in given]
    if sorted(axes) != [[0], [1]]:
        shown = f"the axes {given[0]} and {given[1]}"
        raise ArgumentError(must_be(argument, "one for matrices, with an axis of inputs and one of outputs", shown))
    return (fan_in, fan_out) if axes[0] == [0] else (fan_out, fan_in)
