r"""The tails of a sample mean and of a median of means, bounded at every finite sample size from exact moments: no normal approximation.

Let S_1, ..., S_N be independent with the law of S >= 0, and theta = E S.

The mean m of all (:class:`MeanTails`):

* Both sides, for each r whose moments are known: P(|m - theta| >= t) <= E (m - theta)^(2r) / t^(2r) (Markov). The moment of the mean is an exact rational:
  the cumulants of m are kappa_i / N^(i-1), kappa_i those of S.
* Below: P(m <= theta - t) <= exp(-N t^2 / (2 E S^2)) because S >= 0 (e^-x <= 1 - x + x^2/2 for x >= 0, then Chernoff).

The median of the means of G groups (:class:`MedianTails`), from the variance alone: a group of n samples is above theta + t with probability at most
v / (v + t^2), v = Var S / n (Cantelli), so the median is with probability at most P(Bin(G, v / (v + t^2)) >= G / 2); below alike. It is the better of the
two where few moments are known or the tail is heavy.

A two-sided p-value is twice the bound of the side on which the observation lies: P(p <= alpha) <= alpha for every alpha, N and law.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from ..exact import Value, to_fmpq, to_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 80
"""Precision of the balls in which tails are compared; their upper ends are reported, so rounding never makes a p-value too small."""
WIDE = 300
"""Precision in which balls become cumulants, where they cancel."""


@dataclass(frozen=True)
class RawMoments:
    """E S, E S^2, ..., as exact routes give them: fractions, or balls of a law that is not rational."""

    values: tuple[Value, ...]

    @cached_property
    def theta(self) -> Fraction:
        """E S, or the middle of its ball."""
        first = self.values[0]
        return first if isinstance(first, Fraction) else _fraction(first.mid())

    @cached_property
    def radius(self) -> Fraction:
        """How far E S may be from theta: 0 where it is rational."""
        first = self.values[0]
        return Fraction(0) if isinstance(first, Fraction) else _fraction(first.rad())

    @cached_property
    def second(self) -> Fraction:
        """E S^2, or the upper end of its ball."""
        return _upper(self.values[1])

    @cached_property
    def variance(self) -> Fraction:
        """Var S, or no less."""
        return self.second - max(Fraction(0), self.theta - self.radius) ** 2

    @property
    def ratio(self) -> float:
        """E S^2 / (E S)^2: how heavy the tail of S is; infinite where no float holds it."""
        return to_float(self.second / self.theta**2) if self.theta else math.inf

    def fourth_about(self, point: Fraction) -> Fraction:
        """Return E (S - point)^4, or the upper end of its ball."""
        with ctx.workprec(WIDE):
            m: list[Any] = [1, *self.values]
            c: Any = point if all(isinstance(value, Fraction) for value in self.values) else to_fmpq(point)
            return _upper(sum(comb(4, k) * m[k] * (-c) ** (4 - k) for k in range(5)))


class Tails(ABC):
    """The tails of an estimate of theta = E S from N samples."""

    name: str
    moments: RawMoments
    samples: int

    @property
    def theta(self) -> Fraction:
        """E S."""
        return self.moments.theta

    @property
    def variance(self) -> Fraction:
        """Var S."""
        return self.moments.variance

    @abstractmethod
    def estimate(self, values: NDArray[Any]) -> float:
        """Return the estimate of theta from the values of S."""

    @abstractmethod
    def above(self, t: Fraction) -> Fraction:
        """Return an upper bound of P(estimate >= theta + t)."""

    @abstractmethod
    def below(self, t: Fraction) -> Fraction:
        """Return an upper bound of P(estimate <= theta - t)."""

    def p_value(self, observed: Fraction, *, rounding: Fraction = Fraction(0)) -> Fraction:
        """Return a two-sided p-value of an observed estimate that may be off by `rounding`."""
        t = abs(observed - self.theta) - rounding - self.moments.radius
        if t <= 0:
            return Fraction(1)
        return min(Fraction(1), 2 * (self.above(t) if observed > self.theta else self.below(t)))


@dataclass(frozen=True)
class MeanTails(Tails):
    """The tails of the mean."""

    moments: RawMoments
    samples: int
    name = "mean"

    @cached_property
    def central(self) -> list[Fraction]:
        """E (m - theta)^(2r) for r = 1, 2, ..., exact; upper ends where the moments are balls."""
        with ctx.workprec(WIDE):
            kappas = cumulants(self.moments.values)
            scaled = [0, *(kappa / self.samples ** (i - 1) for i, kappa in enumerate(kappas[1:], start=2))]
            return [_upper(value) for value in moments_of(scaled)[1::2]]

    def estimate(self, values: NDArray[Any]) -> float:
        """Return the mean."""
        return float(values.mean(dtype="float64"))

    def above(self, t: Fraction) -> Fraction:
        """Return min_r E (m - theta)^(2r) / t^(2r), rounded up."""
        if t <= 0:
            return Fraction(1)
        with ctx.workprec(BITS):
            square = arb(to_fmpq(t)) ** 2
            bounds = [_upper(arb(to_fmpq(central)) / square**r) for r, central in enumerate(self.central, start=1)]
        return min([Fraction(1), *bounds])

    def below(self, t: Fraction) -> Fraction:
        """Return the smaller of that and the bound for nonnegative S."""
        if t > self.theta:
            return Fraction(0)
        if t <= 0 or not self.moments.second:
            return Fraction(1)
        with ctx.workprec(BITS):
            chernoff = _upper((-arb(to_fmpq(self.samples * t * t / (2 * self.moments.second)))).exp())
        return min(self.above(t), chernoff)


@dataclass(frozen=True)
class MedianTails(Tails):
    """The tails of the median of the means of an odd number of groups; what does not fill a group is left out."""

    moments: RawMoments
    samples: int
    groups: int

    @property
    def name(self) -> str:  # type: ignore[override]  # computed from the groups
        """The estimate in words."""
        return f"median of {self.groups} means"

    @property
    def group(self) -> int:
        """The samples in a group."""
        return self.samples // self.groups

    def estimate(self, values: NDArray[Any]) -> float:
        """Return the median of the groups' means."""
        import numpy as np

        kept = values[: self.group * self.groups].reshape(self.groups, self.group)
        return float(np.median(kept.mean(axis=1, dtype="float64")))

    def above(self, t: Fraction) -> Fraction:
        """Return P(Bin(groups, v / (v + t^2)) >= groups / 2), rounded up."""
        if t <= 0 or self.group == 0:
            return Fraction(1)
        with ctx.workprec(BITS):
            v = arb(to_fmpq(self.variance / self.group))
            p = v / (v + arb(to_fmpq(t)) ** 2)
            if not p < 1:
                return Fraction(1)
            ways = range((self.groups + 1) // 2, self.groups + 1)
            tail = sum((comb(self.groups, k) * p**k * (1 - p) ** (self.groups - k) for k in ways), start=arb(0))
            return min(Fraction(1), _upper(tail))

    def below(self, t: Fraction) -> Fraction:
        """Return the same bound, and 0 beyond theta."""
        return Fraction(0) if t > self.theta else self.above(t)


def cumulants(moments: Sequence[Any]) -> list[Any]:
    """Return kappa_1, kappa_2, ... from E S, E S^2, ...

    kappa_n = m_n - sum_{j=1}^{n-1} C(n-1, j-1) kappa_j m_{n-j}.

    >>> [int(kappa) for kappa in cumulants([Fraction(m) for m in (1, 2, 6, 24)])]
    [1, 1, 2, 6]
    """
    kappas: list[Any] = []
    for n in range(1, len(moments) + 1):
        known = sum(comb(n - 1, j - 1) * kappas[j - 1] * moments[n - j - 1] for j in range(1, n))
        kappas.append(moments[n - 1] - known)
    return kappas


def moments_of(kappas: Sequence[Any]) -> list[Any]:
    """Return E X, E X^2, ... from the cumulants of X: the inverse of :func:`cumulants`."""
    moments: list[Any] = []
    for n in range(1, len(kappas) + 1):
        known = sum(comb(n - 1, j - 1) * kappas[j - 1] * moments[n - j - 1] for j in range(1, n))
        moments.append(kappas[n - 1] + known)
    return moments


def to_float(value: Fraction) -> float:
    """Return the nearest float, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _upper(value: Value) -> Fraction:
    """Return the fraction, or one that is not below any number of the ball."""
    return value if isinstance(value, Fraction) else _fraction(value.upper())


def _fraction(exact: arb) -> Fraction:
    """Return a ball of radius 0 as the fraction that it is."""
    return to_fraction(exact.fmpq())
