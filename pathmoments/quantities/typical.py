"""The depth at which the mean of ||J u||^2 stops describing a typical network of one width."""

from __future__ import annotations

from flint import arb, ctx

from ..domains import MAX_PRECISION
from ..errors import ArgumentError, UndecidedError, must_be
from ..exact import fraction_text, integer, rational, to_fmpq
from .chi_squares import log_of_full, log_of_open


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
    level = rational(fraction, "fraction")
    if not 0 < level < 1:
        raise ArgumentError(must_be("fraction", "between 0 and 1", fraction_text(level)))
    kind = rational(slope, "slope")
    if abs(kind) not in (0, 1):
        raise ArgumentError(must_be("slope", "0, 1 or -1: there is no closed form for others", fraction_text(kind)))
    precision = 64
    while precision <= MAX_PRECISION:
        with ctx.workprec(precision):
            layers = arb(to_fmpq(level)).log() / _log_ratio(width, relu=kind == 0)
            below = layers.floor().unique_fmpz()
            if below is not None:
                return int(below) + 1
        precision *= 2
    raise UndecidedError(
        f"whether {layers} layers are enough could not be decided at {MAX_PRECISION} bits: choose another fraction"
    )


def _log_ratio(width: int, *, relu: bool) -> arb:
    """Return ln r(n), a ball below 0."""
    if not relu:
        return log_of_full(width).mean - arb(width).log()
    alive = 1 - arb(2) ** -width
    return log_of_open(width).mean - (arb(width) / 2 / alive).log()
