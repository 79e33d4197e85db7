r"""A test of theta = E S from two moments, at every sample size and under optional stopping: Catoni's influence function.

Let psi(x) = log(1 + x + x^2/2) for x >= 0 and psi(-x) = -psi(x). Then e^psi(x) <= 1 + x + x^2/2 for every x, so with v = Var S and either sign of the slope l

    E exp psi(l (S - theta)) <= 1 + |l| b + l^2 v / 2                                                                  (1)

where b bounds what rounding adds to E S, and M_n = exp(sum_{i<=n} psi(l (S_i - theta)) - n log(1 + |l| b + l^2 v/2)) is a nonnegative supermartingale that starts at 1: P(sup_n M_n >= 1/alpha) <= alpha
(Ville 1939). So log M_n is evidence that holds at every n, whenever one stops and for whatever reason. It grows like a logarithm in the samples: a heavy tail moves it little, and
nothing beyond the variance is needed (Catoni 2012). A positive slope gathers evidence that E S is above theta, a negative one that it is below.

If S has mean theta + d and E (S - theta)^2 = q instead, then with the same psi

    E exp(-psi(l (S - theta))) <= 1 - l d + l^2 q / 2                                                                  (2)

bounds the probability of missing it, and is a supermartingale too: the check may stop early when (2) excludes every shift that it was to notice.
For a miss rate near one half Cantelli's inequality is sharper: psi(x) >= x - max(x, 0)^3 / 6 and |psi(x)| <= |x| bound mean and variance of the sum. For a large shift up, where l^2 q is
large, so is P(S < theta + a) <= u / (u + (d - a)^2), u the variance: psi is at least psi(l a) but with this probability, and never below psi(-l theta), for S >= 0.

**A ladder of slopes.** One slope is best for one size of shift. An average of supermartingales is one, so evidence is gathered with several: three quarters of the weight on the slope that is best for the shift
to be noticed, the rest on steeper ones, which notice larger shifts with far fewer samples (Robbins 1970, the method of mixtures). It costs log(4/3) of evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

FLOAT_SLACK = 1e-12
"""What float64 may add to a sum of psi, relative to the sum of its terms and arguments: thousands of roundings each."""


def influence(x: Values) -> Values:
    """Return psi(x), for each.

    >>> import numpy as np
    >>> influence(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [-1.6094, 0.0, 1.6094]
    """
    import numpy as np

    size = np.abs(x)
    return np.copysign(np.log1p(size + size * size / 2), x)


@dataclass(frozen=True)
class Slope:
    """A slope l, with what (1) and (2) say of it, in floats rounded so that no error rate is understated.

    Attributes
    ----------
    slope
        l, its sign the side on which evidence is gathered.
    theta, growth
        The E S that is tested, and the logarithm of (1).
    drift
        The logarithm of (2) for the shift to be noticed: negative where it can be.
    """

    slope: float
    theta: float
    growth: float
    drift: float


class Evidence:
    """What the samples so far say on one side, with a ladder of slopes and their weights; the first is best for the shift to be noticed."""

    def __init__(self, ladder: Sequence[Slope], weights: Sequence[float]) -> None:
        import numpy as np

        self.ladder, self.weights, self.samples, self._batches = ladder, weights, 0, 0
        self._slopes = np.array([by.slope for by in ladder])
        self._growths = np.array([by.growth for by in ladder])
        self._logs = np.log(weights)
        self._totals = np.zeros(len(ladder))
        self._sizes = np.zeros(len(ladder))

    def add(self, values: Values) -> None:
        """Take more samples of S."""
        import numpy as np

        theta = self.ladder[0].theta
        psi = influence(np.multiply.outer(self._slopes, values - theta))
        self.samples += len(values)
        self._batches += 1
        self._totals += psi.sum(axis=1)
        self._sizes += np.abs(psi).sum(axis=1)
        self._sizes += np.abs(self._slopes) * (float(np.abs(values).sum()) + len(values) * abs(theta))

    def against(self) -> float:
        """Return the logarithm of the average of the M_n, evidence against E S = theta."""
        terms = self._totals - self.samples * self._growths - self._slack * self._sizes + self._logs
        most = float(terms.max())
        return most + math.log(sum(math.exp(term - most) for term in terms.tolist()))

    def for_conformance(self) -> float:
        """Return the evidence against the shift that is to be noticed."""
        return float(-self._totals[0] - self.samples * self.ladder[0].drift - self._slack * self._sizes[0])

    @property
    def _slack(self) -> float:
        """What float64 may have added, relative to the sizes: a few roundings more for each batch."""
        return FLOAT_SLACK + self._batches * 2.0**-51


@dataclass(frozen=True)
class Shift:
    """What is tested, and what is to be noticed: S of mean theta and variance v, or with another mean, second moment about theta and (perhaps) third."""

    theta: float
    bias: float
    """How far the mean of computed values may be from theta."""
    variance: float
    """E (S - theta)^2 of computed values, or more."""
    difference: float
    """E S' - theta, of either sign, or less far from 0."""
    square: float
    """E (S' - theta)^2, or more."""
    cube: float = math.inf
    """E |S' - theta|^3, or more."""

    def with_slope(self, slope: float) -> Slope:
        """Return the slope, signed by the side of the shift."""
        signed = math.copysign(slope, self.difference)
        quadratic = math.log1p(-signed * self.difference + signed * signed * self.square / 2)
        growth = math.log1p(slope * self.bias + slope * slope * self.variance / 2)
        large = self.difference > 0 and slope * self.square > self.difference
        drift = min(quadratic, self._large(slope)) if large else quadratic
        return Slope(signed, self.theta, _up(growth), _up(drift))

    def _large(self, slope: float) -> float:
        """Return the logarithm of another bound of (2) for S >= 0 and a shift up, from the probability that S is far below its mean."""
        spread = max(0.0, self.square - self.difference**2)
        worst = 1 + slope * self.theta + (slope * self.theta) ** 2 / 2
        best = math.inf
        for part in range(1, 16):
            a = self.difference * part / 16
            rare = spread / (spread + (self.difference - a) ** 2)
            best = min(best, rare * worst + (1 - rare) / (1 + slope * a + (slope * a) ** 2 / 2))
        return math.log(best)

    def miss(self, slope: float, samples: int, evidence: float) -> float:
        """Return a bound on P(log M_n < evidence) when the shift is there."""
        by = self.with_slope(slope)
        chernoff = evidence + samples * (by.growth + by.drift)
        mean = samples * (slope * abs(self.difference) - slope**3 * self.cube / 6)
        excess = mean - evidence - samples * by.growth
        spread = samples * slope * slope * self.square
        cantelli = spread / (spread + excess * excess) if excess > 0 else 1.0
        return _up(min(1.0, math.exp(min(0.0, chernoff)), cantelli))

    def best_slope(self, samples: int, evidence: float) -> float:
        """Return the slope with the smallest bound on a miss, of those that are best for each of the two bounds."""
        chernoff = _lowest(self._exponent, (abs(self.difference) or 1.0) / (self.variance + self.square))
        deviation = math.sqrt(2 * evidence / (samples * self.variance)) if self.variance else chernoff
        if not self.difference:  # rounding hides the shift: no slope finds it
            return deviation
        return min((chernoff, deviation), key=lambda slope: self.miss(slope, samples, evidence))

    def _exponent(self, slope: float) -> float:
        """Return about log((1) (2)), what each sample adds to a miss."""
        return math.log1p(slope * self.bias + slope * slope * self.variance / 2) + math.log1p(
            -slope * abs(self.difference) + slope * slope * self.square / 2
        )


def _lowest(function: Callable[[float], float], near: float) -> float:
    """Return about the argument of the least value of a function with one valley near `near`, by golden section."""
    ratio = (math.sqrt(5) - 1) / 2
    low, high = near / 4, near * 4
    for _ in range(24):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if function(a) < function(b) else (a, high)
    return (low + high) / 2


def _up(value: float) -> float:
    """Return a float a few roundings above."""
    return value + 8 * abs(math.ulp(value))
