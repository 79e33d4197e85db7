"""Values written down elsewhere come out, by every route that applies."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pathmoments import Network, moment
from pathmoments.families import family_of
from pathmoments.routes import ROUTES

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "moments.json").read_text(encoding="utf-8"))["values"]

EXACT = [name for name, route in ROUTES.items() if route.exact]


def _case(row: dict[str, Any]) -> tuple[Network, dict[tuple[int, int], int], tuple[int, int] | None]:
    keywords = {key: row[key] for key in ("variance", "output", "bias") if key in row}
    power = {(int(entry[0]), int(entry[2])): order for entry, order in row["power"].items()}
    layers = (row["layers"][0], row["layers"][1]) if "layers" in row else None
    return Network(row["widths"], law=row["law"], **keywords), power, layers


@pytest.mark.parametrize("route", ["auto", *EXACT])
@pytest.mark.parametrize(
    "row", REFERENCE, ids=lambda row: f"{row['source']}: {row['widths']} {row['law']} {row['power']}"
)
def test_reference_value_comes_out(row: dict[str, Any], route: str) -> None:
    """The value of the source named in the reference file comes out, unless the route says that it does not apply."""
    net, power, layers = _case(row)
    family = family_of(net, power, layers=layers)
    if route != "auto" and ROUTES[route].reason_against(net, family) is not None:
        others = {"gaussian", "exhaustion", *(("enumeration", "transfer") if row["law"] == "orthogonal" else ("haar",))}
        assert route in others, "enumeration and transfer apply to all independent weights, haar to all orthogonal ones"
        return
    assert moment(net, power, layers=layers, route=route) == Fraction(row["value"])


def test_every_route_meets_reference_values() -> None:
    """No exact route is left without a value that it must reproduce."""
    met = {
        route
        for route in EXACT
        for row in REFERENCE
        for net, power, layers in [_case(row)]
        if ROUTES[route].reason_against(net, family_of(net, power, layers=layers)) is None
    }
    assert met == set(EXACT)
