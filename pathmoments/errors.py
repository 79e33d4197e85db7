"""Every error that the package raises on purpose.

All derive from :class:`PathMomentsError`, and each also from the builtin that a caller would expect, so that
``except ValueError`` works as well. A message names the argument, what it must be, what it was, and the way out.
On the command line each is one line on stderr and exit status 2.
"""

from typing import Any

__all__ = [
    "ArgumentError",
    "AtomsError",
    "BudgetError",
    "ClusterError",
    "ConformanceError",
    "InexactNumberError",
    "LedgerError",
    "MissingExtraError",
    "OutOfRangeError",
    "PathMomentsError",
    "RouteError",
    "SpecError",
    "UndecidedError",
    "UndeterminedMomentError",
    "UnknownMomentError",
    "UnknownNameError",
]


class PathMomentsError(Exception):
    """The root of all errors of this package."""


class ArgumentError(PathMomentsError, ValueError):
    """An argument has a value that no network, law or moment has."""


class InexactNumberError(PathMomentsError, TypeError):
    """A float was given where an exact number is needed."""


class OutOfRangeError(PathMomentsError, IndexError):
    """An input, output or layer index is outside the network."""


class UnknownNameError(PathMomentsError, LookupError):
    """A law, route, variance or format of that name does not exist."""


class UnknownMomentError(PathMomentsError, LookupError):
    """A law given by its moments was asked for one that was not given."""


class UndeterminedMomentError(PathMomentsError, ValueError):
    """The moments of the weights do not determine the value asked for (an odd power at an activated output)."""


class AtomsError(PathMomentsError, ValueError):
    """A pre-activation can be exactly zero, so that the theorem does not apply (a law with atoms at zero bias)."""


class BudgetError(PathMomentsError, RuntimeError):
    """A sum has more terms than the budget allows; the message has the count and the route that would do."""


class RouteError(PathMomentsError, ValueError):
    """The route asked for cannot evaluate this moment of this network; the message says why and which can."""


class UndecidedError(PathMomentsError, ArithmeticError):
    """A ball stayed too wide at the highest precision tried: undecided, which is not "invalid"."""


class SpecError(PathMomentsError, ValueError):
    """A file is missing, is not JSON, or does not fit its schema; the message names the place in the file."""


class LedgerError(PathMomentsError, OSError):
    """A ledger is damaged, of another version, no ledger at all, or cannot be written; the message has the way out."""


class ClusterError(PathMomentsError, ConnectionError):
    """Nobody answers at a cluster's address, the cluster went away, or workers die again and again."""


class ConformanceError(PathMomentsError, AssertionError):
    """Sampled Jacobians do not conform to a network; the message is the report, which stands in `report` too."""

    def __init__(self, message: str, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class MissingExtraError(PathMomentsError, ImportError):
    """An optional library is not installed; the message has the command that installs it."""


def must_be(argument: str, requirement: str, was: object, way_out: str = "") -> str:
    """Return the one sentence that every refusal of an argument says.

    >>> must_be("slope", "an exact number", 0.25, "write '1/4'")
    "slope must be an exact number, was 0.25: write '1/4'"
    """
    shown = was if isinstance(was, str) and was.startswith("the ") else repr(was)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return f"{argument} must be {requirement}, was {shown}" + (f": {way_out}" if way_out else "")
