"""Whole-number formulas in widths, such as n, 2*n, n+1 or n^2: parsed by Python's own parser, allowed node by node, never evaluated as code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from ..errors import ArgumentError, must_be

MAX_FORMULA = 200
"""Characters of the longest formula that is read."""
MAX_BITS = 4_000
"""Bits of the largest number on the way to a width; widths have at most 10^100."""

Scope: TypeAlias = Mapping[str, Any]
"""What the names of a formula stand for: whole numbers, or sympy symbols."""

_TOKEN = re.compile(r"\s*(\d[\d_]*|[^\W\d]\w*|\*\*|[-+*/^()])")

_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


class Formula:
    """A formula of whole numbers, names, + - * / ^ and parentheses.

    >>> formula = Formula("n^2 / 2 + 1")
    >>> formula.names, formula.number({"n": 4})
    (('n',), 9)
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._tree = _parsed(self.text)
        self.names = tuple(dict.fromkeys(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)))

    def number(self, scope: Scope, *, least: int = 1) -> int:
        """Return the whole number that the formula gives, where all of its names are bound to numbers.

        Raises
        ------
        ArgumentError
            If it is no whole number of at least `least`, or too large.
        """
        value = self.value(scope)
        if type(value) is int and value >= least:  # the common case, kept quick
            return value
        if value < least or Fraction(value).denominator != 1:
            where = ", ".join(f"{name} = {scope[name]}" for name in self.names)
            was = f"the number {value}" + (f" at {where}" if where else "")
            raise ArgumentError(must_be(self.text, f"a whole number, {least} or more", was))
        return int(value)

    def value(self, scope: Scope) -> Any:
        """Return the value: a number, or a sympy expression where a name stands for a symbol."""
        try:
            return _value(self._tree, scope)
        except ZeroDivisionError:
            raise ArgumentError(f"the formula {self.text} divides by zero") from None
        except OverflowError:
            raise ArgumentError(
                must_be(f"the formula {self.text}", "at most 10^100", "the number of more than 1,000 digits")
            ) from None


def _parsed(text: str) -> ast.expr:
    refusal = must_be("a width", "a whole number, or a formula of names, + - * / ^ and parentheses", text)
    if len(text) > MAX_FORMULA:
        raise ArgumentError(must_be("a width", f"a formula of at most {MAX_FORMULA} characters", text))
    tokens = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != "".join(text.split()):
        raise ArgumentError(refusal)
    try:
        tree = ast.parse(" ".join(tokens).replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ArgumentError(refusal) from None
    if not all(map(_allowed, ast.walk(tree))):
        raise ArgumentError(refusal)
    return tree


def _allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value.bit_length() <= MAX_BITS
    kinds = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub)
    return isinstance(node, kinds)


def _value(node: ast.expr, scope: Scope) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return scope[node.id]
        case ast.UnaryOp():
            return -_value(node.operand, scope)
        case ast.BinOp():
            return _small(_operation(node.op, _value(node.left, scope), _value(node.right, scope)))
    raise AssertionError(node)  # _allowed lets nothing else through


def _operation(kind: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(kind, ast.Div):
        if right == 0:
            raise ZeroDivisionError
        return Fraction(left, right) if _is_number(left) and _is_number(right) else left / right
    if not isinstance(kind, ast.Pow):
        return _OPERATIONS[type(kind)](left, right)
    if not (isinstance(right, int) and 0 <= right <= MAX_BITS):
        raise ArgumentError(must_be("an exponent", f"a whole number, 0 to {MAX_BITS:,}", f"the number {right}"))
    if isinstance(left, int) and left.bit_length() * right > 2 * MAX_BITS:
        raise OverflowError
    return left**right


def _small(value: Any) -> Any:
    """Refuse numbers that no width has, before they grow further."""
    if _is_number(value) and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise OverflowError
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, Fraction))
