"""Families of networks that grow deeper: hidden widths n_1, n_2, ... from one formula in j."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from ..errors import ArgumentError, must_be
from ..exact import integer, rational
from ..laws import Law
from ..network import Network
from .convergence import Decision, decide
from .formula_values import width
from .tail_sums import bound_of_sum
from .width_formulas import parse

REACH = 10_000
"""Hidden layers that are looked at in search of a depth."""

FAMILIES: tuple[str, ...] = (
    "3",
    "log(j+1)",
    "sqrt(j)",
    "j",
    "j*log(j+1)",
    "j*log(j+1)^2",
    "j^(3/2)",
    "j^2",
    "2^j",
    "min(j^2,1000)",
    "floor(sqrt(j))^3",
    "j^2*(1+(-1)^j)/2",
)
"""Formulas that a verification judges: bounded, divergent and convergent ones on several scales, and one that is left undecided."""


@dataclass(frozen=True)
class WidthFamily:
    """A family of networks, one of each depth, with hidden widths n_j = max(1, ceil(f(j))), j = 1, 2, ..., the depth not entering n_j.

    Parameters
    ----------
    formula
        f(j) as text: whole numbers, j, + - * / ^, parentheses, and the functions log (natural), sqrt, exp, floor, ceil, min, max.
    inputs, outputs
        n_0 and the width of the last layer, the same at every depth.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the text is no formula, or a width is no whole number of 1 or more.

    >>> family = WidthFamily("j^2 / 2", inputs=3, outputs=1)
    >>> family.widths(5)
    (3, 1, 2, 5, 8, 1)
    >>> print(family.decide())
    sum 1/n_j converges: log f / log j -> 2, above 1
    """

    formula: str
    inputs: int = field(default=2, kw_only=True)
    outputs: int = field(default=2, kw_only=True)

    def __post_init__(self) -> None:
        parse(self.formula)
        for name in ("inputs", "outputs"):
            integer(getattr(self, name), name, minimum=1, what="a whole number of neurons, 1 or more")

    def widths(self, depth: int) -> tuple[int, ...]:
        """Return (n_0, n_1, ..., n_(depth-1), n_depth), exactly.

        Raises
        ------
        ArgumentError
            If the depth is not 1 or more, f has no real value at some j, or a width is over 10^100.
        UndecidedError
            If f(j) is too close to a whole number to be rounded.
        """
        integer(depth, "depth", minimum=1, what="a whole number of layers, 1 or more")
        return (self.inputs, *(_width(self.formula, j) for j in range(1, depth)), self.outputs)

    def network(self, depth: int, *, law: Law | str = "gaussian") -> Network:
        """Return the network of that depth, with the paper's variances 2 / fan_in and one law for all layers."""
        net = Network(self.widths(depth), law=law)
        if not net.laws[0].independent:
            raise ArgumentError(must_be("law", "one of independent weights, as the paper's (7) to (9) are about", law))
        return net

    def decide(self) -> Decision:
        """Return whether sum 1/n_j converges, or that it is undecided; see :func:`pathmoments.theorems.convergence.decide`."""
        return decide(self.formula)

    def sum_bound(self) -> Fraction | None:
        """Return a rational number that beta stays below at every depth, None where none is known.

        >>> WidthFamily("2^j").sum_bound()
        Fraction(1, 1)
        """
        return _sum_bound(self.formula)

    def depth_beyond(self, beta: object, *, reach: int = REACH) -> int | None:
        """Return the first depth at which beta exceeds a number, None if that is beyond `reach` hidden layers or never.

        Raises
        ------
        ArgumentError, UndecidedError
            As :meth:`widths`, if the number is not exceeded before.

        >>> WidthFamily("j").depth_beyond(4), WidthFamily("j^2").depth_beyond(2)
        (32, None)
        """
        limit, bound = rational(beta, "beta"), self.sum_bound()
        if bound is not None and bound <= limit:
            return None
        return _depth_beyond(self.formula, limit, reach)


@lru_cache(maxsize=1 << 14)
def _width(formula: str, j: int) -> int:
    return width(formula, j)


@lru_cache(maxsize=1024)
def _sum_bound(formula: str) -> Fraction | None:
    return bound_of_sum(formula)


@lru_cache(maxsize=1024)
def _depth_beyond(formula: str, limit: Fraction, reach: int) -> int | None:
    """Sum in whole multiples of 2^-128, rounded down, which is j of them too little at most; where that matters, sum fractions."""
    scale = 1 << 128
    total, wanted = 0, limit * scale
    for j in range(1, reach + 1):
        total += scale // _width(formula, j)
        if total > wanted or (total + j > wanted and _partial_sum(formula, j) > limit):
            return j + 1
    return None


def _partial_sum(formula: str, layers: int) -> Fraction:
    return sum((Fraction(1, _width(formula, j)) for j in range(1, layers + 1)), start=Fraction(0))


def sequence_of_depths(depths: Iterable[object]) -> tuple[int, ...]:
    """Return depths as a tuple of whole numbers, 1 or more."""
    what = "a whole number of layers, 1 or more"
    return tuple(integer(depth, "a depth", minimum=1, what=what) for depth in depths)
