"""From a specification to a table: refusals first, then one task a network and quantity, then decimals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import BudgetError
from ..exact import count_text
from ..sweeps import Ledger, sweep
from .cells import Cell, decimal, decoded, rounded
from .quantities import Column, Quantity
from .result import Heading, Table
from .spec import Row, TableSpec
from .work import Setting, cells, joined, named, task_front, work

MAX_ROWS = 20_000
"""Rows of the largest table that is made without being asked twice."""
MEMORY_ROWS = 2_000_000
"""Rows of the largest table at all: they are held in memory, a kilobyte or so each."""


def table(
    spec: TableSpec | Mapping[str, Any] | str | Path,
    *,
    executor: Executor | None = None,
    ledger: Ledger | None = None,
    limit: int | None = MAX_ROWS,
    progress: Callable[[int, int], None] | None = None,
) -> Table:
    """Return the exact values of some quantities on every network of a grid.

    Parameters
    ----------
    spec
        What the table is of: a dictionary, the name of a TOML or JSON file, or a specification that was read before. Its keys
        are in the reference, "Tables"; `widths`, and `orders` or `quantities`, are required. Orders are full orders, not the paper's K.
    executor
        A standard executor whose processes do the work, such as :func:`pathmoments.sweeps.executor` gives; by default this process does.
    ledger
        A :class:`pathmoments.sweeps.Ledger` that keeps what is finished. Tables that overlap share one: a result is known by its
        network and quantity.
    limit
        The most rows; None for as many as fit into memory (2,000,000).
    progress
        Called with (done, total) now and then.

    Returns
    -------
    A :class:`pathmoments.Table`. The same specification gives the same table, and the same bytes in every format.

    Raises
    ------
    SpecError
        If the specification does not fit; the message names the place.
    BudgetError
        If there are more rows than the limit, before any is made; or, with the row named, if a sum is too large.
    UndeterminedMomentError, AtomsError, OutOfRangeError, UnknownMomentError, ArgumentError
        With the row named, as :func:`pathmoments.moment`; what is finished by then stays in the ledger.
    UndecidedError
        If the decimal of a ball stays between two roundings.

    Cost
    ----
    A moment of order 4: about 0.4 ms a row and core.

    >>> square = table({"widths": ["n,n,n for n in 1..3"], "laws": ["gaussian", "rademacher"], "orders": [4], "digits": 4})
    >>> print(square)
    n  law         E Z[0,0]^4  (4 digits)
    -  ----------  ----------  ----------
    1  gaussian            36       36.00
    1  rademacher           4       4.000
    2  gaussian          21/4       5.250
    2  rademacher         5/4       1.250
    3  gaussian          16/9       1.778
    3  rademacher       16/27      0.5926
    <BLANKLINE>
    all rows: widths n,n,n; variance he; output relu; bias atomless
    """
    spec = checked(spec)
    check_size(spec, limit)
    rows = list(spec.rows())
    _refusals(spec, rows)
    results = _results(spec, rows, executor, ledger, progress)
    return _assembled(spec, rows, results)


def checked(spec: TableSpec | Mapping[str, Any] | str | Path) -> TableSpec:
    """Return the specification, read where it is not one yet."""
    if isinstance(spec, TableSpec):
        return spec
    from .reading import read_spec, spec_of

    return read_spec(spec) if isinstance(spec, (str, Path)) else spec_of(spec)


def check_size(spec: TableSpec, limit: int | None) -> None:
    """Refuse a table of more rows than the limit, and one that would not fit into memory, with the count."""
    count = spec.count
    if count > MEMORY_ROWS:
        raise BudgetError(
            f"the table has {count_text(count)} rows, and one of more than {MEMORY_ROWS:,} is not made: make several"
        )
    if limit is not None and count > limit:
        raise BudgetError(
            f"the table has {count:,} rows, over {limit:,}: choose smaller ranges, or go on with limit=None"
        )


def _refusals(spec: TableSpec, rows: Sequence[Row]) -> None:
    """Refuse before any work what can be known: entries outside a network, what is not determined, what no route can afford.

    Networks are alike here if they differ in the sizes of their widths alone. So one of each kind is looked at; where only the wider ones
    of a kind are too large for any route, they are refused when their turn comes.
    """
    seen = set()
    for row in rows:
        symbolic = any(isinstance(width, str) for width in row.widths)
        for quantity in spec.quantities:
            within = [
                isinstance(width, str) or width >= needed
                for width, needed in ((row.widths[0], quantity.inputs), (row.widths[-1], quantity.outputs))
            ]
            key = (quantity.text, row.setting, len(row.widths), symbolic, *within)
            if key not in seen:
                seen.add(key)
                with named(row.setting, row.widths, quantity):
                    quantity.check(row.setting.network(row.widths))


def _results(
    spec: TableSpec,
    rows: Sequence[Row],
    executor: Executor | None,
    ledger: Ledger | None,
    progress: Callable[[int, int], None] | None,
) -> list[list[str]]:
    """Return the results as JSON, one list a quantity with one text a row."""
    widths = [json.dumps(row.widths, separators=(",", ":")) + "}" for row in rows]
    asked = []
    for quantity in spec.quantities:
        fronts = {setting: task_front(setting, quantity) for setting in spec.settings()}
        asked += [fronts[row.setting] + text for row, text in zip(rows, widths, strict=True)]
    found = sweep(work, asked, executor=executor, ledger=ledger, progress=progress)
    return [found[start : start + len(rows)] for start in range(0, len(found), len(rows))]


def _assembled(spec: TableSpec, rows: Sequence[Row], results: Sequence[Sequence[str]]) -> Table:
    """Return the table; of two columns of one name the first stands."""
    headings = [Heading(name, latex, "parameter") for name, latex in _parameters(spec)]
    parts: list[list[Any]] = [[row.widths for row in rows]]
    parts += [[row.parameters.get(name) for row in rows] for name in spec.parameters]
    parts += [[joined(getattr(row.setting, name)) for row in rows] for name in vars(Setting())]
    values: dict[str, list[Cell]] = {}
    for quantity, texts in zip(spec.quantities, results, strict=True):
        decodings = [[decoded(form) for form in json.loads(text)] for text in texts]
        for number, column in enumerate(quantity.columns):
            if column.name in values:
                continue
            entries = values[column.name] = [decoding[number] for decoding in decodings]
            if spec.exact or not column.numeric:
                headings.append(Heading(column.name, column.latex, "exact" if column.numeric else "word"))
                parts.append(entries)
            if spec.digits and column.numeric:
                headings.append(_decimal_heading(spec, column))
                parts.append(_decimals(spec, rows, quantity, number, entries))
    return Table(spec, tuple(headings), tuple(zip(*parts, strict=True)), values)


def _parameters(spec: TableSpec) -> list[tuple[str, str]]:
    """Return (name, heading in LaTeX) of the columns that say which network it is."""
    bound = [
        (name, f"${name}$" if len(name) == 1 else rf"$\mathit{{{name.replace('_', chr(92) + '_')}}}$")
        for name in spec.parameters
    ]
    return [("widths", "widths"), *bound, *((name, name) for name in vars(Setting()))]


def _decimal_heading(spec: TableSpec, column: Column) -> Heading:
    """Return the heading of the decimals: beside the exact values their digits suffice."""
    digits = f"({spec.digits} digit{'s' * (spec.digits != 1)})"
    latex = r"$\approx$" if spec.exact else column.latex
    return Heading(f"{column.name} {digits}", latex, "decimal", beside=spec.exact)


def _decimals(
    spec: TableSpec, rows: Sequence[Row], quantity: Quantity, number: int, entries: Sequence[Cell]
) -> list[str | None]:
    """Return the decimals of a column; where the exact values are not shown, what has no decimal stands itself."""

    def finer(row: Row, bits: int) -> Cell:
        return cells(row.setting, row.widths, quantity, bits=bits)[number]

    found: list[Any] = []
    for row, cell in zip(rows, entries, strict=True):
        if isinstance(cell, Fraction):  # the common case, kept quick
            found.append(rounded(cell, spec.digits))
            continue
        with named(row.setting, row.widths, quantity):
            text = decimal(cell, spec.digits, partial(finer, row))
        found.append(cell if text is None and not spec.exact else text)
    return found
