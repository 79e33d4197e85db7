"""The command line: a thin layer over the library. `pathmoments --help` lists the commands.

Exit status: 0 done; 1 a simulation disagrees with the exact value (`--check`), a statement is violated (`verify`), or samples do not conform (`check`); 2 refused or interrupted, with one message on stderr.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; errors of the library become one message and exit status 2."""
    try:
        sys.exit(_main())
    except KeyboardInterrupt:  # while the libraries are loading
        sys.stderr.write("Interrupted: nothing was written.\n")
        sys.exit(2)


def _main() -> int:
    if sys.argv[1:] != ["--version"]:
        from .app import run

        return run()
    from .._version import __version__  # without loading anything: scripts ask for it

    try:
        sys.stdout.write(f"pathmoments {__version__}\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0
        sys.stderr.write(f"Error: the output cannot be written: {error.strerror}\n")
        return 2
    return 0
