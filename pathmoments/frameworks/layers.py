"""From layers to a Network, whatever framework they come from: affine maps with what initialises them, and activations between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..errors import ArgumentError, UnknownNameError, must_be
from ..exact import integer
from ..laws import Law
from ..network import OUTPUTS, VARIANCES, Network
from .jax_laws import jax_bias, jax_weights
from .keras_laws import keras_bias, keras_weights
from .nominal import nominal
from .torch_laws import torch_bias, torch_weights
from .weights import Weights


@dataclass(frozen=True)
class Affine:
    """A fully connected layer: where it stands, its fans, and what its weights and biases are drawn from (None: zero)."""

    name: str
    fan_in: int
    fan_out: int
    weights: Weights
    bias: Weights | None


@dataclass(frozen=True)
class Activation:
    """An activation: where it stands, and its slope for negative arguments (0 is ReLU)."""

    name: str
    slope: Fraction


_FRAMEWORKS: dict[str, tuple[Callable[..., Weights], Callable[..., Weights | None]]] = {
    "torch": (torch_weights, lambda init, fan_in, fan_out: torch_bias(init, fan_in)),
    "jax": (jax_weights, lambda init, fan_in, fan_out: jax_bias(init)),
    "keras": (keras_weights, lambda init, fan_in, fan_out: keras_bias(init, fan_out)),
}


def network_from_widths(
    widths: Sequence[int],
    *,
    framework: str,
    output: str,
    init: object = "default",
    bias_init: object = "default",
    slope: object = 0,
) -> Network:
    """Return the Network of a fully connected model that you describe yourself (Flax modules, functions, a class of your own).

    Parameters
    ----------
    widths
        (n_0, ..., n_d): the inputs, the hidden layers, the outputs.
    framework
        "torch", "jax" (Flax as well) or "keras": whose initialisers they are.
    output
        "relu": the output layer has the activation; "linear": it has none.
    init
        What initialises the weights, one for all layers or a list of one a layer: see :func:`torch_weights`, :func:`jax_weights`, :func:`keras_weights`.
        "default" is what `nn.Linear`, Flax's `Dense` and Keras's `Dense` do when they are told nothing.
    bias_init
        The same for the biases; None: the layers have none.
    slope
        The slope of the activation for negative arguments; a float stands for the decimal that it is written as (0.01 is 1/100).

    Returns
    -------
    A :class:`pathmoments.Network` with exact variances.

    Raises
    ------
    ArgumentError, UnknownNameError
        For what is no network, and for initialisers that draw neither independent, symmetric entries nor an orthogonal matrix, with the reason.
    MissingExtraError
        If the framework is not installed.
    """
    if framework not in _FRAMEWORKS:
        raise UnknownNameError(must_be("framework", "'torch', 'jax' or 'keras'", framework))
    if output not in OUTPUTS:
        raise UnknownNameError(must_be("output", "'relu' or 'linear'", output))
    draw, draw_bias = _FRAMEWORKS[framework]
    sizes = [
        integer(w, f"widths[{i}]", minimum=1, what="a whole number of neurons, 1 or more") for i, w in enumerate(widths)
    ]
    inits, bias_inits = one_a_layer(init, len(sizes) - 1, "init"), one_a_layer(bias_init, len(sizes) - 1, "bias_init")
    steps: list[Affine | Activation] = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        bias = draw_bias(bias_inits[layer], fan_in, fan_out)
        steps.append(Affine(f"layer {layer + 1}", fan_in, fan_out, draw(inits[layer], fan_in, fan_out), bias))
        if layer < len(sizes) - 2 or output == "relu":
            steps.append(Activation(f"the activation of layer {layer + 1}", nominal(slope, "slope")))
    return network_of(steps)


def one_a_layer(init: object, count: int, argument: str) -> list[object]:
    """Return one initialiser a layer, from one for all or from a list of one each."""
    if not isinstance(init, list):
        return [init] * count
    if len(init) != count:
        raise ArgumentError(
            must_be(
                argument, f"one initialiser or a list of one for each of the {count} layers", f"the list of {len(init)}"
            )
        )
    return init


def network_of(steps: Iterable[Affine | Activation]) -> Network:
    """Return the Network of a sequence of layers; refuse one that is none, naming the layer."""
    steps = list(steps)
    maps = [step for step in steps if isinstance(step, Affine)]
    slopes = [step for step in steps if isinstance(step, Activation)]
    if not maps:
        raise ArgumentError("the model has no fully connected layer: a Network needs at least one")
    slope, output = _activation(steps, maps, slopes)
    for before, after in pairwise(maps):
        if before.fan_out != after.fan_in:
            raise ArgumentError(
                f"{after.name} takes {after.fan_in} inputs, and {before.name} has {before.fan_out} outputs: they do not fit"
            )
    widths = [maps[0].fan_in, *(step.fan_out for step in maps)]
    laws = [step.weights.law for step in maps]
    variance = _by_name([step.weights.variance for step in maps], widths, slope, laws)
    return Network(
        widths, law=_merged(laws), variance=variance, output=output, slope=slope, **_biases(maps, widths, slope)
    )


def _activation(
    steps: Sequence[Affine | Activation], maps: Sequence[Affine], activations: Sequence[Activation]
) -> tuple[Fraction, str]:
    """Return the slope and the output, having refused what is not (map, activation), ..., map[, activation]."""
    if not activations:
        return Fraction(1 if len(maps) > 1 else 0), "linear"  # a deep linear network is one of slope 1
    if isinstance(steps[0], Activation):
        raise ArgumentError(f"{steps[0].name} stands before the first weights: apply it to the input x instead")
    for before, after in pairwise(steps):
        if isinstance(before, Affine) and isinstance(after, Affine):
            raise ArgumentError(
                f"no activation stands between {before.name} and {after.name}: a Network has one after every hidden layer, or none at all"
            )
        if isinstance(before, Activation) and isinstance(after, Activation):
            raise ArgumentError(f"two activations follow one another, {before.name} and {after.name}: leave one")
    for step in activations:
        if step.slope != activations[0].slope:
            raise ArgumentError(
                f"{activations[0].name} has slope {activations[0].slope} and {step.name} has {step.slope}: a Network has one slope"
            )
    return activations[0].slope, "relu" if isinstance(steps[-1], Activation) else "linear"


def _biases(maps: Sequence[Affine], widths: Sequence[int], slope: Fraction) -> dict[str, Any]:
    """Return the arguments of Network that say what the biases are."""
    without = [step for step in maps if step.bias is None]
    if len(without) == len(maps):
        return {"bias": "zero"}
    if without:
        other = next(step for step in maps if step.bias is not None)
        raise ArgumentError(
            f"{without[0].name} has zero biases and {other.name} has not: a Network has them in all layers or in none; make it yourself with "
            "bias='atomless', with which the moments of the whole Jacobian are the same"
        )
    biases = [step.bias for step in maps if step.bias is not None]
    if len({bias.law for bias in biases}) > 1:
        return {"bias": "atomless"}  # no exact value depends on which atomless laws they are, and a Network names one
    variances = [bias.variance for bias in biases]
    same = variances == [step.weights.variance for step in maps]
    return {
        "bias": biases[0].law,
        "bias_variance": None if same else _by_name(variances, widths, slope, [bias.law for bias in biases]),
    }


def _merged(laws: list[Law]) -> Law | list[Law]:
    return laws[0] if len(set(laws)) == 1 else laws


def _by_name(
    variances: list[Fraction], widths: Sequence[int], slope: Fraction, laws: Sequence[Law]
) -> str | Fraction | list[Fraction]:
    """Return the variances by the name that gives exactly these, or as one number where all are equal, or as they are.

    An orthogonal matrix has its own variance under any name.
    """
    scaled = [law.independent for law in laws]
    for name, formula in VARIANCES.items():
        given = zip(scaled, pairwise(widths), variances, strict=True)
        if all(formula(a, b, slope) == v for by_network, (a, b), v in given if by_network):
            return name
    return variances[0] if len(set(variances)) == 1 else variances
