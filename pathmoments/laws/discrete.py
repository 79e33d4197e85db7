"""Laws with atoms: Rademacher signs, any symmetric finite law, and random sparsity on top of another law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import copysign, sqrt
from typing import TYPE_CHECKING

from ..errors import ArgumentError, must_be
from ..exact import Value, fraction_text, rational, scaled
from .base import Law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MAX_ATOMS = 10_000


@dataclass(frozen=True)
class Rademacher(Law):
    """Fair signs, +1 or -1: mt_2k = 1, the smallest moments that a law can have.

    >>> [int(Rademacher().moment(r)) for r in (2, 4, 6)], Rademacher().has_atoms
    ([1, 1, 1], True)
    """

    name = "rademacher"

    @property
    def has_atoms(self) -> bool:
        """True: the atoms are -1 and 1."""
        return True

    @property
    def atoms(self) -> Mapping[Fraction, Fraction]:
        """The atoms -1 and 1, each with probability 1/2."""
        return {Fraction(-1): Fraction(1, 2), Fraction(1): Fraction(1, 2)}

    def _even_moment(self, k: int) -> Value:
        return Fraction(1)

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        signs = generator.integers(0, 2, size=size, dtype="int8").astype("float64")
        signs *= 2
        signs -= 1
        return signs


@dataclass(frozen=True, init=False)
class Finite(Law):
    """A symmetric law on finitely many exact values.

    Parameters
    ----------
    atoms
        Either values with equal weight, or a mapping from value to probability. Values and probabilities are exact
        numbers; the law must be symmetric, sum to 1, and not sit at 0 alone. The scale does not matter: a network
        scales the law to the variance of its layer.

    >>> law = Finite({-1: "1/4", 0: "1/2", 1: "1/4"})
    >>> law.moment(4), law.raw_variance
    (Fraction(2, 1), Fraction(1, 2))
    >>> Finite([-2, -1, 1, 2]).moment(4)
    Fraction(34, 25)
    """

    name = "finite"
    pairs: tuple[tuple[Fraction, Fraction], ...]

    def __init__(self, atoms: Mapping[object, object] | Iterable[object]) -> None:
        object.__setattr__(self, "pairs", tuple(sorted(_collected(atoms).items())))

    def __repr__(self) -> str:
        inside = ", ".join(f"'{fraction_text(a)}': '{fraction_text(p)}'" for a, p in self.pairs)
        return f"Finite({{{inside}}})"

    @property
    def has_atoms(self) -> bool:
        """True."""
        return True

    @property
    def atoms(self) -> Mapping[Fraction, Fraction]:
        """The values with their probabilities, as given."""
        return dict(self.pairs)

    def _even_moment(self, k: int) -> Value:
        raw = sum((p * a ** (2 * k) for a, p in self.pairs), start=Fraction(0))
        return raw / self.raw_variance**k

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        import numpy as np

        variance = self.raw_variance
        values = np.array([copysign(sqrt(a * a / variance), 1 if a > 0 else -1) for a, _ in self.pairs])
        cumulative = np.cumsum([float(p) for _, p in self.pairs])
        return values[np.searchsorted(cumulative[:-1], generator.random(size), side="right")]


def _collected(atoms: Mapping[object, object] | Iterable[object]) -> dict[Fraction, Fraction]:
    """Return {atom: probability} after checking that it is a symmetric law."""
    if isinstance(atoms, Mapping):
        given = [(rational(a, "an atom"), rational(p, "a probability")) for a, p in atoms.items()]
    elif isinstance(atoms, Iterable) and not isinstance(atoms, str):
        values = [rational(a, "an atom") for a in islice(atoms, MAX_ATOMS + 1)]
        given = [(a, Fraction(1, len(values))) for a in values]
    else:
        raise ArgumentError(must_be("atoms", "values such as [-1, 1], or a mapping from value to probability", atoms))
    if not 0 < len(given) <= MAX_ATOMS:
        raise ArgumentError(
            must_be("atoms", f"1 to {MAX_ATOMS:,} values", "the list of " + ("none" if not given else "more"))
        )
    law: dict[Fraction, Fraction] = {}
    for atom, probability in given:
        if probability < 0:
            raise ArgumentError(must_be("a probability", "0 or more", fraction_text(probability)))
        if probability:
            law[atom] = law.get(atom, Fraction(0)) + probability
    if sum(law.values()) != 1:
        raise ArgumentError(must_be("the sum of the probabilities", "1", fraction_text(sum(law.values()))))
    for atom, probability in law.items():
        if law.get(-atom) != probability:
            raise ArgumentError(
                f"a finite law must be symmetric about 0, but {fraction_text(atom)} has probability {fraction_text(probability)} "
                f"and {fraction_text(-atom)} has {fraction_text(law.get(-atom, 0))}"
            )
    if set(law) == {Fraction(0)}:
        raise ArgumentError("a finite law must have an atom other than 0: its variance would be 0")
    return law


@dataclass(frozen=True, init=False)
class Sparse(Law):
    """Random sparsity: 0 with probability `zero`, otherwise a sample of `law`; mt_2k = mt_2k(law) / (1 - zero)^(k-1).

    >>> from pathmoments import Gaussian
    >>> Sparse("1/2", Gaussian()).moment(4)
    Fraction(6, 1)
    """

    name = "sparse"
    zero: Fraction
    law: Law

    def __init__(self, zero: object, law: Law) -> None:
        probability = rational(zero, "zero")
        if not 0 <= probability < 1:
            raise ArgumentError(must_be("zero", "a probability of at least 0 and below 1", fraction_text(probability)))
        if not isinstance(law, Law):
            raise ArgumentError(must_be("law", "a Law such as Gaussian()", law))
        if not law.independent:
            raise ArgumentError(
                must_be("law", "one of independent weights", law, "zeros would make the rows no longer orthogonal")
            )
        object.__setattr__(self, "zero", probability)
        object.__setattr__(self, "law", law)

    def __repr__(self) -> str:
        return f"Sparse('{fraction_text(self.zero)}', {self.law!r})"

    @property
    def rational(self) -> bool:  # type: ignore[override]  # follows the law underneath
        """Whether the law underneath is rational."""
        return self.law.rational

    @property
    def symbolic(self) -> bool:
        """Whether the law underneath is symbolic."""
        return self.law.symbolic

    @property
    def has_atoms(self) -> bool:
        """Whether 0 has positive probability or the law underneath has atoms."""
        return self.zero > 0 or self.law.has_atoms

    @property
    def atoms_at_zero(self) -> bool:
        """Whether 0 has positive probability."""
        return self.zero > 0 or self.law.atoms_at_zero

    @property
    def atoms(self) -> Mapping[Fraction, Fraction] | None:
        """The mixture's atoms where the law underneath is finite, else None."""
        if self.law.atoms is None:
            return None
        mixed = {atom: p * (1 - self.zero) for atom, p in self.law.atoms.items()}
        if self.zero:
            mixed[Fraction(0)] = mixed.get(Fraction(0), Fraction(0)) + self.zero
        return mixed

    def _even_moment(self, k: int) -> Value:
        if k == 0:
            return self.law._even_moment(0)
        return scaled(self.law._even_moment(k), (1 - self.zero) ** (1 - k))

    def _draw(self, generator: np.random.Generator, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        samples = self.law._draw(generator, size)
        samples *= generator.random(size) >= float(self.zero)
        return samples

    def _drawn_deviation(self) -> float:
        return self.law._drawn_deviation() * sqrt(1 - self.zero)
