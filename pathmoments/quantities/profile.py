r"""Conditioning along the network: exact moments of the prefix J_{1..j} and of the suffix J_{j+1..d} at every cut j, in one sweep each.

A Jacobian may be well conditioned while its factors explode and vanish. With G = J J^T of a prefix, its indices being neurons of the last layer, three numbers

    a = E G_qq^2,    b = E G_qq G_q'q',    c = E G_qq'^2    (q != q')

close on themselves: with A, B, C their sums over the neurons (A = n a, B = n(n-1) b, C = n(n-1) c), a layer of weights of variance v makes of them

    a = v^2 (mt_4 A + B + 2 C),    b = v^2 (A + B),    c = v^2 (A + C),

and the fair coins of an activation of slope s multiply a by (1 + s^4)/2, and b and c by ((1 + s^2)/2)^2. Started from the identity this gives E ||J||_F^4 = A + B and
E tr (J J^T)^2 = A + C; started from one entry, E Z^4 = a. The suffix is the same sweep from the outputs down, with J^T J and the coins before the weights. This is
Theorem 3 (Hanin 2018) for the orders 2 and 4, summed layer by layer: for every law, and linear in the depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from ..domains import Balls, Domain, Element, settle_all
from ..errors import ArgumentError
from ..exact import Value, is_symbolic, scaled, to_fmpq
from ..families import (
    Family,
    check_alive_size,
    check_determined,
    check_independent,
    checked_network,
    family_of,
    layer_alive,
)
from ..laws import Law
from ..network import Network, Width
from .chi_squares import LogMoments
from .log_norm import LogNorm, layer_log, reason_against, sum_of, with_gain


@dataclass(frozen=True)
class Section:
    """Exact moments of the Jacobian J of some layers.

    Attributes
    ----------
    layers
        (i, j) for the Jacobian of the layers i+1..j.
    inputs
        The width n_i of what it acts on.
    norm
        E ||J||_F^2, the expected sum of the squared singular values.
    norm_square
        E ||J||_F^4.
    square_trace
        E tr (J J^T)^2, the expected sum of the fourth powers of the singular values.
    fourth
        E Z[p, q]^4 of an entry.
    log_norm
        Mean and variance of ln ||J u||^2 given alive, see :func:`pathmoments.log_norm`; None where there is no closed form.
    """

    layers: tuple[int, int]
    inputs: Width
    norm: Value
    norm_square: Value
    square_trace: Value
    fourth: Value
    log_norm: LogNorm | None

    @property
    def gain(self) -> Value:
        """E ||J u||^2 for any u of length 1, which is E ||J||_F^2 / n_i: for every law."""
        return scaled(self.norm, _inverse(self.inputs))

    @property
    def ratio(self) -> Value:
        """n_i E tr (J J^T)^2 / (E ||J||_F^2)^2: 1 for an isometry, n_i where one singular value is all there is, more where the norm varies besides."""
        factor: Any = self.inputs / self.norm**2
        return scaled(self.square_trace, factor)


@dataclass(frozen=True)
class Profile:
    """The sections of a network at its cuts.

    Attributes
    ----------
    net
        The network.
    prefixes
        The Jacobians of the layers 1..j, for j = 1..d: the last is the whole network.
    suffixes
        The Jacobians of the layers j+1..d, for j = 1..d-1: what is above each cut, in the order of the prefixes.
    """

    net: Network
    prefixes: tuple[Section, ...]
    suffixes: tuple[Section, ...]

    @property
    def whole(self) -> Section:
        """The section of all layers."""
        return self.prefixes[-1]

    @property
    def highest(self) -> Section:
        """The prefix of the largest gain, the first of several."""
        return max(self.prefixes, key=self._number)

    @property
    def lowest(self) -> Section:
        """The prefix of the smallest gain, the first of several."""
        return min(self.prefixes, key=self._number)

    def _number(self, section: Section) -> Fraction:
        if not isinstance(section.gain, Fraction):
            raise ArgumentError(
                f"gains can be compared if they are numbers, and one is {section.gain}: give numbers for the symbols"
            )
        return section.gain


def profile(net: Network) -> Profile:
    r"""Return the exact moments of orders 2 and 4 of all prefixes and suffixes of the Jacobian, and their typical log-norms.

    The prefix at a cut is the Jacobian of the layers below it, the suffix that of the layers above: J = J_{j+1..d} J_{1..j}. At zero bias a suffix carries the
    probability that the layers below are alive. Nothing is normalised.

    Parameters
    ----------
    net
        The network: any laws, slope, variances; widths and laws may be symbolic.

    Returns
    -------
    A :class:`~pathmoments.quantities.profile.Profile`. `norm` is a Fraction (or a sympy expression); the fourth moments are balls where a law is not rational.

    Raises
    ------
    AtomsError
        If a pre-activation can be exactly 0: a law with atoms at zero bias.
    UnknownMomentError
        If a law was given by moments without the fourth.
    RouteError
        For orthogonal layers: :func:`pathmoments.spectrum` with `layers` has the moments of each section.
    BudgetError
        If a layer of Gaussian weights has more than some 10^9 neurons (its log-norm), or the alive factor is too long.

    Cost
    ----
    Two sweeps, linear in the depth (fractions grow with the depth too); the log-norms as :func:`pathmoments.log_norm`.

    >>> from pathmoments import Network, profile
    >>> for c in (1, 4):  # well conditioned end to end whatever c, and explosive inside
    ...     found = profile(Network([2, 3, 2], variance=[c, f"2/{3 * c}"]))
    ...     print(*((str(section.norm), str(section.square_trace)) for section in (found.whole, found.prefixes[0], found.suffixes[0])))
    ('2', '74/3') ('3', '15') ('2', '22/3')
    ('2', '74/3') ('12', '240') ('1/2', '11/24')

    A linear network of one layer is its weights:

    >>> profile(Network([3, 1], output="linear", variance=1)).whole.fourth
    Fraction(3, 1)
    """
    net = checked_network(net)
    check_independent(net, Family((), 0, net.depth), "profile")
    for first in (0, 1)[: net.depth]:
        check_determined(net, family_of(net, {(0, 0): 2}, layers=(first, net.depth)))
    domain = net.domain(0, net.depth, 4)
    spans = [(0, j) for j in range(1, net.depth + 1)] + [(i, net.depth) for i in range(1, net.depth)]
    norms = _norms(net)
    fronts = _fronts(net)

    def fourths() -> list[Value]:
        found = [*_prefix_moments(net, domain), *reversed(list(_suffix_moments(net, domain)))]
        return [domain.value(front, part) for front, parts in zip(fronts, found, strict=True) for part in parts]

    values = settle_all(domain, fourths)
    logs = _log_norms(net)
    fourths_of = zip(values[::3], values[1::3], values[2::3], strict=True)
    sections = [
        Section(span, net.widths[span[0]], norm, *parts, log)
        for span, norm, parts, log in zip(spans, norms, fourths_of, logs, strict=True)
    ]
    return Profile(net, tuple(sections[: net.depth]), tuple(sections[net.depth :]))


# -- what stands in front: variances, widths, and the probability of being alive ------------------------------------------


def _norms(net: Network) -> list[Value]:
    """Return E ||J||_F^2 of the prefixes and the suffixes: a product over the layers."""
    coins = [_coin(net, layer, 2) for layer in range(1, net.depth + 1)]
    gains = [scaled(v, coin) for v, coin in zip(net.variances, coins, strict=True)]
    below = _products(_exact(net.widths[0]), map(scaled, map(_exact, net.widths[1:]), gains))
    above = _products(_exact(net.widths[-1]), map(scaled, map(_exact, net.widths[-2:0:-1]), gains[:0:-1]))
    return [*below, *map(scaled, reversed(above), _alive(net))]


def _fronts(net: Network) -> list[Value]:
    """Return what the fourth moments at unit variance are multiplied by, for the prefixes and the suffixes."""
    squares = [scaled(v, v) for v in net.variances]
    above = _products(Fraction(1), squares[:0:-1])
    return [*_products(Fraction(1), squares), *map(scaled, reversed(above), _alive(net))]


def _products(start: Value, factors: Iterable[Value]) -> list[Value]:
    """Return start times the first factor, times the first two, and so on."""
    return list(accumulate(factors, scaled, initial=start))[1:]


def _alive(net: Network) -> list[Value]:
    """Return, for the cuts 1..d-1, the factor of the suffix above it: 1, but at zero bias the probability that the layers below are alive."""
    if net.bias != "zero" or net.slope != 0:
        return [Fraction(1)] * (net.depth - 1)
    last = net.depth - 1 if net.output == "relu" else net.depth - 2  # a linear output layer alone is its weights
    check_alive_size(net, last)
    reached = _products(Fraction(1), map(layer_alive, net.widths[1 : last + 1]))
    return [*reached, *[Fraction(1)] * (net.depth - 1 - len(reached))]


def _coin(net: Network, layer: int, order: int) -> Fraction:
    """Return E D^order of a neuron of the layer."""
    return (1 + net.slope**order) / 2 if net.activated(layer) else Fraction(1)


def _exact(width: Width) -> Value:
    return Fraction(width) if isinstance(width, int) else width


def _inverse(width: Width) -> Value:
    return 1 / width if is_symbolic(width) else Fraction(1, width)


# -- the sweeps, at unit variance -----------------------------------------------------------------------------------------


class _Gram(NamedTuple):
    """The numbers a, b, c of the head of this module, or their sums A, B, C."""

    a: Element
    b: Element
    c: Element


class _Fourths(NamedTuple):
    """E ||J||_F^4, E tr (J J^T)^2 and E Z^4."""

    norm_square: Element
    square_trace: Element
    fourth: Element


def _prefix_moments(net: Network, domain: Domain) -> Iterator[_Fourths]:
    """Yield the moments of the Jacobians of the layers 1..j, j = 1..d."""
    kurtosis = _kurtoses(net, domain)
    sums, entry = _starts(domain, net.widths[0])
    for layer, law in enumerate(net.laws, 1):
        each, one = (_coins(net, layer, _weights(kurtosis[law], part)) for part in (sums, entry))
        sums, entry = (_sums(domain, net.widths[layer], part) for part in (each, one))
        yield _Fourths(sums.a + sums.b, sums.a + sums.c, one.a)


def _suffix_moments(net: Network, domain: Domain) -> Iterator[_Fourths]:
    """Yield the moments of the Jacobians of the layers j+1..d, j = d-1..1."""
    kurtosis = _kurtoses(net, domain)
    sums, entry = _starts(domain, net.widths[-1])
    for layer, law in reversed(list(enumerate(net.laws[1:], 2))):
        each, one = (_weights(kurtosis[law], _coins(net, layer, part)) for part in (sums, entry))
        sums, entry = (_sums(domain, net.widths[layer - 1], part) for part in (each, one))
        yield _Fourths(sums.a + sums.b, sums.a + sums.c, one.a)


def _starts(domain: Domain, width: Width) -> tuple[_Gram, _Gram]:
    """Return the sums for the identity, and for a single neuron."""
    zero, one = domain.element(0), domain.element(1)
    return _sums(domain, width, _Gram(one, one, zero)), _Gram(one, zero, zero)


def _sums(domain: Domain, width: Width, each: _Gram) -> _Gram:
    """Return A, B, C from a, b, c."""
    n = domain.element(width)
    pairs = n * (n - 1)
    return _Gram(n * each.a, pairs * each.b, pairs * each.c)


def _weights(kurtosis: Element, sums: _Gram) -> _Gram:
    """Return a, b, c behind a layer of weights of unit variance and fourth moment `kurtosis`, from A, B, C before it."""
    return _Gram(kurtosis * sums.a + sums.b + 2 * sums.c, sums.a + sums.b, sums.a + sums.c)


def _coins(net: Network, layer: int, gram: _Gram) -> _Gram:
    """Return the numbers behind the activation of a layer."""
    same, different = to_fmpq(_coin(net, layer, 4)), to_fmpq(_coin(net, layer, 2) ** 2)
    return _Gram(gram.a * same, gram.b * different, gram.c * different)


def _kurtoses(net: Network, domain: Domain) -> dict[Law, Element]:
    """Return mt_4 = k_4 + 3 of each law, at the working precision."""
    return {law: domain.element(law.even_cumulants(2)[1]) + 3 for law in set(net.laws)}


# -- log-norms ------------------------------------------------------------------------------------------------------------


def _log_norms(net: Network) -> list[LogNorm | None]:
    """Return the log-norms of the prefixes and the suffixes; those with a layer that has no closed form have none."""
    layers = range(1, net.depth + 1)
    closed = [reason_against(net, layer) is None for layer in layers]
    below, above = _run(layers, closed), _run(layers[:0:-1], closed[:0:-1])
    gains = [
        gain for run in (below, above) for gain in _products(Fraction(1), [net.variances[layer - 1] for layer in run])
    ]
    if not gains:
        return [None] * (2 * net.depth - 1)

    def whole() -> list[Any]:
        sums = [log for run in (below, above) for log in _running(net, run)]
        return [part for log, gain in zip(sums, gains, strict=True) for part in with_gain(log, gain)]

    parts = settle_all(Balls(), whole)
    found = [LogNorm(*parts[k : k + 2]) for k in range(0, len(parts), 2)]
    missing: list[LogNorm | None] = [None] * net.depth
    return [
        *found[: len(below)], *missing[len(below) :], *missing[len(above) + 1 :], *reversed(found[len(below) :]),
    ]  # fmt: skip


def _run(layers: Sequence[int], closed: Sequence[bool]) -> list[int]:
    """Return the layers up to the first that has no closed form."""
    return [layer for layer, _ in takewhile(lambda pair: pair[1], zip(layers, closed, strict=True))]


def _running(net: Network, layers: Sequence[int]) -> Iterator[LogMoments]:
    """Yield the moments for the first of the layers, the first two, and so on, at unit variance."""
    return accumulate((layer_log(net, layer) for layer in layers), lambda log, other: sum_of((log, other)))
