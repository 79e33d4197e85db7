"""Networks on any directed acyclic graph: skip connections, masks, residual blocks; what of them the path sum determines."""

from .determined import check_determined
from .edges import Edge
from .graph import NO_LAYERS, DagNetwork
from .support import Support

__all__ = ["NO_LAYERS", "DagNetwork", "Edge", "Support", "check_determined"]
