"""`pathmoments moment`: one exact moment, its route and cost, and a simulation beside it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..dag import DagNetwork
from ..errors import ArgumentError, RouteError
from ..exact import is_symbolic
from ..network import Network
from ..quantities.expansion import Expansion, expansion
from ..quantities.moments import cost, estimate, moment
from ..routes import ROUTES, Cost, Estimate
from . import options, show
from .progress import progress
from .workers import workers

DISAGREEMENT = 6.0
"""|z| beyond which `--check` ends with status 1. Few samples or a heavy tail exceed it by chance: no stated false-alarm rate."""

_EXACT = ("auto", *(name for name, route in ROUTES.items() if route.exact))


def moment_command(
    widths: options.Widths = None,
    power: options.Powers = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    layers: options.LayerRange = None,
    route: Annotated[
        str,
        typer.Option(
            help="auto, gaussian, transfer, haar, enumeration or exhaustion.",
            autocompletion=lambda incomplete: [name for name in _EXACT if name.startswith(incomplete)],
        ),
    ] = "auto",
    budget: options.Budget = None,
    x: options.Input = None,
    check: Annotated[
        int | None,
        typer.Option(min=1, metavar="SAMPLES", help="Simulate this many networks and compare.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The seed of --check; a fresh one by default.", show_default=False)
    ] = None,
    jobs: options.Jobs = 1,
    dask: options.Dask = None,
    expand: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="ORDER",
            help="Expand the formula in 1/n up to this power, for all symbolic widths at once.",
            show_default=False,
        ),
    ] = None,
    format_: options.OutputFormat = options.Format.text,
) -> None:
    """Print the exact moment E prod Z[P,Q]^ORDER of the input-output Jacobian Z[P,Q] = d f_Q / d x_P.

    Example: pathmoments moment 2,3,4,2 --law uniform --power 0,0=4
    """
    net = options.network_or_dag_from(widths, network, law, variance, output, slope, bias)
    monomial, section, point = options.power_from(power), options.layers_from(layers), options.input_from(x)
    if route == "sampling":
        raise RouteError("a simulation stands beside the exact value: use --check SAMPLES")
    if seed is not None and check is None:
        raise ArgumentError("--seed is the seed of --check: give --check SAMPLES with it")
    if (jobs > 1 or dask is not None) and check is None:
        raise ArgumentError("--jobs and --dask are the workers of --check: give --check SAMPLES with them")
    if point is not None and check is None and route != "exhaustion":
        raise ArgumentError(
            "--x is the input of --check or of --route exhaustion; the exact value does not depend on it"
        )
    growing = [] if expand is None else _growing(net)
    with progress(f"E {show.monomial_text(monomial)}") as report:
        value = moment(net, monomial, layers=section, route=route, budget=budget, x=point, progress=report)
    taken = cost(net, monomial, layers=section, route=route, budget=budget)
    series = None if expand is None else _expanded(value, growing, expand)
    simulated = None
    if check is not None:
        with workers(jobs=jobs, dask=dask) as (executor, _), progress(f"simulating {check:,} networks") as report:
            simulated = estimate(
                net, monomial, samples=check, seed=seed, x=point, layers=section, progress=report, executor=executor
            )
    write = {options.Format.text: _text, options.Format.json: _json, options.Format.latex: _latex}[format_]
    typer.echo(
        write(net=net, power=monomial, section=section, value=value, taken=taken, series=series, simulated=simulated)
    )
    if simulated is not None and not abs(simulated.z) <= DISAGREEMENT:
        raise typer.Exit(1)


def _growing(net: Network | DagNetwork) -> list[Any]:
    """Return the symbols among the widths, in their order; refuse a network that has none."""
    widths = net.widths if isinstance(net, Network) else ()
    growing = list(dict.fromkeys(width for width in widths if is_symbolic(width)))
    if not growing:
        raise ArgumentError("--expand needs a symbolic width: write a name such as n for a width, as in n,n,n")
    return growing


def _expanded(value: Any, growing: list[Any], order: int) -> Expansion:
    """Return the expansion in those of the symbols that are left in the value."""
    left = [symbol for symbol in growing if is_symbolic(value) and symbol in value.free_symbols]
    return expansion(value, left or growing, order=order)


def _text(
    *, net: Network | DagNetwork, power: Any, section: Any, value: Any, taken: Cost,
    series: Expansion | None, simulated: Estimate | None,
) -> str:  # fmt: skip
    name = f"E {show.monomial_text(power)}" + (f", layers {section[0] + 1}..{section[1]}" if section else "")
    lines = [f"{name} = {show.value_text(value)}", f"network: {show.network_text(net)}", f"route: {taken}"]
    if series is not None:
        later = f"; it begins with the power {series.remainder_power}" if not series.coefficients else ""
        lines.insert(1, f"expansion: {series}{' (exact)' if series.exact else later}")
    if simulated is not None:
        lines.append(f"simulation: {simulated}" + ("" if abs(simulated.z) <= DISAGREEMENT else " DISAGREES"))
    return "\n".join(lines)


def _json(
    *, net: Network | DagNetwork, power: Any, section: Any, value: Any, taken: Cost,
    series: Expansion | None, simulated: Estimate | None,
) -> str:  # fmt: skip
    content: dict[str, Any] = {
        "network": net.to_json(),
        "power": show.power_json(power),
        **({"layers": list(section or (0, net.depth))} if isinstance(net, Network) else {}),
        "value": show.value_json(value),
        "decimal": show.decimal_json(value),
        "route": {"name": taken.route, "count": taken.count, "unit": taken.unit},
    }
    if series is not None:
        content["expansion"] = {
            "symbols": [str(symbol) for symbol in series.symbols],
            "order": series.order,
            "coefficients": {str(k): show.value_json(coefficient) for k, coefficient in series.coefficients.items()},
            "remainder_power": series.remainder_power,
        }
    if simulated is not None:
        content["simulation"] = {
            "mean": simulated.mean,
            "standard_error": simulated.standard_error,
            "z": simulated.z,
            "samples": simulated.samples,
            "seed": simulated.seed,
        }
    return show.document("moment/1", **content)


def _latex(*, power: Any, value: Any, series: Expansion | None, **_: Any) -> str:
    sides = [show.value_latex(value)]
    if series is not None and series.latex() != sides[0]:
        sides.append(series.latex())
    return " = ".join([rf"\mathbb{{E}}\left[{show.monomial_latex(power)}\right]", *sides])
