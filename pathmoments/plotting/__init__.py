"""Pictures (extra `plot`), one kind a file: nothing is computed here."""

from .against_beta import Series, draw_against_beta
from .collection import MAX_EDGES, draw_collection
from .figures import save
from .levels import draw_levels
from .margins import draw_margins
from .profile import draw_profile
from .spectrum import draw_spectrum
from .styles import MAX_SERIES

__all__ = [
    "MAX_EDGES",
    "MAX_SERIES",
    "Series",
    "draw_against_beta",
    "draw_collection",
    "draw_levels",
    "draw_margins",
    "draw_profile",
    "draw_spectrum",
    "save",
]
