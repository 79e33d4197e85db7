"""pathmoments: exact gradient statistics of random ReLU networks.

Every even moment of the input-output Jacobian of a random network, as a fraction: proved by enumeration of its paths, fast by a transfer
over set partitions, held against a numpy simulation. After B. Hanin, "Which Neural Net Architectures Give Rise to Exploding and Vanishing
Gradients?" (NeurIPS 2018).

>>> from pathmoments import Network, moment
>>> moment(Network([2, 3, 4, 2], law="uniform"), {(0, 0): 4})
Fraction(993, 250)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from . import errors
    from .laws import (
        Finite,
        Gaussian,
        Laplace,
        Law,
        Moments,
        Orthogonal,
        Rademacher,
        Sparse,
        SymbolicLaw,
        TruncatedGaussian,
        Uniform,
    )
    from .network import Network
    from .paths import (
        count_collections,
        count_paths,
        iter_collections,
        iter_paths,
        layer_factors,
        multiplicities,
        neurons,
        summarize,
    )
    from .plotting import draw_collection
    from .quantities.expansion import expansion
    from .quantities.moments import cost, estimate, expect, moment
    from .quantities.variance import empirical_variance, fourth_moments
    from .routes import Cost, Estimate, iter_jacobians
    from .spec import read_network
    from .tables import Table, table
    from .theorems import WidthFamily, advise, bounds, criteria
    from .verification import Grid, verify

    Z: Any

__all__ = [
    "Cost",
    "Estimate",
    "Finite",
    "Gaussian",
    "Grid",
    "Laplace",
    "Law",
    "Moments",
    "Network",
    "Orthogonal",
    "Rademacher",
    "Sparse",
    "SymbolicLaw",
    "Table",
    "TruncatedGaussian",
    "Uniform",
    "WidthFamily",
    "Z",
    "__version__",
    "advise",
    "bounds",
    "cost",
    "count_collections",
    "count_paths",
    "criteria",
    "draw_collection",
    "empirical_variance",
    "errors",
    "estimate",
    "expansion",
    "expect",
    "fourth_moments",
    "iter_collections",
    "iter_jacobians",
    "iter_paths",
    "layer_factors",
    "moment",
    "multiplicities",
    "neurons",
    "read_network",
    "summarize",
    "table",
    "verify",
]

_HOMES = {
    "laws": "Finite Gaussian Laplace Law Moments Orthogonal Rademacher Sparse SymbolicLaw TruncatedGaussian Uniform",
    "network": "Network",
    "spec": "read_network",
    "paths": "count_collections count_paths iter_collections iter_paths layer_factors multiplicities neurons summarize",
    "quantities.expansion": "expansion",
    "quantities.moments": "cost estimate expect moment",
    "quantities.variance": "empirical_variance fourth_moments",
    "routes": "Cost Estimate iter_jacobians",
    "theorems": "WidthFamily advise bounds criteria",
    "tables": "Table table",
    "verification": "Grid verify",
    "plotting": "draw_collection",
}
"""The module in which each public name lives; it is loaded when the name is first used."""

_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import pathmoments` stays quick."""
    if name == "errors":
        return import_module(".errors", __name__)
    if name == "Z":
        from sympy import IndexedBase

        value: Any = IndexedBase("Z")
    elif name in _HOME:
        value = getattr(import_module("." + _HOME[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
