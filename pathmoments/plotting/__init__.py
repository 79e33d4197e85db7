"""Pictures (extra `plot`), one kind a file: nothing is computed here."""

from .collection import MAX_EDGES, draw_collection
from .figures import save

__all__ = ["MAX_EDGES", "draw_collection", "save"]
