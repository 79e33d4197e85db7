r"""What is probably wrong: known mistakes in the order of the likelihood of the samples' summary, given the exact moments that each mistake gives.

The summary of N Jacobians, with S = ||J||_F^2 and Q the mean of Z[p, q]^4:

* the means of S and Q: normal, with the exact means and the exact covariances over N (a ranking, not a test: no error rate hangs on it);
* how many rows of the J that are not 0 are 0: an output with the ReLU is closed half of the time, one without never; binomial;
* how many J are 0: some layer is all closed with probability 1 - prod(1 - 2^-n_j); binomial;
* how many J are equal, to the bit, to the one before: rare but where networks share a seed, for weights without atoms.

The network that was meant is ranked too, so that a failure that no known mistake explains better is seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import PathMomentsError
from ..exact import Value
from ..network import Network
from ..quantities.statistics import Frobenius, MeanPower, mixed_moment
from .mistakes import CATALOGUE, ONE_SEED, UNDERFLOW, Mistake, Variant
from .report import Suspect

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALE, TAILS = Frobenius(), MeanPower(4)
IMPOSSIBLE = -1e9
"""The logarithm of the likelihood, for each count, of what has probability 0 under a mistake (finite, so that sums compare)."""
COINCIDENCE = -7 * math.log(2)
"""The logarithm of the probability, or more, that two networks have one Jacobian in some float type."""
TIE = 1e-9
NEAR = 5.0
"""Layers whose log-likelihoods differ by less are not told apart."""
FAR = 150.0
"""The largest logarithm of a quotient that is told from larger ones: fourth powers of it are floats."""
MEANT = Mistake("none", "no known mistake: the network that was meant", lambda net: iter((Variant(net),)))


@dataclass
class Summary:
    """What a diagnosis reads of the samples; batches add to it."""

    telling: bool = True
    """Whether equal Jacobians mean shared seeds; not for weights with atoms, of which two networks may be equal."""
    networks: int = 0
    scale: float = 0.0
    tails: float = 0.0
    vanished: int = 0
    rows: int = 0
    closed_rows: int = 0
    repeated: int = 0
    _last: Any = field(default=None, repr=False)
    _norm: Any = field(default=(), repr=False)

    def add(
        self, jacobians: NDArray[Any], *, rows: NDArray[Any] | None = None, tails: NDArray[Any] | None = None
    ) -> None:
        """Take more Jacobians J[..., q, p]; the squared norms of their rows and their values of Q, where they are known already."""
        import numpy as np

        rows = np.einsum("nqp,nqp->nq", jacobians, jacobians) if rows is None else rows
        tails = TAILS.of(jacobians) if tails is None else tails
        scale = rows.sum(axis=1)
        self.networks += len(scale)
        self.scale += float(scale.sum())
        self.tails += float(tails.sum())
        alive = scale != 0
        self.vanished += int((~alive).sum())
        self.rows += int(alive.sum()) * rows.shape[1]
        self.closed_rows += int((rows[alive] == 0).sum())
        before = jacobians if self._last is None else np.concatenate([self._last, jacobians])
        norms = np.concatenate([self._norm, scale])
        # Equal Jacobians have equal norms: only those are looked at entry by entry.
        close = np.flatnonzero((norms[1:] == norms[:-1]) & (norms[1:] != 0)) + 1
        self.repeated += int((before[close] == before[close - 1]).all(axis=(1, 2)).sum())
        self._last, self._norm = before[-1:].copy(), norms[-1:]


def repeats_tell(net: Network) -> bool:
    """Whether two networks give one Jacobian with probability 0, but for dead ones: weights without atoms."""
    fans = pairwise(net.numeric_widths("a diagnosis"))
    return not any(law.atoms_in(a, b) for law, (a, b) in zip(net.laws, fans, strict=True))


def suspects(net: Network, summary: Summary) -> tuple[Suspect, ...]:
    """Return the known mistakes that are more likely than none, the most likely first; each with its most likely layer, and with those that no sample tells from it."""
    if not summary.networks:
        return ()  # no Jacobian was finite: nothing tells one mistake from another
    best: list[tuple[float, Mistake, Variant]] = []
    for mistake in (MEANT, *CATALOGUE):
        ranked = sorted(_ranked(net, mistake, summary), key=lambda entry: -entry[0])
        if ranked:
            likelihood, _, variant = ranked[0]
            best.append((likelihood, mistake, replace(variant, where=_where(ranked))))
    best.sort(key=lambda entry: -entry[0])
    meant = [place for place, (_, mistake, _) in enumerate(best) if mistake is MEANT]
    if not meant:
        return ()  # what is meant has no likelihood here, so nothing else explains more
    # What is less likely than that nothing is wrong explains nothing, and neither does what is impossible.
    return tuple(
        _merged([entry for place, entry in enumerate(best[: meant[0] or 1]) if not place or entry[0] > IMPOSSIBLE])
    )


def _where(ranked: list[tuple[float, Mistake, Variant]]) -> str:
    """Return the most likely layer, and those that are nearly as likely."""
    near = [variant.where for likelihood, _, variant in ranked if likelihood > ranked[0][0] - NEAR]
    return " or ".join(near[:2]) + (" or another" if len(near) > 2 else "")


def _ranked(net: Network, mistake: Mistake, summary: Summary) -> Iterable[tuple[float, Mistake, Variant]]:
    # Whatever the network: where nothing is left, underflow is likely.
    variants = [Variant(None)] if mistake.name == UNDERFLOW else mistake.variants(net)
    for variant in variants:
        try:
            yield log_likelihood(net, mistake, variant, summary), mistake, variant
        except PathMomentsError:  # a network whose moments the theorem does not give explains nothing
            continue


def _merged(best: list[tuple[float, Mistake, Variant]]) -> Iterable[Suspect]:
    """Join mistakes that make the same network: the first speaks for all."""
    keys: dict[Any, list[tuple[float, Mistake, Variant]]] = {}
    for entry in best:
        _, mistake, variant = entry
        keys.setdefault(variant.network if variant.network is not None else mistake.name, []).append(entry)
    for group in keys.values():
        (likelihood, mistake, variant), *others = group
        yield Suspect(
            mistake.name, mistake.title, variant.where, likelihood, tuple(other.name for _, other, _ in others)
        )


def log_likelihood(net: Network, mistake: Mistake, variant: Variant, summary: Summary) -> float:
    """Return the logarithm of the likelihood of the summary, up to a constant that is the same for all mistakes."""
    counted = repeats_tell(net)  # of weights with atoms rows may cancel, or be 0
    if mistake.name == ONE_SEED:
        # All else is as it was meant, for as many networks as are different ones.
        different = max(1, summary.networks - summary.repeated)
        seen = 8 * summary.repeated > summary.networks if summary.telling else 1 == different < summary.networks
        return _of_network(net, summary, different, counted=counted) + (0.0 if seen else IMPOSSIBLE)
    repeated = COINCIDENCE * summary.repeated if summary.telling else 0.0
    if variant.network is None:
        return repeated + IMPOSSIBLE * (summary.networks - summary.vanished)
    return repeated + _of_network(variant.network, summary, summary.networks, counted=counted)


def _of_network(net: Network, summary: Summary, count: int, *, counted: bool) -> float:
    """Return the log-likelihood of means over `count` different networks, of vanished ones and of closed rows."""
    if not counted:
        return _normal(net, summary, count)
    vanished, closed = vanishing(net)
    counts = _binomial(summary.vanished, summary.networks, vanished) + _binomial(
        summary.closed_rows, summary.rows, closed
    )
    return counts + _normal(net, summary, count)


def vanishing(net: Network) -> tuple[float, float]:
    """Return the probability that a Jacobian is 0, about, and that a row of one that is not is 0, for weights without atoms."""
    if net.slope != 0:
        return 0.0, 0.0
    hidden = math.prod(1 - 2.0**-width for width in net.numeric_widths("a diagnosis")[1:-1])
    outputs = net.numeric_widths("a diagnosis")[-1]
    if not net.activated(net.depth):
        return 1 - hidden, 0.0
    some = 1 - 2.0**-outputs
    return 1 - hidden * some, 1 - 0.5 / some


def _binomial(count: int, total: int, p: float) -> float:
    """Return log p^count (1-p)^(total-count)."""
    if p <= 0:
        return IMPOSSIBLE * count
    if p >= 1:
        return IMPOSSIBLE * (total - count)
    return count * math.log(p) + (total - count) * math.log1p(-p)


def _normal(net: Network, summary: Summary, count: int) -> float:
    """Return the log-density of the means of S and Q."""
    if not summary.networks:
        return 0.0
    (log_s, log_q), (spread_s, spread_q, together) = _first_and_second(net)
    a, b, c = spread_s / count + TIE, spread_q / count + TIE, together / count
    x = _relative(summary.scale / summary.networks, log_s)
    y = _relative(summary.tails / summary.networks, log_q)
    determinant = max(a * b - c * c, TIE * a * b)
    distance = (b * x * x - 2 * c * x * y + a * y * y) / determinant
    return -distance / 2 - math.log(determinant) / 2 - log_s - log_q


@lru_cache(maxsize=256)
def _first_and_second(net: Network) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Return log E S and log E Q, and their relative variances and covariance: no float holds the moments of a deep network themselves."""
    s, q = _log(SCALE.moment(net, 1)), _log(TAILS.moment(net, 1))
    seconds = (SCALE.moment(net, 2), 2 * s), (TAILS.moment(net, 2), 2 * q), (mixed_moment(net, SCALE, TAILS), s + q)
    spread_s, spread_q, together = (math.expm1(min(_log(value) - square, FAR)) for value, square in seconds)
    return (s, q), (spread_s, spread_q, together)


def _relative(mean: float, log_exact: float) -> float:
    """Return mean / exact - 1."""
    return math.expm1(min(math.log(mean) - log_exact, FAR)) if mean > 0 else -1.0


def _log(value: Value) -> float:
    """Return the logarithm of a positive number, however large or small."""
    if isinstance(value, Fraction):
        return math.log(value.numerator) - math.log(value.denominator)
    return float(value.log())
