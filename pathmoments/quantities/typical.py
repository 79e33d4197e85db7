"""The depth at which the mean of ||J u||^2 stops describing a typical network: of one width, and along a network."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb, ctx

from ..domains import MAX_PRECISION
from ..errors import ArgumentError, RouteError, UndecidedError, must_be
from ..exact import fraction_text, integer, rational, to_fmpq
from ..families import checked_network
from ..network import Network
from .log_norm import layer_log, reason_against, unit_size


def typical_depth(width: int, *, fraction: object = "1/2", slope: object = 0) -> int:
    r"""Return the least depth at which a typical ||J u||^2 is below a given fraction of its mean, for Gaussian weights and layers of one width.

    Typical is the geometric mean exp E ln ||J u||^2 over the living networks, and it is held against their mean E ||J u||^2 / P(alive). Every layer multiplies the
    ratio of the two by

        r(n) = exp(E [ln chi^2_B | B > 0]) / E [chi^2_B | B > 0],    B ~ Binomial(n, 1/2)  (B = n for a linear layer),

    which is below 1 and does not depend on the variances. So the ratio falls with the depth, and the answer is the least d with r(n)^d < fraction:
    about (2/5) n ln(1/fraction) for ReLU, n ln(1/fraction) for a linear network.

    Parameters
    ----------
    width
        The number n of neurons of every layer; the input may have any number.
    fraction
        An exact number between 0 and 1.
    slope
        0 for ReLU in every layer; 1 for a linear network (or -1, the absolute value).

    Returns
    -------
    A whole number of layers, 1 or more, proved by balls.

    Raises
    ------
    ArgumentError, InexactNumberError
        If the width is not a whole number of 1 or more, the fraction is not between 0 and 1, or the slope is another.
    BudgetError
        If the width is beyond some 10^9.
    UndecidedError
        If r(n)^d and the fraction are not told apart at the highest precision.

    Cost
    ----
    One layer of :func:`pathmoments.log_norm`, whatever the depth.

    >>> from pathmoments import typical_depth
    >>> [typical_depth(n) for n in (1, 2, 10, 100, 1000)]
    [1, 1, 3, 28, 277]
    >>> typical_depth(100, fraction="1/1000"), typical_depth(100, slope=1)
    (272, 70)
    """
    width = integer(width, "width", minimum=1, what="a whole number of neurons, 1 or more")
    level = _checked_fraction(fraction)
    kind = rational(slope, "slope")
    if abs(kind) not in (0, 1):
        raise ArgumentError(must_be("slope", "0, 1 or -1: there is no closed form for others", fraction_text(kind)))
    net = Network([width, width], slope=kind)

    def decide() -> int | None:
        below = (arb(to_fmpq(level)).log() / _log_ratio(net, 1)).floor().unique_fmpz()
        return None if below is None else int(below) + 1

    return _decided(decide)


def typical_layer(net: Network, *, fraction: object = "1/2") -> int | None:
    """Return the first layer j at which a typical ||J_{1..j} u||^2 is below a given fraction of its mean, both given alive; None if there is none.

    As :func:`pathmoments.typical_depth`, for a network of any widths. The networks are those of :func:`pathmoments.log_norm`.

    >>> from pathmoments import Network
    >>> typical_layer(Network([10] * 11)), typical_layer(Network([10, 10, 10]))
    (3, None)
    """
    level = _checked_fraction(fraction)
    net = checked_network(net)
    for layer in range(1, net.depth + 1):
        if reason := reason_against(net, layer):
            raise RouteError(f"the log-norm has no closed form here: {reason}")

    def decide() -> int | None:
        total, goal = arb(0), arb(to_fmpq(level)).log()
        for layer in range(1, net.depth + 1):
            total += _log_ratio(net, layer)
            if total < goal:
                return layer
            if not total > goal:
                return None
        return net.depth + 1

    found = _decided(decide)
    return found if found <= net.depth else None


def _checked_fraction(fraction: object) -> Fraction:
    level = rational(fraction, "fraction")
    if not 0 < level < 1:
        raise ArgumentError(must_be("fraction", "between 0 and 1", fraction_text(level)))
    return level


def _decided(decide: Callable[[], int | None]) -> int:
    """Return what is decided at the first precision at which it is."""
    precision = 64
    while precision <= MAX_PRECISION:
        with ctx.workprec(precision):
            found = decide()
        if found is not None:
            return found
        precision *= 2
    raise UndecidedError(
        f"whether the typical value is below the fraction of the mean could not be decided at {MAX_PRECISION} bits: choose another fraction"
    )


def _log_ratio(net: Network, layer: int) -> arb:
    """Return ln of the typical factor of a layer over its mean, both given alive: 0 or below, whatever the variance of the weights."""
    width = arb(net.numeric_widths("a typical depth")[layer])
    open_neurons = width / 2 / (1 - arb(2) ** -width) if net.activated(layer) and net.slope == 0 else width
    return layer_log(net, layer).mean - (open_neurons / unit_size(net, layer)).log()
