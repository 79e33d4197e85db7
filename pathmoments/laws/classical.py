"""Three classical laws with a density: Gaussian, uniform and Laplace."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial, prod, sqrt
from typing import TYPE_CHECKING

from ..exact import Value
from .base import Law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Atomless(Law):
    @property
    def has_atoms(self) -> bool:
        """False: the law has a density."""
        return False


@dataclass(frozen=True)
class Gaussian(_Atomless):
    """The normal law: mt_2k = (2k-1)!!, and every cumulant beyond the second is 0.

    >>> [int(Gaussian().moment(r)) for r in (2, 4, 6, 8)]
    [1, 3, 15, 105]
    """

    name = "gaussian"

    def _even_moment(self, k: int) -> Value:
        return Fraction(prod(range(1, 2 * k, 2)))

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        return generator.standard_normal(size)


@dataclass(frozen=True)
class Uniform(_Atomless):
    """The uniform law on an interval symmetric about 0: mt_2k = 3^k / (2k+1).

    >>> [str(Uniform().moment(r)) for r in (2, 4, 6)]
    ['1', '9/5', '27/7']
    """

    name = "uniform"

    def _even_moment(self, k: int) -> Value:
        return Fraction(3**k, 2 * k + 1)

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        samples = generator.random(size)
        samples -= 0.5
        return samples

    def _drawn_deviation(self) -> float:
        return sqrt(1 / 12)


@dataclass(frozen=True)
class Laplace(_Atomless):
    """The two-sided exponential law: mt_2k = (2k)! / 2^k.

    >>> [int(Laplace().moment(r)) for r in (2, 4, 6)]
    [1, 6, 90]
    """

    name = "laplace"

    def _even_moment(self, k: int) -> Value:
        return Fraction(factorial(2 * k), 2**k)

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        return generator.laplace(size=size)

    def _drawn_deviation(self) -> float:
        return sqrt(2)
