"""`pathmoments spectrum`: exact moments of the singular values, their limit and expansion, and sampled networks beside them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..errors import ArgumentError
from ..network import Network
from ..quantities.sampled_spectrum import SampledSpectrum, sampled_spectrum
from ..quantities.spectrum import Spectrum, spectrum
from ..quantities.traces import TRACE_ROUTES, trace_cost
from ..routes import Cost
from . import options, show
from .moment import DISAGREEMENT
from .output import check_picture, check_targets
from .progress import progress

_ROUTES = ("auto", *TRACE_ROUTES)

PICTURE_SAMPLES, PICTURE_VALUES = 500, 16_000
"""Networks that `--plot` draws where `--check` does not say, and how many eigenvalues they may have: wide networks show their spectrum in few samples."""


def _picture_samples(net: Network, section: tuple[int, int] | None) -> int:
    widths = net.numeric_widths("a picture")
    first, last = section or (0, net.depth)
    return max(10, min(PICTURE_SAMPLES, PICTURE_VALUES // min(widths[first], widths[last])))


def spectrum_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    layers: options.LayerRange = None,
    orders: Annotated[int, typer.Option(min=2, metavar="K", help="The largest k of E tr (J J^T)^k.")] = 4,
    limit: Annotated[bool, typer.Option("--limit", help="Print the moments at infinite width too.")] = False,
    expand: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="ORDER",
            help="Expand the moments in 1/n up to this power; widths that are numbers are multiplied by a symbol s.",
            show_default=False,
        ),
    ] = None,
    route: Annotated[
        str,
        typer.Option(
            help="auto, zonal, transfer, pairings or enumeration.",
            autocompletion=lambda incomplete: [name for name in _ROUTES if name.startswith(incomplete)],
        ),
    ] = "auto",
    budget: options.Budget = None,
    check: Annotated[
        int | None,
        typer.Option(min=1, metavar="SAMPLES", help="Simulate this many networks and compare.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The seed of --check and --plot; a fresh one by default.", show_default=False),
    ] = None,
    plot: options.Plot = None,
    force: options.Force = False,
    format_: options.OutputFormat = options.Format.text,
) -> None:
    """Print exact moments of the spectrum of J J^T, J the input-output Jacobian, and what follows from them.

    Example: pathmoments spectrum 64,64,64 --limit
    """
    net, section = (
        options.network_from(widths, network, law, variance, output, slope, bias),
        options.layers_from(layers),
    )
    if seed is not None and check is None and plot is None:
        raise ArgumentError("--seed is the seed of --check and --plot: give one of them with it")
    check_targets(plot, force=force)
    check_picture(plot)
    with progress(f"E tr (J J^T)^k, k = {orders} to 1") as report:
        found = spectrum(net, orders=orders, layers=section, expand=expand, route=route, budget=budget, progress=report)
    taken = trace_cost(net, orders, layers=section, route=route, budget=budget)
    sampled = None
    if check is not None:
        with progress(f"simulating {check:,} networks") as report:
            sampled = sampled_spectrum(net, check, orders=orders, seed=seed, layers=section, progress=report)
    if plot is not None:
        from ..plotting import draw_spectrum

        draw_spectrum(
            net, samples=check or _picture_samples(net, section), seed=sampled.seed if sampled else seed, orders=orders, layers=section, file=plot
        )  # fmt: skip
    write = {options.Format.text: _text, options.Format.json: _json, options.Format.latex: _latex}[format_]
    typer.echo(write(found=found, taken=taken, limit=limit, sampled=sampled))
    if sampled is not None and not sampled.largest <= DISAGREEMENT:
        raise typer.Exit(1)


def _text(*, found: Spectrum, taken: Cost, limit: bool, sampled: SampledSpectrum | None) -> str:
    first, last = (found.net.widths[layer] for layer in found.layers)
    section = f", layers {found.layers[0] + 1}..{found.layers[1]}" if found.layers != (0, found.net.depth) else ""
    lines = [f"moments per output m_k = E tr (J J^T)^k / {last}{section}"]
    for k in range(1, len(found.traces)):
        lines.append(f"m_{k} = {show.value_text(found.moments[k])}")
        if limit:
            lines.append(f"  infinite width: {show.value_text(found.limit_moments[k])}")
        if found.expansions is not None:
            lines.append(f"  expansion: {found.expansions[k]}{' (exact)' if found.expansions[k].exact else ''}")
        if sampled is not None:
            lines.append(f"  simulation: {_sampled_text(sampled, k)}")
    lines += [
        f"||J||_F^2: mean {show.value_text(found.square_mean)}; variance {show.value_text(found.square_variance)}",
        f"m_2 / m_1^2 per output: {show.value_text(found.ratio)}",
        f"m_2 / m_1^2 per input: {show.value_text(found.ratio_per_input)} (1: isometry; {first}: rank one)",
        f"participation: {show.value_text(found.participation)} (1: rank one; the lesser of {first} and {last}: all alike)",
        f"E dVar = {show.value_text(found.spread)}",
        f"network: {show.network_text(found.net)}",
        f"route: {taken}",
    ]
    if sampled is not None:
        lines.append(
            f"simulation: {sampled.samples:,} samples, seed {sampled.seed}, {sampled.zeros:.1%} of the eigenvalues are 0"
        )
    return "\n".join(lines)


def _sampled_text(sampled: SampledSpectrum, k: int) -> str:
    z, outputs = sampled.z(k), sampled.means[0]
    mean = f"{sampled.means[k] / outputs:.6g}"
    if z is None:
        return f"{mean} (no exact standard error beyond k = {len(sampled.standard_errors) - 1})"
    error = sampled.standard_errors[k] / outputs
    return f"{mean} +- {error:.2g} (exact standard error), z = {z:+.2f}" + (
        "" if abs(z) <= DISAGREEMENT else " DISAGREES"
    )


def _json(*, found: Spectrum, taken: Cost, limit: bool, sampled: SampledSpectrum | None) -> str:
    content: dict[str, Any] = {
        "network": found.net.to_json(),
        "layers": list(found.layers),
        "traces": [show.value_json(value) for value in found.traces],
        "moments": [show.value_json(value) for value in found.moments],
        "moments_per_input": [show.value_json(value) for value in found.moments_per_input],
        "decimals": [show.decimal_json(value) for value in found.moments],
        "square_mean": show.value_json(found.square_mean),
        "square_variance": show.value_json(found.square_variance),
        "ratio": show.value_json(found.ratio),
        "ratio_per_input": show.value_json(found.ratio_per_input),
        "participation": show.value_json(found.participation),
        "spread": show.value_json(found.spread),
        "route": {"name": taken.route, "count": taken.count, "unit": taken.unit},
    }
    if limit:
        content["limit_moments"] = [show.value_json(value) for value in found.limit_moments]
    if found.expansions is not None:
        content["expansions"] = [
            {
                "symbols": [str(symbol) for symbol in series.symbols],
                "order": series.order,
                "coefficients": {
                    str(k): show.value_json(coefficient) for k, coefficient in series.coefficients.items()
                },
                "remainder_power": series.remainder_power,
            }
            for series in found.expansions
        ]
    if sampled is not None:
        content["simulation"] = {
            "traces": list(sampled.means),
            "standard_errors": list(sampled.standard_errors),
            "z": [sampled.z(k) for k in range(len(sampled.standard_errors))],
            "zeros": sampled.zeros,
            "samples": sampled.samples,
            "seed": sampled.seed,
        }
    return show.document("spectrum/1", **content)


def _latex(*, found: Spectrum, limit: bool, **_: Any) -> str:
    lines = []
    for k in range(1, len(found.traces)):
        sides = [rf"m_{{{k}}}", show.value_latex(found.moments[k])]
        if found.expansions is not None and found.expansions[k].latex() != sides[1]:
            sides.append(found.expansions[k].latex())
        arrow = rf" \quad \to \quad {show.value_latex(found.limit_moments[k])}" if limit else ""
        lines.append(" = ".join(sides) + arrow)
    front = r"m_k = \frac{1}{n_d}\,\mathbb{E}\,\mathrm{tr}\,(J J^{\mathsf{T}})^k"
    return " \\\\\n".join([front, *lines])
