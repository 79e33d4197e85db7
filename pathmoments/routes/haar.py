r"""The transfer for layers of orthogonal matrices, exact: pairings of the paths, joined by a Gram matrix (orthogonal Weingarten calculus).

A layer W = gain * (the first rows and columns of a Haar distributed matrix O of O(N)) has E of m factors O[r_i, c_i] equal to the entry (r, c) of the
orthogonal projection on the tensors that O(N) leaves alone. Pairings span them: the tensor of a pairing is 1 where paired indices are equal, else 0.
With S the Gram matrix of these tensors, N^loops(pi, rho), the projection is sum_{pi, rho} S^-(pi, rho) [pi <= r] [rho <= c], the Weingarten formula
(Collins and Sniady 2006). Any generalised inverse S^- gives the same projection, so nothing breaks where N < m / 2 and S is singular.

In the states of :mod:`pathmoments.routes.transfer`, vector partitions, the tensors that interchangeable paths leave alone are spanned by the sums
over a kind of pairing. Row by row of the matrix R into pairs these sums are what R says, up to factors that cancel, and their Gram matrix is

    T = R P_N R^T,   P_N(sigma) = sigma! (N)_len / prod mult!,

P_N being what a linear layer of N neurons contributes. So the layer's N_j = R^T D R of independent weights becomes R^T T^- R: the projection on the
rows of R in the weight P_N. Gaussian weights have D, orthogonal ones T^-, and both live on pairs alone. (docs/explanation/orthogonal.rst)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from math import perm

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from ..domains import Domain, Element
from ..families import Family, dependence
from ..network import Network
from ..partitions import arrangements, count_even_partitions, merging, repeats
from .base import Cost, Options, PathSum
from .transfer import PAIRS, Middle, Problem, diagonal_middle, meet, solution


class Haar(PathSum):
    """Exact for networks with orthogonal layers, other laws between them; cost linear in depth, independent of the widths."""

    name = "haar"
    default_budget = 2_000

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: all weights are independent."""
        if dependence(net, family) is None:
            return "it is for layers of orthogonal matrices, and all weights here are independent: use route='transfer'"
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of states (even vector partitions of the paths) and of layers."""
        limit = self.default_budget if budget is None else budget
        states = count_even_partitions(family.counts, limit=limit)
        layers = family.last - family.first
        unit = "states" if states <= limit else "states or more"
        return Cost(self.name, states, unit, states**2 * (layers + states), f"{layers} layer" + "s" * (layers != 1))

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead."""
        return "use a lower order, fewer distinct entries, or a larger budget"

    def prepare(self, net: Network, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Return the sweep over layers of both kinds."""
        return lambda domain: _solve(Problem(net, family, domain, options.progress))


def _solve(problem: Problem) -> Element:
    """Return the sum without the variances, in the problem's domain."""
    independent = {law: diagonal_middle(problem.diagonal(law)) for law in set(problem.laws) if law.independent}
    middles = [
        independent[law] if law.independent else _projection(problem, layer)
        for layer, law in enumerate(problem.laws, start=1)
    ]
    return solution(problem, meet(problem, middles, problem.to_coarse, problem.to_fine))


def _projection(problem: Problem, layer: int) -> Middle:
    """Return N^(m/2) T^- for a layer of the family, N its larger side: the entries have unit variance, as all weights of a path sum."""
    net, family = problem.net, problem.family
    sides = net.widths[family.first + layer - 1 : family.first + layer + 1]
    size = max(side for side in sides if isinstance(side, int))
    inverse = pairing_inverse(family.counts, size)
    scale = fmpq(size) ** (family.size // 2)
    pairs = [i for i, fine in enumerate(problem.merging.fine) if all(sum(block) == 2 for block in fine)]
    return partial(_projected, inverse, scale, pairs, problem.domain.element(0))


def _projected(
    inverse: Sequence[Sequence[fmpq]], scale: fmpq, pairs: Sequence[int], zero: Element, fine: Sequence[Element]
) -> list[Element]:
    result = [zero] * len(fine)
    for i, row in zip(pairs, inverse, strict=True):
        result[i] = sum((fine[j] * entry for j, entry in zip(pairs, row, strict=True) if entry), start=zero) * scale
    return result


@lru_cache(maxsize=64)
def pairing_inverse(total: tuple[int, ...], size: int) -> list[list[fmpq]]:
    """Return a generalised inverse T^- of the Gram matrix T of the kinds of pairings of the paths, in dimension N = `size`.

    `total` counts the interchangeable paths of each class. Where T is singular (N < m / 2), a largest set of independent rows is inverted and the
    rest is 0: T = X^T X has such rows where X has such columns, so the projection X T^- X^T is that on all of them.

    One kind of pairing has the Gram matrix (2K-1)!! N (N+2) ... (N+2K-2), times the factor (2^K K!)^2 / (2K)!, all for 2K paths:

    >>> pairing_inverse((4,), 3)
    [[1/120]]
    """
    r = merging(total, PAIRS)
    rows = fmpz_mat(len(r.fine), len(r.coarse))
    for i, row in enumerate(r.rows):
        for j, entry in row.items():
            rows[i, j] = entry
    placed = [arrangements(sigma) * perm(size, len(sigma)) // repeats(sigma) for sigma in r.coarse]
    weighted = fmpz_mat(len(r.coarse), len(r.fine))
    for i, row in enumerate(r.rows):
        for j, entry in row.items():
            weighted[j, i] = entry * placed[j]
    return generalised_inverse(rows * weighted)


def generalised_inverse(gram: fmpz_mat) -> list[list[fmpq]]:
    """Return the inverse of a largest set of independent rows of a Gram matrix, and of the same columns, padded with zeros."""
    kept = _independent_rows(gram)
    inverse = fmpq_mat(fmpz_mat([[gram[i, j] for j in kept] for i in kept])).inv()
    padded = [[fmpq(0)] * gram.ncols() for _ in range(gram.nrows())]
    for a, i in enumerate(kept):
        for b, j in enumerate(kept):
            padded[i][j] = inverse[a, b]
    return padded


def _independent_rows(gram: fmpz_mat) -> list[int]:
    """Return the indices of a largest set of independent rows of a symmetric matrix: the pivots of its row echelon form."""
    size = gram.nrows()
    if gram.rank() == size:
        return list(range(size))
    reduced, _, rank = gram.rref()
    return [next(j for j in range(size) if reduced[i, j] != fmpz(0)) for i in range(rank)]
