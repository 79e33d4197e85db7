"""What PyTorch's initialisers draw, as a law and an exact variance. Defaults of arguments are read from the functions that are installed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from ..errors import ArgumentError, UnknownNameError, must_be
from ..laws import Gaussian, Uniform
from .libraries import library
from .nominal import nominal_square
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

_LAWS = {
    "kaiming_uniform_": Uniform(),
    "kaiming_normal_": Gaussian(),
    "xavier_uniform_": Uniform(),
    "xavier_normal_": Gaussian(),
}
"""Those whose variance depends on the fans."""
_DRAWN = ("uniform_", "normal_", "trunc_normal_", "orthogonal_", *_LAWS)
_REFUSED = ("constant_", "ones_", "zeros_", "eye_", "dirac_", "sparse_")

_SQUARED_GAINS = {
    **dict.fromkeys(("linear", "sigmoid", "conv1d", "conv2d", "conv3d"), Fraction(1)),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), Fraction(1)),
    "relu": Fraction(2),
    "tanh": Fraction(25, 9),
    "selu": Fraction(9, 16),
}
"""`calculate_gain` of torch/nn/init.py squared, exactly; leaky_relu has 2 / (1 + slope^2)."""


def torch_weights(init: object, fan_in: int, fan_out: int, **arguments: object) -> Weights:
    """Return the law and the exact variance of what an initialiser of PyTorch draws for the weight of `nn.Linear(fan_in, fan_out)`.

    Parameters
    ----------
    init
        A function of `torch.nn.init`; its name; a `functools.partial` of it; a pair (function or name, {argument: value}); or "default", what
        `nn.Linear` does itself: uniform with variance 1 / (3 fan_in).
    fan_in, fan_out
        The numbers of inputs and outputs.
    **arguments
        Arguments of the initialiser. A float stands for the number that it is written for: 0.02 for 1/50, math.sqrt(5) for the root of 5.

    Returns
    -------
    (law, variance): a :class:`pathmoments.Law` and a Fraction. For `trunc_normal_` the variance is what torch draws: less than std^2, by what is cut off;
    the fraction agrees with it to 120 bits. For all others it is the nominal number itself.

    Raises
    ------
    ArgumentError
        If the entries are not independent and symmetric about 0 (`sparse_`, `zeros_`, a mean, ...) nor an orthogonal matrix (`orthogonal_`), with the reason; or for a
        function of your own, of which nobody knows what it draws.
    UnknownNameError
        If `torch.nn.init` has no such function, or no such nonlinearity.
    MissingExtraError
        If torch is not installed.

    Source: torch/nn/init.py; He et al. 2015 (kaiming), Glorot and Bengio 2010 (xavier), Saxe et al. 2014 (orthogonal).
    """
    fan_in, fan_out = checked_fans(fan_in, fan_out)
    name, given = _resolved(init, arguments, "init")
    which = Which("init", name)
    if name == "default":  # nn.Linear.reset_parameters: kaiming_uniform_(weight, a=math.sqrt(5))
        return scaled(which, Uniform(), _squared_gain("leaky_relu", 5), "fan_in", fan_in, fan_out)
    if name.startswith("xavier"):
        return scaled(which, _LAWS[name], nominal_square(given["gain"], "gain"), "fan_avg", fan_in, fan_out)
    if name.startswith("kaiming"):
        gain, mode = _squared_gain(given["nonlinearity"], nominal_square(given["a"], "a")), str(given["mode"]).lower()
        if mode not in ("fan_in", "fan_out"):
            raise ArgumentError(must_be("mode", "'fan_in' or 'fan_out'", given["mode"]))
        return scaled(which, _LAWS[name], gain, mode, fan_in, fan_out)
    if name == "orthogonal_":
        return orthogonal(which, given["gain"], fan_in, fan_out)
    return _without_fans(which, given)


def torch_bias(init: object, fan_in: int) -> Weights | None:
    """Return the same for the biases of `nn.Linear` with `fan_in` inputs, or None where they are zero.

    "default" is that of `nn.Linear`, uniform with variance 1 / (3 fan_in), and None stands for `bias=False`.
    """
    if init is None:
        return None
    name, given = _resolved(init, {}, "bias_init")
    which = Which("bias_init", name)
    if name == "default":
        return Weights(Uniform(), Fraction(1, 3 * fan_in))
    if name == "zeros_" or (name == "constant_" and given.get("val") == 0):
        return None
    if name in _LAWS or name == "orthogonal_":
        raise refused(which, "it needs a matrix, and torch refuses it for biases")
    return _without_fans(which, given)


def is_known(init: object) -> bool:
    """Whether a callable is a function of `torch.nn.init`, or a partial of one."""
    while isinstance(init, partial):
        init = init.func
    return getattr(init, "__module__", None) == "torch.nn.init"


def in_place(init: object, argument: str) -> Callable[[Any], Any]:
    """Return the function of a tensor that initialises it; what has no law (`sparse_`) too. "default" and None leave the tensor alone."""
    name, given = ("default", {}) if init is None else _resolved(init, {}, argument)
    if name == "default":
        return lambda tensor: tensor
    return partial(getattr(library("torch", "torch.nn").init, name), **given)


def _without_fans(which: Which, given: Mapping[str, Any]) -> Weights:
    match which.name:
        case "normal_":
            return normal(which, given["mean"], given["std"])
        case "uniform_":
            return uniform(which, given["a"], given["b"])
        case "trunc_normal_":
            return cut_normal(which, given["mean"], given["std"], given["a"], given["b"], unit=given["std"])
    raise refused(which)


def _squared_gain(nonlinearity: object, squared_slope: Fraction | int) -> Fraction:
    if nonlinearity == "leaky_relu":
        return Fraction(2) / (1 + squared_slope)
    gain = _SQUARED_GAINS.get(str(nonlinearity))
    if gain is None:
        known = ", ".join(["leaky_relu", *_SQUARED_GAINS])
        raise UnknownNameError(must_be("nonlinearity", f"one of {known}", nonlinearity))
    return gain


def _resolved(init: object, arguments: Mapping[str, Any], argument: str) -> tuple[str, dict[str, Any]]:
    """Return the name of a function of `torch.nn.init` and all its arguments, the defaults of the installed torch among them."""
    module = library("torch", "torch.nn").init
    made, given = opened(init, arguments)
    while isinstance(made, partial):
        if made.args:
            raise unreadable(made, argument, "name its arguments: functools.partial(function, std=...)")
        inner: partial[Any] = made
        made, given = inner.func, {**inner.keywords, **given}
    name = _name(made, module, argument)
    if name == "default":
        if given:
            raise ArgumentError(f"{argument} 'default' takes no arguments, was given {', '.join(given)}")
        return name, {}
    return name, _bound(getattr(module, name), name, given)


def _name(init: Any, module: Any, argument: str) -> str:
    if isinstance(init, str):
        name = init if init == "default" or init.endswith("_") else init + "_"
        if name not in ("default", *_DRAWN, *_REFUSED):
            raise unknown(Which(argument, init), "one of " + ", ".join(_DRAWN))
        return name
    name = str(getattr(init, "__name__", ""))
    if name in _DRAWN + _REFUSED and getattr(module, name) is init:
        return name
    raise unreadable(init, argument, "give a function of torch.nn.init, or functools.partial of one with its arguments")


def _bound(function: Any, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        bound = inspect.signature(function).bind_partial(None, **arguments)
    except TypeError as error:
        raise ArgumentError(f"{name} does not take these arguments: {error}") from None
    bound.apply_defaults()
    return {name: value for name, value in bound.arguments.items() if name not in ("tensor", "generator")}
