"""Figures: plain Plotly, described once so that every reader gets words, sources and data with the picture."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

from pactbook.paths import data_dir
from pactbook.sources import describe_sources
from pactbook.theme import SURFACE, rgba, template

FIGURE_MIME = "application/vnd.plotly.v1+json"
REGIONS = {
    "world": {"lonaxis": [-170, 190], "lataxis": [-56, 80]},
    "eurasia": {"lonaxis": [22, 146], "lataxis": [28, 68]},
    "northeast-asia": {"lonaxis": [120, 144], "lataxis": [34, 50]},
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_TITLE_WIDTH = 78  # characters a line in notebooks; in the book the title is HTML and wraps by itself

_EMPTY = {"type": "GeometryCollection", "geometries": []}
_EMPTY_TOPOLOGY = {
    "type": "Topology",
    "arcs": [],
    "objects": dict.fromkeys(("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"), _EMPTY),
}
# Plotly asks a CDN for coastlines even when a figure brings its own map; this answers it with nothing, offline.
_OFFLINE_TOPOLOGY = (
    "data:application/json," + json.dumps(_EMPTY_TOPOLOGY, separators=(",", ":")).replace('"', "%22") + "#"
)

pio.templates["pactbook"] = go.layout.Template(template())


class FigureError(ValueError):
    """A figure lacks what a reader needs: words, sources or data."""


class BookFigure(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A Plotly figure that carries its description in ``layout.meta`` and displays as JSON."""

    def _ipython_display_(self) -> None:
        renderer = pio.renderers.default or ""
        if not any(name in renderer for name in ("mimetype", "vscode", "nteract")):
            super()._ipython_display_()  # Colab and plain consoles cannot show Plotly's JSON type
            return
        from IPython.display import display

        bundle = json.loads(self.to_json())
        bundle["config"] = {"topojsonURL": _OFFLINE_TOPOLOGY, "displaylogo": False, "responsive": True}
        display({FIGURE_MIME: bundle, "text/plain": self.digest()}, raw=True)

    def digest(self) -> str:
        """One line that stands for the figure in git: it changes when the data behind it does."""
        about = self.layout.meta["pactbook"]
        rows = about["csv"].count("\n") - 1
        mark = hashlib.sha256(about["csv"].encode()).hexdigest()[:12]
        return f"Figure {about['name']}: {len(self.data)} traces, {rows} rows, data {mark}"


def describe(
    fig: go.Figure,
    *,
    name: str,
    title: str,
    subtitle: str,
    alt: str,
    sources: pd.DataFrame | pd.Series[Any] | Iterable[str],
    data: pd.DataFrame,
    height: int | None = None,
) -> BookFigure:
    """Give a figure its words, sources and data, and make it ready to show.

    Parameters
    ----------
    fig
        A Plotly figure without a title of its own.
    name
        Kebab-case, unique in the book: the figure's address is ``#fig-<name>``.
    title
        What the figure finds, in a short sentence.
    subtitle
        Measure, unit and period.
    alt
        What the figure shows, for those who cannot see it: two or three sentences with the main numbers.
    sources
        A table or column of source keys, or a list of them.
    data
        The tidy table behind the figure, at least one row; readers download it as CSV.
    height
        Pixels; Plotly's choice by default. The width always follows the page.

    Returns
    -------
    The same figure as a :class:`BookFigure`, the last expression of its cell.

    Raises
    ------
    FigureError
        If a word is missing or the table is empty.
    SourceError
        If no source is named, or one is unknown.
    """
    _require(bool(_NAME.fullmatch(name)), f"figure name {name!r} must be kebab-case, such as 'containers-by-origin'")
    for part, words, least in (("title", title, 10), ("subtitle", subtitle, 10), ("alt", alt, 60)):
        _require(
            len(words.strip()) >= least, f"figure {name}: {part} is missing or too short to help a reader: {words!r}"
        )
    _require(len(data) > 0, f"figure {name}: the table behind it is empty")
    _require(len(fig.data) > 0, f"figure {name}: it has no traces")
    about = {
        "name": name,
        "title": _one_space(title),
        "subtitle": _one_space(subtitle),
        "alt": _one_space(alt),
        "sources": list(describe_sources(sources).index),
        "csv": data.to_csv(index=False, float_format="%.6g", lineterminator="\n"),
    }
    heading = "<br>".join(textwrap.wrap(_one_space(title), _TITLE_WIDTH))
    small = "<br>".join(textwrap.wrap(_one_space(subtitle), _TITLE_WIDTH + 10))
    described = BookFigure(fig)
    described.update_layout(
        template="pactbook",
        meta={"pactbook": about},
        title={"text": heading, "subtitle": {"text": small}},
        height=height or 460,
        margin_t=76 + 22 * heading.count("<br>") + 18 * small.count("<br>"),
    )
    return described


def band(
    fig: go.Figure, x: Iterable[Any], low: Iterable[float], high: Iterable[float], *, color: str, name: str
) -> go.Figure:
    """Add a range as a filled band between two lines.

    Parameters
    ----------
    fig
        Figure to add to; it is changed and returned.
    x, low, high
        Positions and the two edges, of one length; units as the figure's axes.
    color
        A colour of :data:`pactbook.COLOURS`.
    name
        Legend entry.
    """
    x = list(x)
    fig.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(list(low))],
        fill="toself",
        fillcolor=rgba(color, 0.2),
        line={"width": 0},
        hoverinfo="skip",
        name=name,
    )
    return fig


def base_map(region: str, *, highlight: dict[str, str] | None = None, folder: Path | None = None) -> go.Figure:
    """Map of land to draw on: the book's own boundaries, no network.

    Parameters
    ----------
    region
        ``world``, ``eurasia`` or ``northeast-asia``; closer views by ``fig.update_geos``.
    highlight
        Countries to tint, ISO alpha-3 code to colour; the tint is pale, so that marks stand out.

    Returns
    -------
    Figure with the land as its first traces and the geo axes set to the region.

    Raises
    ------
    FigureError
        If the region or a highlighted country is not on the map.
    """
    _require(region in REGIONS, f"no base map {region!r}; there are {', '.join(REGIONS)}")
    geojson = read_basemap(region, folder)
    countries = [feature["id"] for feature in geojson["features"]]
    tints = highlight or {}
    unknown = sorted(set(tints) - set(countries))
    _require(not unknown, f"base map {region}: no country {', '.join(unknown)}")
    fig = go.Figure()
    plain = [country for country in countries if country not in tints]
    for members, colour in [
        (plain, SURFACE["land"]),
        *(([country], rgba(tint, 0.22)) for country, tint in tints.items()),
    ]:
        fig.add_choropleth(
            geojson=geojson,
            locations=members,
            z=[0] * len(members),
            colorscale=[[0, colour], [1, colour]],
            showscale=False,
            showlegend=False,
            hoverinfo="skip",
            marker={"line": {"color": SURFACE["border"], "width": 0.6}},
        )
    window = REGIONS[region]
    fig.update_geos(
        projection_type="natural earth" if region == "world" else "mercator",
        lonaxis_range=window["lonaxis"],
        lataxis_range=window["lataxis"],
        visible=False,
    )
    return fig.update_layout(template="pactbook", margin={"l": 0, "r": 0, "t": 0, "b": 0}, legend_y=-0.02)


def read_basemap(region: str, folder: Path | None = None) -> dict[str, Any]:
    """GeoJSON of one region's countries; feature ids are ISO alpha-3 codes."""
    path = (folder or data_dir()) / "basemap" / f"{region}.json"
    geojson: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return geojson


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise FigureError(message)


def _one_space(text: str) -> str:
    return " ".join(text.split())
