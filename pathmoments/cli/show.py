"""How values, monomials and networks are written on the terminal, in JSON and in LaTeX."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb

from .._version import __version__
from ..dag import DagNetwork
from ..exact import Value, decimal_text, fraction_text
from ..families import Power
from ..laws import Law, law_to_text
from ..network import Network, shortened

LONG = 400
"""Characters of a fraction beyond which the terminal shows its size instead (JSON has it whole)."""


def value_text(value: Value) -> str:
    """Return a value in one line: a fraction with its decimal, a ball, or an expression."""
    if isinstance(value, Fraction):
        exact, decimal = fraction_text(value), decimal_text(value)
        if len(exact) > LONG:
            sizes = [f"{len(str_):,}" for str_ in exact.lstrip("-").split("/")]
            return f"{decimal} (a fraction of {' over '.join(sizes)} digits: --format json prints it)"
        if "/" not in exact:
            return exact
        sign = "=" if Fraction(decimal) == value else "~"
        return f"{exact} {sign} {decimal}"
    if isinstance(value, arb):
        return f"{value.str(20)} (a ball: the value is inside)"
    return str(value)


def value_json(value: Value) -> str:
    """Return a value as JSON has it: "p/q", "[mid +/- rad]", or the expression's text."""
    if isinstance(value, Fraction):
        return fraction_text(value)
    return str(value.str(30)) if isinstance(value, arb) else str(value)


def decimal_json(value: Value) -> str | None:
    """Return the decimal beside it, None for an expression."""
    if isinstance(value, Fraction):
        return decimal_text(value, 17)
    return str(value.str(17, radius=False)) if isinstance(value, arb) else None


def value_latex(value: Value) -> str:
    """Return a value in LaTeX."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return fraction_text(value)
        numerator, denominator = fraction_text(abs(value)).split("/")
        return ("-" if value < 0 else "") + rf"\frac{{{numerator}}}{{{denominator}}}"
    if isinstance(value, arb):
        middle, _, radius = value.str(20).strip("[]").partition("+/-")
        return " ".join(
            filter(None, [_latex_number(middle.strip()), r"\pm" if radius else "", _latex_number(radius.strip())])
        )
    from ..quantities.expansion import expression_latex

    return expression_latex(value)


def _latex_number(text: str) -> str:
    """Return a decimal such as 1.5e-30 in LaTeX."""
    mantissa, _, exponent = text.partition("e")
    return mantissa + (rf" \cdot 10^{{{int(exponent)}}}" if exponent else "")


def monomial_text(power: Power) -> str:
    """Return "Z[0,0]^4 Z[1,1]^2"."""
    factors = [f"Z[{p},{q}]" + (f"^{m}" if m != 1 else "") for (p, q), m in sorted(power.items()) if m]
    return " ".join(factors) or "1"


def monomial_latex(power: Power) -> str:
    """Return the monomial in LaTeX."""
    factors = [f"Z_{{{p},{q}}}" + (f"^{{{m}}}" if m != 1 else "") for (p, q), m in sorted(power.items()) if m]
    return " ".join(factors) or "1"


def power_json(power: Power) -> dict[str, int]:
    """Return {"p,q": order}."""
    return {f"{p},{q}": m for (p, q), m in sorted(power.items())}


def network_text(net: Network | DagNetwork) -> str:
    """Return the network in one line, in the words of the options; of a graph its size and its ends."""
    if isinstance(net, DagNetwork):
        ends = f"inputs {shortened(net.inputs, '  ').strip()}; outputs {shortened(net.outputs, '  ').strip()}"
        return f"graph of {len(net.nodes)} nodes and {len(net.edges)} edges; {ends}; bias {net.bias}"
    parts = [
        f"widths {shortened(net.widths, '  ').strip().replace(' ', '')}",
        f"law {_listed(net.laws if len(set(net.laws)) > 1 else net.laws[:1], law_to_text)}",
        *([f"variance {_numbers(net.variance)}"] if any(law.independent for law in net.laws) else []),
        f"output {net.output}",
        *([f"slope {fraction_text(net.slope)}"] if net.slope else []),
        f"bias {law_to_text(net.bias) if isinstance(net.bias, Law) else net.bias}",
        *([f"bias variance {_numbers(net.bias_variance)}"] if net.bias_variance is not None else []),
    ]
    return "; ".join(parts)


def _listed(values: Sequence[Any], text: Callable[[Any], str]) -> str:
    return ", ".join(map(text, values[:8])) + (", ..." if len(values) > 8 else "")


def _numbers(variance: Any) -> str:
    if isinstance(variance, tuple):
        return _listed(variance, _numbers)
    return fraction_text(variance) if isinstance(variance, Fraction) else str(variance)


def document(schema: str, **content: Any) -> str:
    """Return a JSON document with its schema and the version that wrote it."""
    text = json.dumps(
        {"schema": f"pathmoments/{schema}", "version": __version__, **content}, indent=2, ensure_ascii=False
    )
    return re.sub(r"\[\n\s+([^\[\]{}]*?)\n\s+\]", lambda m: "[" + re.sub(r",\n\s+", ", ", m[1]) + "]", text)
