"""Colours and marks that mean the same in every chapter, and their counterparts in dark mode."""

from __future__ import annotations

import hashlib
from typing import Any

# Chosen dark enough to stand on white (3:1) and apart from one another for colour-blind readers.
COLOURS: dict[str, str] = {
    "RUS": "#0b4f8a",
    "PRK": "#c8420c",
    "CHN": "#a97800",
    "KOR": "#2b8cc4",
    "JPN": "#a8478f",
    "USA": "#00795a",
    "UKR": "#6d6a00",
    "oil": "#332288",
    "arms": "#882255",
    "people": "#117733",
    "technology": "#8a5a00",
    "muted": "#6b7280",
    "slate": "#3f4a5a",  # the last three stand for no country or subject: they are for sources
    "brick": "#7b2d26",
    "moss": "#4d6b00",
}

# The same hues, light enough to stand on the dark page.
DARK_COLOURS: dict[str, str] = {
    "RUS": "#6fb1ee",
    "PRK": "#ff8a5c",
    "CHN": "#f0c04a",
    "KOR": "#8fd3ff",
    "JPN": "#e79ad3",
    "USA": "#4fd0a5",
    "UKR": "#d8d34a",
    "oil": "#a99cf5",
    "arms": "#e58ab5",
    "people": "#74d08f",
    "technology": "#e0ad5e",
    "muted": "#a3aab5",
    "slate": "#c3ccd9",
    "brick": "#f0a49c",
    "moss": "#b7d36a",
}

# What the template draws with, light and dark.
SURFACE = {
    "paper": "#ffffff",
    "ink": "#1f2430",
    "grid": "#e3e5ea",
    "land": "#e9e7e1",
    "border": "#bdb9ae",
    "sea": "#f6f8fa",
}
DARK_SURFACE = {
    "paper": "#14181e",
    "ink": "#e6e8ec",
    "grid": "#333a45",
    "land": "#2b313a",
    "border": "#56606d",
    "sea": "#171c23",
}

# Origins that recur get a mark of their own; symbol and colour both differ, so that grey print still tells them apart.
_ORIGIN_STYLES: dict[str, tuple[str, str]] = {
    "rok-nis": ("KOR", "circle"),
    "rok-dia": ("slate", "square"),
    "rok-mnd": ("KOR", "diamond"),
    "rok-jcs": ("KOR", "triangle-up"),
    "us-nsc": ("USA", "circle"),
    "us-state": ("USA", "square"),
    "us-dod": ("USA", "diamond"),
    "msmt": ("arms", "star"),
    "osc": ("brick", "hexagon"),
    "rusi": ("moss", "cross"),
    "ua-hur": ("UKR", "triangle-down"),
    "csis": ("technology", "x"),
    "un-poe": ("oil", "pentagon"),
}
_SPARE_COLOURS = ["slate", "brick", "moss", "muted"]  # never a country's: a mark must not seem to speak for it
_SPARE_SYMBOLS = [
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "triangle-down",
    "cross",
    "x",
    "star",
    "pentagon",
    "hexagon",
]


def origin_style(origin: str) -> dict[str, str]:
    """Colour and marker symbol of an origin, the same in every chapter.

    Returns
    -------
    ``{"color": ..., "symbol": ...}``, ready for ``marker=``. Origins without a mark of their own get one
    derived from their name, so that it never depends on which others a figure shows.
    """
    if origin in _ORIGIN_STYLES:
        colour, symbol = _ORIGIN_STYLES[origin]
    else:
        number = int(hashlib.sha256(origin.encode()).hexdigest(), 16)
        colour = _SPARE_COLOURS[number % len(_SPARE_COLOURS)]
        symbol = _SPARE_SYMBOLS[number // len(_SPARE_COLOURS) % len(_SPARE_SYMBOLS)]
    return {"color": COLOURS[colour], "symbol": symbol}


def rgba(colour: str, alpha: float) -> str:
    """A palette colour with transparency, for bands: ``rgba("#0b4f8a", 0.2)``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def template(surface: dict[str, str] = SURFACE, colours: dict[str, str] = COLOURS) -> dict[str, Any]:
    """Plotly layout template of the book for one surface, as plain data."""
    axis = {
        "gridcolor": surface["grid"],
        "linecolor": surface["border"],
        "zerolinecolor": surface["border"],
        "ticks": "outside",
        "tickcolor": surface["border"],
        "automargin": True,
        "title": {"standoff": 8},
    }
    return {
        "layout": {
            "paper_bgcolor": surface["paper"],
            "plot_bgcolor": surface["paper"],
            "font": {
                "color": surface["ink"],
                "family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
                "size": 13,
            },
            "colorway": list(colours.values()),
            "colorscale": {"sequential": "Cividis", "sequentialminus": "Cividis", "diverging": "PuOr"},
            "hoverlabel": {
                "bgcolor": surface["paper"],
                "bordercolor": surface["border"],
                "font": {"color": surface["ink"]},
                "align": "left",
            },
            "legend": {"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0, "title": {"text": ""}},
            "margin": {"l": 8, "r": 16, "t": 16, "b": 8},
            "title": {"x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 8, "t": 8}},
            "annotationdefaults": {"arrowcolor": surface["ink"], "arrowwidth": 1, "arrowhead": 0},
            "xaxis": axis,
            "yaxis": axis,
            "geo": {
                "bgcolor": surface["sea"],
                "showland": False,
                "showcountries": False,
                "showcoastlines": False,
                "showlakes": False,
                "showframe": False,
            },
        }
    }


def dark_swaps() -> dict[str, str]:
    """Map from each light colour that figures use to its dark counterpart (hex to hex)."""
    pairs = [(light, DARK_COLOURS[name]) for name, light in COLOURS.items()]
    pairs += [(light, DARK_SURFACE[name]) for name, light in SURFACE.items()]
    return dict(pairs)
