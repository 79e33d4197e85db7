"""Grids of widths: one line of text stands for one network or for millions, and how many is known before any of them is made.

2,3,4,2                          one network
n,n,n for n in 1..20             a family: one row for each n
3, 2*n, n^2, 1 for n in 1..4, m in {2|3}
1..3,1..3,2                      a product: one row for each choice of the widths, the last one fastest
8..64..8                         with steps of 8
{2|4|8|16..20},3                 a choice
8, n x d, 1 for n in {64|128}, d in 1..10      n repeated d times
n,n,1                            a name that no `for` binds is a symbol, and the row a formula
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import ArgumentError, must_be
from ..network import MAX_LAYERS, MAX_WIDTH
from .formulas import Formula, Scope

WidthText: TypeAlias = "int | str"
"""A width as a task has it: a number, or the text of a formula in symbols."""

MAX_GRID_TEXT = 1_000_000

_RANGE = re.compile(r"(\d{1,110})(?:\.\.(\d{1,110})(?:\.\.(\d{1,110}))?)?", re.ASCII)
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Values:
    """The values that a set or a parameter runs through: arithmetic progressions (first, last, step), one after another."""

    parts: tuple[tuple[int, int, int], ...]

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum((last - first) // step + 1 for first, last, step in self.parts)

    def __iter__(self) -> Iterator[int]:
        return itertools.chain.from_iterable(range(first, last + 1, step) for first, last, step in self.parts)


@dataclass(frozen=True)
class _Term:
    """One or more equal widths: a set to choose one from, or a formula and how often it stands there."""

    choice: Values | None
    formula: Formula | None = None
    times: Formula | None = None


class WidthGrid:
    """The networks' widths that one text describes.

    Attributes
    ----------
    text
        The text, with its spaces put in order.
    parameters
        The names that `for` binds.
    count
        How many rows there are; known without making them.

    >>> grid = WidthGrid("n,n x 2,1..2 for n in 3..4")
    >>> grid.count, [widths for _, widths in grid]
    (4, [(3, 3, 3, 1), (3, 3, 3, 2), (4, 4, 4, 1), (4, 4, 4, 2)])
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_GRID_TEXT:
            raise ArgumentError(must_be("widths", f"at most {MAX_GRID_TEXT:,} characters", f"the text of {len(text)}"))
        self.text = " ".join(text.split())
        terms, *bindings = re.split(r"\bfor\b", self.text)
        if len(bindings) > 1:
            raise ArgumentError(must_be("widths", "with one `for`", text, "such as n,m,1 for n in 1..3, m in 1..3"))
        self._bound = dict(_binding(part, text) for part in _split(bindings[0])) if bindings else {}
        if bindings and len(self._bound) < len(_split(bindings[0])):
            raise ArgumentError(f"a name is bound twice in the widths {text!r}: give each a name of its own")
        self._terms = [_term(part, text) for part in _split(terms)]
        self._check()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that `for` binds, in their order."""
        return tuple(self._bound)

    @property
    def is_family(self) -> bool:
        """Whether the parameters alone determine the row: there is at least one, and no set among the widths."""
        return bool(self._bound) and all(term.choice is None for term in self._terms)

    @property
    def count(self) -> int:
        """How many rows there are."""
        sets = [term.choice for term in self._terms if term.choice is not None]
        return math.prod(values.count for values in (*self._bound.values(), *sets))

    def __iter__(self) -> Iterator[tuple[dict[str, int], tuple[WidthText, ...]]]:
        """Yield (parameters, widths): the names' values vary as they are written, the last one fastest, then the sets.

        Precondition: `count` is no more than fits into memory.

        Raises
        ------
        ArgumentError
            If a formula is not a whole number of 1 or more somewhere.
        """
        for values in itertools.product(*self._bound.values()):
            scope = dict(zip(self._bound, values, strict=True))
            for widths in itertools.product(*self._columns(scope)):
                yield scope, widths

    def _columns(self, scope: dict[str, int]) -> list[Any]:
        """Return what each width runs through, at given parameters."""
        columns = [column for term in self._terms for column in _columns(term, scope)]
        if not 2 <= len(columns) <= MAX_LAYERS + 1:
            at = ", ".join([self.text, *(f"{name} = {value}" for name, value in scope.items())])
            requirement = f"a list of at least two, and of at most {MAX_LAYERS + 1:,}"
            raise ArgumentError(must_be("widths", requirement, f"the list of {len(columns)}: {at}"))
        return columns

    def _check(self) -> None:
        """Refuse names that are bound and not used, counts that are not bound, and whatever is wrong with the first row."""
        used = {name for term in self._terms for f in (term.formula, term.times) if f is not None for name in f.names}
        for name in self._bound:
            if name not in used:
                raise ArgumentError(f"{name} is bound in {self.text!r} and no width has it: leave it out, or use it")
        for term in self._terms:
            for name in term.times.names if term.times is not None else ():
                if name not in self._bound:
                    raise ArgumentError(
                        f"{name} counts widths in {self.text!r}: say how many, such as for {name} in 1..4"
                    )
        self._columns({name: next(iter(values)) for name, values in self._bound.items()})

    def __repr__(self) -> str:
        return f"WidthGrid({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, WidthGrid) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)


def _split(text: str) -> list[str]:
    """Split at commas, those in braces left to be refused with their set."""
    return [part.strip() for part in re.split(r",(?![^{]*\})", text)]


def _binding(part: str, text: str) -> tuple[str, Values]:
    """Return the name and the values of "n in 1..20"."""
    name, found, values = part.partition(" in ")
    name = name.strip()
    if not found or not _NAME.fullmatch(name):
        raise ArgumentError(must_be("what follows `for`", "such as n in 1..20, m in {2|3}", part, f"in {text!r}"))
    numbers = _values(values.strip(), least=0)
    if numbers is None:
        requirement = "a range such as 1..20 or 8..64..8, or a choice such as {2|4|8}"
        raise ArgumentError(must_be(f"the values of {name}", requirement, values.strip()))
    return name, numbers


def _term(part: str, text: str) -> _Term:
    if not part:
        raise ArgumentError(must_be("widths", "whole numbers separated by commas, such as 2,3,4,2", text))
    item, repeated, times = (
        (piece.strip() for piece in re.split(r"(\sx\s)(?!.*\sx\s)", part)) if " x " in part else (part, "", "")
    )
    choice = _values(item, least=1) if ".." in item or "{" in item else None
    if choice is not None and repeated:
        raise ArgumentError(
            f"a repeated set says not whether the widths are equal, was {part!r}: write n x {times} for n in {item}"
        )
    if choice is not None:
        return _Term(choice)
    if re.fullmatch(r"\d+", item) and len(item) > 101:
        raise ArgumentError(must_be("a width", "at most 10^100 neurons", f"the number of {len(item)} digits"))
    return _Term(None, Formula(item), Formula(times) if repeated else None)


def _values(text: str, *, least: int) -> Values | None:
    """Return the values of a range or of a choice in braces, None where the text is neither."""
    if text.startswith("{"):
        if not text.endswith("}"):
            raise ArgumentError(must_be("a choice", "such as {2|4|8}", text))
        parts = [_range(part.strip(), least, "a choice") for part in text[1:-1].split("|")]
        found = Values(tuple(parts))
        if _has_repeats(parts):
            raise ArgumentError(must_be("a choice", "of different numbers", text))
        return found
    return Values((_range(text, least, "a range"),)) if _RANGE.match(text) else None


def _has_repeats(parts: Sequence[tuple[int, int, int]]) -> bool:
    """Whether two progressions have a number in common; wide ones are compared by arithmetic."""
    for (a, b, s), (c, d, t) in itertools.combinations(parts, 2):
        low, high, common = max(a, c), min(b, d), math.gcd(s, t)
        if low > high or (a - c) % common:
            continue
        # the first common number, by the Chinese remainder theorem
        first = a + s * ((c - a) // common * pow(s // common, -1, t // common) % (t // common))
        period = s * t // common
        if first + max(0, -(-(low - first) // period)) * period <= high:
            return True
    return False


def _range(text: str, least: int, kind: str) -> tuple[int, int, int]:
    match = _RANGE.fullmatch(text)
    if not match:
        raise ArgumentError(must_be(kind, "whole numbers, such as 1..20, 8..64..8 or {2|4|8}", text))
    first, last, step = (int(group) if group else None for group in match.groups())
    assert first is not None
    last, step = first if last is None else last, 1 if step is None else step
    if not least <= first <= last:
        raise ArgumentError(must_be(kind, f"from a number of {least} or more up to one as large or larger", text))
    if last > MAX_WIDTH:
        raise ArgumentError(must_be(kind, "of numbers of at most 10^100", text))
    if step == 0:
        raise ArgumentError(must_be("the step of a range", "1 or more", text))
    return first, last, step


def _columns(term: _Term, scope: dict[str, int]) -> list[Any]:
    """Return what each of the term's widths runs through, at given parameters."""
    if term.choice is not None:
        return [term.choice]
    assert term.formula is not None
    times = 1 if term.times is None else term.times.number(scope, least=0)
    if times > MAX_LAYERS + 1:
        raise ArgumentError(must_be("a repetition", f"at most {MAX_LAYERS + 1:,}", f"the number {times}"))
    return [(_width(term.formula, scope),)] * times


def _width(formula: Formula, scope: dict[str, int]) -> WidthText:
    free = [name for name in formula.names if name not in scope]
    if not free:
        number = formula.number(scope)
        if number > MAX_WIDTH:
            raise ArgumentError(
                must_be(formula.text, "at most 10^100 neurons", f"the number of {len(str(number))} digits")
            )
        return number
    value = symbolic(formula, scope)
    return str(value) if value.free_symbols else Formula(str(value)).number({})


def symbolic(formula: Formula, scope: Scope) -> Any:
    """Return the sympy expression of a formula, the names that the scope does not bind as symbols without assumptions."""
    import sympy

    return formula.value({name: sympy.Symbol(name) for name in formula.names} | dict(scope))
