r"""What a check averages, by name, with exact moments: statistics of one Jacobian, and one of pairs of them.

frobenius     ||J||_F^2
trace         tr (J J^T)^2
mean:4        (1/M) sum_pq Z[p, q]^4, and any other even order
Z[0,0]^2      one entry, to any even order
norm:1,1/2    ||J u||^2 for a vector u
alike         (||J||_F^2 - ||J'||_F^2)^2 / 2 for two Jacobians drawn one after the other: 0 where networks share a seed

`alike` has mean Var ||J||_F^2 =: v and second moment (mu_4 + 3 v^2) / 2, mu_4 the fourth central moment of ||J||_F^2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, Any

from flint import arb

from ..errors import ArgumentError, BudgetError, UnknownMomentError, UnknownNameError, must_be
from ..exact import to_fmpq
from ..network import Network
from ..quantities.statistics import DirectionalNorm, EntryPower, Frobenius, MeanPower, SquareTrace, Statistic
from .rounding import NOTHING, Allowance, Units, allowance, error_norm, increase
from .tails import RawMoments, cumulants, to_float

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("frobenius", "trace", "mean:ORDER", "Z[P,Q]^ORDER", "norm:U0,U1,...", "alike")
SMALLEST, LARGEST = Fraction(1, 10**75), Fraction(10**75)
"""Between which E S is, so that float64 holds its fourth power."""
DEFAULT = ("frobenius", "mean:4", "alike")
"""What is watched by default: the scale, the weight of the tails, and whether the networks are different ones."""


@dataclass(frozen=True)
class Measure:
    """A statistic under its name, with what the tests need to know of it on a network.

    Attributes
    ----------
    name
        As a user writes it.
    statistic
        What is computed of one Jacobian.
    pairs
        Whether it is that of pairs of Jacobians, half of their squared difference.
    """

    name: str
    statistic: Statistic
    pairs: bool = False

    def moments(self, net: Network) -> RawMoments:
        """Return E S, E S^2, ..., as far as they take a fraction of a second."""
        return _moments(self, net, self.statistic.affordable)

    def two_moments(self, net: Network) -> RawMoments:
        """Return E S and E S^2."""
        return self.moments(net) if self.pairs else _moments(self, net, 2)

    def allowance(self, net: Network, units: Units) -> Allowance:
        """Return what float arithmetic may do to them."""
        return _allowance(self, net, units)

    def values(self, jacobians: NDArray[Any]) -> NDArray[Any]:
        """Return S of each Jacobian J[..., q, p], or of each pair of neighbours, in float64."""
        return self.arranged(self.statistic.of(jacobians.astype("float64", copy=False)))

    def arranged(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the values of the statistic as they are, or those of pairs of neighbours."""
        if not self.pairs:
            return values
        even = len(values) // 2 * 2
        difference = values[0:even:2] - values[1:even:2]
        halves: NDArray[Any] = difference * difference / 2
        return halves

    def __str__(self) -> str:
        return self.name


def check_measurable(measure: Measure, net: Network) -> None:
    """Refuse a quantity of which nothing is a relative change, or whose powers floats do not hold."""
    moments = measure.moments(net)
    if moments.theta == 0:
        raise ArgumentError(
            f"E S of {measure} is 0 on this network, so nothing is a relative change of it: choose another quantity"
        )
    if not SMALLEST < moments.theta < LARGEST or moments.second > LARGEST**3:
        size = arb(to_fmpq(moments.second)).sqrt().str(2, radius=False)
        raise ArgumentError(
            f"S of {measure} is about {size} on this network, and floats hold its powers from 1e-75 to 1e75: check a network of fewer layers, or with another gain"
        )


def affordable(net: Network, chosen: Sequence[Measure], planned: Sequence[Measure] = ()) -> list[Measure]:
    """Return the measures without those watched beside the planned ones that have no moments here, or none that says something."""
    kept = list(planned)
    for one in chosen:
        if one not in planned:
            try:
                check_measurable(one, net)
            except (ArgumentError, BudgetError, UnknownMomentError):
                continue
            kept.append(one)
    return kept


def measure(name: object) -> Measure:
    """Return the measure of a name, or of a statistic of :mod:`pathmoments.quantities.statistics`.

    >>> measure("Z[0,1]^4").statistic, measure("mean:4").statistic
    (EntryPower(p=0, q=1, order=4), MeanPower(order=4))
    """
    if isinstance(name, Measure):
        return name
    if isinstance(name, Statistic):
        return Measure(str(name), name)
    if not isinstance(name, str):
        raise ArgumentError(must_be("a quantity", "a name such as 'frobenius'", name))
    text = name.strip()
    plain = {"frobenius": Frobenius, "trace": SquareTrace}
    if text in plain:
        return Measure(text, plain[text]())
    if text == "alike":
        return Measure(text, Frobenius(), pairs=True)
    if match := re.fullmatch(r"Z\[\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\]\^(\d{1,4})", text):
        return Measure(text, EntryPower(*map(int, match.groups())))
    if match := re.fullmatch(r"mean:(\d{1,4})", text):
        return Measure(text, MeanPower(int(match[1])))
    if text.startswith("norm:"):
        return Measure(text, DirectionalNorm(tuple(part.strip() for part in text[5:].split(","))))
    raise UnknownNameError(must_be("a quantity", "one of " + ", ".join(NAMES), name))


def measures(names: object) -> list[Measure]:
    """Return the measures of one name or of several, each once."""
    one = isinstance(names, (str, Statistic, Measure)) or not isinstance(names, Iterable)
    given = [names] if one else list(names)  # type: ignore[call-overload]  # iterable where it is not one
    if not given:
        raise ArgumentError(must_be("quantities", "at least one of " + ", ".join(NAMES), "the empty sequence"))
    found = [measure(name) for name in given]
    if len({one.name for one in found}) < len(found):
        raise ArgumentError(must_be("quantities", "different ones", [one.name for one in found]))
    return found


@lru_cache(maxsize=1024)
def _moments(measure: Measure, net: Network, count: int) -> RawMoments:
    values: list[Any] = []
    for k in range(1, count + 1):
        try:
            values.append(measure.statistic.moment(net, k))
        except UnknownMomentError:  # of a law that was given by some of its moments; two are enough
            if k <= (4 if measure.pairs else 2):
                raise
            break
        if not isinstance(values[-1], (Fraction, arb)):
            raise ArgumentError(
                "a check needs moments that are numbers, and one has symbols: substitute numbers for them"
            )
    if not measure.pairs:
        return RawMoments(tuple(values))
    _, second, third, fourth = cumulants(values[:4])
    del third
    # mu_4 = kappa_4 + 3 v^2, so (mu_4 + 3 v^2) / 2 = (kappa_4 + 6 v^2) / 2.
    return RawMoments((second, (fourth + 6 * second * second) / 2))


@lru_cache(maxsize=1024)
def _allowance(measure: Measure, net: Network, units: Units) -> Allowance:
    moments = measure.moments(net)
    if measure.pairs:
        return _pair_allowance(net, units, moments)
    starts = measure.statistic.starts(net)
    return allowance(net, units, measure.statistic.order, starts, float(moments.theta), float(moments.second))


def _pair_allowance(net: Network, units: Units, moments: RawMoments) -> Allowance:
    """Return the allowance of D = (F - F')^2 / 2: its root is a norm of the pair (F, F'), whose error is that of F in L^2 and in L^4."""
    if moments.theta == 0:
        return NOTHING
    starts = Frobenius().starts(net)
    plain = _moments(Measure("frobenius", Frobenius()), net, 4)
    second, fourth = float(plain.second), to_float(plain.fourth_about(Fraction(0)))
    squared = increase(sqrt(second), error_norm(net, units, 2, starts), 2)  # of F in L^2
    doubly = increase(sqrt(sqrt(fourth)), error_norm(net, units, 4, starts), 2)  # of F in L^4
    bias = increase(float(moments.theta), sqrt(2) * squared, 2)
    moved = increase(sqrt(float(moments.second)), sqrt(2) * doubly, 2)
    return Allowance(bias, moved * moved)
