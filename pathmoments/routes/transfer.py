r"""Transfer over set partitions: the exact sum in time linear in the depth and independent of the widths.

**What it computes.** Label the m paths. At a layer, what matters of a collection is which paths share a neuron: a set partition,
up to interchange of equal paths an even vector partition (:mod:`pathmoments.partitions`). Let U_j(tau) be the sum of the products
of the layers up to j over all ways to reach layer j with the paths in the blocks of tau at fixed distinct neurons. Then

    U_j(tau) = act(tau) tau! Var^(m/2) sum_sigma N_j(tau, sigma) placements(sigma) U_{j-1}(sigma),

with act(tau) = prod over blocks (1 + slope^|block|) / 2 (1/2 a block for ReLU, Theorem 3's 1/2^|Gamma(j)|), tau! the product of the
factorials of the block vectors, placements(sigma) = (n)_len / prod mult! the ways to choose the neurons, and N_j(tau, sigma) the sum over
matrices e of vectors with row sums tau and column sums sigma of prod mt_|e| / e!.

**Cumulants diagonalise it.** With G(x) = sum_{|v| even} mt_|v| x^v / v! and log G = sum_v kappa_|v| x^v / v!, the Cauchy kernel
prod_{a,b} G(a b) = exp(sum_v kappa_|v|/v! p_v(a) p_v(b)) in power sums p_v gives N = R^T D R, where R[fine][coarse] expands power sums in
monomials and D[fine] = prod_v (kappa_|v| / v!)^mult / mult!. R is a matrix of integers that does not depend on the network, and for Gaussian
weights only the rows into pairs are left. See docs/explanation/theorem.rst.

**How it is carried out.** Rational problems run over integers, with the common denominators in front. The vector sweeps from both ends
and meets in the middle, which halves the length of its numbers; a network much deeper than it has states is a product of small matrices,
multiplied as a balanced tree. Balls and polynomials use the same sweep on sparse rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import factorial, lcm, prod
from typing import Any, NamedTuple, TypeAlias

from flint import fmpq, fmpz, fmpz_mat

from ..domains import Domain, Element, Rationals
from ..exact import balanced, product, to_fmpq, to_fraction
from ..families import Family, dependence
from ..laws import Gaussian, Law
from ..network import Network
from ..partitions import VectorPartition, arrangements, count_even_partitions, merging, repeats
from .base import Cost, Options, PathSum, Progress

PAIRS = frozenset({2})
"""The sizes of blocks that Gaussian and orthogonal weights allow."""
TREE_DEPTH_PER_STATE = 200
"""A network this many times deeper than it has states is multiplied as a tree of matrices (measured, scripts/bench)."""


class Transfer(PathSum):
    """Exact for every law of independent weights, single and mixed entries; cost linear in depth, independent of the widths."""

    name = "transfer"
    default_budget = 2_000

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: weights that depend on one another."""
        reason = dependence(net, family)
        return f"{reason}: use route='haar'" if reason else None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of states (even vector partitions of the paths) and of layers."""
        limit = self.default_budget if budget is None else budget
        states = count_even_partitions(family.counts, limit=limit)
        layers = family.last - family.first
        unit = "states" if states <= limit else "states or more"
        return Cost(self.name, states, unit, states**2 * (layers + 2), f"{layers} layer" + "s" * (layers != 1))

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead."""
        if set(net.laws[family.first : family.last]) == {Gaussian()}:
            return "use route='gaussian' if the entries share an input or an output, a lower order, or a larger budget"
        return "use route='enumeration' if the network is small, a lower order, or a larger budget"

    def prepare(self, net: Network, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Return the sweep: over integers for rationals, over sparse rows for balls and polynomials."""

        def solve(domain: Domain) -> Element:
            problem = Problem(net, family, domain, options.progress)
            return _solve_integers(problem) if type(domain) is Rationals else _solve_elements(problem)

        return solve


class Problem:
    """The states of a family on a network, and what each layer contributes to them."""

    def __init__(self, net: Network, family: Family, domain: Domain, progress: Progress | None = None) -> None:
        self.net, self.family, self.domain, self.progress = net, family, domain, progress
        self.laws = net.laws[family.first : family.last]
        self.merging = merging(family.counts, _cumulant_sizes(self.laws, family.size))
        states = {partition: i for i, partition in enumerate(self.merging.coarse)}
        self.start = states[_shared(family, 0)]
        self.end = states[_shared(family, 1)]
        self.max_blocks = family.size // 2
        self.slope_denominator = net.slope.denominator
        self.arrangement = [arrangements(tau) for tau in self.merging.coarse]
        self.activation = [self._activation(tau) for tau in self.merging.coarse]
        self.repeats = [repeats(tau) for tau in self.merging.coarse]
        self.lengths = [len(tau) for tau in self.merging.coarse]

    @property
    def layers(self) -> int:
        """The number of layers of the family."""
        return len(self.laws)

    def _activation(self, tau: VectorPartition) -> int:
        """Return 2^max_blocks s^m act(tau) for the slope r/s, an integer."""
        r, s = self.net.slope.numerator, self.slope_denominator
        factor: int = prod(s ** sum(block) + r ** sum(block) for block in tau)
        return factor << (self.max_blocks - len(tau))

    @property
    def activation_denominator(self) -> int:
        """What the integers of `hidden` are the activation times, a layer."""
        power: int = self.slope_denominator**self.family.size
        return power << self.max_blocks

    def hidden(self, layer: int) -> list[Element]:
        """Return, a state tau at the hidden layer `layer` (1..layers-1 of the family), act(tau) tau! placements(tau), times the denominator."""
        width = self.net.widths[self.family.first + layer]
        if isinstance(width, int):
            falling = [1]
            for i in range(self.max_blocks):
                falling.append(falling[-1] * max(width - i, 0))
            placements: list[Any] = [falling[n] // r for n, r in zip(self.lengths, self.repeats, strict=True)]
        else:
            symbol = self.domain.element(width)
            powers = [self.domain.element(1)]
            for i in range(self.max_blocks):
                powers.append(powers[-1] * (symbol - i))
            placements = [powers[n] * fmpq(1, r) for n, r in zip(self.lengths, self.repeats, strict=True)]
        return [p * (a * t) for p, a, t in zip(placements, self.activation, self.arrangement, strict=True)]

    def output(self) -> Fraction:
        """Return act(tau) tau! at the last layer, where the paths' ends fix tau."""
        factor = Fraction(self.arrangement[self.end])
        if self.net.activated(self.family.last):
            factor *= Fraction(self.activation[self.end], self.activation_denominator)
        return factor

    def to_fine(self, vector: Sequence[Element]) -> list[Element]:
        """Return R times a coarse vector."""
        zero = self.domain.element(0)
        return [sum((entry * vector[j] for j, entry in row.items()), start=zero) for row in self.merging.rows]

    def to_coarse(self, vector: Sequence[Element]) -> list[Element]:
        """Return R^T times a fine vector."""
        result = [self.domain.element(0)] * len(self.merging.coarse)
        for value, row in zip(vector, self.merging.rows, strict=True):
            for j, entry in row.items():
                result[j] = result[j] + entry * value
        return result

    def diagonal(self, law: Law) -> list[Element]:
        """Return D, a fine partition: prod_v (kappa_|v| / v!)^mult / mult!."""
        cumulants = [self.domain.element(k) for k in law.even_cumulants(self.max_blocks)]
        entries = []
        for fine in self.merging.fine:
            entry = self.domain.element(1)
            for block, times in Counter(fine).items():
                scale = fmpq(1, prod(map(factorial, block)) ** times * factorial(times))
                entry = entry * cumulants[sum(block) // 2 - 1] ** times * scale
            entries.append(entry)
        return entries


def _shared(family: Family, side: int) -> VectorPartition:
    """Return the partition of the paths by their inputs (side 0) or outputs (side 1)."""
    blocks: dict[int, list[int]] = {}
    for i, entry in enumerate(family.classes):
        blocks.setdefault(entry[side], [0] * len(family.classes))[i] = entry[2]
    return tuple(sorted((tuple(block) for block in blocks.values()), reverse=True))


def _cumulant_sizes(laws: Sequence[Law], size: int) -> frozenset[int] | None:
    """Return the block sizes that some law's cumulants allow: pairs alone for Gaussian (and orthogonal) weights, None for all."""
    return PAIRS if size > 2 and all(law == Gaussian() or not law.independent for law in set(laws)) else None


# -- rationals: integers with the denominators in front -----------------------------------------------------------------


class _Integers(NamedTuple):
    """R as an integer matrix, and its transpose."""

    matrix: fmpz_mat
    transpose: fmpz_mat


@lru_cache(maxsize=64)
def _integer_matrix(total: tuple[int, ...], sizes: frozenset[int] | None) -> _Integers:
    r = merging(total, sizes)
    matrix = fmpz_mat(len(r.fine), len(r.coarse))
    for i, row in enumerate(r.rows):
        for j, entry in row.items():
            matrix[i, j] = entry
    return _Integers(matrix, matrix.transpose())


def _solve_integers(problem: Problem) -> fmpq:
    """Return the sum without the variances, over integers throughout."""
    family = problem.family
    sizes = _cumulant_sizes(problem.laws, family.size)
    r = _integer_matrix(family.counts, sizes)
    diagonals = {law: _integer_diagonal(problem, law) for law in set(problem.laws)}
    d = [diagonals[law][0] for law in problem.laws]
    if problem.layers > TREE_DEPTH_PER_STATE * len(problem.merging.fine):
        total = _tree(problem, r, d)
    else:
        by_law = {law: diagonal_middle(diagonals[law][0]) for law in diagonals}
        middles = [by_law[law] for law in problem.laws]
        total = meet(problem, middles, lambda v: _column(r.transpose, v), lambda v: _column(r.matrix, v))
    denominator = product(diagonals[law][1] for law in problem.laws) * fmpz(problem.activation_denominator) ** (
        problem.layers - 1
    )
    return fmpq(total, denominator) * to_fmpq(problem.output())


def _integer_diagonal(problem: Problem, law: Law) -> tuple[list[fmpz], int]:
    entries = [to_fraction(entry) for entry in problem.diagonal(law)]
    denominator = lcm(*(entry.denominator for entry in entries))
    return [fmpz(int(entry * denominator)) for entry in entries], denominator


def _column(matrix: fmpz_mat, vector: Sequence[fmpz]) -> list[fmpz]:
    return list((matrix * fmpz_mat(len(vector), 1, vector)).entries())


def _tree(problem: Problem, r: _Integers, d: Sequence[Sequence[fmpz]]) -> fmpz:
    """Multiply the layers' matrices D R P R^T as a balanced tree."""
    rows = len(problem.merging.fine)
    columns = len(problem.merging.coarse)
    level = []
    for layer in range(problem.layers - 1, 0, -1):
        placed = r.transpose * _diagonal_matrix(d[layer - 1], rows)
        level.append(r.matrix * (_diagonal_matrix(problem.hidden(layer), columns) * placed))
    after = balanced(level[1:], level[0]) * fmpz_mat(rows, 1, [r.matrix[i, problem.start] for i in range(rows)])
    return sum((r.matrix[i, problem.end] * d[-1][i] * after[i, 0] for i in range(rows)), start=fmpz(0))


def _diagonal_matrix(entries: Sequence[fmpz | int], size: int) -> fmpz_mat:
    matrix = fmpz_mat(size, size)
    for i, entry in enumerate(entries):
        matrix[i, i] = entry
    return matrix


# -- any domain: sparse rows --------------------------------------------------------------------------------------------


def _solve_elements(problem: Problem) -> Element:
    """Return the sum without the variances, in the problem's domain."""
    diagonals = {law: diagonal_middle(problem.diagonal(law)) for law in set(problem.laws)}
    middles = [diagonals[law] for law in problem.laws]
    return solution(problem, meet(problem, middles, problem.to_coarse, problem.to_fine))


def solution(problem: Problem, total: Element) -> Element:
    """Return what the sweep gave, with the last layer's factors and without the denominators of the activation."""
    scale = problem.output() / Fraction(problem.activation_denominator) ** (problem.layers - 1)
    return total * to_fmpq(scale)


Middle: TypeAlias = Callable[[Sequence[Element]], list[Element]]
"""What stands between R^T and R in a layer's N_j: a symmetric matrix that is applied to a fine vector."""


def diagonal_middle(entries: Sequence[Element]) -> Middle:
    """Return the diagonal matrix D of independent weights."""
    return lambda fine: [entry * value for entry, value in zip(entries, fine, strict=True)]


def meet(problem: Problem, middles: Sequence[Middle], to_coarse: Middle, to_fine: Middle) -> Element:
    """Sweep from the inputs up and from the outputs down, and join the two at a layer in the middle.

    Every N_j = R^T D_j R is symmetric, so both sweeps are the same code on layers in opposite order.
    """
    r = problem.merging
    done = 0

    def sweep(state: int, layers: Sequence[int], hidden: Sequence[int]) -> list[Element]:
        """Return N_last P ... P N_first e_state, a coarse vector."""
        fine: list[Element] = [row.get(state, 0) for row in r.rows]
        for step, layer in enumerate(layers):
            if step:
                coarse = [p * u for p, u in zip(problem.hidden(hidden[step - 1]), to_coarse(fine), strict=True)]
                fine = to_fine(coarse)
            fine = middles[layer - 1](fine)
            if problem.progress is not None:
                nonlocal done
                done += 1
                problem.progress(done, problem.layers)
        return to_coarse(fine)

    count = problem.layers
    if count == 1:
        return sweep(problem.start, [1], [])[problem.end]
    middle = count // 2
    below = sweep(problem.start, range(1, middle + 1), range(1, middle))
    above = sweep(problem.end, range(count, middle, -1), range(count - 1, middle, -1))
    joined = zip(below, problem.hidden(middle), above, strict=True)
    return sum((u * p * w for u, p, w in joined), start=0 * below[0])
