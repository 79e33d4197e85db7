"""The paper's statements as objects: conditions, exact value, bounds, and a rigorous verdict on a network.

Each statement is one small class in one file, registered here under the number of its equation in Hanin (2018). To judge is to compare an exact
rational with sums of exponentials by balls whose precision rises until the comparison is decided (:mod:`pathmoments.theorems.bound`).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import UnknownNameError, must_be
from ..families import checked_network
from ..network import Network
from .advice import Advice, Architecture, advise
from .bound import Bound
from .criteria import CRITERIA, Criterion, criteria
from .even_moments import EvenMoments, sharp_rate
from .fourth_moment import FourthMoment
from .path_sums import Remark3, Theorem3
from .power_means import PowerMeans
from .second_moment import SecondMoment
from .statement import Statement, Status, Verdict, beta
from .variance_bounds import VarianceLower, VarianceUpper
from .width_families import FAMILIES, WidthFamily

__all__ = [
    "CRITERIA",
    "FAMILIES",
    "STATEMENTS",
    "Advice",
    "Architecture",
    "Bound",
    "Criterion",
    "Statement",
    "Status",
    "Verdict",
    "WidthFamily",
    "advise",
    "beta",
    "bounds",
    "criteria",
    "sharp_rate",
]

STATEMENTS: dict[str, Statement] = {
    statement.equation: statement
    for statement in (
        PowerMeans(),
        SecondMoment(),
        FourthMoment(),
        EvenMoments(),
        VarianceUpper(),
        VarianceLower(),
        Theorem3(),
        Remark3(),
    )
}


def bounds(net: Network, *, statements: Iterable[str] | None = None, order: int = 6) -> list[Verdict]:
    """Return the verdict of the paper's statements on a network.

    Parameters
    ----------
    net
        The network, with numeric widths.
    statements
        Numbers of equations such as "12"; by default those that bound something: "2", "11", "12", "13", "14", "15". "16" and "17" compare the exact routes.
    order
        The full order 2K of the moment that (13) is about.

    Returns
    -------
    One :class:`pathmoments.theorems.Verdict` a statement: its status, exact value, bounds, margins and what there is to say.

    Raises
    ------
    UnknownNameError
        If there is no statement of that number.
    UndecidedError
        If a comparison is not decided at the highest precision.

    >>> for verdict in bounds(Network([3, 4, 2]), statements=["11", "12"]):
    ...     print(verdict)
    (11) attained: E Z^2 = 1/3
    (12) holds: 0.2518 <= E Z^4 = 3/2 <= 180.0
    """
    net = checked_network(net)
    names = (
        [name for name, statement in STATEMENTS.items() if statement.bounding]
        if statements is None
        else list(statements)
    )
    for name in names:
        if name not in STATEMENTS:
            raise UnknownNameError(must_be("a statement", "one of " + ", ".join(STATEMENTS), name))
    return [STATEMENTS[name].judge(net, order=order) for name in names]
