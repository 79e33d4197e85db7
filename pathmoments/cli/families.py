"""`pathmoments advise --family`: (7), (8) and (9) for families of widths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, must_be
from ..exact import fraction_text
from ..theorems import CRITERIA, Verdict, WidthFamily
from ..theorems.convergence import Decision
from ..theorems.criteria import DEPTHS
from ..theorems.readable import short_text
from . import show
from .columns import AdviceFormat, comment, lines_of


@dataclass(frozen=True)
class Judged:
    """A family with what is decided of it, the answers of (7) and (9), and the verdicts of (7), (8), (9) at each depth."""

    family: WidthFamily
    law: str
    decision: Decision
    answers: dict[str, str]
    verdicts: dict[int, dict[str, Verdict]]


def judged_families(
    formulas: list[str], *, inputs: int | None, outputs: int | None, law: list[str] | None, depths: str | None
) -> list[Judged]:
    """Return the families of the options, judged."""
    if law and len(law) > 1:
        raise ArgumentError("--family has networks of all depths: give one --law for all layers")
    name, chosen = law[0] if law else "gaussian", _depths(depths)
    families = [
        WidthFamily(formula, inputs=2 if inputs is None else inputs, outputs=2 if outputs is None else outputs)
        for formula in formulas
    ]
    return [_judged(family, name, chosen) for family in families]


def _judged(family: WidthFamily, law: str, depths: tuple[int, ...]) -> Judged:
    columns = {name: one.judge_family(family, law=law, depths=depths) for name, one in CRITERIA.items()}
    verdicts = {depth: {name: columns[name][i] for name in CRITERIA} for i, depth in enumerate(depths)}
    answers = {name: CRITERIA[name].answer(family, law=law) for name in ("7", "9")}
    return Judged(family, law, family.decide(), answers, verdicts)


def _depths(text: str | None) -> tuple[int, ...]:
    if text is None:
        return DEPTHS
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,6}", part) and int(part) for part in parts):
        raise ArgumentError(must_be("--depths", "whole numbers of layers, 1 or more, such as 1,2,4,8", text))
    return tuple(dict.fromkeys(map(int, parts)))


def families_lines(judged: list[Judged], kind: AdviceFormat) -> str:
    """Return all families as text, Markdown or LaTeX."""
    return "\n\n".join("\n".join(_lines(one, kind)) for one in judged)


def _lines(one: Judged, kind: AdviceFormat) -> list[str]:
    family = one.family
    sentences = [
        f"n_j = max(1, ceil(f)), f = {family.formula}; n_0 = {family.inputs}, n_d = {family.outputs}, law {one.law}",
        f"(8) {one.decision}",
        f"(7) annealed: {one.answers['7']}",
        f"(9) quenched: {one.answers['9']}",
    ]
    between = "\n" if kind == AdviceFormat.markdown else ""
    rows = [_row(depth, verdicts) for depth, verdicts in one.verdicts.items()]
    heading = [comment(sentence, kind) + between for sentence in sentences]
    return [*heading, *([""] if kind == AdviceFormat.text else []), *lines_of(rows, kind)]


def _row(depth: int, verdicts: dict[str, Verdict]) -> dict[str, str]:
    fourth, beta, spread = verdicts["7"], verdicts["8"], verdicts["9"]
    return {
        "depth": str(depth),
        "beta": _text(beta.exact),
        "n_0^2 E Z^4": _text(fourth.exact),
        "at least (12)": _text(fourth.lower),
        "at most (12)": _text(fourth.upper),
        "E dVar": _text(spread.exact),
        "at least (15)": _text(spread.lower),
        "at most (14)": _text(spread.upper),
    }


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return str(value) if hasattr(value, "terms") else short_text(value)


def families_json(judged: list[Judged]) -> str:
    """Return all families as JSON."""
    return show.document("families/1", families=[_content(one) for one in judged])


def _content(one: Judged) -> dict[str, Any]:
    bound = one.family.sum_bound() if one.decision.converges else None
    return {
        "formula": one.family.formula,
        "inputs": one.family.inputs,
        "outputs": one.family.outputs,
        "law": one.law,
        "converges": one.decision.converges,
        "reason": one.decision.reason,
        "sum_bound": None if bound is None else fraction_text(bound),
        "annealed": one.answers["7"],
        "quenched": one.answers["9"],
        "depths": [
            {
                "depth": depth,
                "widths": list(one.family.widths(depth)),
                "verdicts": [_verdict(verdict) for verdict in verdicts.values()],
            }
            for depth, verdicts in one.verdicts.items()
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    def ball(bound: Any) -> str | None:
        return None if bound is None else str(bound.ball().str(20))

    assert verdict.exact is not None
    return {
        "equation": verdict.equation,
        "quantity": verdict.quantity,
        "status": verdict.status,
        "exact": show.value_json(verdict.exact),
        "decimal": show.decimal_json(verdict.exact),
        "lower": ball(verdict.lower),
        "upper": ball(verdict.upper),
    }


def draw_families(judged: list[Judged], file: Path) -> None:
    """Draw n_0^2 E Z^4 of each family with its bounds, against beta."""
    from ..plotting import Series, draw_against_beta

    series = []
    for one in judged:
        lower, value, upper = zip(*(verdicts["7"].levels for verdicts in one.verdicts.values()), strict=True)
        beta = [float(verdicts["8"].exact) for verdicts in one.verdicts.values()]  # type: ignore[arg-type]  # a fraction
        series.append(Series(f"f = {one.family.formula}", beta, value, lower, upper))
    draw_against_beta(series, ylabel=r"$n_0^2\;\mathrm{E}\,Z^4$", file=file)
