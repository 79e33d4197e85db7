"""The expansion of an exact symbolic result in powers of 1/n, exactly: no limit is taken, and what is left out is known.

Every result is a rational function of its symbols (:mod:`pathmoments.quantities.graded` has the algebra). Where no denominator is left but monomials,
the expansion ends: it is then the value itself, and is written without an O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb

from ..errors import ArgumentError, must_be
from ..exact import Value, balanced, expression, integer, is_symbolic, rational
from .graded import Graded, end, product

if TYPE_CHECKING:
    import sympy

MAX_TERMS = 200
"""Powers beyond the leading one that a series without an end may have: their coefficients take the square of it."""


@dataclass(frozen=True, repr=False)
class Expansion:
    """An expansion: value = factor * (sum over k of coefficients[k] / n^k), up to a remainder that is known exactly.

    Attributes
    ----------
    value
        What was expanded.
    symbols
        The symbols that grow.
    coefficients
        {k: c_k} by rising k, without those that are 0. With one symbol n, c_k is a Fraction or an expression in the other symbols. With several, c_k is
        the whole term: the part of total degree k in their inverses.
    order
        The highest power that was asked for.
    factor
        1, or the leading term of a relative expansion.
    remainder_power
        The power p of the O(1/n^p) that is left out; None where nothing is.
    """

    value: Value
    symbols: tuple[sympy.Symbol, ...]
    coefficients: Mapping[int, Value] = field(hash=False)
    order: int
    factor: Value
    remainder_power: int | None

    @property
    def exact(self) -> bool:
        """Whether the expansion ends, and is the value itself."""
        return self.remainder_power is None

    def expression(self, *, with_order: bool = False) -> sympy.Expr:
        """Return the truncated sum as a sympy expression; `with_order` adds sympy's O at infinity, which one symbol alone has.

        >>> import sympy
        >>> n = sympy.Symbol("n")
        >>> expansion(1 / (n - 1), n, order=2).expression(with_order=True)
        n**(-2) + 1/n + O(n**(-3), (n, oo))
        """
        import sympy

        total = sympy.Add(*self._terms())
        if with_order and self.remainder_power is not None:
            if len(self.symbols) > 1:
                raise ArgumentError("sympy has no O of a total degree: leave out with_order, or expand in one symbol")
            total += sympy.O(self.symbols[0] ** -self.remainder_power, (self.symbols[0], sympy.oo))
        return sympy.Mul(_sympy(self.factor), total)

    def remainder(self) -> Value:
        """Return value - expression(), exactly and factored; 0 where the expansion is exact.

        >>> import sympy
        >>> n = sympy.Symbol("n")
        >>> expansion(1 / (n - 1), n, order=2).remainder()
        1/(n**2*(n - 1))
        """
        if self.exact:
            return Fraction(0)
        graded = Graded(self.value, self.symbols)
        (a, b), (c, d) = graded.fraction(self.value), graded.fraction(self.expression())
        return graded.quotient(a * d - c * b, b * d)

    def latex(self) -> str:
        """Return the expansion in LaTeX, with its O."""
        return self._written(expression_latex, _order_latex, r"{} \left({}\right)")

    def __str__(self) -> str:
        return self._written(_text, _order_text, "{} * ({})")

    def __repr__(self) -> str:
        return f"Expansion({self})"

    def _terms(self) -> Iterator[Any]:
        """Yield the terms by rising power; with several symbols those of one power by their monomials."""
        import sympy

        for power, coefficient in self.coefficients.items():
            if len(self.symbols) == 1:
                yield sympy.Mul(*_sympy(coefficient).as_content_primitive(), self.symbols[0] ** -power)
            else:
                yield from sorted(sympy.Add.make_args(_sympy(coefficient)), key=self._exponents)

    def _exponents(self, term: Any) -> tuple[int, ...]:
        powers = term.as_powers_dict()
        return tuple(int(powers.get(symbol, 0)) for symbol in self.symbols)

    def _written(self, write: Callable[[Any], str], order: Callable[[Sequence[Any], int], str], multiplied: str) -> str:
        """Return the sum in the notation of `write`, with the O at its end and the factor before it."""
        terms = list(self._terms())
        alone = self.exact and len(terms) == 1
        texts = [f"({write(term)})" if term.is_Add and not alone else write(term) for term in terms]
        if self.remainder_power is not None:
            texts.append(order(self.symbols, self.remainder_power))
        signed = (f" - {text[1:].lstrip()}" if text.startswith("-") else f" + {text}" for text in texts or ["0"])
        whole = "".join(signed).removeprefix(" + ")
        whole = f"-{whole[3:]}" if whole.startswith(" - ") else whole
        if self.factor == 1:
            return whole
        front = write(_sympy(self.factor))
        front = f"({front})" if _sympy(self.factor).is_Add else front
        return front if whole == "1" else multiplied.format(front, whole)


def expansion(
    value: Value, symbol: sympy.Symbol | str | Sequence[sympy.Symbol | str], *, order: int, relative: bool = False
) -> Expansion:
    r"""Return the expansion of an exact symbolic result as a symbol grows, in powers of its inverse, with exact coefficients.

    value = sum_{k=lead}^{order} c_k / n^k + O(1/n^(order+1)). Powers are absolute and start where the value does: at a negative `lead` if it grows, and
    beyond `order`, with the O alone, if it falls faster. With `relative=True` the leading term stands in front,
    value = c / n^lead (1 + a_1 / n + ... + a_order / n^order + O(1/n^(order+1))), and `order` counts from it.

    Several symbols grow together: each is multiplied by t, and the power is that of 1/t, the total degree in the inverses of the symbols.

    Parameters
    ----------
    value
        What `moment`, `expect` or `empirical_variance` gave: a sympy expression, or a Fraction, which is its own expansion.
    symbol
        The symbol that grows, or several; symbols or their names. One that does not occur in the value changes nothing.
    order
        The highest power of 1/n, a whole number of 0 or more.
    relative
        Whether the leading term is factored out.

    Returns
    -------
    An :class:`~pathmoments.quantities.expansion.Expansion`.

    Raises
    ------
    ArgumentError
        If the value is a ball or text, or no rational function of its symbols (a suffix at zero bias has factors 1 - 2^-n); for other arguments.
    InexactNumberError
        If there is a float in the value.

    Cost
    ----
    For each factor of the value that is not a monomial, order^2 products of polynomials; the degree of the value does not matter.

    >>> import sympy
    >>> from pathmoments import Network, moment
    >>> n = sympy.Symbol("n")
    >>> expansion(moment(Network([n, n, n, n], law="symbolic"), {(0, 0): 4}), n, order=3)
    Expansion(6/n^2 + 12*(2*mt_4 - 1)/n^3 + O(1/n^4))
    >>> expansion(moment(Network([2, *[n] * 50, 2]), {(0, 0): 4}), n, order=2, relative=True)
    Expansion(3/2 * (1 + 250/n + 30625/n^2 + O(1/n^3)))

    One hidden layer of Gaussian weights: the expansion ends.

    >>> expansion(moment(Network([1, n, 1]), {(0, 0): 6}), n, order=9, relative=True)
    Expansion(60 * (1 + 15/n + 44/n^2))
    """
    order = integer(order, "order", minimum=0, what="a whole number, 0 or more")
    given = _checked(value)
    symbols = _chosen(symbol, given)
    if is_symbolic(given) and not given.free_symbols.isdisjoint(symbols):
        return _expanded(given, symbols, order, relative)
    factor = given if relative and given != 0 else Fraction(1)
    return Expansion(given, symbols, {0: given / factor} if given != 0 else {}, order, factor, None)


def _checked(value: object) -> Any:
    """Return a result of exact routes; text is never evaluated."""
    if is_symbolic(value):
        return expression(value, "value", positive=False)
    if isinstance(value, (arb, str)):
        raise ArgumentError(
            must_be(
                "value", "a sympy expression or a Fraction", value, "expand what moment or expect returned for symbols"
            )
        )
    return rational(value, "value")


def _chosen(symbol: object, value: Any) -> tuple[sympy.Symbol, ...]:
    """Return the symbols asked for, found in the value by name: there they may carry other assumptions."""
    import sympy

    occurring = sorted(getattr(value, "free_symbols", ()), key=str)
    named = {str(one): one for one in occurring}
    if len(named) < len(occurring):
        raise ArgumentError(
            f"two different symbols have one name among {', '.join(map(str, occurring))}: use one for both, or rename one"
        )
    chosen = symbol if isinstance(symbol, (list, tuple)) else [symbol]
    for one in chosen or [symbol]:
        if not (isinstance(one, sympy.Symbol) or (isinstance(one, str) and one.isidentifier())):
            raise ArgumentError(must_be("symbol", "a symbol or its name, or a list of them", symbol))
    return tuple(dict.fromkeys(named.get(str(one), sympy.Symbol(str(one))) for one in chosen))


def _expanded(value: Any, symbols: tuple[sympy.Symbol, ...], order: int, relative: bool) -> Expansion:
    """Return the expansion of an expression in which at least one of the symbols occurs."""
    graded = Graded(value, symbols)
    factors = graded.factors(value)
    if not factors:  # an expression that is 0 without looking it
        return Expansion(value, symbols, {}, order, Fraction(1), None)
    lead = -sum(exponent * parts.degree for parts, exponent in factors)
    last, stop = order if relative else order - lead, end(factors)
    if stop is None and last > MAX_TERMS:
        raise ArgumentError(must_be("order", f"at most {order - last + MAX_TERMS} for a series without an end", order))
    series = product(graded.one, factors, last if stop is None else min(last, stop))
    above = balanced((parts.top**exponent for parts, exponent in factors if exponent > 0), graded.one)
    below = balanced((parts.top**-exponent for parts, exponent in factors if exponent < 0), graded.one)
    front, bottom, first = (graded.one, graded.one, 0) if relative else (above, below, lead)
    coefficients = {
        first + k: graded.coefficient(front * numerator, bottom * series.base**k)
        for k, numerator in enumerate(series.numerators)
        if numerator != 0
    }
    factor = graded.quotient(above, below) if relative else Fraction(1)
    remainder_power = None if stop is not None and stop <= last else max(order + 1, first)
    return Expansion(value, symbols, coefficients, order, factor, remainder_power)


# -- how it is written --------------------------------------------------------------------------------------------------


def _sympy(value: Any) -> Any:
    import sympy

    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def _text(value: Any) -> str:
    if value.is_Pow and value.exp.is_negative:
        return f"1/{_text(1 / value)}"
    return str(value).replace("**", "^")


def _order_text(symbols: Sequence[Any], power: int) -> str:
    if len(symbols) > 1:
        return f"O(degree {power})"
    return f"O(1/{symbols[0]}" + (f"^{power})" if power != 1 else ")")


def _order_latex(symbols: Sequence[Any], power: int) -> str:
    if len(symbols) > 1:
        return rf"O\left(\mathrm{{degree}}\ {power}\right)"
    return rf"O\left({expression_latex(symbols[0] ** -power)}\right)"


def expression_latex(value: sympy.Expr) -> str:
    r"""Return an expression in LaTeX: `\widetilde{\mu}_{4}` for the moment mt_4, names of several letters upright.

    >>> import sympy
    >>> print(expression_latex(sympy.Symbol("mt_4") / sympy.Symbol("width") + sympy.Symbol("n_in") ** 2))
    \frac{\widetilde{\mu}_{4}}{\mathrm{width}} + n_{\mathrm{in}}^{2}
    """
    import sympy

    names = {
        s: _symbol_latex(s.name) for s in value.free_symbols if not set(s.name) & set("{\\")
    }  # those are LaTeX already
    written = list(names.values())
    for symbol, name in names.items():
        if written.count(name) > 1:  # n1 and n_1
            names[symbol] = _upright(symbol.name)
    words = any(name.startswith(r"\mathrm") for name in names.values())  # side by side they would read as one
    return str(sympy.latex(value, symbol_names=names, mul_symbol=r" \, " if words else None))


def _symbol_latex(name: str) -> str:
    """Return a symbol in LaTeX: Greek letters and indices as sympy reads them, words upright."""
    from sympy.printing.conventions import split_super_sub
    from sympy.printing.latex import translate

    base, above, below = split_super_sub(name)
    if above or not base.isalnum() or not all(part.isalnum() for part in below):
        return _upright(name)
    letter = r"\widetilde{\mu}" if base == "mt" else translate(base) if len(base) > 1 else base
    if letter == base and len(base) > 1:
        letter = _upright(base)
    indices = [part if part.isdigit() or len(part) == 1 else _upright(part) for part in below]
    return letter + (f"_{{{','.join(indices)}}}" if indices else "")


def _upright(name: str) -> str:
    return r"\mathrm{" + name.replace("_", r"\_") + "}"
