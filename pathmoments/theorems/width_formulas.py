"""Formulas of hidden widths in the number j of the layer, read from text and never executed.

A formula is made of whole numbers, j, + - * / ^ (or **), parentheses and the functions below; log is natural. Text becomes a small tree through
Python's own parser and a list of what is allowed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf

from ..errors import ArgumentError, UnknownNameError, must_be

MAX_FORMULA = 200
"""Characters of the longest formula that is read."""
FUNCTIONS: dict[str, float] = {"log": 1, "sqrt": 1, "exp": 1, "floor": 1, "ceil": 1, "min": inf, "max": inf}
"""The functions, and how many arguments each takes at most; min and max take at least two."""

_PIECE = re.compile(r"\s*(\d+|[A-Za-z_]\w*|\*\*|[-+*/^(),])", re.ASCII)
_ALLOWED = "a formula of whole numbers, j, + - * / ^, parentheses and " + ", ".join(FUNCTIONS)
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


@dataclass(frozen=True)
class Node:
    """A number, j, an operation or a function of other nodes.

    Attributes
    ----------
    name
        "number", "j", "+", "-", "*", "/", "^", "negative", or a function's name.
    arguments
        What it is applied to.
    number
        The number of a "number".
    """

    name: str
    arguments: tuple[Node, ...] = ()
    number: Fraction = Fraction(0)

    @property
    def constant(self) -> bool:
        """Whether j does not occur in it."""
        return self.name != "j" and all(argument.constant for argument in self.arguments)

    @property
    def whole(self) -> bool:
        """Whether its values are seen to be whole numbers for every j."""
        if self.name in ("j", "floor", "ceil"):
            return True
        if self.name == "number":
            return self.number.denominator == 1
        return self.name in ("+", "-", "*", "negative", "min", "max") and all(a.whole for a in self.arguments)


def parse(text: str) -> Node:
    """Return the tree of a formula.

    Raises
    ------
    ArgumentError
        If it is no formula, with what is allowed.
    UnknownNameError
        If it has a name that is neither j nor a function.

    >>> parse("2*j").arguments
    (Node(name='number', arguments=(), number=Fraction(2, 1)), Node(name='j', arguments=(), number=Fraction(0, 1)))
    """
    if not isinstance(text, str):
        raise _refused(text)
    return _parsed(text)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Node:
    if len(text) > MAX_FORMULA:
        raise ArgumentError(must_be("the formula of a width", f"at most {MAX_FORMULA} characters", text))
    pieces = _PIECE.findall(text)
    if "".join(pieces) != "".join(text.split()):
        raise _refused(text)
    try:
        tree = ast.parse(" ".join("**" if piece == "^" else piece for piece in pieces), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(text) from None
    return _node(tree, text)


def _refused(text: object) -> ArgumentError:
    """Return the refusal of what is no formula, with the way out of the two commonest slips."""
    way_out = "such as 'j^2'"
    if isinstance(text, str) and "." in text:
        way_out = "write 1/2 for 0.5"
    elif isinstance(text, str) and re.search(r"[\dj)]\s*(j|\()|\)\s*\w|\dlog|\d[a-z]", text):
        way_out = "write 2*j for 2j"
    return ArgumentError(must_be("the formula of a width", _ALLOWED, text, way_out))


def _node(tree: ast.expr, text: str) -> Node:
    """Return the node of a tree of Python's parser, or refuse what is not allowed."""
    match tree:
        case ast.Constant(value=int() as value) if (
            type(value) is int
        ):  # True is an int too, but no name is a constant here
            return Node("number", number=Fraction(value))
        case ast.Name(id="j"):
            return Node("j")
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS and name != "j":
            raise UnknownNameError(must_be("a name in a formula", "j or one of " + ", ".join(FUNCTIONS), name))
        case ast.BinOp() if type(tree.op) in _OPERATORS:
            return Node(_OPERATORS[type(tree.op)], (_node(tree.left, text), _node(tree.right, text)))
        case ast.UnaryOp(op=ast.USub()):
            return Node("negative", (_node(tree.operand, text),))
        case ast.UnaryOp(op=ast.UAdd()):
            return _node(tree.operand, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            least = 1 if FUNCTIONS[name] == 1 else 2
            if not least <= len(arguments) <= FUNCTIONS[name]:
                takes = "one argument" if least == 1 else "two arguments or more"
                raise ArgumentError(must_be(f"{name} in a formula", f"given {takes}", len(arguments)))
            return Node(name, tuple(_node(argument, text) for argument in arguments))
    raise _refused(text)
