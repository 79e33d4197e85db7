r"""Medians of chains: networks of width 1, whose Jacobian is a product of weights.

With weights of unit variance E Z^2 = 1 at every depth, while the median of |Z| falls like exp(depth E ln|w|). For uniform weights -ln|w / sqrt 3| is a standard
exponential, so a product of L has the median 3^(L/2) exp(-median of Gamma(L, 1)). For Gaussian and Laplace weights the Mellin transform M(s) = E |w|^s gives

    P(ln|Z| > x) = (1/pi) Re int_0^oo M(1 + i t)^L e^(-x (1 + i t)) / (1 + i t) dt,

integrated rigorously :cite:p:`Johansson2017`. From t = 2 on |M(1 + i t)| falls at least like exp(-t/2), which bounds what is cut off: |Gamma(1 + i y)|^2 = pi y / sinh(pi y).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from flint import acb, arb, ctx

from ..domains import BALL_BITS
from ..errors import BudgetError, RouteError, UndecidedError
from ..exact import Value, integer
from ..laws import Gaussian, Laplace, Law, Rademacher, Uniform, law_from_text

MAX_DEPTH = 300
"""Weights in a chain whose median needs integrals: some seconds there, and the time grows like the cube of the depth."""

MAX_UNIFORM_DEPTH = 10_000

SPARE = 60
"""Bits beyond those of the result, for rounding."""

Tail: TypeAlias = Callable[[arb], tuple[arb, arb]]
"""x -> (P(X > x), density of X at x), balls."""

_STEPS = 60
"""Newton steps: each doubles the digits once it is near, and it is near at once."""


def chain_median(depth: int, *, law: Law | str = "gaussian") -> Value:
    r"""Return the median of |w_1 w_2 ... w_depth| for independent weights of unit variance: |Z| of a linear network of width 1.

    It is also the median of |Z| given alive for a chain of ReLUs with these weights; with weights of variance v multiply by v^(depth/2).

    Parameters
    ----------
    depth
        The number of weights, 1 or more.
    law
        Gaussian, uniform, Laplace, or Rademacher (where |Z| is always 1).

    Returns
    -------
    A ball with 100 correct bits; for Rademacher the Fraction 1.

    Raises
    ------
    ArgumentError
        If the depth is not a whole number of 1 or more.
    RouteError
        For other laws.
    BudgetError
        For chains of more than 300 weights (uniform: 10,000).

    Cost
    ----
    Some ten rigorous integrals of one variable: half a second up to depth 50, some seconds at 300. Uniform weights take a millisecond.

    >>> from pathmoments import chain_median
    >>> chain_median(1).str(8), chain_median(1, law="uniform").str(8)  # the quartile of a normal, half of sqrt 3
    ('[0.67448975 +/- 1.97e-10]', '[0.86602540 +/- 3.79e-9]')
    >>> [chain_median(depth, law="uniform").str(4, radius=False) for depth in (10, 100)]
    ['0.01537', '3.726e-20']
    >>> chain_median(7, law="rademacher")
    Fraction(1, 1)
    """
    depth = integer(depth, "depth", minimum=1, what="a whole number of weights, 1 or more")
    chosen = law_from_text(law) if isinstance(law, str) else law
    if chosen == Rademacher():
        return Fraction(1)
    if chosen not in _CHAINS:
        raise RouteError(
            f"the median of a chain is known for gaussian, uniform, laplace and rademacher weights, and the law is {chosen}: sort the products of samples"
        )
    mean, tail, longest = _CHAINS[chosen]
    if depth > longest:
        raise BudgetError(
            f"a chain of {depth:,} weights is over the budget of {longest:,}: use log_norm of the chain, whose .median bounds the square of every median"
        )
    with ctx.workprec(BALL_BITS + SPARE + depth):  # the integrand is larger than the integral by some exp(0.6 depth)
        median = _median(lambda x: tail(depth, x), (mean() * depth).mid())
        return median.exp()


def _median(tail: Tail, start: arb) -> arb:
    """Return a ball around the x with P(X > x) = 1/2, proved by the signs at its ends; the density is positive, so there is one."""
    half, width = arb(1) / 2, arb(2) ** -(BALL_BITS + 8)
    with ctx.workprec(ctx.prec - BALL_BITS // 2):
        near = _newton(tail, start, arb(2) ** -(BALL_BITS // 3))
    x = _newton(tail, near, width / 2)
    if not (tail((x - width).mid())[0] > half > tail((x + width).mid())[0]):
        raise UndecidedError(f"the median of the logarithm near {x.str(20)} could not be proved at {ctx.prec} bits")
    return x + arb(0, width)


def _newton(tail: Tail, x: arb, enough: arb) -> arb:
    """Return a number near the x with P(X > x) = 1/2: nothing is proved of it."""
    for _ in range(_STEPS):
        above, density = tail(x)
        step = ((above - arb(1) / 2) / density).mid()
        x = (x + step).mid()
        if abs(step) < enough:
            break
    return x


def _uniform_tail(depth: int, x: arb) -> tuple[arb, arb]:
    """Return the tail and density of ln|Z|, where (depth/2) ln 3 - ln|Z| is Gamma(depth, 1)."""
    g = arb(3).log() * depth / 2 - x
    density = g ** (depth - 1) * (-g).exp() / arb(depth).gamma()
    return g.gamma_lower(depth, regularized=1), density


def _mellin_tail(transform: Callable[[acb], acb], depth: int, x: arb) -> tuple[arb, arb]:
    """Return the tail and density of ln|Z| by Mellin inversion on the line Re s = 1."""

    def tail(t: acb, _: bool) -> acb:
        return density(t, _) / (1 + acb(0, 1) * t)

    def density(t: acb, _: bool) -> acb:
        s = 1 + acb(0, 1) * t
        return transform(s) ** depth * (-x * s).exp()

    goal, end = arb(2) ** (SPARE // 2 + depth - ctx.prec), arb(2)
    while not (rest := _beyond(transform, depth, x, end)) < goal:
        end = (end * 5 / 4).mid()
    cut = arb(0, rest.upper())
    above, at = (acb.integral(part, 0, end).real / arb.pi() + cut for part in (tail, density))
    return above, at


def _beyond(transform: Callable[[acb], acb], depth: int, x: arb, end: arb) -> arb:
    """Return a bound of the integral of |M(1 + i t)|^depth e^(-x) over t > end >= 2, where |M| falls at least like exp(-t/2)."""
    return transform(acb(1, end)).abs_upper() ** depth * (-x).exp() * 2 / depth


def _gaussian_transform(s: acb) -> acb:
    """Return E |w|^s = 2^(s/2) Gamma((1 + s)/2) / sqrt(pi)."""
    return (arb.const_log2() * s / 2).exp() * ((1 + s) / 2).gamma() / arb.pi().sqrt()


def _laplace_transform(s: acb) -> acb:
    """Return E |w|^s = 2^(-s/2) Gamma(1 + s): sqrt 2 |w| is a standard exponential."""
    return (-arb.const_log2() * s / 2).exp() * (1 + s).gamma()


_CHAINS: dict[Law, tuple[Callable[[], arb], Callable[[int, arb], tuple[arb, arb]], int]] = {
    Gaussian(): (
        lambda: -(arb.const_euler() + arb.const_log2()) / 2,
        lambda depth, x: _mellin_tail(_gaussian_transform, depth, x),
        MAX_DEPTH,
    ),
    Laplace(): (
        lambda: -arb.const_euler() - arb.const_log2() / 2,
        lambda depth, x: _mellin_tail(_laplace_transform, depth, x),
        MAX_DEPTH,
    ),
    Uniform(): (lambda: arb(3).log() / 2 - 1, _uniform_tail, MAX_UNIFORM_DEPTH),
}
"""By law: E ln|w|, the tail of the logarithm of a chain, and the longest chain."""
