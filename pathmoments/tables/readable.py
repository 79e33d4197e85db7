"""What a reader sees of a table: only the columns in which something varies, and one axis across the page if asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .spec import AXES, SETTING, TableSpec
from .work import setting_text
from .writers.entries import escaped

if TYPE_CHECKING:
    from .result import Heading, Table


@dataclass(frozen=True)
class Readable:
    """Headings and rows as text formats show them, which headings are of numbers, and what is the same in all rows."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    numeric: tuple[bool, ...]
    notes: str


def readable(table: Table) -> Readable:
    """Return what a reader sees: families by their parameters instead of their widths, and no axis with a single value."""
    spec = table.spec
    names = [heading.name for heading in table.columns]
    hidden = {SETTING[axis] for axis in AXES if len(getattr(spec, axis)) == 1}
    hidden |= {"widths"} if _by_parameters(spec) else set(spec.parameters)
    kept = [number for number, name in enumerate(names) if name not in hidden]
    headings = tuple(table.columns[number] for number in kept)
    rows = tuple(tuple(row[number] for number in kept) for row in table.rows)
    notes = _notes(spec)
    if spec.across and spec.across not in hidden:
        headings, rows, said = _across(headings, rows, spec.across)
        notes += [said] if said else []
    numeric = tuple(h.kind in ("exact", "decimal") or h.name in spec.parameters for h in headings)
    return Readable(headings, rows, numeric, "; ".join(notes))


def _by_parameters(spec: TableSpec) -> bool:
    """Whether the parameters tell the widths: one family, and nothing else."""
    return len(spec.widths) == 1 and spec.widths[0].is_family


def _notes(spec: TableSpec) -> list[str]:
    """Return what is the same in all rows, in the words of the options."""
    same = {SETTING[axis]: values[0] for axis in AXES if len(values := getattr(spec, axis)) == 1}
    parts = [f"widths {spec.widths[0].text.partition(' for ')[0]}"] if _by_parameters(spec) else []
    return [*parts, *([setting_text(same, whole=True)] if same else [])]


def _across(
    headings: tuple[Heading, ...], rows: tuple[tuple[Any, ...], ...], axis: str
) -> tuple[tuple[Heading, ...], tuple[tuple[Any, ...], ...], str]:
    """Return headings and rows with the values of one axis side by side, and what the headings then leave unsaid."""
    place = [heading.name for heading in headings].index(axis)
    first = next((number for number, heading in enumerate(headings) if heading.kind != "parameter"), len(headings))
    labels = list(dict.fromkeys(row[place] for row in rows))
    beside: dict[Any, dict[str, tuple[Any, ...]]] = {}
    for row in rows:
        beside.setdefault(row[:place] + row[place + 1 : first], {})[row[place]] = row[first:]
    values = headings[first:]
    alone = sum(heading.kind != "decimal" for heading in values) == 1 or len(values) == 1
    front = headings[:place] + headings[place + 1 : first]
    whole = (*front, *(_labelled(heading, label, alone=alone) for label in labels for heading in values))
    joined = tuple(key + tuple(entry for label in labels for entry in found[label]) for key, found in beside.items())
    return whole, joined, f"{values[0].name} by {axis}" if alone else ""


def _labelled(heading: Heading, label: str, *, alone: bool) -> Heading:
    """Return a heading that says which value of the axis it is of; the decimal beside an exact value follows it."""
    if heading.beside:
        return heading
    if alone:
        return replace(heading, name=label, latex=escaped(label))
    return replace(heading, name=f"{label}: {heading.name}", latex=f"{escaped(label)}: {heading.latex}")
