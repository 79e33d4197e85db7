r"""Typical against average: mean and variance of ln ||J u||^2 given that the network is alive, as rigorous balls.

By the sign flips of Theorem 3 the law of ||J u||^2 is that of D_d W_d ... D_1 W_1 u with fair coins D_j that are independent of the weights (a function that is
even in every row of J needs no more). For Gaussian weights rotation invariance makes it a product of independent factors,

    ||J u||^2 = ||u||^2 prod_j v_j chi^2_{B_j},    B_j ~ Binomial(n_j, 1/2)  (B_j = n_j where the layer is linear),

and for an orthogonal layer of size N, which keeps the norm of a Gaussian vector in R^N apart from its direction, chi^2_B = chi^2_N Beta(B/2, (N-B)/2) with independent
factors leaves N Beta(B/2, (N-B)/2) in the place of chi^2: both moments of the logarithm are those of chi^2_B less those of chi^2_N.

Here v_j is the variance of the weights. The norm is 0 if a layer is dead, B_j = 0; given that none is, ln ||J u||^2 is a sum of independent terms with the moments of
:mod:`pathmoments.quantities.chi_squares`. A weight between two single neurons needs no rotation: there any law will do whose log-moments are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx

from ..domains import BALL_BITS, Balls, Rationals, settle_all
from ..errors import ArgumentError, RouteError, must_be
from ..exact import Value, fraction_text, is_symbolic, rational, to_fmpq
from ..families import check_determined, checked_layers, family_of
from ..laws import Gaussian, Laplace, Law, Rademacher, Uniform
from ..network import Network
from .chi_squares import LogMoments, log_of_full, log_of_open

_SINGLE: dict[Law, Callable[[], LogMoments]] = {
    Rademacher(): lambda: LogMoments(arb(0), arb(0)),
    Uniform(): lambda: LogMoments(arb(3).log() - 2, arb(4)),  # w^2 = 3 U^2
    Laplace(): lambda: LogMoments(-2 * arb.const_euler() - arb.const_log2(), 2 * arb.pi() ** 2 / 3),  # w^2 = E^2 / 2
}
"""Mean and variance of ln w^2 for one weight of unit variance, where it is not Gaussian."""


@dataclass(frozen=True)
class LogNorm:
    """What ln ||J u||^2 is given that the network is alive, for a vector u of length 1.

    Attributes
    ----------
    mean, variance
        Balls that contain E ln ||J u||^2 and Var ln ||J u||^2. For another u add ln ||u||^2 to the mean.
    """

    mean: arb
    variance: arb

    @property
    def typical(self) -> arb:
        """The typical ||J u||^2, exp E ln ||J u||^2: the geometric mean of ||J u||^2 over the living networks."""
        with ctx.workprec(2 * BALL_BITS):
            return self.mean.exp()

    def within(self, probability: object) -> tuple[arb, arb]:
        """Return bounds of ||J u||^2 that hold with at least this probability given alive, by Chebyshev's inequality for the logarithm.

        >>> from pathmoments import Network, log_norm
        >>> low, high = log_norm(Network([10] * 11)).within("3/4")
        >>> low.str(5, radius=False), high.str(5, radius=False)
        ('0.00012810', '16.667')
        """
        wanted = rational(probability, "probability")
        if not 0 < wanted < 1:
            raise ArgumentError(must_be("probability", "between 0 and 1", fraction_text(wanted)))
        return self._about(1 / (1 - wanted))

    @property
    def median(self) -> tuple[arb, arb]:
        """Bounds of every median of ||J u||^2 given alive: a median is within one standard deviation of the mean, here of the logarithm."""
        return self._about(Fraction(1))

    def _about(self, times: Fraction) -> tuple[arb, arb]:
        """Return exp(mean -+ sqrt(times variance))."""
        with ctx.workprec(2 * BALL_BITS):
            reach = (self.variance * to_fmpq(times)).sqrt()
            return (self.mean - reach).exp(), (self.mean + reach).exp()


def log_norm(net: Network, *, layers: tuple[int, int] | None = None) -> LogNorm:
    r"""Return mean and variance of ln ||J u||^2 given that the network is alive, for ||u|| = 1.

    J is the input-output Jacobian, u any vector of length 1, and alive means J u != 0: in no layer are all neurons closed. The weights have the variances of
    `net`; nothing is normalised. With B ~ Binomial(n, 1/2) and the digamma function psi, a ReLU layer of n neurons whose weights have variance v contributes

        E [psi(B/2) + ln 2 | B > 0] + ln v      and      Var (ln chi^2_B | B > 0),

    a linear one psi(n/2) + ln(2 v) and psi'(n/2); an orthogonal layer of size N, its larger width, psi(N/2) - ln(N/2) and psi'(N/2) less. With He's variance these are about -5/(2n) and 5/n, so that the mean falls, and the spread grows, like
    beta = sum 1/n_j, while E ||J u||^2 stays where it is.

    Parameters
    ----------
    net
        A network with numbers for widths and variances, Gaussian or orthogonal weights, and slope 0 (ReLU), 1 (linear) or -1 (absolute value). Between layers of one neuron
        each the weight may be uniform, Rademacher or Laplace as well.
    layers
        (i, j) for the Jacobian of the layers i+1..j alone; by default the whole network.

    Returns
    -------
    A :class:`~pathmoments.quantities.log_norm.LogNorm` of two balls with 100 correct bits.

    Raises
    ------
    RouteError
        For other laws, and for other slopes: no closed form is known for the logarithm.
    ArgumentError
        If a width or a variance is a symbol.
    BudgetError
        If a layer has more than some 10^9 neurons.
    OutOfRangeError, AtomsError
        As :func:`pathmoments.moment`.

    Cost
    ----
    A layer of n neurons sums min(n, about 24 sqrt(n)) counts of open neurons, 2 microseconds each; equal widths are summed once.

    See :cite:t:`HaninNica2020` for the sum of independent terms and its limit.

    >>> from pathmoments import Network, log_norm
    >>> found = log_norm(Network([10] * 11))
    >>> found.mean.str(8), found.variance.str(8), found.typical.str(6)
    ('[-3.0746101 +/- 6.92e-9]', '[8.6673425 +/- 3.06e-8]', '[0.0462076 +/- 4.10e-8]')

    One linear layer of two neurons: ||W u||^2 is v chi^2_2, so the mean is ln(2 v) - gamma.

    >>> log_norm(Network([1, 2], output="linear", variance="1/2")).mean.str(10)
    '[-0.5772156649 +/- 1.54e-12]'

    A square orthogonal layer is an isometry, and with a ReLU it loses less than a Gaussian one:

    >>> for law, slope in (("orthogonal", 1), ("orthogonal:gain_squared=2", 0), ("gaussian", 0)):
    ...     print(log_norm(Network([100] * 11, law=law, slope=slope)).mean.str(5, radius=False))
    0
    -0.15388
    -0.25421
    """
    check_determined(net, family_of(net, {(0, 0): 2}, layers=layers))
    first, last = checked_layers(net, layers)
    for layer in range(first + 1, last + 1):
        if reason := reason_against(net, layer):
            raise RouteError(f"the log-norm has no closed form here: {reason}")
    sizes = (Fraction(unit_size(net, layer)) for layer in range(first + 1, last + 1))
    gain = Rationals().power_product((factor, 1) for factor in (*net.variances[first:last], *sizes))

    def whole() -> LogMoments:
        logs = [layer_log(net, layer) for layer in range(first + 1, last + 1)]
        return with_gain(sum_of(logs), gain)

    return LogNorm(*settle_all(Balls(), whole))


def reason_against(net: Network, layer: int) -> str | None:
    """Return why the logarithm of a layer's factor has no closed form, or None if it has."""
    below, width, law = *net.widths[layer - 1 : layer + 1], net.laws[layer - 1]
    if is_symbolic(width) or is_symbolic(net.variances[layer - 1]):
        return f"layer {layer} has a symbol for its width or variance: give numbers"
    if law.independent and law != Gaussian() and not (below == width == 1 and law in _SINGLE):
        return f"the weights of layer {layer} are {law}, and it is for Gaussian or orthogonal weights: use profile for the exact moments of other laws"
    if net.activated(layer) and abs(net.slope) not in (0, 1):
        return f"the slope is {fraction_text(net.slope)}, and it is for slopes 0, 1 and -1: use profile for the exact moments of a leaky ReLU"
    return None


def layer_log(net: Network, layer: int) -> LogMoments:
    """Return the moments of the logarithm of a layer's factor at unit variance over `unit_size`, given that it is alive; `reason_against` must be None."""
    below, width = net.numeric_widths("a log-norm")[layer - 1 : layer + 1]
    if below == width == 1 and net.laws[layer - 1] in _SINGLE:
        return _SINGLE[net.laws[layer - 1]]()
    projects = net.activated(layer) and net.slope == 0
    if net.laws[layer - 1].independent:
        return log_of_open(width) if projects else log_of_full(width)
    return _log_of_part(width, unit_size(net, layer), projects=projects)


def unit_size(net: Network, layer: int) -> int:
    """Return what the factor of a layer at unit variance is divided by: the size N of an orthogonal layer, which makes of it a Beta variable, else 1."""
    sides = net.numeric_widths("a log-norm")[layer - 1 : layer + 1]
    return 1 if net.laws[layer - 1].independent else max(sides)


def _log_of_part(width: int, size: int, *, projects: bool) -> LogMoments:
    """Return the moments of ln Beta(B/2, (N-B)/2), the part of its norm that a vector keeps in B of N places: all of it in an isometry."""
    if width == size and not projects:
        return LogMoments(arb(0), arb(0))
    part, whole = log_of_open(width) if projects else log_of_full(width), log_of_full(size)
    return LogMoments(part.mean - whole.mean, part.variance - whole.variance)


def sum_of(logs: Sequence[LogMoments]) -> LogMoments:
    """Return the moments of a sum of independent logarithms."""
    return LogMoments(*(sum(parts, start=arb(0)) for parts in zip(*logs, strict=True)))


def with_gain(log: LogMoments, gain: Value) -> LogMoments:
    """Return the moments after the factor `gain`, the product of the variances of the weights."""
    return LogMoments(log.mean + arb(to_fmpq(rational(gain, "a variance"))).log(), log.variance)
