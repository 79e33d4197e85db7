r"""Rational functions ordered by their degree in the symbols that grow, and their series in the inverse: the algebra behind an expansion.

A result is a product of powers of polynomials, prod_i f_i^(e_i). Multiply every symbol that grows by t, and order each polynomial by its degree,

    f(t x) = t^deg (f_0 + f_1 / t + f_2 / t^2 + ...),    f_k the part of f of degree deg - k in these symbols, f_0 not 0.

Then f(t x)^e = t^(e deg) f_0^e (1 + sum_k G_k / (f_0^k t^k)), with G_0 = 1 and

    k G_k = sum_{i=1}^{k} ((e + 1) i - k) f_i f_0^(i-1) G_{k-i},

from f g' = e f' g (Knuth, The Art of Computer Programming, volume 2, section 4.7): polynomials throughout, for negative e too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from flint import fmpq

from ..domains import Element, Polynomials
from ..errors import ArgumentError, must_be
from ..exact import Value, balanced, is_symbolic, rational

if TYPE_CHECKING:
    import sympy


class Parts(NamedTuple):
    """A polynomial by degree: parts[k] has degree `degree` - k in the symbols that grow; the first and the last are not 0."""

    parts: list[Element]
    degree: int

    @property
    def top(self) -> Element:
        """The part of the highest degree."""
        return self.parts[0]

    @property
    def spread(self) -> int:
        """The highest degree minus the lowest: 0 for a homogeneous polynomial."""
        return len(self.parts) - 1


Factors = list[tuple[Parts, int]]
"""(polynomial, exponent), the exponents of either sign."""


class Series(NamedTuple):
    """The series sum_k numerators[k] / (base t)^k."""

    numerators: list[Element]
    base: Element

    def times(self, other: Series, last: int) -> Series:
        """Return the product up to t^-last."""
        product = [0 * self.base] * (last + 1)
        for i, a in enumerate(self.numerators):
            for j, b in enumerate(other.numerators[: last + 1 - i]):
                if a != 0 and b != 0:
                    product[i + j] += a * other.base**i * b * self.base**j
        return Series(product, self.base * other.base)


def power(f: Parts, exponent: int, last: int) -> Series:
    """Return (f / f_0)^exponent as a series up to t^-last."""
    numerators = [f.top**0]
    for k in range(1, last + 1):
        terms = (
            f.parts[i] * f.top ** (i - 1) * numerators[k - i] * ((exponent + 1) * i - k)
            for i in range(1, min(k, f.spread) + 1)
        )
        numerators.append(sum(terms, start=0 * f.top) * fmpq(1, k))
    return Series(numerators, f.top)


def product(one: Element, factors: Factors, last: int) -> Series:
    """Return prod (f / f_0)^exponent as a series up to t^-last; no term where `last` is negative."""
    series = Series([one] if last >= 0 else [], one)
    for parts, exponent in factors:
        if parts.spread and last >= 0:
            series = series.times(power(parts, exponent, last), last)
    return series


def end(factors: Factors) -> int | None:
    """Return the k of the last term t^-k of the series; None if it has no last, for an inhomogeneous denominator."""
    if any(parts.spread for parts, exponent in factors if exponent < 0):
        return None
    return sum(exponent * parts.spread for parts, exponent in factors if exponent > 0)


class Graded:
    """The polynomials in the symbols of a value, ordered by their degree in those of them that grow.

    Precondition: no two symbols of the value have one name.
    """

    def __init__(self, value: Any, growing: Sequence[sympy.Symbol]) -> None:
        self._symbols = sorted(value.free_symbols, key=str)  # the order of Polynomials
        self._domain = Polynomials(self._symbols)
        self._places = {symbol: place for place, symbol in enumerate(self._symbols)}
        self._growing = [self._places[symbol] for symbol in growing if symbol in self._places]
        self._alone = len(growing) == 1
        self.one = self._domain.element(1)

    def factors(self, value: Any) -> Factors:
        """Return the value as powers of polynomials, [] for 0; an inhomogeneous one below the line has no factor in common with one above."""
        above: list[tuple[Element, int]] = []
        below: list[tuple[Element, int]] = []
        for polynomial, exponent in self._powers(value):
            (above if exponent > 0 else below).append((polynomial, abs(exponent)))
        if any(polynomial == 0 for polynomial, _ in above):
            return []
        above, below = self._cancelled(above, below)
        return [(self._parts(f), e) for f, e in above] + [(self._parts(f), -e) for f, e in below]

    def fraction(self, value: Any) -> tuple[Element, Element]:
        """Return the value as numerator and denominator, not in lowest terms."""
        powers = self._powers(value)
        above = balanced((f**e for f, e in powers if e > 0), self.one)
        return above, balanced((f**-e for f, e in powers if e < 0), self.one)

    def quotient(self, above: Element, below: Element) -> Value:
        """Return above / below in lowest terms and factored: a Fraction, or a sympy expression."""
        return _value(self._ratio(above, below))

    def coefficient(self, above: Element, below: Element) -> Value:
        """Return the term above / below without its power of n; where several symbols grow, the term itself as a sum over their monomials."""
        import sympy

        common = above.gcd(below)
        above, below = above // common, below // common
        if self._alone:
            return self.quotient(*(next(iter(self._by_monomial(f, strip=True).values())) for f in (above, below)))
        if len(self._by_monomial(below)) > 1:
            return self.quotient(above, below)
        return _value(sympy.Add(*(self._ratio(part, below) for part in self._by_monomial(above).values())))

    def _ratio(self, above: Element, below: Element) -> Any:
        """Return above / below as one sympy product, its number collected in front (a product of a number and a sum alone is expanded by sympy)."""
        import sympy

        if above == 0:
            return sympy.S.Zero
        common = above.gcd(below)
        parts = above // common, below // common
        number, one_over = (polynomial.factor()[0] for polynomial in parts)
        primitive = [
            self._domain.value(Fraction(1), polynomial * (1 / content))
            for polynomial, content in zip(parts, (number, one_over), strict=True)
        ]
        content = number / one_over
        return sympy.Mul(sympy.Rational(int(content.p), int(content.q)), primitive[0], 1 / primitive[1])

    def _powers(self, value: Any) -> list[tuple[Element, int]]:
        """Return (polynomial, exponent) for each factor of a rational function."""
        import sympy

        powers = []
        for factor in sympy.Mul.make_args(value):
            base, exponent = factor.as_base_exp()
            if not exponent.is_Integer:
                raise _refusal(value)
            read = self._read(base)
            if read is not None:
                powers.append((read, int(exponent)))
            else:
                over, under = sympy.fraction(sympy.together(base))
                powers.append((self._element(over, value), int(exponent)))
                powers.append((self._element(under, value), -int(exponent)))
        if any(polynomial == 0 and exponent < 0 for polynomial, exponent in powers):
            raise ArgumentError(f"value has no meaning: a denominator of {value} is 0")
        return powers

    def _read(self, polynomial: Any) -> Element | None:
        """Return a sum of monomials, term by term; None for any other form, which sympy expands, at a hundred times the cost."""
        import sympy

        terms: dict[tuple[int, ...], fmpq] = {}
        for term in sympy.Add.make_args(polynomial):
            coefficient, monomial = term.as_coeff_Mul(rational=True)
            powers = [0] * len(self._symbols)
            for factor in sympy.Mul.make_args(monomial):
                base, exponent = factor.as_base_exp()
                if base in self._places and exponent.is_Integer and exponent > 0:
                    powers[self._places[base]] += int(exponent)
                elif factor != 1:
                    return None
            number = fmpq(int(coefficient.p), int(coefficient.q))
            terms[tuple(powers)] = (
                terms.get(tuple(powers), fmpq(0)) + number
            )  # like terms, if sympy was told to keep them
        return self._from_terms({powers: number for powers, number in terms.items() if number})

    def _element(self, polynomial: Any, value: Any) -> Element:
        try:
            return self._domain.element(polynomial)
        except ArgumentError as error:
            raise _refusal(value) from error

    def _cancelled(self, above: list[Any], below: list[Any]) -> tuple[list[Any], list[Any]]:
        """Return the powers without what an inhomogeneous polynomial below has in common with one above."""
        for j, (q, b) in enumerate(below):
            if self._parts(q).spread == 0:
                continue
            for i, (p, a) in enumerate(above):
                common = p.gcd(q)
                if not common.is_constant():
                    rest = [*above[:i], *above[i + 1 :], (p // common, a), (common, max(a - b, 0))]
                    under = [*below[:j], *below[j + 1 :], (q // common, b), (common, max(b - a, 0))]
                    return self._cancelled([f for f in rest if f[1]], [f for f in under if f[1]])
        return above, below

    def _parts(self, polynomial: Element) -> Parts:
        by_degree: dict[int, dict[Any, Any]] = {}
        for powers, coefficient in polynomial.to_dict().items():
            by_degree.setdefault(sum(int(powers[i]) for i in self._growing), {})[powers] = coefficient
        top, bottom = max(by_degree), min(by_degree)
        return Parts([self._from_terms(by_degree.get(degree, {})) for degree in range(top, bottom - 1, -1)], top)

    def _by_monomial(self, polynomial: Element, *, strip: bool = False) -> dict[tuple[int, ...], Element]:
        """Return the polynomial as a sum over monomials in the symbols that grow; `strip` divides these out."""
        groups: dict[tuple[int, ...], dict[Any, Any]] = {}
        for powers, coefficient in polynomial.to_dict().items():
            kept = tuple(0 if strip and i in self._growing else int(e) for i, e in enumerate(powers))
            groups.setdefault(tuple(int(powers[i]) for i in self._growing), {})[kept] = coefficient
        return {monomial: self._from_terms(terms) for monomial, terms in groups.items()}

    def _from_terms(self, terms: dict[Any, Any]) -> Element:
        return self.one.context().from_dict(terms)


def _value(value: Any) -> Value:
    return value if is_symbolic(value) else rational(value, "a coefficient")


def _refusal(value: Any) -> ArgumentError:
    import sympy

    requirement = "a rational function of its symbols with rational coefficients"
    way_out = "expand what moment, expect or empirical_variance returned"
    if any(power.exp.free_symbols for power in value.atoms(sympy.Pow)):
        way_out = "at zero bias a suffix has factors 1 - 2^-n, which have no powers of 1/n: expand the value of bias='atomless'"
    return ArgumentError(must_be("value", requirement, f"the expression {value}", way_out))
