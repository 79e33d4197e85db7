"""Weight laws: symmetric about zero, unit variance until the network scales them, all even moments exact."""

from .base import Law
from .classical import Gaussian, Laplace, Uniform
from .discrete import Finite, Rademacher, Sparse
from .given import Moments, SymbolicLaw
from .names import LAW_NAMES, law_from_json, law_from_text, law_to_json, law_to_text
from .truncated import TruncatedGaussian

__all__ = [
    "LAW_NAMES",
    "Finite",
    "Gaussian",
    "Laplace",
    "Law",
    "Moments",
    "Rademacher",
    "Sparse",
    "SymbolicLaw",
    "TruncatedGaussian",
    "Uniform",
    "law_from_json",
    "law_from_text",
    "law_to_json",
    "law_to_text",
]
