"""Weight laws: symmetric about zero, unit variance until the network scales them, all even moments exact; and orthogonal matrices."""

from .base import Law
from .classical import Gaussian, Laplace, Uniform
from .discrete import Finite, Rademacher, Sparse
from .given import Moments, SymbolicLaw
from .names import LAW_NAMES, law_from_json, law_from_text, law_to_json, law_to_text
from .orthogonal import Orthogonal
from .truncated import TruncatedGaussian

__all__ = [
    "LAW_NAMES",
    "Finite",
    "Gaussian",
    "Laplace",
    "Law",
    "Moments",
    "Orthogonal",
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
