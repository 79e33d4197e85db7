"""The page on frameworks is true: its Python runs on the real frameworks and prints what stands below it."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "frameworks.rst"
BLOCK = re.compile(r"^\.\. code-block:: (python|text)\n\n((?:   .*\n|\n)+)", re.MULTILINE)


def examples() -> list[tuple[str, str]]:
    """Return (code, what it prints) for every block of Python of the page."""
    blocks = [
        (kind, textwrap.dedent(body).strip("\n")) for kind, body in BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    ]
    pairs = zip(blocks, [*blocks[1:], ("python", "")], strict=True)
    return [(code, output if after == "text" else "") for (kind, code), (after, output) in pairs if kind == "python"]


@pytest.mark.usefixtures("torch", "linen", "nnx", "keras")
def test_the_page_prints_what_it_says() -> None:
    """All blocks, in order, in one namespace."""
    names: dict[str, Any] = {}
    found = examples()
    assert len(found) == PAGE.read_text(encoding="utf-8").count("code-block:: python") >= 10
    for code, expected in found:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)
        assert printed.getvalue().strip("\n") == expected, code
