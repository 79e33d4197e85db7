r"""Mean and variance of ln chi^2_B, where B counts the open neurons of a layer: the digamma and trigamma sums behind a log-norm.

For Gaussian weights of unit variance, |W y|^2 / |y|^2 over the B open neurons of a layer is chi^2 with B degrees of freedom. With psi the digamma function,

    E ln chi^2_b = psi(b/2) + ln 2,    Var ln chi^2_b = psi'(b/2),

averaged over B ~ Binomial(n, 1/2) given B > 0. Counts further than t from n/2 have together a probability of at most 2 exp(-2 t^2 / n) (Hoeffding), so
that a window of some multiple of sqrt(n) counts is summed and the rest is a radius of the ball.
"""

from __future__ import annotations

from functools import lru_cache
from math import isqrt
from typing import NamedTuple

from flint import arb, ctx

from ..errors import BudgetError

MAX_COUNTS = 1_000_000
"""Counts of open neurons that are summed, about 2 microseconds each; a layer of 10^9 neurons has half as many."""


class LogMoments(NamedTuple):
    """Mean and variance of the logarithm of one layer's factor, balls at the working precision."""

    mean: arb
    variance: arb


def log_of_full(width: int) -> LogMoments:
    """Return the moments of ln chi^2_n: every neuron passes its gradient.

    >>> log_of_full(2).mean.str(8)  # ln 2 - gamma
    '[0.11593152 +/- 4.35e-9]'
    """
    half = arb(width) / 2
    return LogMoments(half.digamma() + arb.const_log2(), _trigamma(half))


def log_of_open(width: int) -> LogMoments:
    """Return the moments of ln chi^2_B, B ~ Binomial(n, 1/2) given B > 0.

    Raises
    ------
    BudgetError
        If more than `MAX_COUNTS` counts had to be summed.

    >>> log_of_open(1).mean.overlaps(log_of_full(1).mean)  # one neuron, and it is open
    True
    """
    return _log_of_open(width, ctx.prec)


@lru_cache(maxsize=4096)
def _log_of_open(width: int, precision: int) -> LogMoments:
    reach = isqrt(width * (precision + 4) * 7 // 20) + 1  # 7/10 > ln 2: beyond it is less than 2^(-precision - 3)
    low, high = max(1, width // 2 - reach), min(width, (width + 1) // 2 + reach)
    if high - low >= MAX_COUNTS:
        raise BudgetError(
            f"the log-norm of a layer of {width:,} neurons sums {high - low + 1:,} counts of open neurons, over the budget of {MAX_COUNTS:,}: "
            "its mean differs from that of its chi-square factor by about -5/(2n), less than any simulation sees; give a narrower layer"
        )
    mean, square = _averages(width, low, high)
    if high - low + 1 < width:
        bound = 2 + arb(width).log()  # |psi(b/2) + ln 2| for 1 <= b <= n
        rest = arb(0, 1) * arb(2) ** -precision
        mean, square = mean + rest * bound, square + rest * 3 * bound**2
    return LogMoments(mean, square - mean**2)


def _averages(width: int, low: int, high: int) -> tuple[arb, arb]:
    """Return the averages of E ln chi^2_b and of E ln^2 chi^2_b over the counts low..high, weighted by C(n, b)."""
    log2, half = arb.const_log2(), arb(1) / 2
    ahead = [(half * b).digamma() + log2 for b in (low, low + 1)]
    ahead_variance = [_trigamma(half * b) for b in (low, low + 1)]
    weight, total, first, second = arb(1), arb(0), arb(0), arb(0)
    for b in range(low, high + 1):
        mean, variance = ahead[0], ahead_variance[0]
        weighted = weight * mean
        total += weight
        first += weighted
        second += weighted * mean + weight * variance
        weight = weight * (width - b) / (b + 1)
        ahead = [ahead[1], mean + arb(2) / b]  # psi(x + 1) = psi(x) + 1/x
        ahead_variance = [ahead_variance[1], variance - arb(4) / (b * b)]
    return first / total, second / total


def _trigamma(x: arb) -> arb:
    """Return psi'(x) = zeta(2, x)."""
    return arb(2).zeta(x)
