"""A matplotlib figure as SVG inside a page: no prolog, its own names, colours that follow the page, and as few bytes as it takes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from ..plotting.styles import ALARM, COLOURS, FAINT, INK

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from matplotlib.figure import Figure

VARIABLES = {
    INK: "--ink",
    FAINT: "--faint",
    ALARM: "--alarm",
    "#000000": "--ink",
    **{colour: f"--series-{number}" for number, colour in enumerate(COLOURS)},
}
"""The colours of pictures, and the CSS variables that they follow: a page sets them for dark screens."""

_JOINTS = "stroke-linejoin: round; stroke-linecap: butt"
"""What matplotlib says of every line in a style sheet, which on a page would be everybody's."""


def inline_svg(figure: Figure, *, name: str, label: str) -> str:
    """Return a figure as an svg element for an HTML page.

    Parameters
    ----------
    figure
        What is drawn.
    name
        Stands before every id, so that several figures fit on one page.
    label
        What a reader who does not see the picture is told.

    Returns
    -------
    The element, the same for the same figure. Its colours are CSS variables (`VARIABLES`), each with the colour of the picture to fall back on.
    """
    from xml.etree import ElementTree

    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "pathmoments", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314  # what matplotlib has just written
    attributes = {"viewBox": root.get("viewBox", ""), "role": "img", "aria-label": label, "style": _JOINTS}
    drawn = [child for child in root if _tag(child) in ("g", "defs") and all(_tag(part) != "style" for part in child)]
    body = "".join(_written(child, name) for child in drawn)
    return f"<svg {_attributes(attributes)}>{body}</svg>"


def _written(element: Element, name: str) -> str:
    """Return an element as text: names below the figure's own, colours as variables."""
    tag = _tag(element)
    given = {_local(key): value for key, value in element.items()}
    if tag == "g":
        given.pop("id", None)  # nothing refers to groups
    attributes = {key: _rewritten(key, value, name) for key, value in given.items()}
    children = "".join(_children(element, name))
    text = escape(element.text, quote=False) if element.text and element.text.strip() else ""
    start = f"<{tag} {_attributes(attributes)}" if attributes else f"<{tag}"
    return f"{start}>{text}{children}</{tag}>" if children or text else f"{start}/>"


def _children(element: Element, name: str) -> Iterator[str]:
    """Yield the children; of marks in a row that look alike, the look is said once."""
    for look, group in groupby(element, key=lambda child: child.get("style") if _tag(child) == "use" else None):
        marks = list(group)
        if look is None or len(marks) == 1:
            yield from (_written(child, name) for child in marks)
            continue
        for mark in marks:
            del mark.attrib["style"]
            mark.attrib.update({axis: f"{float(mark.get(axis, '0')):.2f}" for axis in ("x", "y")})
        yield f'<g style="{escape(_recoloured(look))}">{"".join(_written(mark, name) for mark in marks)}</g>'


def _rewritten(key: str, value: str, name: str) -> str:
    match key:
        case "id":
            return f"{name}-{value}"
        case "href" | "clip-path":
            return value.replace("#", f"#{name}-")
        case "style":
            return _recoloured(value)
    return value


def _recoloured(style: str) -> str:
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda match: f"var({VARIABLES[match[0]]}, {match[0]})" if match[0] in VARIABLES else match[0],
        style,
    )


def _attributes(attributes: dict[str, str]) -> str:
    return " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())


def _tag(element: Element) -> str:
    return _local(element.tag)


def _local(name: str) -> str:
    """Return a name without its namespace: HTML knows which elements are SVG."""
    return name.rpartition("}")[2]
