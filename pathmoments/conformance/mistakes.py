"""Known mistakes of initialisers, each as the network that it makes: its exact moments, and the networks that detect it.

A mistake maps the network that was meant to the networks that may have come out of it, one for each layer where it can be. Two are not networks: one seed for all networks of a batch, and entries
that float16 cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx

from ..exact import to_fraction
from ..laws import Gaussian, Law, Orthogonal, TruncatedGaussian, Uniform
from ..network import Network
from ..quantities.moments import moment

SMALLEST_HALF = Fraction(1, 2**24)
"""The smallest positive number of float16."""


@dataclass(frozen=True)
class Variant:
    """What a mistake makes of a network.

    Attributes
    ----------
    network
        The network that comes out; None where it is none.
    where
        The layers concerned, in words; "" for all.
    """

    network: Network | None
    where: str = ""


@dataclass(frozen=True)
class Mistake:
    """An entry of the catalogue.

    Attributes
    ----------
    name, title
        Its name on the command line and in reports, and what it is.
    variants
        The network that was meant to what may come out; nothing where the mistake changes nothing.
    """

    name: str
    title: str
    variants: Callable[[Network], Iterator[Variant]]


def altered(net: Network, **changes: Any) -> Network:
    """Return the network with some arguments changed, its variances written as numbers, and as gains where a law of matrices has its own."""
    kept: dict[str, Any] = {
        "law": net.laws,
        "variance": net.variances,
        "output": net.output,
        "slope": net.slope,
        "bias": net.bias,
        "bias_variance": net.bias_variances,
    }
    widths = changes.pop("widths", net.widths)
    made = kept | changes
    if not isinstance(made["law"], Law):
        made["law"] = [
            law if law.independent else Orthogonal(gain_squared=variance * max(fans))
            for law, variance, fans in zip(made["law"], made["variance"], pairwise(widths), strict=True)
        ]
    return Network(widths, **made)


def _fans(net: Network) -> list[tuple[int, int]]:
    return list(pairwise(net.numeric_widths("a mistake")))


def _scaled(factor: Fraction, law: Law | None = None) -> Callable[[Network], Iterator[Variant]]:
    """Return the mistake that multiplies all variances, and perhaps draws from another law."""

    def variants(net: Network) -> Iterator[Variant]:
        laws = net.laws if law is None else (law,) * net.depth
        yield Variant(altered(net, law=laws, variance=[v * factor for v in net.variances]))  # type: ignore[operator]  # numbers

    return variants


def _variances(of: Callable[[int, int, Any], Any]) -> Callable[[Network], Iterator[Variant]]:
    """Return the mistake that gives each layer the variance of(fan_in, fan_out, v)."""

    def variants(net: Network) -> Iterator[Variant]:
        layers = zip(_fans(net), net.laws, net.variances, strict=True)
        # No fan decides the gain of an orthogonal layer.
        changed = [of(a, b, v) if law.independent else v for (a, b), law, v in layers]
        if changed != list(net.variances):
            yield Variant(altered(net, variance=changed))

    return variants


def _default_everywhere(net: Network) -> Iterator[Variant]:
    yield Variant(altered(net, law=Uniform(), variance=[Fraction(1, 3 * a) for a, _ in _fans(net)]))


def _skipped(net: Network) -> Iterator[Variant]:
    """Yield one network a layer: this layer keeps the default of nn.Linear."""
    for layer, (fan_in, _) in enumerate(_fans(net)):
        laws, variances = list(net.laws), list(net.variances)
        laws[layer], variances[layer] = Uniform(), Fraction(1, 3 * fan_in)
        yield Variant(altered(net, law=laws, variance=variances), f"layer {layer + 1}")


def _truncated(net: Network) -> Iterator[Variant]:
    """Yield the network whose normal laws are cut at two standard deviations and not corrected."""
    cut = tuple(isinstance(law, (Gaussian, TruncatedGaussian)) for law in net.laws)
    if any(cut):
        laws = [TruncatedGaussian(2) if c else law for c, law in zip(cut, net.laws, strict=True)]
        factor = truncated_variance()
        variances = [v * factor if c else v for c, v in zip(cut, net.variances, strict=True)]  # type: ignore[operator]  # numbers
        yield Variant(altered(net, law=laws, variance=variances))


def truncated_variance() -> Fraction:
    """Return 0.7737..., the variance of a standard normal law cut at 2, as a fraction that agrees with it to 120 bits."""
    with ctx.workprec(400):
        ball = TruncatedGaussian(2).variance_before()
        scaled = (ball * arb(2) ** 120).mid().fmpq()
    return Fraction(int(to_fraction(scaled)), 2**120)


def _independent(net: Network) -> Iterator[Variant]:
    """Yield the network whose orthogonal matrices are normal weights of the same variance."""
    if not all(law.independent for law in net.laws):
        yield Variant(altered(net, law=[law if law.independent else Gaussian() for law in net.laws]))


def _output(net: Network) -> Iterator[Variant]:
    yield Variant(altered(net, output="linear" if net.output == "relu" else "relu"), f"layer {net.depth}")


def _layer_missing(net: Network) -> Iterator[Variant]:
    """Yield the networks without one hidden layer; the layer above it then has another fan-in, and its variance by the same rule."""
    widths = net.numeric_widths("a mistake")
    seen: list[Network] = []
    for layer in range(1, net.depth):
        rest = widths[:layer] + widths[layer + 1 :]
        laws = net.laws[: layer - 1] + net.laws[layer:]
        variances = list(net.variances)
        above: Any = variances.pop(layer)
        variances[layer - 1] = above * Fraction(widths[layer], widths[layer - 1])
        biases = None if net.bias_variances is None else net.bias_variances[: layer - 1] + net.bias_variances[layer:]
        found = altered(net, widths=rest, law=laws, variance=variances, bias_variance=biases)
        if found not in seen:
            seen.append(found)
            yield Variant(found, f"hidden layer {layer}")


def _underflow(net: Network) -> Iterator[Variant]:
    """Yield the vanished network where entries are typically below what float16 holds: by Chebyshev all but 2^-8 of them."""
    second: Any = moment(net, {(0, 0): 2})
    if (second if isinstance(second, Fraction) else float(second)) * 2**8 <= (SMALLEST_HALF / 2) ** 2:
        yield Variant(None)


CATALOGUE: Sequence[Mistake] = (
    Mistake("truncation", "a truncated normal that forgets its correction: variance 0.774 of what it should be", _truncated),
    Mistake("default", "the default of nn.Linear, kaiming_uniform_(a=sqrt(5)): variance 1 / (3 fan_in)", _default_everywhere),
    Mistake("gain-sqrt5", "a gain of sqrt(5) taken for sqrt(2)", _scaled(Fraction(5, 2))),
    Mistake("gain-linear", "a gain of 1 where the activation needs sqrt(2)", _scaled(Fraction(1, 2))),
    Mistake("gain-tanh", "the gain 5/3 of tanh where the activation needs sqrt(2)", _scaled(Fraction(25, 18))),
    Mistake("fan-out", "fan_out for fan_in", _variances(lambda a, b, v: v * Fraction(a, b))),
    Mistake("transposed", "a weight stored transposed, so that its fans are exchanged", _variances(lambda a, b, v: v * Fraction(a, b))),
    Mistake("glorot", "Glorot for He: 2 / (fan_in + fan_out)", _variances(lambda a, b, v: Fraction(2, a + b))),
    Mistake("bound-as-deviation", "the bound of a uniform law used as standard deviation: variance 3 times too large", _scaled(Fraction(3))),
    Mistake("deviation-as-bound", "the standard deviation used as bound of a uniform law: variance 3 times too small", _scaled(Fraction(1, 3), Uniform())),
    Mistake("variance-as-deviation", "the variance used as standard deviation", _variances(lambda a, b, v: v * v)),
    Mistake("not-orthogonal", "normal weights of the same variance where the matrix should be orthogonal", _independent),
    Mistake("layer-skipped", "a layer that the init function skips: it keeps the default of nn.Linear", _skipped),
    Mistake("output-activation", "the activation of the last layer missing, or one too many", _output),
    Mistake("layer-missing", "a hidden layer missing", _layer_missing),
    Mistake("underflow", "float16 underflow: the entries are too small to be held", _underflow),
    Mistake("one-seed", "all networks of a batch share one seed", lambda net: iter((Variant(None),))),
)  # fmt: skip
"""What is looked for when a check fails."""

ONE_SEED, UNDERFLOW = "one-seed", "underflow"
"""The two that are no networks."""
