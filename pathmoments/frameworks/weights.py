"""What an initialiser draws: a law of unit variance and an exact variance; and why some initialisers are none of that.

Two variances are irrational: that of a normal law which is cut and not corrected (torch's `trunc_normal_`, `truncated_normal` of JAX, `TruncatedNormal` of
Keras) and that of JAX's `fan_geo_avg`. A network takes rational variances, so a fraction is given that agrees with them to 120 bits, 36 digits:
a moment of order 2K over d layers then agrees to within d K 2^-119, relatively. All other variances are the number itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

from flint import arb, ctx

from ..errors import ArgumentError, PathMomentsError, UnknownNameError, must_be
from ..exact import integer, to_fmpq
from ..laws import Gaussian, Law, Orthogonal, TruncatedGaussian, Uniform
from .nominal import nominal_ratio, nominal_square

CORRECT_BITS = 120
"""Relative accuracy of the fraction that stands for an irrational variance."""
WIDEST_CUT = 1000
"""Standard deviations beyond which a cut changes no moment by one part in 10^200000: the law is then the normal one."""

INDEPENDENT = "an initialiser that draws independent entries, symmetric about 0, or an orthogonal matrix"

REASONS = {
    "delta_orthogonal": "it draws kernels of convolutions, which are 0 but for an orthogonal matrix in the middle",
    "sparse": "it sets a fixed number of entries of each column to 0, so they depend on one another; the law Sparse sets each to 0 independently",
    "eye": "it draws nothing",
    "identity": "it draws nothing",
    "dirac": "it draws nothing",
    "constant": "it draws nothing",
    "zeros": "it draws nothing: all Jacobians would be 0",
    "ones": "it draws nothing",
    "stft": "it draws nothing",
    "lsuv": "it depends on data",
}
"""Why an initialiser is refused, by its name without case and final underscore."""


class Weights(NamedTuple):
    """What an initialiser draws: independent entries of the law, scaled to the variance, or an orthogonal matrix.

    `law` and `variance` are those of a :class:`pathmoments.Network`; the variance is a Fraction. That of the law `Orthogonal` is gain^2 / max(fan_in, fan_out).
    """

    law: Law
    variance: Fraction


class Which(NamedTuple):
    """Which initialiser is spoken of: the argument that it was given as, and its name."""

    argument: str
    name: str


def refused(which: Which, reason: str = "") -> ArgumentError:
    """Return the error that refuses an initialiser, with the reason."""
    known = REASONS.get(which.name.lower().rstrip("_"), "its law is not known")
    return ArgumentError(must_be(which.argument, INDEPENDENT, which.name, reason or known))


def unreadable(init: object, argument: str, way_out: str) -> ArgumentError:
    """Return the error that refuses a function of which nobody knows what it draws."""
    requirement = "an initialiser whose law can be read"
    return ArgumentError(must_be(argument, requirement, init, f"{way_out}, or make the Network yourself"))


def unknown(which: Which, known: str) -> PathMomentsError:
    """Return the error that refuses a name that is none; `known` says which are."""
    if which.name.lower().rstrip("_") in REASONS:
        return refused(which)
    return UnknownNameError(must_be(which.argument, f"'default' or {known}", which.name))


def drawn(which: Which, law: Law, variance: Fraction) -> Weights:
    """Return the weights, having refused a variance of 0."""
    if variance <= 0:
        raise refused(which, "its scale is 0, so it draws nothing")
    return Weights(law, variance)


def normal(which: Which, mean: object, deviation: object) -> Weights:
    """Return the normal law about 0."""
    _check_mean(which, mean)
    return drawn(which, Gaussian(), nominal_square(deviation, "the standard deviation"))


def uniform(which: Which, low: Any, high: Any) -> Weights:
    """Return the uniform law on [-high, high]."""
    if low != -high:
        raise refused(which, f"it draws from [{low}, {high}], which is not symmetric about 0")
    return drawn(which, Uniform(), nominal_square(high, "the bound") / 3)


def cut_normal(which: Which, mean: object, deviation: object, low: Any, high: Any, *, unit: object = 1) -> Weights:
    """Return the normal law cut at `low` and `high`, where `unit` is one standard deviation; the variance is what the cut leaves."""
    square = normal(which, mean, deviation).variance
    if low != -high:
        raise refused(which, f"it is cut at {low} and {high}, which is not symmetric about 0")
    bound = nominal_ratio(high, unit, "the cut")
    if bound > WIDEST_CUT:
        return Weights(Gaussian(), square)
    law = TruncatedGaussian(bound)
    return Weights(law, square * rounded(law.variance_before()))


def orthogonal(which: Which, gain: object, fan_in: int, fan_out: int) -> Weights:
    """Return the law of an orthogonal matrix times a gain; where it is not square, its rows or columns are orthonormal."""
    square = nominal_square(gain, "the gain")
    if square == 0:
        raise refused(which, "its scale is 0, so it draws nothing")
    law = Orthogonal(gain_squared=square)
    return Weights(law, law.entry_variance(fan_in, fan_out))


def scaled(which: Which, law: Law, scale: Fraction, mode: str, fan_in: int, fan_out: int) -> Weights:
    """Return the law at the variance scale / fan, the fan by its mode: "fan_in", "fan_out", "fan_avg" or "fan_geo_avg"."""
    match mode:
        case "fan_in":
            variance = scale / fan_in
        case "fan_out":
            variance = scale / fan_out
        case "fan_avg":
            variance = scale * 2 / (fan_in + fan_out)
        case "fan_geo_avg":
            variance = scale * _inverse_root(fan_in * fan_out)
        case _:
            raise ArgumentError(must_be("mode", "'fan_in', 'fan_out', 'fan_avg' or 'fan_geo_avg'", mode))
    return drawn(which, law, variance)


def rounded(ball: arb) -> Fraction:
    """Return a fraction of few digits that agrees with the middle of a ball to 120 bits.

    >>> rounded(arb("0.75"))
    Fraction(3, 4)
    """
    mantissa, exponent = ball.mid().man_exp()
    middle = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    largest = 1
    while True:
        near = middle.limit_denominator(largest)
        if abs(near - middle) * 2**CORRECT_BITS <= middle:
            return near
        largest *= 2


def checked_fans(fan_in: object, fan_out: object) -> tuple[int, int]:
    """Return the fans as whole numbers."""
    what = "a whole number of neurons, 1 or more"
    return integer(fan_in, "fan_in", minimum=1, what=what), integer(fan_out, "fan_out", minimum=1, what=what)


def opened(init: Any, arguments: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return (what, arguments) of an initialiser that may be a pair (what, {argument: value}); refuse an argument that is given twice."""
    given = dict(arguments)
    while isinstance(init, tuple) and len(init) == 2 and isinstance(init[1], Mapping):
        init, more = init
        for name in more.keys() & given.keys():
            raise ArgumentError(
                f"the argument {name} of the initialiser is given twice, as {more[name]!r} and {given[name]!r}"
            )
        given |= more
    return init, given


def _check_mean(which: Which, mean: Any) -> None:
    if mean != 0:
        raise refused(which, f"its mean is {mean}, so it is not symmetric about 0")


def _inverse_root(square: int) -> Fraction:
    root = isqrt(square)
    if root * root == square:
        return Fraction(1, root)
    with ctx.workprec(2 * CORRECT_BITS):
        return rounded(1 / arb(to_fmpq(square)).sqrt())
