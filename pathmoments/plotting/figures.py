"""Figures and files of every picture (extra `plot`): what does not depend on what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, UnknownNameError, must_be
from ..files import written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")


def save(figure: Figure, file: str | Path) -> None:
    """Write a figure as svg, png or pdf: to a temporary file first, so that no half-written picture is left.

    The same figure gives the same bytes: no date, and identifiers that do not depend on the run.
    """
    path = Path(file)
    kind = picture_kind(path)
    import matplotlib

    metadata: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    with matplotlib.rc_context({"svg.hashsalt": "pathmoments"}), written(path) as temporary:
        figure.savefig(temporary, format=kind, metadata=metadata[kind], dpi=150)


def picture_kind(path: Path) -> str:
    """Return "svg", "png" or "pdf", or refuse a name that ends otherwise."""
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise UnknownNameError(must_be("the picture's file", "a name ending in .svg, .png or .pdf", str(path)))
    return kind


def figure_class() -> type[Figure]:
    """Return matplotlib's Figure, or say how to install it."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("a picture needs matplotlib: pip install 'pathmoments[plot]'") from error
    return Figure
