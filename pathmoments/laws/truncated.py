r"""The normal law truncated at a number of standard deviations, as JAX and Keras draw it (`he_normal`, `variance_scaling`).

Let x be standard normal given |x| <= c. Integration by parts gives the moments in terms of one constant,

    E x^(2k) = (2k-1) E x^(2k-2) - c^(2k-2) rho,   rho = 2 c phi(c) / (2 Phi(c) - 1),

so E x^2 = 1 - rho. They are not rational: every moment here is a ball that contains it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

from flint import arb, ctx

from ..domains import BALL_BITS
from ..errors import ArgumentError, must_be
from ..exact import Value, fraction_text, rational, to_fmpq
from .base import Law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, init=False)
class TruncatedGaussian(Law):
    """A normal variable kept within `bound` standard deviations (2 in JAX and Keras), then scaled to unit variance.

    >>> law = TruncatedGaussian(2)
    >>> law.moment(4).str(15), law.variance_before().str(15)
    ('[2.36553671712965 +/- 4.89e-16]', '[0.773741303549923 +/- 2.48e-16]')
    """

    name = "truncated"
    rational = False
    bound: Fraction

    def __init__(self, bound: object = 2) -> None:
        c = rational(bound, "bound")
        if c <= 0:
            raise ArgumentError(must_be("bound", "a positive number of standard deviations", fraction_text(c)))
        if not Fraction(1, 1000) <= c <= 1000:
            raise ArgumentError(
                must_be("bound", "between 1/1000 and 1000", fraction_text(c), "use Uniform or Gaussian")
            )
        object.__setattr__(self, "bound", c)

    def __repr__(self) -> str:
        return f"TruncatedGaussian('{fraction_text(self.bound)}')"

    @property
    def has_atoms(self) -> bool:
        """False: the law has a density."""
        return False

    def variance_before(self) -> arb:
        """Return the variance 1 - rho that truncation leaves, before it is corrected to 1 (0.7737... at 2)."""
        return self.domain.settle(lambda: self._raw_moments(1)[1])  # type: ignore[return-value]  # a ball

    def _raw_moments(self, k: int) -> list[arb]:
        c = arb(to_fmpq(self.bound))
        density = (-c * c / 2).exp() / (2 * arb.pi()).sqrt()
        rho = 2 * c * density / (c / arb(2).sqrt()).erf()
        moments = [arb(1)]
        for i in range(1, k + 1):
            moments.append((2 * i - 1) * moments[-1] - c ** (2 * i - 2) * rho)
        return moments

    def _even_moment(self, k: int) -> Value:
        raw = self._raw_moments(max(k, 1))
        return raw[k] / raw[1] ** k

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Draw by rejection: from the normal for wide bounds, from the uniform for narrow ones."""
        import numpy as np

        c = float(self.bound)
        samples = np.empty(size)
        flat = samples.reshape(-1)
        missing = np.arange(flat.size)
        while missing.size:
            if c > 1:
                proposals = generator.standard_normal(missing.size)
                accepted = np.abs(proposals) <= c
            else:
                proposals = generator.uniform(-c, c, missing.size)
                accepted = generator.random(missing.size) <= np.exp(-(proposals**2) / 2)
            flat[missing[accepted]] = proposals[accepted]
            missing = missing[~accepted]
        return samples

    def _drawn_deviation(self) -> float:
        with ctx.workprec(2 * BALL_BITS):
            return sqrt(float(self.variance_before().mid()))
