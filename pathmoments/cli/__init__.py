"""The command line: a thin layer over the library. `pathmoments --help` lists the commands.

Exit status: 0 done; 1 a simulation disagrees with the exact value (`--check`); 2 refused or interrupted, with one message on stderr.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; errors of the library become one message and exit status 2."""
    if sys.argv[1:] == ["--version"]:  # without loading anything: scripts ask for it
        from .._version import __version__

        sys.stdout.write(f"pathmoments {__version__}\n")
        return
    from .app import run

    sys.exit(run())
