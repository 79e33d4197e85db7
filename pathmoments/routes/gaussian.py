r"""Closed form for Gaussian or orthogonal weights and entries that share an output or an input.

Given all the activation patterns, rotation invariance makes the backward vector of one output q a product of independent norms: with
weights of variance v_j,

    E prod_p Z[p, q]^(2 k_p) = act(2K) prod_p (2 k_p - 1)!! prod_j v_j^K prod_{hidden j} S_K(n_j),    K = sum k_p,

where S_K(n) = E (sum_{i=1}^n D_i^2 g_i^2)^K with g_i standard normal and D_i fair on {1, slope}, and act(m) = (1 + slope^m)/2 (1 at a linear
output). For ReLU it is E[B (B+2) ... (B+2K-2)], B ~ Bin(n, 1/2), the usual form. Seen from one input p, the norms run forward and
each output has an act and a double factorial of its own. S_K(n) = K! [t^K] phi(t)^n with phi(t) = sum_k C(2k,k) (1 + slope^(2k))/2 (t/2)^k is
a polynomial in n, so widths may be huge or symbols.

An orthogonal layer of size N takes a vector to a uniform direction as a Gaussian layer does, but keeps its norm: of a Gaussian vector in R^N that is the
direction alone. Direction and norm are independent, so its factor is that of a Gaussian layer of the same variance, divided by E of the norm's power over N^K,
N (N+2) ... (N+2K-2) / N^K.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import factorial, prod

from flint import ctx, fmpq, fmpq_series

from ..domains import Domain, Element
from ..exact import balanced, to_fmpq
from ..families import Family
from ..laws import Gaussian
from ..network import Network
from .base import Cost, Options, PathSum


class GaussianClosedForm(PathSum):
    """Exact for Gaussian or orthogonal weights and one output (several inputs) or one input (several outputs), at any order and width."""

    name = "gaussian"
    default_budget = 5_000

    def way_out(self, net: Network, family: Family) -> str:
        """Return what to do instead."""
        return "use a lower order, or a larger budget"

    def reason_against(self, net: Network, family: Family) -> str | None:
        """Return why not: another law, or entries that share neither their input nor their output."""
        laws = set(net.laws[family.first : family.last])
        others = {law for law in laws if law.independent and law != Gaussian()}
        way_out = "transfer" if all(law.independent for law in laws) else "haar"
        if others:
            return (
                f"it is for Gaussian weights, and the network has {sorted(map(repr, others))[0]}: use route='{way_out}'"
            )
        if len(family.starts()) > 1 and len(family.ends()) > 1:
            return f"it is for entries with one input or one output in common: use route='{way_out}'"
        return None

    def cost(self, net: Network, family: Family, budget: int | None = None) -> Cost:
        """Return the number of coefficients, K = order / 2 a layer."""
        layers = family.last - family.first
        half = family.size // 2
        return Cost(self.name, half, "coefficients", layers * half * half, f"{layers} layer" + "s" * (layers != 1))

    def prepare(self, net: Network, family: Family, options: Options) -> Callable[[Domain], Element]:
        """Return the product of the ends and of one norm moment a hidden layer."""
        return lambda domain: _product(net, family, domain)


def _product(net: Network, family: Family, domain: Domain) -> Element:
    half = family.size // 2
    times = Counter(net.widths[family.first + 1 : family.last])
    norms = (_norm_moment(domain, width, half, net.slope) ** count for width, count in times.items())
    kept = (domain.element(_kept_norm(size, half) ** count) for size, count in orthogonal_sizes(net, family).items())
    return balanced([*norms, *kept], domain.element(_ends(net, family)))


def orthogonal_sizes(net: Network, family: Family) -> Counter[int]:
    """Return how many orthogonal layers of each size N, the larger side, the family has."""
    sizes = Counter[int]()
    for layer in range(family.first + 1, family.last + 1):
        if not net.laws[layer - 1].independent:
            sizes[max(side for side in net.widths[layer - 1 : layer + 1] if isinstance(side, int))] += 1
    return sizes


def _kept_norm(size: int, half: int) -> Fraction:
    """Return N^K / (N (N+2) ... (N+2K-2)): an orthogonal layer against a Gaussian one."""
    return Fraction(size**half, prod(range(size, size + 2 * half, 2)))


def _ends(net: Network, family: Family) -> Fraction:
    """Return the double factorials and the activation of the outputs."""
    factor = Fraction(prod(prod(range(1, order, 2)) for order in family.counts))
    if net.activated(family.last):
        for order in family.ends().values():
            factor *= (1 + net.slope**order) / 2
    return factor


def _norm_moment(domain: Domain, width: object, half: int, slope: Fraction) -> Element:
    """Return S_half(width) = half! [t^half] exp(width log phi(t))."""
    with _series_to(half):
        log = _phi(half, slope).log()
        if isinstance(width, int):
            return (log * width).exp()[half] * factorial(half)
    n = domain.element(width)
    coefficients = [domain.element(1)]
    for k in range(1, half + 1):  # k c_k = n sum_i i l_i c_(k-i), the recurrence of an exponential
        derivative = sum((coefficients[k - i] * (i * log[i]) for i in range(1, k + 1)), start=domain.element(0))
        coefficients.append(n * derivative * fmpq(1, k))
    return coefficients[half] * factorial(half)


def _phi(half: int, slope: Fraction) -> fmpq_series:
    """Return phi(t) up to t^half: the mean over open and closed of the moment generating function of D^2 g^2 / 2."""
    coefficients, closed = [fmpq(1)], to_fmpq(slope**2)
    binomial = power = fmpq(1)
    for k in range(1, half + 1):
        binomial *= fmpq(2 * k - 1, k)  # C(2k, k) / 2^k
        power *= closed
        coefficients.append(binomial * (1 + power) / 2)
    return fmpq_series(coefficients, prec=half + 1)


@contextmanager
def _series_to(half: int) -> Iterator[None]:
    """Let flint's series run to t^half; its length is a setting of the whole process."""
    before = ctx.cap
    ctx.cap = half + 1
    try:
        yield
    finally:
        ctx.cap = before
