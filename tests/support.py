"""What tests share: the project's root, the small book's parts, a way to write notebooks."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

BIBLIOGRAPHY = """
@misc{kcna-2024,
  author = {{KCNA}},
  title = {{Treaty \\& text}},
  year = {2024},
  url = {https://example.org/kcna},
  published = {2024-06-20},
  origin = {kcna},
  kind = {state-media},
  tier = {1}
}

@misc{tass-2024,
  author = {{TASS}},
  title = {{Treaty in force}},
  year = {2024},
  url = {https://example.org/tass},
  published = {2024-12-05},
  origin = {kcna},
  kind = {state-media},
  tier = {2}
}
"""

TABLE = """id,date,country,low,best,high,lat,lon,status,source
first,2023-10,PRK,1,2,3,42.23,130.29,sure,kcna-2024
second,2024-01-05,RUS,2,,6,42.75,133.0833,unsure,kcna-2024;tass-2024
third,2024,RUS;PRK,,5,,,,sure,tass-2024
"""

SETUP = "import plotly.graph_objects as go\nfrom pactbook import base_map, claim, describe, finding, load"
FIGURE = """fig = go.Figure(go.Bar(x=[1, 2], y=[3, 4]))
describe(fig, name="bars", title="Two bars of a test", subtitle="Count of nothing, 2024",
         alt="Two bars stand side by side; the second is higher than the first by one step.",
         sources=["kcna-2024"], data=load("boxes"))"""


def write_notebook(path: Path, *cells: str) -> Path:
    """Write a notebook; cells that begin with ``#`` and a space are Markdown."""
    made = [new_markdown_cell(text) if text.startswith("# ") else new_code_cell(text) for text in cells]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=made), path)
    return path
