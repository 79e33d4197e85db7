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
    from .conformance import Plan, Report, assert_conforms, check, minimum_effect, mistakes, plan
    from .dag import DagNetwork
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
    from .quantities.activations import activation_moment
    from .quantities.chains import chain_median
    from .quantities.dead import dead_probability
    from .quantities.expansion import expansion
    from .quantities.gradient_variance import gradient_variance
    from .quantities.gradients import gradient_moment
    from .quantities.hessian import hessian_moment
    from .quantities.log_norm import log_norm
    from .quantities.moments import cost, estimate, expect, moment
    from .quantities.ntk import ntk_moment
    from .quantities.profile import profile
    from .quantities.spectrum import spectrum
    from .quantities.traces import trace_moment
    from .quantities.typical import typical_depth
    from .quantities.variance import empirical_variance, fourth_moments
    from .routes import Cost, Estimate, iter_jacobians
    from .spec import read_network
    from .tables import Table, table
    from .theorems import WidthFamily, advise, bounds, criteria
    from .verification import Grid, verify

    Z: Any

__all__ = [
    "Cost",
    "DagNetwork",
    "Estimate",
    "Finite",
    "Gaussian",
    "Grid",
    "Laplace",
    "Law",
    "Moments",
    "Network",
    "Orthogonal",
    "Plan",
    "Rademacher",
    "Report",
    "Sparse",
    "SymbolicLaw",
    "Table",
    "TruncatedGaussian",
    "Uniform",
    "WidthFamily",
    "Z",
    "__version__",
    "activation_moment",
    "advise",
    "assert_conforms",
    "bounds",
    "chain_median",
    "check",
    "cost",
    "count_collections",
    "count_paths",
    "criteria",
    "dead_probability",
    "draw_collection",
    "empirical_variance",
    "errors",
    "estimate",
    "expansion",
    "expect",
    "fourth_moments",
    "gradient_moment",
    "gradient_variance",
    "hessian_moment",
    "iter_collections",
    "iter_jacobians",
    "iter_paths",
    "layer_factors",
    "log_norm",
    "minimum_effect",
    "mistakes",
    "moment",
    "multiplicities",
    "neurons",
    "ntk_moment",
    "plan",
    "profile",
    "read_network",
    "spectrum",
    "summarize",
    "table",
    "trace_moment",
    "typical_depth",
    "verify",
]

_HOMES = {
    "conformance": "Plan Report assert_conforms check minimum_effect mistakes plan",
    "dag": "DagNetwork",
    "laws": "Finite Gaussian Laplace Law Moments Orthogonal Rademacher Sparse SymbolicLaw TruncatedGaussian Uniform",
    "network": "Network",
    "spec": "read_network",
    "paths": "count_collections count_paths iter_collections iter_paths layer_factors multiplicities neurons summarize",
    "quantities.chains": "chain_median",
    "quantities.dead": "dead_probability",
    "quantities.expansion": "expansion",
    "quantities.log_norm": "log_norm",
    "quantities.moments": "cost estimate expect moment",
    "quantities.spectrum": "spectrum",
    "quantities.traces": "trace_moment",
    "quantities.profile": "profile",
    "quantities.typical": "typical_depth",
    "quantities.activations": "activation_moment",
    "quantities.gradient_variance": "gradient_variance",
    "quantities.gradients": "gradient_moment",
    "quantities.hessian": "hessian_moment",
    "quantities.ntk": "ntk_moment",
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
