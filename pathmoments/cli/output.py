"""Where a result goes: to stdout, or whole to a file that was found writable before the work began."""

from __future__ import annotations

from pathlib import Path

import typer

from ..files import check_target, written


def check_targets(*files: Path | None, force: bool) -> None:
    """Refuse, before the work begins, files that exist (without --force) or that cannot be written."""
    for file in files:
        if file is not None:
            check_target(file, force=force)


def check_picture(file: Path | None) -> None:
    """Refuse, before the work begins, a picture of a kind that is not drawn, or one without the library that draws."""
    if file is not None:
        from ..plotting.figures import figure_class, picture_kind

        picture_kind(file)
        figure_class()


def emit(text: str, file: Path | None) -> None:
    """Print a text, or write it to a file: whole or not at all, with a newline at its end."""
    if file is None:
        typer.echo(text)
        return
    with written(file) as temporary:
        temporary.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="\n")
