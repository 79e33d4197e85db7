"""Golden references: exact moments, exact standard errors and a check with proved error rates, as a file that another language reads."""

from __future__ import annotations

from .document import golden
from .spec import GoldenSpec, default_spec, named

__all__ = ["GoldenSpec", "default_spec", "golden", "named"]
