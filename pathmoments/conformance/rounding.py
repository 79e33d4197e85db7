r"""What float arithmetic can do to the moments of a statistic: an explicit bound, not an assumption about random errors.

**Decoupling is exact in floats.** Rounding to nearest commutes with a change of sign: flipping all weights and the bias into a neuron flips its computed pre-activation exactly.
So the open and closed neurons of a computed Jacobian are fair coins too, and it is a float product of D_d W_d ... D_1 W_1 with independent D.

Three things are outside it: weights are those of the law, rounded, and as often of either sign; a pre-activation that cancels to exactly 0, about as rare as one rounding is small, is closed
either way; and what overflows is not a number, so that it fails a check.

**One layer.** Computed from the inputs up, layer j adds an error E_j with |E_j| <= gamma_j |D_j W_j| |X_(j-1)|, entry by entry, where gamma_j = k u / (1 - k u) for k roundings along a path
(n products and sums in any order, and a few for drawing and scaling the weight) and unit roundoff u. So ||E_j|| <= gamma_j ||D_j W_j||_F ||X_(j-1)||, and the layers above are
independent of it. Where numbers may be too small to be normal each operation may also lose the smallest normal one. With the gains

    g_j = sup_x (E ||D_j W_j x||^2r / |x|^2r)^(1/2r),     f_j = (E ||D_j W_j||_F^2r)^(1/2r)

the error of the whole is, in the norm of L^2r, at most |x_0| sum_j gamma_j f_j prod_(i != j) g_i (1 + gamma)...: linear in the depth. Computed from the outputs down it is the same with transposed
weights; the larger of the two is taken.

**A statistic.** For S = N^m with a norm N <= c ||.||_F of the Jacobian and an error e in L^m, E |S' - S| <= (s + e)^m - s^m with s = (E S)^(1/m) (Hoelder and Minkowski), and likewise for the
second moment in L^2m. Bounds are floats with a margin; nothing exact is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ..laws import Gaussian
from ..network import Network

OVERHEAD = 8
"""Roundings along a path and layer beside its sum: drawing and scaling the weight, the product, the derivative."""
NORMAL = {11: 2.0**-14, 8: 2.0**-126, 24: 2.0**-126, 53: 2.0**-1022}
"""The smallest normal number of a float type, by the bits of its significand: what is smaller may be taken for 0."""
MARGIN = 1 + 1e-6
"""What the float arithmetic of the bounds themselves may add."""


@dataclass(frozen=True)
class Allowance:
    """How far rounding may move E S, and how large E (S' - S)^2 may be, with S' the computed statistic."""

    bias: float = 0.0
    square: float = 0.0

    @property
    def finite(self) -> bool:
        """Whether there is a bound at all."""
        return math.isfinite(self.bias) and math.isfinite(self.square)


NOTHING = Allowance()


@dataclass(frozen=True)
class Units:
    """The unit roundoffs of the arithmetic in which a Jacobian was computed, and of the type in which it was then stored."""

    computed: Fraction
    stored: Fraction

    @property
    def underflow(self) -> tuple[float, float]:
        """What one operation, and storing, may lose of a number that is too small to be normal."""
        computed, stored = (_smallest(unit) for unit in (self.computed, self.stored))
        return computed, stored


def _smallest(unit: Fraction) -> float:
    """Return what is lost below the normal numbers of the float type with this unit roundoff, or the next finer one."""
    bits = unit.denominator.bit_length() - 1
    return NORMAL[min(known for known in NORMAL if known >= bits)]


def allowance(
    net: Network, units: Units, order: int, starts: tuple[float, float], first: float, second: float
) -> Allowance:
    """Return the allowance for S = N^order with E S = `first` and E S^2 = `second`.

    `starts` are the norms that an error begins with, from the inputs up and from the outputs down: N of an error is at most the one times that of a Jacobian's action on coordinate vectors.
    """
    if first == 0:
        return NOTHING
    low, high = (error_norm(net, units, r, starts) for r in (order // 2, order))
    moved = increase(math.sqrt(second), high, order)
    return Allowance(increase(first, low, order), moved * moved)


def increase(value: float, error: float, order: int) -> float:
    """Return (value^(1/m) + error)^m - value, without cancellation; infinite where no float holds it."""
    relative = error / value ** (1 / order)
    try:
        return MARGIN * value * math.expm1(order * math.log1p(relative))
    except OverflowError:
        return math.inf


@lru_cache(maxsize=256)
def error_norm(net: Network, units: Units, r: int, starts: tuple[float, float]) -> float:
    """Return a bound of the error of the computed Jacobian in the norm of L^2r; infinite where so many roundings have no bound."""
    widths = net.numeric_widths("a check")
    layers = list(zip(widths[:-1], widths[1:], net.laws, net.variances, strict=True))
    slopes = [net.slope if net.activated(j) else Fraction(1) for j in range(1, net.depth + 1)]
    up = [_Layer(a, b, law, v, slope) for (a, b, law, v), slope in zip(layers, slopes, strict=True)]
    # From the outputs down, the activation of layer j - 1 acts on what comes through the weights of layer j; the output's acts on the unit vectors.
    below = [Fraction(1), *slopes[:-1]]
    down = [_Layer(b, a, law, v, slope) for (a, b, law, v), slope in zip(layers, below, strict=True)][::-1]
    steepest = max(1.0, abs(float(net.slope))) if net.activated(net.depth) else 1.0
    try:
        error = max(starts[0] * _along(up, units, r), starts[1] * steepest * _along(down, units, r))
    except OverflowError:
        return math.inf
    return math.inf if math.isnan(error) else error


@dataclass(frozen=True)
class _Layer:
    inputs: int
    outputs: int
    law: Any
    variance: Any
    slope: Fraction

    def gain(self, r: int) -> float:
        """Return g: E ||D W x||^2r from independent rows, E (w x)^2k at most C (2k-1)!! v^k |x|^2k.

        For an orthogonal W it is that of normal weights over E |z|^2r, z a normal vector of the longer side: W x is part of a uniform z / |z|.
        """
        if not self.law.independent:
            longer = max(self.inputs, self.outputs)
            normal = _Layer(self.inputs, self.outputs, Gaussian(), self.variance * longer, self.slope)
            return float(normal.gain(r) / math.prod(range(longer, longer + 2 * r, 2)) ** (1 / (2 * r)))
        heaviest = 1.0
        moments = [1.0]
        for k in range(1, r + 1):
            gaussian = math.prod(range(1, 2 * k, 2))
            heaviest = max(heaviest, float(self.law.moment(2 * k)) / gaussian)
            moments.append(heaviest ** (k // 2) * gaussian * float(self.variance) ** k * self._open(k))
        return float(_sum_moment(moments, self.outputs, r) ** (1 / (2 * r)))

    def frobenius(self, r: int) -> float:
        """Return f: rows are independent, and so are the entries of one; for an orthogonal W at most the root of the number of its columns times g (Minkowski)."""
        if not self.law.independent:
            return math.sqrt(self.inputs) * self.gain(r)
        entry = [float(self.law.moment(2 * k)) * float(self.variance) ** k for k in range(r + 1)]
        row = [_sum_moment(entry, self.inputs, k) * self._open(k) for k in range(r + 1)]
        row[0] = 1.0
        return float(_sum_moment(row, self.outputs, r) ** (1 / (2 * r)))

    def lost(self) -> float:
        """Return what |x| + 1 is multiplied by where every operation loses 1: each output is a sum of the inputs, and of a few more."""
        return (self.inputs + OVERHEAD) * math.sqrt(self.outputs) * max(1.0, abs(float(self.slope)))

    def _open(self, k: int) -> float:
        return float((1 + self.slope ** (2 * k)) / 2)


def _along(layers: Sequence[_Layer], units: Units, r: int) -> float:
    """Return the sum over the layers of gamma f prod of the others' g (1 + what they add)."""
    roundings = [(layer.inputs + OVERHEAD) * float(units.computed) for layer in layers]
    if max(roundings) >= 0.5:
        return math.inf
    gammas = [k / (1 - k) for k in roundings]
    gains = [layer.gain(r) for layer in layers]
    norms = [gamma * layer.frobenius(r) for gamma, layer in zip(gammas, layers, strict=True)]
    tiny, held = units.underflow
    # A layer maps (value, error) to (g value, g error + gamma f (value + error)), and what underflow adds.
    value, error = 1.0, 0.0
    for layer, gain, norm in zip(layers, gains, norms, strict=True):
        lost = tiny * layer.lost() * (1 + value + error)
        value, error = gain * value, gain * error + norm * (value + error) + lost
    if units.stored != units.computed:
        error += float(units.stored) * (value + error) + held * math.sqrt(layers[-1].outputs)
    return MARGIN * error


def _sum_moment(moments: Sequence[float], count: int, r: int) -> float:
    """Return E (Y_1 + ... + Y_count)^r from E Y^k, the Y independent and alike; increasing in each E Y^k."""
    base = [m / math.factorial(k) for k, m in enumerate(moments[: r + 1])]
    result = [1.0] + [0.0] * r
    while count:
        if count % 2:
            result = _product(result, base)
        base = _product(base, base)
        count //= 2
    return result[r] * math.factorial(r)


def _product(a: Sequence[float], b: Sequence[float]) -> list[float]:
    return [sum(a[i] * b[k - i] for i in range(k + 1)) for k in range(len(a))]
