"""PyTorch, JAX/Flax and Keras 3: from an initialiser to a law, from a model to a Network, from fresh models to Jacobians.

Each framework is imported when first needed, and is an extra: `pip install 'pathmoments[torch]'`, `[jax]` or `[keras]`.
"""

from __future__ import annotations

from ..arrays import as_numpy, unit_roundoff
from .jax_laws import jax_weights
from .jax_sampling import jax_jacobians
from .keras_laws import keras_weights
from .keras_models import network_from_keras
from .keras_sampling import keras_jacobians
from .layers import network_from_widths
from .torch_laws import torch_weights
from .torch_models import network_from_torch
from .torch_sampling import torch_jacobians
from .weights import Weights

__all__ = [
    "Weights",
    "as_numpy",
    "jax_jacobians",
    "jax_weights",
    "keras_jacobians",
    "keras_weights",
    "network_from_keras",
    "network_from_torch",
    "network_from_widths",
    "torch_jacobians",
    "torch_weights",
    "unit_roundoff",
]
