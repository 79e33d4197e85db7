"""Laws known by their moments only: numbers that the user gives (and that are checked), or symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import fmpq, fmpq_mat

from ..errors import ArgumentError, UnknownMomentError, must_be
from ..exact import Value, fraction_text, integer, rational, to_fmpq
from .base import Law

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, init=False)
class Moments(Law):
    """A symmetric law given by finitely many of its moments, for results that need no more than these.

    Parameters
    ----------
    moments
        {order: E w^order} for the even orders 2, 4, ..., without gaps. The scale is free: the moments are normalised by the
        second. An odd order may be given and must be 0. The numbers must be the moments of some law: both Hankel
        matrices of E w^(2k) positive semidefinite and, where one is singular, its recurrence obeyed (Curto and Fialkow).
    atoms
        Whether the law has atoms; assumed unless you say `atoms=False`. It matters at zero bias alone.

    Raises
    ------
    ArgumentError
        If no symmetric law has these moments.

    >>> Moments({2: "1/3", 4: "1/5"}).moment(4)
    Fraction(9, 5)
    >>> Moments({2: 1, 4: "1/2"})
    Traceback (most recent call last):
        ...
    pathmoments.errors.ArgumentError: no law has these moments: mt_4 = E w^4 / (E w^2)^2 must be at least 1, was 1/2
    """

    name = "moments"
    even: tuple[Fraction, ...]
    has_atoms_: bool

    def __init__(self, moments: Mapping[int, object], *, atoms: bool = True) -> None:
        if not isinstance(moments, Mapping) or not moments:
            raise ArgumentError(must_be("moments", "a mapping {2: E w^2, 4: E w^4, ...}", moments))
        given = {
            integer(order, "an order", minimum=1, what="a whole number, 1 or more"): rational(value, f"E w^{order}")
            for order, value in moments.items()
        }
        for order, value in given.items():
            if order % 2 and value:
                raise ArgumentError(f"a symmetric law has E w^{order} = 0, was {fraction_text(value)}")
        evens = sorted(order for order in given if order % 2 == 0)
        if evens != list(range(2, 2 * len(evens) + 1, 2)) or not evens:
            raise ArgumentError(must_be("the even orders", "2, 4, 6, ... without gaps", evens))
        if given[2] <= 0:
            raise ArgumentError(must_be("E w^2", "positive", fraction_text(given[2])))
        normalised = [given[order] / given[2] ** (order // 2) for order in evens]
        _check_moments([Fraction(1), *normalised])
        object.__setattr__(self, "even", tuple(normalised))
        object.__setattr__(self, "has_atoms_", bool(atoms))

    def __repr__(self) -> str:
        inside = ", ".join(f"{2 * k}: '{fraction_text(m)}'" for k, m in enumerate(self.even, start=1))
        return f"Moments({{{inside}}}" + (")" if self.has_atoms_ else ", atoms=False)")

    @property
    def has_atoms(self) -> bool:
        """What the user said; True unless they said that there are none."""
        return self.has_atoms_

    @property
    def atoms_at_zero(self) -> bool:
        """Taken as possible unless the user said that there are no atoms."""
        return self.has_atoms_

    def _even_moment(self, k: int) -> Value:
        if k > len(self.even):
            raise UnknownMomentError(
                f"the moment of order {2 * k} is needed, and the law is given up to order {2 * len(self.even)}: add E w^{2 * k}"
            )
        return self.even[k - 1] if k else Fraction(1)


def _check_moments(s: Sequence[Fraction]) -> None:
    """Raise unless s_k = E t^k for some law of t = w^2 >= 0 (the truncated Stieltjes moment problem).

    The Hankel determinants of s and of the shifted s must be positive up to the first that is 0; from there the law is
    finite, and the kernel of the singular matrix is a recurrence that all further moments obey.
    """
    if s[2:] and s[2] < 1:
        raise ArgumentError(
            f"no law has these moments: mt_4 = E w^4 / (E w^2)^2 must be at least 1, was {fraction_text(s[2])}"
        )
    for last in range(2, len(s)):
        shift, size = last % 2, last // 2 + 1
        rows = [[to_fmpq(s[shift + i + j]) for j in range(size)] for i in range(size)]
        determinant = fmpq_mat(rows).det()
        if determinant < 0:
            raise ArgumentError(
                f"no law has these moments: with E w^{2 * last} = {fraction_text(s[last])} (normalised) the Hankel matrix of the "
                "moments is not positive semidefinite"
            )
        if determinant == 0:
            _check_recurrence(s, shift, rows)
            return


def _check_recurrence(s: Sequence[Fraction], shift: int, rows: list[list[fmpq]]) -> None:
    """Raise unless the kernel of the singular Hankel matrix annihilates all the moments that were given."""
    order = len(rows) - 1
    known = fmpq_mat([row[:order] for row in rows[:order]])
    target = fmpq_mat([[row[order]] for row in rows[:order]])
    weights = [entry[0] for entry in known.solve(target).tolist()]
    for start in range(shift, len(s) - order):
        if sum((w * to_fmpq(s[start + i]) for i, w in enumerate(weights)), start=fmpq(0)) != to_fmpq(s[start + order]):
            raise ArgumentError(
                f"no law has these moments: those up to order {2 * (shift + 2 * order)} belong to a finite law alone, and "
                f"E w^{2 * (start + order)} is not that law's"
            )


@dataclass(frozen=True, init=False)
class SymbolicLaw(Law):
    """A law whose normalised moments are the symbols `symbol_4`, `symbol_6`, ...; results are sympy expressions in them.

    `atoms` says whether the law has atoms, which matters at zero bias alone; assumed, as for :class:`Moments`.

    >>> SymbolicLaw().moment(4), SymbolicLaw("m").cumulant(4)
    (mt_4, m_4 - 3)
    """

    name = "symbolic"
    symbol: str
    has_atoms_: bool

    def __init__(self, symbol: str = "mt", *, atoms: bool = True) -> None:
        if not isinstance(symbol, str) or not symbol.isidentifier():
            raise ArgumentError(must_be("symbol", "a name such as 'mt'", symbol))
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "has_atoms_", bool(atoms))

    def __repr__(self) -> str:
        return f"SymbolicLaw({self.symbol!r}" + (")" if self.has_atoms_ else ", atoms=False)")

    @property
    def symbolic(self) -> bool:
        """True."""
        return True

    @property
    def has_atoms(self) -> bool:
        """What the user said; True unless they said that there are none."""
        return self.has_atoms_

    @property
    def atoms_at_zero(self) -> bool:
        """Taken as possible unless the user said that there are no atoms."""
        return self.has_atoms_

    def _even_moment(self, k: int) -> Value:
        return self._symbol(2 * k) if k > 1 else Fraction(1)

    def _symbol(self, order: int) -> sympy.Expr:
        import sympy

        return sympy.Symbol(f"{self.symbol}_{order}")
