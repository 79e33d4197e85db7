"""The application: the commands, and what happens to their errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from .._version import __version__
from ..errors import PathMomentsError
from . import moment, paths

INTERRUPTED = 130
"""What typer makes of Ctrl-C."""

app = typer.Typer(
    name="pathmoments",
    help="Exact gradient statistics of random ReLU networks (Hanin, NeurIPS 2018).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("moment")(moment.moment_command)
app.command("paths")(paths.paths_command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pathmoments {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Exact gradient statistics of random ReLU networks (Hanin, NeurIPS 2018)."""


def run() -> int:
    """Run the application and return the exit status."""
    try:
        app(standalone_mode=True)
    except PathMomentsError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        sys.stderr.write("Error: out of memory: lower the order or the depth, or use another route\n")
        return 2
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            sys.stderr.write("Interrupted: nothing was written. A smaller --check, order or network takes less time.\n")
            return 2
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    return 0
