r"""Orthogonal matrices, as torch's `orthogonal_`, JAX's `orthogonal` and Keras's `Orthogonal` draw them: one law for a whole layer.

A layer of n' neurons above n has W = gain * (the first n' rows and n columns of a Haar distributed matrix of O(N)), N = max(n, n'): its rows
are orthonormal up to the gain where n' <= n, its columns where n' >= n. Every entry is a coordinate of a uniform point of the unit sphere of
R^N, so

    E W_ab^2 = gain^2 / N,    E W_ab^(2K) = gain^(2K) (2K-1)!! / (N (N+2) ... (N+2K-2)),

and the entries depend on one another. The law of W does not change when a row or a column changes its sign, which is all that the decoupling of the
activations needs (docs/explanation/orthogonal.rst).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod, sqrt
from typing import TYPE_CHECKING

from ..errors import ArgumentError, RouteError, must_be
from ..exact import Value, fraction_text, integer, rational
from .base import Law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, init=False)
class Orthogonal(Law):
    """Weights of a layer that are an orthogonal matrix times a gain, or where it is not square have orthonormal rows or columns times it.

    The size N = max(fan_in, fan_out) decides the variance of an entry, gain^2 / N: the `variance` of a network is not used for such a layer.

    Parameters
    ----------
    gain
        The gain, an exact number other than 0.
    gain_squared
        Its square instead, for gains such as the root of 2: `Orthogonal(gain_squared=2)`.

    Raises
    ------
    ArgumentError
        If the gain is 0, its square is not positive, or both are given.

    >>> Orthogonal(gain_squared=2).entry_moment(4, 3), Orthogonal().entry_moment(4, 1)
    (Fraction(9, 5), Fraction(1, 1))
    >>> from pathmoments import Network
    >>> Network([3, 4, 4], law=Orthogonal(gain_squared=2)).variances
    (Fraction(1, 2), Fraction(1, 2))
    """

    name = "orthogonal"
    independent = False
    gain_squared: Fraction

    def __init__(self, gain: object = None, *, gain_squared: object = None) -> None:
        if gain is not None and gain_squared is not None:
            raise ArgumentError("give gain or gain_squared to Orthogonal, not both")
        if gain_squared is None:
            root = rational(1 if gain is None else gain, "gain")
            if root == 0:
                raise ArgumentError(must_be("gain", "a number other than 0", fraction_text(root)))
            square = root**2
        else:
            square = rational(gain_squared, "gain_squared")
            if square <= 0:
                raise ArgumentError(must_be("gain_squared", "positive", fraction_text(square)))
        object.__setattr__(self, "gain_squared", square)

    def __repr__(self) -> str:
        return (
            "Orthogonal("
            + ("" if self.gain_squared == 1 else f"gain_squared='{fraction_text(self.gain_squared)}'")
            + ")"
        )

    def entry_moment(self, order: int, size: int) -> Fraction:
        """Return the normalised moment of one entry, E W^order / (E W^2)^(order/2), in a layer with max(fan_in, fan_out) = size.

        N^K (2K-1)!! / (N (N+2) ... (N+2K-2)) for the order 2K and the size N: 1 for N = 1, and (2K-1)!! as N grows.

        >>> [str(Orthogonal().entry_moment(4, n)) for n in (1, 2, 3, 100)]
        ['1', '3/2', '9/5', '50/17']
        """
        order = integer(order, "order", minimum=0, what="a whole number, 0 or more")
        n = integer(size, "size", minimum=1, what="a whole number of neurons, 1 or more")
        if order % 2:
            return Fraction(0)
        return Fraction(n ** (order // 2) * prod(range(1, order, 2)), prod(range(n, n + order, 2)))

    def entry_variance(self, fan_in: int, fan_out: int) -> Fraction:
        """Return gain^2 / N, whatever the network asks for."""
        return self.gain_squared / max(fan_in, fan_out)

    @property
    def has_atoms(self) -> bool:
        """False, but for a layer of one neuron above one: see :meth:`atoms_in`."""
        return False

    def atoms_in(self, fan_in: int, fan_out: int) -> bool:
        """Whether an entry has atoms in a layer of this shape: a 1 x 1 orthogonal matrix is a sign."""
        return max(fan_in, fan_out) == 1

    def _even_moment(self, k: int) -> Value:
        raise RouteError(
            f"{self} is a law of matrices, whose entries depend on one another and on the size of the layer: the moments of one entry are "
            "entry_moment(order, size), and route='haar' has those of networks"
        )

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Draw matrices of the last two sizes, scaled so that entries have unit variance.

        Q of a Gaussian matrix is Haar distributed once the diagonal of R is positive (Mezzadri 2007).
        """
        import numpy as np

        if not isinstance(size, tuple) or len(size) < 2:
            raise ArgumentError(must_be("size", "a tuple (..., rows, columns), as the law is one of matrices", size))
        *batch, rows, columns = size
        tall = max(rows, columns)
        q, r = np.linalg.qr(generator.standard_normal((*batch, tall, min(rows, columns))))
        q *= np.copysign(sqrt(tall), np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
        matrices: NDArray[np.float64] = q if rows >= columns else q.swapaxes(-2, -1)
        return matrices
