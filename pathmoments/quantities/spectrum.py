r"""The spectrum of J J^T of a random network at finite width: what its exact trace moments say.

    m_k = E tr (J J^T)^k / n_d    moments of the expected spectral measure of the n_d eigenvalues of J J^T (per output);
    E tr (J J^T)^k / n_0          the same for the n_0 eigenvalues of J^T J (per input): the nonzero ones are the same.

From them follow the spread of the singular values m_2 / m_1^2, the fluctuation of ||J||_F^2 = tr J J^T, and the Stieltjes series
E (1/n_d) tr (z - J J^T)^{-1} = sum_k m_k / z^{k+1}. This is section 3.1 of Hanin (2018), left there as future work. The sum of the singular values named there
is the sum of their squares, whose mean is n_d with He's variances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from ..domains import BALL_BITS
from ..errors import ArgumentError
from ..exact import Value, integer, is_symbolic, scaled
from ..families import checked_layers
from ..network import Network
from ..routes import Progress
from .expansion import Expansion, expansion
from .spectral_limit import limit_traces
from .traces import product_moment, trace_moment
from .variance import empirical_variance

if TYPE_CHECKING:
    import sympy

SCALE = "s"
"""The symbol by which all widths of a numeric network are multiplied for its expansion."""


@dataclass(frozen=True)
class Spectrum:
    """Exact values of the spectrum of J J^T, for the Jacobian J of `layers`; k counts from 0 in every tuple.

    Attributes
    ----------
    net, layers
        The network and the section (i, j) of it.
    traces
        E tr (J J^T)^k.
    limit
        The leading terms of `traces` as all widths grow together at this shape, the same for every law; see
        :func:`~pathmoments.quantities.spectral_limit.limit_traces`.
    square_second
        E ||J||_F^4 = E (tr J J^T)^2.
    spread
        E dVar, the expected empirical variance of the squared entries (Theorem 2). It says nothing about singular values: compare `participation`.
    expansions
        Of the moments per output in 1/n, where they were asked for. The symbol is `s`, all widths being s times those of the network, if these are numbers.
    """

    net: Network
    layers: tuple[int, int]
    traces: tuple[Value, ...]
    limit: tuple[Value, ...]
    square_second: Value
    spread: Value
    expansions: tuple[Expansion, ...] | None = field(default=None, repr=False)

    @property
    def moments(self) -> tuple[Value, ...]:
        """m_k per output: E tr (J J^T)^k / n_d."""
        return self._over(self.traces, self.net.widths[self.layers[1]])

    @property
    def moments_per_input(self) -> tuple[Value, ...]:
        """E tr (J J^T)^k / n_0, from k = 1 on the moments of the n_0 eigenvalues of J^T J."""
        return (_one(self.traces[0]), *self._over(self.traces[1:], self.net.widths[self.layers[0]]))

    @property
    def limit_moments(self) -> tuple[Value, ...]:
        """The limits of m_k per output."""
        return self._over(self.limit, self.net.widths[self.layers[1]])

    @property
    def square_mean(self) -> Value:
        """E ||J||_F^2 = E tr J J^T."""
        return self.traces[1]

    @property
    def square_variance(self) -> Value:
        """Var ||J||_F^2: how much the whole Jacobian fluctuates from network to network."""
        with ctx.workprec(2 * BALL_BITS):
            square: Any = _times(self.traces[1], self.traces[1])
            return _factored(self.square_second - square)

    @property
    def ratio(self) -> Value:
        """m_2 / m_1^2 per output: n_d E tr (J J^T)^2 / (E tr J J^T)^2."""
        return self._ratio(self.layers[1])

    @property
    def ratio_per_input(self) -> Value:
        """m_2 / m_1^2 per input: n_0 E tr (J J^T)^2 / (E tr J J^T)^2; 1 for an isometry, n_0 for rank one if tr J J^T does not fluctuate."""
        return self._ratio(self.layers[0])

    @property
    def participation(self) -> Value:
        """E (tr J J^T)^2 / E tr (J J^T)^2: the effective number of singular values, from 1 (rank one) to min(n_0, n_d) (all alike).

        Unlike m_2 / m_1^2 it stays within its ends however much tr J J^T fluctuates.
        """
        return _over(self.square_second, self.traces[2])

    def stieltjes(self, z: sympy.Symbol | str = "z") -> sympy.Expr:
        """Return sum_k m_k / z^(k+1), the Stieltjes series of the expected spectral measure per output up to the orders computed.

        It is asymptotic at z = infinity; for laws without bounds, such as the Gaussian, it does not converge.

        Raises
        ------
        ArgumentError
            If the moments are balls.
        """
        import sympy

        if any(isinstance(m, arb) for m in self.moments):
            raise ArgumentError("a Stieltjes series is a formula, and the moments here are balls: use a rational law")
        symbol = sympy.Symbol(z) if isinstance(z, str) else z
        numbers = (sympy.Rational(m.numerator, m.denominator) if isinstance(m, Fraction) else m for m in self.moments)
        return sympy.Add(*(m / symbol ** (k + 1) for k, m in enumerate(numbers)))

    def _ratio(self, layer: int) -> Value:
        return _times(_over(self.traces[2], _times(self.traces[1], self.traces[1])), self.net.widths[layer])

    @staticmethod
    def _over(values: Sequence[Value], width: Any) -> tuple[Value, ...]:
        return tuple(_over(value, width) for value in values)


def spectrum(
    net: Network,
    *,
    orders: int = 4,
    layers: tuple[int, int] | None = None,
    expand: int | None = None,
    route: str = "auto",
    budget: int | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    r"""Return the exact moments of the spectrum of J J^T and what follows from them.

    Parameters
    ----------
    net, layers, route, budget, progress
        As in :func:`pathmoments.trace_moment`.
    orders
        The largest k of E tr (J J^T)^k, a whole number of 2 or more.
    expand
        Expand the moments per output in 1/n up to this power. The symbolic widths grow together; if there are none, all widths are multiplied by a symbol `s`,
        with the variances divided by it: at s = 1 the series, which ends, is the exact moment.

    Returns
    -------
    A :class:`~pathmoments.quantities.spectrum.Spectrum` of Fractions, balls, or sympy expressions.

    Raises
    ------
    AtomsError, BudgetError, RouteError, OutOfRangeError, ArgumentError
        As in :func:`pathmoments.trace_moment` and :func:`pathmoments.expansion`.

    Cost
    ----
    `orders` trace moments, and moments of order 4 of entries.

    A linear layer of signs has no spread of its squared entries, and has not collapsed:

    >>> signs = spectrum(Network([2, 3], law="rademacher", variance="1/2", output="linear"), orders=3)
    >>> [str(t) for t in signs.traces], str(signs.spread), str(signs.participation)
    (['3', '3', '6', '27/2'], '0', '3/2')

    Gaussian weights, 400 inputs and 800 outputs: m_2 / m_1^2 per input is far from 400, that of rank one.

    >>> spectrum(Network([400, 800], output="linear"), orders=2).ratio_per_input
    Fraction(1201, 800)

    At infinite width the law does not matter; it does in the first correction, by its fourth moment.

    >>> import sympy
    >>> n = sympy.Symbol("n")
    >>> wide = spectrum(Network([n, n, n], law="symbolic"), orders=3, expand=1)
    >>> [str(m) for m in wide.limit_moments]
    ['1', '1', '5', '33']
    >>> print(wide.expansions[2])
    5 + 2*(3*mt_4 - 2)/n + O(1/n^2)
    """
    orders = integer(orders, "orders", minimum=2, what="a whole number, 2 or more")
    if expand is not None:
        expand = integer(expand, "expand", minimum=0, what="a whole number, 0 or more")
    section = checked_layers(net, layers)
    # The largest k first: what is over budget is refused before the work begins.
    falling = [
        trace_moment(net, k, layers=section, route=route, budget=budget, progress=progress)
        for k in range(orders, -1, -1)
    ]
    traces = tuple(reversed(falling))
    return Spectrum(
        net,
        section,
        traces,
        limit_traces(net, orders, layers=section),
        product_moment(net, (1, 1), layers=section),
        empirical_variance(net, layers=section),
        None if expand is None else _expansions(net, section, traces, expand, route, budget),
    )


def grown(net: Network) -> Network:
    """Return the network with all widths times a symbol s and all variances over it, whose limit as s grows is that of `net`'s shape.

    Raises
    ------
    ArgumentError
        If a variance is symbolic.

    >>> grown(Network([2, 3], variance="1/2"))
    Network([2*s, 3*s], variance=1/(2*s))
    """
    import sympy

    s = sympy.Symbol(SCALE)
    if net.symbols:
        raise ArgumentError(
            f"an expansion at the shape of {net} needs numbers for its variances, or symbols for its widths"
        )

    def divided(variance: Any) -> Any:
        if isinstance(variance, tuple):
            return tuple(map(divided, variance))
        # The names (he, lecun, ...) divide by a width, and so by s, on their own.
        return variance if isinstance(variance, str) else sympy.Rational(variance.numerator, variance.denominator) / s

    return Network(
        [width * s for width in net.numeric_widths("an expansion")],
        law=net.laws, variance=divided(net.variance), output=net.output, slope=net.slope,
        bias="zero" if net.bias == "zero" else "atomless",
    )  # fmt: skip


def _expansions(
    net: Network, section: tuple[int, int], traces: Sequence[Value], order: int, route: str, budget: int | None
) -> tuple[Expansion, ...]:
    """Return the expansions of the moments per output."""
    if not any(map(is_symbolic, net.widths)):
        net = grown(net)
        traces = [trace_moment(net, k, layers=section, route=route, budget=budget) for k in range(len(traces))]
    growing = frozenset[Any]().union(*(width.free_symbols for width in net.widths if not isinstance(width, int)))
    symbols = sorted(growing, key=str)
    return tuple(expansion(_over(trace, net.widths[section[1]]), symbols, order=order) for trace in traces)


# -- arithmetic of values -----------------------------------------------------------------------------------------------


def _one(value: Value) -> Value:
    return arb(1) if isinstance(value, arb) else Fraction(1)


def _times(value: Any, other: Any) -> Value:
    with ctx.workprec(2 * BALL_BITS):  # balls are multiplied at more than their own accuracy
        return _number(scaled(value, Fraction(other) if isinstance(other, int) else other))


def _over(value: Any, other: Any) -> Value:
    with ctx.workprec(2 * BALL_BITS):
        return _number(scaled(value, Fraction(1) / other) if isinstance(other, (int, Fraction)) else value / other)


def _factored(value: Any) -> Value:
    """Return an expression as one factored fraction; other values as they are."""
    if isinstance(value, (Fraction, arb)):
        return value
    import sympy

    return _number(sympy.factor(value))


def _number(value: Any) -> Value:
    """Return a sympy number as a Fraction; other values as they are."""
    return Fraction(int(value.p), int(value.q)) if getattr(value, "is_Rational", False) else value
