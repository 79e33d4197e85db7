"""What every weight law can say: its exact normalised moments and cumulants, its atoms, and a sample.

With w distributed by the law, the normalised moment of order r is mt_r = E w^r / (E w^2)^(r/2): 0 for odd r, mt_0 = mt_2 = 1,
and mt_4 >= 1. The normalised cumulants k_r are those of w / sqrt(E w^2): log E exp(t w) = sum_r k_r t^r / r!.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from math import comb, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from ..domains import Balls, Domain, Rationals
from ..errors import ArgumentError, RouteError, must_be
from ..exact import Value, fraction_text, integer, is_symbolic, rational

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Law(ABC):
    """A law symmetric about 0. Laws are immutable, compare by value, and have unit variance until a network scales them.

    >>> from pathmoments import Uniform
    >>> law = Uniform()
    >>> law.moment(4), law.cumulant(4), law.moment(3), law.has_atoms
    (Fraction(9, 5), Fraction(-6, 5), Fraction(0, 1), False)
    """

    name: ClassVar[str]
    """The name on the command line and in files."""

    rational: ClassVar[bool] = True
    """Whether the moments are rational numbers (False: rigorous balls)."""

    independent: ClassVar[bool] = True
    """Whether the weights of a layer are independent, so that moments of single weights say all (False: a law of matrices)."""

    def moment(self, order: int) -> Value:
        """Return the normalised moment mt_order = E w^order / (E w^2)^(order/2).

        Parameters
        ----------
        order
            The full order, 0 or more (not the paper's K = order / 2).

        Returns
        -------
        A Fraction; a ball for a law that is not rational; a sympy expression for a symbolic law.

        Raises
        ------
        ArgumentError
            If `order` is not a whole number, 0 or more.
        UnknownMomentError
            If the law was given by finitely many moments and this is not one of them.

        >>> from pathmoments import Gaussian, Laplace, Rademacher
        >>> [int(law.moment(6)) for law in (Gaussian(), Laplace(), Rademacher())]
        [15, 90, 1]
        """
        order = integer(order, "order", minimum=0, what="a whole number, 0 or more")
        if order % 2:
            return Fraction(0)
        return self.domain.settle(lambda: self._even_moment(order // 2))

    def cumulant(self, order: int) -> Value:
        """Return the normalised cumulant of the given order (0 for odd orders and for order 0).

        Defined by log E exp(t w / sigma) = sum_r k_r t^r / r!, so that k_2 = 1 and k_4 = mt_4 - 3.

        >>> from pathmoments import Gaussian, Rademacher
        >>> [int(Rademacher().cumulant(r)) for r in (2, 4, 6)], Gaussian().cumulant(4)
        ([1, -2, 16], Fraction(0, 1))
        """
        order = integer(order, "order", minimum=0, what="a whole number, 0 or more")
        if order % 2 or order == 0:
            return Fraction(0)
        return self.domain.settle(lambda: self.even_cumulants(order // 2)[-1])

    def even_cumulants(self, count: int) -> list[Value]:
        """Return the normalised cumulants [k_2, k_4, ..., k_(2 count)], at the working precision for balls."""
        moments: list[Any] = [self._even_moment(k) for k in range(count + 1)]
        cumulants: list[Any] = []
        for n in range(1, count + 1):
            known: Any = sum(comb(2 * n - 1, 2 * j - 1) * cumulants[j - 1] * moments[n - j] for j in range(1, n))
            cumulant: Any = moments[n] - known
            cumulants.append(cumulant.expand() if is_symbolic(cumulant) else cumulant)
        return cumulants

    @property
    def domain(self) -> Domain:
        """The domain of the law's moments (a symbolic law has exact values at once, as rationals have)."""
        return Rationals() if self.rational else Balls()

    @property
    def symbolic(self) -> bool:
        """Whether the moments are symbols."""
        return False

    @property
    @abstractmethod
    def has_atoms(self) -> bool:
        """Whether some value has positive probability (or, for a law given by moments, may have)."""

    def atoms_in(self, fan_in: Any, fan_out: Any) -> bool:
        """Whether some value of a weight has positive probability in a layer of this shape."""
        return self.has_atoms

    def entry_variance(self, fan_in: int, fan_out: int) -> Fraction | None:
        """Return the variance that the law itself gives to the weights of a layer of this shape; None: the network scales them."""
        return None

    @property
    def atoms(self) -> Mapping[Fraction, Fraction] | None:
        """The finite support as {value: probability} before normalisation, or None where it is not finite."""
        return None

    @property
    def atoms_at_zero(self) -> bool:
        """Whether the value 0 has positive probability."""
        return self.atoms is not None and 0 in self.atoms

    @property
    def raw_variance(self) -> Fraction:
        """The variance of `atoms` as they were given; 1 for a law that is not given by atoms."""
        if self.atoms is None:
            return Fraction(1)
        return sum((p * a * a for a, p in self.atoms.items()), start=Fraction(0))

    @abstractmethod
    def _even_moment(self, k: int) -> Value:
        """Return mt_2k, for k >= 0; for balls at the working precision."""

    def sample(
        self, generator: np.random.Generator, size: int | tuple[int, ...], *, variance: Value | int = Fraction(1)
    ) -> NDArray[np.float64]:
        """Return `size` independent samples scaled to the given variance, as float64.

        Raises
        ------
        RouteError
            If the law is known by its moments only: no sampler follows from them.

        >>> import numpy as np
        >>> from pathmoments import Rademacher
        >>> np.unique(Rademacher().sample(np.random.default_rng(0), 100, variance=4)).tolist()
        [-2.0, 2.0]
        """
        exact = rational(variance, "variance")
        if exact < 0:
            raise ArgumentError(must_be("variance", "0 or more", fraction_text(exact)))
        scale = sqrt(exact) / self._drawn_deviation()
        return self._draw(generator, size) * scale

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Return samples of any convenient variance, whose square root is `_drawn_deviation()`."""
        raise RouteError(
            f"the law {self} is known by its moments only and cannot be sampled: use an exact route, or a law with a sampler"
        )

    def _drawn_deviation(self) -> float:
        return 1.0
