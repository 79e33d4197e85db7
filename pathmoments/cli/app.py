"""The application: the commands, and what happens to their errors."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import Annotated

import typer

from .._version import __version__
from ..errors import PathMomentsError
from . import (
    advise,
    check,
    export,
    gradients,
    mistakes,
    moment,
    ntk,
    paths,
    plan,
    profile,
    spectrum,
    table,
    typical,
    verify,
)

INTERRUPTED = 130
"""What typer makes of Ctrl-C."""

INTERRUPTION = (
    "Interrupted: no output was written; what was finished is in the ledger, if there is one. "
    "A smaller --check, order, grid or network takes less time."
)

app = typer.Typer(
    name="pathmoments",
    help="Exact gradient statistics of random ReLU networks (Hanin, NeurIPS 2018).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("moment")(moment.moment_command)
app.command("paths")(paths.paths_command)
app.command("spectrum")(spectrum.spectrum_command)
app.command("verify")(verify.verify_command)
app.command("table")(table.table_command)
app.command("advise")(advise.advise_command)
app.command("profile")(profile.profile_command)
app.command("typical")(typical.typical_command)
app.command("gradients")(gradients.gradients_command)
app.command("ntk")(ntk.ntk_command)
app.command("check")(check.check_command)
app.command("plan")(plan.plan_command)
app.command("mistakes")(mistakes.mistakes_command)
app.command("export")(export.export_command)


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
        return _run()
    except PathMomentsError as error:
        return _refuse(f"Error: {_as_options(str(error))}")
    except MemoryError:
        return _refuse("Error: out of memory: lower the order or the depth, or use another route")
    except KeyboardInterrupt:
        return _refuse(INTERRUPTION)
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        return _silenced()
    except OSError as error:
        _silenced()
        return _refuse(f"Error: the output cannot be written: {error.strerror or error}")


def _run() -> int:
    try:
        app()
    except SystemExit as stop:
        if isinstance(stop.__context__, OSError):  # typer ends with status 1 on a closed pipe
            raise stop.__context__ from None
        if stop.code == INTERRUPTED:
            raise KeyboardInterrupt from None
        sys.stdout.flush()
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _refuse(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 2


def _silenced() -> int:
    """Point stdout nowhere, so that Python does not complain when it flushes at exit."""
    with suppress(AttributeError, OSError):  # a stdout that is no file needs nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


_OPTION = re.compile(r"\b(route|bias|output|budget|arithmetic)=(?:'(\w+)'|(\d+))")

_SIZE = re.compile(r"\bmax_(depth|width)\b")


def _as_options(message: str) -> str:
    """Return a message of the library with its keyword arguments written as options of the command line."""
    message = message.replace("an input x", "an input --x").replace("input x,", "input --x,")
    message = message.replace("go on with limit=None", "go on with --yes").replace("false_alarm", "--false-alarm")
    message = _SIZE.sub(lambda match: f"--max-{match[1]}", message)
    return _OPTION.sub(lambda match: f"--{match[1]} {match[2] or match[3]}", message)
