r"""The density of the infinite-width limit of the spectrum of J J^T, as floats: for pictures, and for nothing exact.

With x = 1/z the equation of :mod:`pathmoments.quantities.spectral_limit` is phi(t) = x t, and the density of the limit is |Im t| / (pi n_d x) at the complex
root. On a ray t = r exp(i theta), 0 < theta < pi, the condition that phi(t) / t is real and positive says that the arguments of the factors t + alpha of phi add up
to theta. Each argument rises with r from 0 to theta, and there are at least two, so just one r does it: bisection finds it at any depth, where the roots of a
polynomial of high degree would be lost to rounding. theta -> 0 is the upper edge of the spectrum, theta -> pi the lower.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import RouteError
from ..exact import integer
from ..families import Family, checked_layers, dependence
from ..network import Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BISECTIONS = 80
"""Halvings of the range of log r: to the last bit of a float."""
FLOATS = 600.0
"""The largest |log x| of a point that is kept: the spectra of deep networks reach beyond the range of floats."""


@dataclass(frozen=True, eq=False)
class LimitDensity:
    """The limiting density of the n_d eigenvalues of J J^T, per output.

    Attributes
    ----------
    x, density
        Points of the support within the range of floats, rising, and the density at each.
    atom
        The share of eigenvalues that are 0: 1 - min(n_0, n_j / 2 of each ReLU layer, n_j of each linear one) / n_d.
    """

    x: NDArray[np.float64]
    density: NDArray[np.float64]
    atom: Fraction

    def moment(self, k: int) -> float:
        """Return the k-th moment by the trapezoidal rule in log x; for k = 0 the share of eigenvalues that are not 0."""
        import numpy as np

        return float(np.trapezoid(self.x ** (k + 1) * self.density, np.log(self.x)))


def limit_density(net: Network, *, layers: tuple[int, int] | None = None, points: int = 1000) -> LimitDensity:
    """Return the density of the spectrum of J J^T as all widths grow together, at the shape of the network.

    Parameters
    ----------
    net, layers
        The network, with numbers for widths and variances, and the section; laws and biases do not matter.
    points
        How many points of the support are computed, denser towards its edges.

    Raises
    ------
    RouteError
        If an activation has a slope other than 0, 1 and -1: it is no projection; for orthogonal layers, whose limit can have atoms.
    ArgumentError
        If a width is symbolic.

    >>> density = limit_density(Network([50, 50], output="linear", variance="lecun"))
    >>> [round(density.moment(k), 4) for k in (0, 1, 2, 3)]
    [1.0, 1.0, 2.0, 5.0]
    """
    import numpy as np

    first, last = checked_layers(net, layers)
    points = integer(points, "points", minimum=1, what="a whole number, 1 or more")
    widths = net.numeric_widths("a density")
    if reason := dependence(net, Family((), first, last)):
        raise RouteError(f"the density is for independent weights, and {reason}: use its moments")
    activated = {j: net.activated(j) for j in range(first + 1, last + 1)}
    if any(activated.values()) and abs(net.slope) not in (0, 1):
        raise RouteError(f"the density is for the slopes 0, 1 and -1, and the network has {net.slope}: use its moments")
    half = net.slope == 0
    alphas = [Fraction(widths[first])]
    alphas += [Fraction(widths[j], 2 if half and projects else 1) for j, projects in activated.items()]
    edges = np.sin(np.linspace(0, np.pi / 2, points + 2)[1:-1]) ** 2
    theta = np.pi * (1 - edges)
    t = np.exp(_log_radii(theta, Counter(map(float, alphas))) + 1j * theta)
    logs: Any = sum(np.log(np.abs(t + float(alpha))) for alpha in alphas) - np.log(np.abs(t))
    logs += sum(np.log(float(variance)) for variance in net.variances[first:last])
    kept = np.abs(logs) < FLOATS
    x = np.exp(logs[kept])
    return LimitDensity(x, np.abs(t.imag[kept]) / (np.pi * widths[last] * x), 1 - min(alphas) / widths[last])


def _log_radii(theta: Floats, alphas: Counter[float]) -> Floats:
    """Return log r for which the arguments of r exp(i theta) + alpha add up to theta."""
    import numpy as np

    count = sum(alphas.values())
    low = np.full_like(theta, np.log(min(alphas) / (1e3 * count)))
    high = np.full_like(theta, np.log(max(alphas) * 1e3))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        t = np.exp(middle + 1j * theta)
        total = sum(times * np.angle(t + alpha) for alpha, times in alphas.items())
        low, high = np.where(total < theta, middle, low), np.where(total < theta, high, middle)
    radii: Floats = (low + high) / 2
    return radii
