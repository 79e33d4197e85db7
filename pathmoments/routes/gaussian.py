r"""Closed form for Gaussian weights and entries that share an output or an input.

Given all the activation patterns, rotation invariance makes the backward vector of one output q a product of independent norms: with
weights of variance v_j,

    E prod_p Z[p, q]^(2 k_p) = act(2K) prod_p (2 k_p - 1)!! prod_j v_j^K prod_{hidden j} S_K(n_j),    K = sum k_p,

where S_K(n) = E (sum_{i=1}^n D_i^2 g_i^2)^K with g_i standard normal and D_i fair on {1, slope}, and act(m) = (1 + slope^m)/2 (1 at a linear
output). For ReLU it is E[B (B+2) ... (B+2K-2)], B ~ Bin(n, 1/2), the closed form of THEORY. Seen from one input p, the norms run forward and
each output has an act and a double factorial of its own. S_K(n) = K! [t^K] phi(t)^n with phi(t) = sum_k C(2k,k) (1 + slope^(2k))/2 (t/2)^k is
a polynomial in n, so widths may be huge or symbols.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, prod

from ..domains import Domain, Element
from ..exact import Value, scaled, to_fmpq
from ..families import Family, alive_factor
from ..laws import Gaussian
from ..network import Network
from .base import Cost, Options, Route, variance_factor


class GaussianClosedForm(Route):
    """Exact for Gaussian weights and one output (several inputs) or one input (several outputs), at any order and width."""

    name = "gaussian"
    default_budget = 100_000

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: another law, or entries that share neither their input nor their output."""
        others = {law for law in net.laws[family.first : family.last] if law != Gaussian()}
        if others:
            return (
                f"it is for Gaussian weights, and the network has {sorted(map(repr, others))[0]}: use route='transfer'"
            )
        if len(family.starts()) > 1 and len(family.ends()) > 1:
            return "it is for entries with one input or one output in common: use route='transfer'"
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of coefficients, K = order / 2 a layer."""
        layers = family.last - family.first
        half = family.size // 2
        return Cost(self.name, half, "coefficients", layers * half * half, f"{layers} layer" + "s" * (layers != 1))

    def evaluate(self, net: Network, family: Family, options: Options = Options()) -> Value:  # noqa: B008  # frozen
        """Return the moment: a Fraction, or a sympy expression where widths are symbols."""
        self.checked_cost(net, family, options)
        domain = net.domain(family.first, family.last, family.size)
        half = family.size // 2
        total = domain.element(_ends(net, family))
        norms: dict[object, Element] = {}
        for layer in range(family.first + 1, family.last):
            width = net.widths[layer]
            if width not in norms:
                norms[width] = _norm_moment(domain, width, half, net.slope)
            total = total * norms[width]
        prefactor = scaled(alive_factor(net, family), variance_factor(net, family))
        return domain.value(prefactor, total)


def _ends(net: Network, family: Family) -> Fraction:
    """Return the double factorials and the activation of the outputs."""
    factor = Fraction(prod(prod(range(1, order, 2)) for order in family.counts))
    if net.activated(family.last):
        for order in family.ends().values():
            factor *= (1 + net.slope**order) / 2
    return factor


def _norm_moment(domain: Domain, width: object, half: int, slope: Fraction) -> Element:
    """Return S_half(width) = half! [t^half] exp(width log phi(t)), by the recurrence of an exponential."""
    n = domain.element(width)
    log_phi = _log_phi(half, slope)
    coefficients = [domain.element(1)]
    for k in range(1, half + 1):
        derivative = sum(
            (coefficients[k - i] * to_fmpq(i * log_phi[i]) for i in range(1, k + 1)), start=domain.element(0)
        )
        coefficients.append(n * derivative * to_fmpq(Fraction(1, k)))
    return coefficients[half] * factorial(half)


@lru_cache(maxsize=64)
def _log_phi(half: int, slope: Fraction) -> list[Fraction]:
    """Return the coefficients 0..half of log phi(t)."""
    phi = [Fraction(comb(2 * k, k), 2**k) * (1 + slope ** (2 * k)) / 2 for k in range(half + 1)]
    log = [Fraction(0)]
    for k in range(1, half + 1):
        known = sum((i * log[i] * phi[k - i] for i in range(1, k)), start=Fraction(0))
        log.append(phi[k] - known / k)
    return log
