"""`pathmoments profile`: exact moments of the layers below and above every cut, as tables and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..theorems.readable import short_text
from . import options, show
from .columns import AdviceFormat, cell_text, comment, format_of, lines_of
from .output import check_picture, check_targets, emit

if TYPE_CHECKING:
    from ..quantities.profile import Profile, Section

Format = Annotated[
    AdviceFormat | None,
    typer.Option("--format", help="How to print it; by default as -o FILE ends, else text.", show_default=False),
]


def profile_command(
    widths: options.Widths = None,
    law: options.Laws = None,
    variance: options.Variances = None,
    output: options.Output = "relu",
    slope: options.Slope = "0",
    bias: options.Bias = "atomless",
    network: options.NetworkFile = None,
    format_: Format = None,
    output_file: options.OutputFile = None,
    plot: options.Plot = None,
    force: options.Force = False,
) -> None:
    """Print exact moments of the Jacobian J of the layers below and above every cut of the network, with the typical norm for Gaussian weights.

    Example: pathmoments profile 2,3,2 --variance 4 --variance 1/6
    """
    net = options.network_from(widths, network, law, variance, output, slope, bias)
    kind = format_of(format_, output_file)
    check_targets(output_file, plot, force=force)
    check_picture(plot)
    from ..quantities.profile import profile

    found = profile(net)
    emit(_document(found) if kind == AdviceFormat.json else "\n".join(_lines(found, kind)), output_file)
    if plot is not None:
        from ..plotting import draw_profile

        draw_profile(found, file=plot)


def _lines(found: Profile, kind: AdviceFormat) -> list[str]:
    between = [""] if kind == AdviceFormat.markdown else []
    sentences = [*_summary(found), f"network: {show.network_text(found.net)}"]
    lines = [line for sentence in sentences for line in (comment(sentence, kind), *between)]
    for sections in (found.prefixes, found.suffixes):
        if sections:
            space = [""] if kind != AdviceFormat.markdown else []
            lines += [*space, *lines_of([_row(section) for section in sections], kind), *between]
    return lines


def _summary(found: Profile) -> list[str]:
    """Say how far the gain inside the network is from that end to end, where gains are numbers."""
    if not isinstance(found.whole.gain, Fraction) or not found.suffixes:
        return []
    high, low = found.highest, found.lowest
    return [
        f"E ||Ju||^2, ||u|| = 1: {cell_text(found.whole.gain)} end to end; inside at most {cell_text(high.gain)} (after layer {high.layers[1]}) and at "
        f"least {cell_text(low.gain)} (after layer {low.layers[1]})"
    ]


def _row(section: Section) -> dict[str, str]:
    row = {
        "layers": f"{section.layers[0] + 1}..{section.layers[1]}",
        "E ||Ju||^2": cell_text(section.gain),
        "E ||J||_F^2": cell_text(section.norm),
        "E tr (JJ^T)^2": cell_text(section.square_trace),
        "ratio": cell_text(section.ratio),
        "E Z^4": cell_text(section.fourth),
    }
    log = section.log_norm
    if log is None:
        return row | {"typical ||Ju||^2": "-", "sd ln": "-"}
    return row | {"typical ||Ju||^2": short_text(log.typical), "sd ln": short_text(log.variance.sqrt())}


def _document(found: Profile) -> str:
    return show.document(
        "profile/1",
        network=found.net.to_json(),
        prefixes=_sections(found.prefixes),
        suffixes=_sections(found.suffixes),
    )


def _sections(sections: Sequence[Section]) -> list[dict[str, Any]]:
    return [
        {
            "layers": list(section.layers),
            **{
                name: show.value_json(getattr(section, name))
                for name in ("gain", "norm", "norm_square", "square_trace", "ratio", "fourth")
            },
            "log_norm": None
            if section.log_norm is None
            else {name: show.value_json(getattr(section.log_norm, name)) for name in ("mean", "variance")},
        }
        for section in sections
    ]
