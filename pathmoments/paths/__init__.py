r"""The enumerator: paths, collections of paths, multiplicities |gamma_{alpha,beta}(j)|, the sets Gamma(j), and the factors C_j.

A path from p to q is (gamma(0) = p, gamma(1), ..., gamma(d) = q), one neuron a layer. For an ordered collection Gamma of paths,
Gamma(j) is the set of neurons of layer j on some path, |gamma_{alpha,beta}(j)| counts the paths that use the edge alpha -> beta between
layers j-1 and j, and Theorem 3 (Remark 3 for mixed entries) says

    E prod_m Z[p_m, q_m]^{2 K_m} = sum over ordered collections of prod_j C_j,
    C_j = (1/2)^{|Gamma(j)|} prod over edges of mu^{(j)}_{|gamma_{alpha,beta}(j)|},

where the positions that belong to each entry are fixed. A neuron on m paths contributes (1 + slope^m)/2 for a leaky ReLU and 1 at a linear
output. Everything here is the definition carried out, neuron by neuron: the reference that all faster routes are held against.
"""

from .collections import Collection, Path, count_collections, count_paths, iter_collections, iter_paths
from .factors import layer_factors, multiplicities, neurons
from .types import DEFAULT_BUDGET, CollectionType, Summary, summarize

__all__ = [
    "DEFAULT_BUDGET",
    "Collection",
    "CollectionType",
    "Path",
    "Summary",
    "count_collections",
    "count_paths",
    "iter_collections",
    "iter_paths",
    "layer_factors",
    "multiplicities",
    "neurons",
    "summarize",
]
