"""Evidence on the Russia–North Korea pact: typed tables, sources, findings, figures.

``from pactbook import load`` is cheap: figure code (and with it Plotly) is imported only when asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pactbook.findings import claim, finding
from pactbook.geo import distance_nmi, great_circle
from pactbook.sources import load_sources, origin_name, origins_of
from pactbook.tables import TableError, load, table_names
from pactbook.theme import COLOURS, origin_style

if TYPE_CHECKING:
    from pactbook.figures import band, base_map, describe

__version__ = "0.1.0"
__all__ = [
    "COLOURS",
    "TableError",
    "band",
    "base_map",
    "claim",
    "describe",
    "distance_nmi",
    "finding",
    "great_circle",
    "load",
    "load_sources",
    "origin_name",
    "origin_style",
    "origins_of",
    "table_names",
]

_FIGURE_NAMES = {"band", "base_map", "describe"}


def __getattr__(name: str) -> Any:
    # Plotly takes most of a second to import, and a class that only wants tables never needs it.
    if name in _FIGURE_NAMES:
        return getattr(import_module("pactbook.figures"), name)
    raise AttributeError(f"module 'pactbook' has no attribute {name!r}")
