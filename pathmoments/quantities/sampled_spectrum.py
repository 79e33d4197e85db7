"""Eigenvalues of J J^T of sampled networks, and their traces beside the exact ones: what the exact spectrum is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum, inf, isclose, sqrt
from typing import TYPE_CHECKING, Any

from ..exact import Value, integer
from ..families import checked_layers
from ..network import Network
from ..routes import Progress, iter_jacobians
from ..routes.sampling import fresh_seed
from .traces import product_moment, trace_moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NULL = 1e-13
"""Singular values below this share of the largest are rounding: they count as 0."""

MAX_ERRORS = 2
"""Standard errors are found up to this k: the next one takes seconds, for the set partitions of 12 paths."""


@dataclass(frozen=True, eq=False)
class SampledSpectrum:
    """Sampled traces beside their exact expectations; k counts from 0.

    Attributes
    ----------
    means
        The sample means of tr (J J^T)^k, floats.
    exact
        E tr (J J^T)^k.
    standard_errors
        sqrt(Var tr (J J^T)^k / samples) with the exact variance, for k up to 2.
    samples, seed
        What was drawn; the same pair gives the same means.
    eigenvalues
        The eigenvalues of J J^T that are not 0, of all samples, if they were kept.
    zeros
        The share of the n_d eigenvalues that are 0.
    """

    means: tuple[float, ...]
    exact: tuple[Value, ...]
    standard_errors: tuple[float, ...]
    samples: int
    seed: int
    eigenvalues: NDArray[np.float64] = field(repr=False)
    zeros: float

    def z(self, k: int) -> float | None:
        """Return (mean - exact) / standard error, None where no exact standard error is known."""
        if k >= len(self.standard_errors):
            return None
        difference, error = self.means[k] - float(self.exact[k]), self.standard_errors[k]
        if error == 0:
            return 0.0 if isclose(self.means[k], float(self.exact[k]), rel_tol=1e-9) else inf
        return difference / error

    @property
    def largest(self) -> float:
        """The largest |z|."""
        return max(abs(self.z(k) or 0.0) for k in range(len(self.standard_errors)))


def sampled_spectrum(
    net: Network,
    samples: int,
    *,
    orders: int = 4,
    seed: int | None = None,
    layers: tuple[int, int] | None = None,
    keep: bool = False,
    progress: Progress | None = None,
) -> SampledSpectrum:
    """Draw real networks and return their traces, and with `keep` their eigenvalues too.

    Parameters
    ----------
    net, samples, seed, layers
        As in :func:`pathmoments.iter_jacobians`.
    orders
        The largest k of the traces, 1 or more.
    keep
        Whether to keep the eigenvalues: samples times min(n_0, n_d) floats.
    progress
        Called with (done, samples).

    Raises
    ------
    RouteError
        If a law is known by its moments only.
    ArgumentError
        If a width is symbolic.

    >>> result = sampled_spectrum(Network([3, 4, 2]), 5_000, orders=2, seed=1)
    >>> result.largest < 5, round(result.zeros, 2)
    (True, 0.57)
    """
    import numpy as np

    orders = integer(orders, "orders", minimum=1, what="a whole number, 1 or more")
    section, seed = checked_layers(net, layers), fresh_seed(seed)
    blocks = iter_jacobians(net, samples, seed=seed, layers=section)
    exact = tuple(trace_moment(net, k, layers=section) for k in range(orders + 1))
    errors = _standard_errors(net, exact, section, samples)
    sums: list[list[float]] = [[] for _ in exact]
    kept: list[NDArray[np.float64]] = []
    positive = done = 0
    for jacobians in blocks:
        singular = np.linalg.svd(jacobians, compute_uv=False)
        alive = singular > NULL * singular[:, :1]
        positive += int(alive.sum())
        squares = np.where(alive, singular, 0.0) ** 2
        for k in range(1, orders + 1):
            sums[k].append(float((squares**k).sum()))
        if keep:
            kept.append(squares[alive])
        done += len(jacobians)
        if progress is not None:
            progress(done, samples)
    outputs = net.numeric_widths("a simulation")[section[1]]
    return SampledSpectrum(
        (float(outputs), *(fsum(sums[k]) / samples for k in range(1, orders + 1))),
        exact, errors, samples, seed, np.concatenate(kept) if keep else np.empty(0), 1 - positive / (samples * outputs),
    )  # fmt: skip


def _standard_errors(
    net: Network, exact: tuple[Value, ...], section: tuple[int, int], samples: int
) -> tuple[float, ...]:
    """Return the exact standard errors of the means that have one."""
    errors = [0.0]
    for k in range(1, min(MAX_ERRORS, len(exact) - 1) + 1):
        second: Any = product_moment(net, (k, k), layers=section)
        mean: Any = exact[k]
        errors.append(sqrt(max(0.0, float(second - mean * mean) / samples)))
    return tuple(errors)
