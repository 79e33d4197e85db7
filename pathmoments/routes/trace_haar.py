r"""Orthogonal layers in the transfer over dihedral orbits: the orthogonal projection of :mod:`pathmoments.routes.haar` on the functions that the symmetries keep.

Over single pairings pi of the paths such a layer of size N turns f into S^- f, with the Gram matrix S(pi, rho) = N^loops = sum over sigma that both refine of
(N)_{|sigma|}. A trace asks for functions that are the same on an orbit, so S is summed over orbits: with R and |pi| as in
:mod:`pathmoments.routes.trace_transfer`,

    T[a][b] = sum over pi in a, rho in b of S(pi, rho) = |a| |b| sum over orbits of sigma of R[a][sigma] R[b][sigma] (N)_{|sigma|} / |sigma|,

and the diagonal |pi| kappa_pi of independent weights becomes N^k diag(|a|) T^- diag(|a|) on the orbits of pairings.
"""

from __future__ import annotations

from functools import lru_cache
from math import perm

from flint import fmpq, fmpz_mat

from ..dihedral import Cycles, dihedral_merging
from .haar import generalised_inverse


@lru_cache(maxsize=16)
def trace_projection(cycles: Cycles, size: int) -> list[list[fmpq]]:
    """Return N^k diag(|a|) T^- diag(|a|) on the orbits of pairings, N = `size`.

    At k = 1 there is one pairing, and weights of unit variance are all that matters. At k = 2 all 3 pairings add up to the fourth moment of an entry.

    >>> from pathmoments import Orthogonal
    >>> trace_projection((1,), 3), sum(map(sum, trace_projection((2,), 3))), Orthogonal().entry_moment(4, 3)
    ([[1]], 9/5, Fraction(9, 5))
    """
    merging = dihedral_merging(cycles, pairs=True)
    count = len(merging.fine)
    rows = fmpz_mat(count, len(merging.coarse))
    weighted = fmpz_mat(len(merging.coarse), count)
    for a, (row, members) in enumerate(zip(merging.rows, merging.fine_sizes, strict=True)):
        for j, entry in row.items():
            length = 1 + max(merging.coarse[j])
            rows[a, j] = members * entry
            weighted[j, a] = members * entry // merging.coarse_sizes[j] * perm(size, length)
    scale = fmpq(size) ** sum(cycles)
    return [
        [scale * one * other * entry for entry, other in zip(row, merging.fine_sizes, strict=True)]
        for row, one in zip(generalised_inverse(rows * weighted), merging.fine_sizes, strict=True)
    ]
