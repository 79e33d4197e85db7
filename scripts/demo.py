"""Exact moments of one small network, proved by enumeration and held against a simulation (run it with `scripts/demo`)."""

from __future__ import annotations

import sys
from fractions import Fraction

from rich import box
from rich.console import Console
from rich.table import Table

from pathmoments import Network, cost, estimate, moment
from pathmoments.cli import paths
from pathmoments.exact import decimal_text, fraction_text
from pathmoments.families import family_of
from pathmoments.paths import summarize
from pathmoments.routes import ROUTES

WIDTHS = (2, 3, 4, 2)
LAWS = ("gaussian", "uniform", "rademacher", "laplace")
ORDERS = (2, 4, 6)
SAMPLES, SEED = 1_000_000, 2018


def routes_that_agree(net: Network, order: int) -> list[str]:
    """Evaluate the moment by every exact route that applies, and return their names; stop if two differ."""
    family = family_of(net, {(0, 0): order})
    names = [name for name, route in ROUTES.items() if route.exact and route.reason_against(net, family) is None]
    values = {name: moment(net, {(0, 0): order}, route=name) for name in names}
    if len(set(values.values())) != 1:
        sys.exit(f"the routes disagree: {values}")
    return names


def row(net: Network, order: int) -> list[str]:
    """Return one moment: exact, decimal, its costs, the routes that agree, and the simulation."""
    power = {(0, 0): order}
    agreeing = routes_that_agree(net, order)
    result = estimate(net, power, samples=SAMPLES, seed=SEED)
    assert isinstance(result.exact, Fraction)
    return [
        f"E Z^{order}",
        fraction_text(result.exact),
        decimal_text(result.exact),
        f"{cost(net, power, route='enumeration').count:,}",
        f"{cost(net, power, route='transfer').count}",
        cost(net, power).route,
        " = ".join(agreeing),
        f"{result.mean:.5g}",
        f"{result.standard_error:.3g}",
        f"{result.z:+.2f}",
    ]


def main() -> None:
    """Print the table of moments and the table of collections."""
    sys.stdout.write(
        f"The Jacobian Z[p, q] = d f_q / d x_p of random ReLU networks of widths {', '.join(map(str, WIDTHS))}, He variance; Z = Z[0, 0].\n"
        "Exact moments; what they cost (collections walked by the enumeration, states of the transfer); the cheapest route and all that agree;\n"
        f"and a simulation of {SAMPLES:,} real networks a law (seed {SEED}) with its exact standard error.\n\n"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    left = ("weights", "moment", "route", "routes that agree")
    for header in (
        "weights",
        "moment",
        "exact",
        "decimal",
        "collections",
        "states",
        "route",
        "routes that agree",
        "simulated",
        "error",
        "z",
    ):
        table.add_column(header, justify="left" if header in left else "right", no_wrap=True)
    for law in LAWS:
        for order in ORDERS:
            table.add_row(law if order == ORDERS[0] else "", *row(Network(WIDTHS, law=law), order))
        table.add_section()
    print_table(table)
    sys.stdout.write("\nThe path collections behind one of them (Theorem 3: the contributions sum to the moment):\n\n")
    sys.stdout.write(paths.table_text(summarize(Network(WIDTHS, law="uniform"), {(0, 0): 4})) + "\n")


def print_table(table: Table) -> None:
    """Print a table without the spaces that pad its lines."""
    out = Console(width=1000, color_system=None, highlight=False, markup=False)
    with out.capture() as captured:
        out.print(table)
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().rstrip().splitlines()) + "\n")


if __name__ == "__main__":
    main()
