"""The hidden widths of least beta = sum 1/n_j that a budget of neurons or of parameters allows, with a proof or with the gap that is left.

Neurons: sum 1/n_j with sum n_j given is least for equal widths, which is the paper's (2); in whole multiples, for widths that differ by one step at
most, because moving a step from a wider to a narrower layer lowers the sum. Parameters: first and last layer are priced by the input and the output, so
the best widths are not equal; they are searched by labels (:mod:`pathmoments.theorems.parameter_search`) inside windows that rigorous bounds leave
(:mod:`pathmoments.theorems.parameter_bounds`), which proves that none are better.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from ..errors import ArgumentError, must_be
from .parameter_bounds import MOST_WIDTHS, Relaxation, Windows
from .parameter_chains import Chain, Units, real_solution, rounded_solution, total
from .parameter_search import best_within

QUICK = ((40, 20), (10, 300), (10, 1000))
"""Quick searches before the proof: how far from the solution at hand, and with how many labels of one last width."""
MOST_PARAMETERS = 10**15
"""The largest budget of parameters for which the whole numbers of the search fit 64 bits with room to spare."""


@dataclass(frozen=True)
class Allocation:
    """Hidden widths for a budget.

    Attributes
    ----------
    widths
        (n_1, ..., n_(d-1)).
    beta
        sum 1/n_j.
    lower
        No widths within the budget have a smaller beta than this, which is proved; equal to `beta` if these are the best.
    """

    widths: tuple[int, ...]
    beta: Fraction
    lower: Fraction

    @property
    def optimal(self) -> bool:
        """Whether it is proved that no widths within the budget have a smaller beta."""
        return self.beta == self.lower

    @property
    def gap(self) -> Fraction:
        """How much smaller than `beta` the best could be."""
        return self.beta - self.lower


def parameter_count(widths: tuple[int, ...], *, biases: bool = True) -> int:
    """Return the number of weights, and of biases, of a network of these widths.

    >>> parameter_count((2, 3, 1)), parameter_count((2, 3, 1), biases=False)
    (13, 9)
    """
    return sum(a * b for a, b in pairwise(widths)) + (sum(widths[1:]) if biases else 0)


def spend_neurons(neurons: int, hidden: int, *, multiple: int = 1) -> Allocation:
    """Return the best widths of hidden layers that have so many neurons together; the first layers are the wider ones.

    Raises
    ------
    ArgumentError
        If there is not one step of neurons for each layer, with the smallest budget that would do.

    >>> spend_neurons(11, 3).widths, spend_neurons(11, 2, multiple=4).widths
    ((4, 4, 3), (4, 4))
    """
    least, more = divmod(neurons // multiple, hidden)
    if least < 1:
        raise ArgumentError(
            must_be("neurons", f"at least {hidden * multiple:,}, {multiple} for each hidden layer", neurons)
        )
    widths = tuple((least + (k < more)) * multiple for k in range(hidden))
    beta = total(widths)
    return Allocation(widths, beta, beta)


def spend_parameters(
    parameters: int, hidden: int, *, inputs: int, outputs: int, multiple: int = 1, biases: bool = True
) -> Allocation:
    """Return the best widths of hidden layers of a network that has so many parameters; of equally good ones, some with the fewest.

    Raises
    ------
    ArgumentError
        If not even the smallest widths fit, with the smallest budget that would do; or for a budget over 10^15.

    >>> spend_parameters(1000, 3, inputs=50, outputs=2)
    Allocation(widths=(10, 14, 19), beta=Fraction(149, 665), lower=Fraction(149, 665))
    """
    least = parameter_count((inputs, *(multiple,) * hidden, outputs), biases=biases)
    if not least <= parameters <= MOST_PARAMETERS:
        raise ArgumentError(must_be("parameters", f"from {least:,} (the smallest widths) to 10^15", parameters))
    prices = [int(biases)] * hidden
    prices[0] += inputs
    prices[-1] += outputs
    chain = Chain(tuple(prices), multiple, (parameters - outputs * biases) // multiple)
    units, lower = _best_units(chain)
    widths = tuple(multiple * u for u in units)
    return Allocation(widths, total(widths), lower / multiple)


def _best_units(chain: Chain) -> tuple[Units, Fraction]:
    """Return a solution and a lower bound of sum 1/u_j, equal to the solution's if it is proved to be the best."""
    point, multiplier = real_solution(chain)
    units, relaxation = rounded_solution(chain, point), Relaxation(chain, point, multiplier)
    for distance, most in QUICK:
        ranges, _ = relaxation.windows(total(units))
        close = [
            (max(low, u - distance), min(high, u + distance)) for (low, high), u in zip(ranges, units, strict=True)
        ]
        near = Windows.of(chain, close, total(units), multiplier)
        near.narrow()
        units = best_within(near, units, most=most) or units
    ranges, lower = relaxation.windows(total(units))
    if max(high - low for low, high in ranges) >= MOST_WIDTHS:
        return units, lower
    windows = Windows.of(chain, ranges, total(units), multiplier)
    windows.narrow()
    best = best_within(windows, units)
    if best is None:
        return units, max(lower, windows.proven)
    return best, total(best)
