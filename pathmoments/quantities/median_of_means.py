"""A simulation held against an exact moment with a proved false-alarm rate: the median of group means.

The samples are split into groups. By Chebyshev with the EXACT variance, a group's mean is off by more than TOLERANCE standard errors with
probability at most p = 1 / TOLERANCE^2; the groups are independent, so the median is off by more than that with probability at most
P(Bin(groups, p) >= groups / 2). There is no normal approximation, and nothing beyond the second moment of the monomial is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb, sqrt
from typing import TYPE_CHECKING, Any

from ..families import Family
from ..network import Network
from ..routes import ROUTES, Options, iter_jacobians, route_named
from ..routes.sampling import monomial_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 4
"""Standard errors of a group that its mean may be off."""
ROUNDING = 1e-9
"""What float64 may add, relative to the exact value: depth and widths of what is simulated keep it far below."""


@dataclass(frozen=True)
class Deviation:
    """How far the median of group means is from the exact moment, and how far it may be; floats."""

    median: float
    difference: float
    limit: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the limit."""
        return self.difference <= self.limit


@dataclass(frozen=True)
class Simulation:
    """How much to draw: `samples` networks, in `groups` groups, from a seed."""

    samples: int
    groups: int
    seed: int

    @classmethod
    def planned(cls, samples: int, *, checks: int, false_alarm: Fraction, seed: int) -> Simulation:
        """Return the simulation with the fewest groups for which `checks` of them together raise a false alarm with probability at most `false_alarm`."""
        return cls(samples, groups_for(checks, false_alarm), seed)

    def false_alarm(self, checks: int) -> Fraction:
        """Return the bound on the probability that any of so many checks of a correct simulation fails."""
        return checks * median_tail(self.groups)

    def compare(self, net: Network, families: Sequence[tuple[Family, Any]]) -> list[Deviation]:
        """Return, for each (family, exact value), the deviation of the median of group means; all from the same networks."""
        import numpy as np

        jacobians = np.concatenate(list(iter_jacobians(net, self.group * self.groups, seed=self.seed)))
        return [self._deviation(net, jacobians, family, exact) for family, exact in families]

    @property
    def group(self) -> int:
        """The number of samples in a group."""
        return max(1, self.samples // self.groups)

    def _deviation(self, net: Network, jacobians: NDArray[Any], family: Family, exact: Any) -> Deviation:
        import numpy as np

        means = monomial_values(jacobians, family).reshape(self.groups, self.group).mean(axis=1)
        square = family.squared()
        second: Any = route_named("auto", net, square, Options()).evaluate(net, square)
        median, value = float(np.median(means)), float(exact)
        limit = TOLERANCE * sqrt(max(0.0, float(second - exact * exact)) / self.group)
        return Deviation(median, abs(median - value), limit + ROUNDING * abs(value))


def can_be_simulated(net: Network) -> bool:
    """Whether the network has numbers for widths, and laws that can be drawn."""
    return ROUTES["sampling"].reason_against(net, Family((), 0, net.depth)) is None


@cache
def median_tail(groups: int) -> Fraction:
    """Return P(Bin(groups, 1 / TOLERANCE^2) >= groups / 2), exactly."""
    p = Fraction(1, TOLERANCE**2)
    return sum(
        (comb(groups, k) * p**k * (1 - p) ** (groups - k) for k in range((groups + 1) // 2, groups + 1)),
        start=Fraction(0),
    )


@cache
def groups_for(checks: int, false_alarm: Fraction) -> int:
    """Return the fewest groups (an odd number) for which so many checks together stay within the false-alarm rate."""
    groups = 1
    while checks * median_tail(groups) > false_alarm:
        groups += 2
    return groups
