r"""Statistics of a sampled Jacobian and the exact moments of their values: E S^k for what a check averages over networks.

Each statistic is a nonnegative polynomial in the entries Z[p, q] that sums over indices:

    entry      Z[p, q]^2K
    mean       (1/M) sum_pq Z[p, q]^2K
    frobenius  ||J||_F^2 = sum_pq Z[p, q]^2
    norm       ||J u||^2 = sum_q (sum_p u_p Z[p, q])^2
    trace      tr (J J^T)^2 = sum Z[p, q] Z[p', q] Z[p', q'] Z[p, q']

S^k sums a product of k copies over the indices of all of them. Which indices are equal is a set partition of the input indices and one of the output
indices; entries are alike up to relabelling, so each pair of partitions is one family of paths, as often as indices can be chosen so. Every output index
occurs an even number of times, so decoupling determines each (Hanin 2018, Theorem 3; the explanation "what is determined" in the documentation).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ArgumentError, must_be
from ..exact import Value, integer, rational
from ..families import Family, check_determined, family_of
from ..network import Network
from ..partitions import distinct_sums, set_partitions
from ..routes import Options
from ..routes.combination import evaluate_combination
from .moments import moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Jacobians = NDArray[np.float64]

PowerSum = Callable[[int], Any]
"""e -> sum over the inputs p of u_p^e; the number of inputs where there are no weights u."""


class Statistic(ABC):
    """A nonnegative function of the Jacobian whose moments are exact."""

    order: int
    """The full order of S in the entries."""

    @abstractmethod
    def moment(self, net: Network, k: int) -> Value:
        """Return E S^k, exactly."""

    @abstractmethod
    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return S of each Jacobian J[..., q, p], floats."""

    affordable: ClassVar[int] = 2
    """The k up to which E S^k takes a fraction of a second."""

    def starts(self, net: Network) -> tuple[float, float]:
        """Return (a, b): with S = N^order, N of a matrix X is at most a (b) times the largest norm of X's (its transpose's) action on coordinate vectors, as a float.

        The norm may be one of random matrices, such as the root of a mean square: then a bound by the triangle inequality holds, one for fixed matrices does not.
        """
        inputs, *_, outputs = net.numeric_widths("a statistic")
        return sqrt(inputs), sqrt(outputs)


@dataclass(frozen=True)
class EntryPower(Statistic):
    """Z[p, q]^order."""

    p: int
    q: int
    order: int

    def __post_init__(self) -> None:
        _check_order(self.order)

    def moment(self, net: Network, k: int) -> Value:
        """Return E Z[p, q]^(order k)."""
        return moment(net, {(self.p, self.q): self.order * k})

    affordable = 16

    def starts(self, net: Network) -> tuple[float, float]:
        """Return (1, 1): an entry is one of a column and of a row."""
        return 1.0, 1.0

    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return Z[p, q]^order of each."""
        values: Jacobians = jacobians[..., self.q, self.p] ** self.order
        return values

    def __str__(self) -> str:
        return f"Z[{self.p},{self.q}]^{self.order}"


class _IndexSum(Statistic):
    """A sum over indices of a product of entries."""

    factors: Sequence[tuple[int, int, int]]
    """(a, b, m): the factor Z[p_a, q_b]^m, with p_a and q_b summed over all inputs and outputs."""

    def moment(self, net: Network, k: int) -> Value:
        """Return E S^k; cost grows like the square of the number of set partitions of the indices."""
        family_of(net, {(0, 0): 2})
        terms = index_sum(net, self.factors, k, self.power_sum(net))
        return _determined_sum(net, terms, self.front(net) ** k)

    def power_sum(self, net: Network) -> PowerSum:
        """Return e -> sum_p u_p^e: here there are no weights."""
        return lambda _: net.widths[0]

    def front(self, net: Network) -> Any:
        """Return what the sum is multiplied by."""
        return Fraction(1)


@dataclass(frozen=True)
class MeanPower(_IndexSum):
    """(1/M) sum over all M = n_0 n_d entries of Z[p, q]^order."""

    order: int

    def __post_init__(self) -> None:
        _check_order(self.order)

    @property
    def factors(self) -> Sequence[tuple[int, int, int]]:  # type: ignore[override]  # computed from the order
        """One factor."""
        return ((0, 0, self.order),)

    def front(self, net: Network) -> Any:
        """Return 1/M."""
        inputs, *_, outputs = net.numeric_widths("a statistic")
        return Fraction(1, inputs * outputs)

    def starts(self, net: Network) -> tuple[float, float]:
        """Return those of the sum, over M^(1/order)."""
        inputs, *_, outputs = net.numeric_widths("a statistic")
        share = (inputs * outputs) ** (-1 / self.order)
        return sqrt(inputs) * share, sqrt(outputs) * share

    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return the mean over the entries of each."""
        import numpy as np

        power = jacobians
        for _ in range(self.order // 2 - 1):
            power = power * jacobians
        values: Jacobians = np.einsum("...qp,...qp->...", power, power) / (jacobians.shape[-1] * jacobians.shape[-2])
        return values

    def __str__(self) -> str:
        return f"mean of Z^{self.order} over the entries"


@dataclass(frozen=True)
class Frobenius(_IndexSum):
    """||J||_F^2, the sum of the squared entries."""

    order = 2
    factors = ((0, 0, 2),)
    affordable = 4

    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return the squared norm of each."""
        import numpy as np

        values: Jacobians = np.einsum("...qp,...qp->...", jacobians, jacobians)
        return values

    def __str__(self) -> str:
        return "||J||_F^2"


@dataclass(frozen=True)
class DirectionalNorm(_IndexSum):
    """||J u||^2 for a vector u of exact numbers, one an input.

    >>> DirectionalNorm((1, "1/2")).moment(Network([2, 3, 2]), 1)
    Fraction(5, 4)
    """

    u: tuple[Any, ...]
    order = 2
    factors = ((0, 0, 1), (1, 0, 1))
    affordable = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "u", tuple(rational(value, "an entry of u") for value in self.u))

    def power_sum(self, net: Network) -> PowerSum:
        """Return e -> sum_p u_p^e."""
        if len(self.u) != net.widths[0]:
            raise ArgumentError(must_be("u", f"a vector with one entry for each of the {net.widths[0]} inputs", self.u))
        return lambda e: sum(value**e for value in self.u)

    def starts(self, net: Network) -> tuple[float, float]:
        """Return (sum of |u_p|, |u| sqrt(n_d)): X u is the sum of u_p X e_p, and roundings of the columns may add up."""
        length = sqrt(sum(value * value for value in self.u))
        return float(sum(map(abs, self.u))), length * sqrt(net.numeric_widths("a statistic")[-1])

    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return ||J u||^2 of each."""
        import numpy as np

        values: Jacobians = ((jacobians @ np.array([float(value) for value in self.u])) ** 2).sum(axis=-1)
        return values

    def __str__(self) -> str:
        return "||J u||^2"


@dataclass(frozen=True)
class SquareTrace(_IndexSum):
    """tr (J J^T)^2, the sum of the fourth powers of the singular values."""

    order = 4
    factors = ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))

    def of(self, jacobians: Jacobians) -> Jacobians:
        """Return the trace of each."""
        gram = jacobians @ jacobians.swapaxes(-2, -1)
        values: Jacobians = (gram**2).sum(axis=(-2, -1))
        return values

    def __str__(self) -> str:
        return "tr (J J^T)^2"


def mixed_moment(net: Network, one: MeanPower | Frobenius, other: MeanPower | Frobenius) -> Value:
    """Return E S S' of two sums over all entries, exactly.

    >>> mixed_moment(Network([1, 3, 1]), Frobenius(), MeanPower(4)) == moment(Network([1, 3, 1]), {(0, 0): 6})
    True
    """
    inputs = 1 + max(a for a, _, _ in one.factors)
    outputs = 1 + max(b for _, b, _ in one.factors)
    both = [*one.factors, *((a + inputs, b + outputs, m) for a, b, m in other.factors)]
    terms = index_sum(net, both, 1, one.power_sum(net))
    return _determined_sum(net, terms, one.front(net) * other.front(net))


def _determined_sum(net: Network, terms: list[tuple[Any, Family]], front: Any) -> Value:
    if not terms:  # the weights u are all 0
        return Fraction(0)
    for _, family in terms:
        check_determined(net, family)
    return evaluate_combination(net, terms, front, route="auto", options=Options())


def index_sum(
    net: Network,
    factors: Sequence[tuple[int, int, int]],
    copies: int,
    power_sum: PowerSum,
    *,
    layers: tuple[int, int] | None = None,
) -> list[tuple[Any, Family]]:
    """Return the families of a product of copies of a sum over indices of a section (by default the whole network), with their coefficients.

    Input indices p_a may carry weights: each term is multiplied by the product of u at all input indices. Families that vanish (an input index an odd number of
    times) are left out.
    """
    first, last = layers or (0, net.depth)
    inputs, outputs = 1 + max(a for a, _, _ in factors), 1 + max(b for _, b, _ in factors)
    edges = [(a + c * inputs, b + c * outputs, m) for c in range(copies) for a, b, m in factors]
    degrees = Counter[int]()
    for a, _, m in edges:
        degrees[a] += m
    choose = distinct_sums(power_sum)
    place = distinct_sums(lambda _: net.widths[last])
    totals: Counter[Family] = Counter()
    columns = list(set_partitions(copies * outputs))
    for rows in set_partitions(copies * inputs):
        loads = Counter[int]()
        sizes = Counter[int](rows)
        for a, block in enumerate(rows):
            loads[block] += degrees[a]
        if any(load % 2 for load in loads.values()):
            continue
        weight = choose(tuple(sorted(sizes.values())))
        if weight == 0:
            continue
        for blocks in columns:
            free = place((1,) * (1 + max(blocks)))
            if free != 0:
                powers = Counter[tuple[int, int]]()
                for a, b, m in edges:
                    powers[rows[a], blocks[b]] += m
                totals[_canonical(powers, first, last)] += weight * free
    return [(coefficient, family) for family, coefficient in totals.items()]


def _canonical(powers: Counter[tuple[int, int]], first: int, last: int) -> Family:
    """Return the family with its inputs and outputs numbered by their shapes, so that many relabellings of a family meet in one."""
    shapes_p: dict[int, list[int]] = {}
    shapes_q: dict[int, list[int]] = {}
    for (p, q), m in powers.items():
        shapes_p.setdefault(p, []).append(m)
        shapes_q.setdefault(q, []).append(m)
    rank_p = {p: sorted(ms, reverse=True) for p, ms in shapes_p.items()}
    rank_q = {q: sorted(ms, reverse=True) for q, ms in shapes_q.items()}
    order = sorted(powers.items(), key=lambda item: (rank_p[item[0][0]], rank_q[item[0][1]], item[1], item[0]))
    return Family(tuple((p, q, m) for (p, q), m in order), first, last).relabelled()


def _check_order(order: object) -> None:
    if integer(order, "order", minimum=2, what="an even whole number, 2 or more") % 2:
        raise ArgumentError(must_be("order", "an even whole number, 2 or more", order))
