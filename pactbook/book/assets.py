"""Files that the site serves beside its pages: plotly.js once, figures, base maps, data, findings.

Everything is a script that assigns or calls, because a page opened from ``file://`` may not fetch JSON.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import plotly

from pactbook.book.execute import outputs_of, read_notebook
from pactbook.book.render import top_margin
from pactbook.figures import FIGURE_MIME
from pactbook.findings import FINDING_MIME
from pactbook.theme import DARK_COLOURS, DARK_SURFACE, dark_swaps, template

STATIC = Path(__file__).parent / "static"
PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def digest(*parts: bytes) -> str:
    """Short content mark of some bytes."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def publish(site: Path, executed: dict[str, Path], root: Path) -> None:
    """Write every served file of the book into the built site.

    Parameters
    ----------
    site
        Folder of the built HTML.
    executed
        Chapter stem to executed notebook.
    root
        Folder of the book, for its data.
    """
    static = site / "_static"
    figures, maps = static / "figures", static / "maps"
    for folder in (figures, maps):
        shutil.rmtree(folder, ignore_errors=True)  # what a figure no longer uses must not linger
        folder.mkdir(parents=True)
    findings: list[dict[str, Any]] = []
    for stem, path in executed.items():
        notebook = read_notebook(path)
        for _, figure in outputs_of(notebook, FIGURE_MIME):
            _write_figure(figure, figures, maps)
        findings += [{"chapter": stem, **about} for _, about in outputs_of(notebook, FINDING_MIME)]
    _write_json(site / "findings.json", {"findings": findings})
    _write_runtime(static)
    shutil.copytree(root / "data", site / "data", dirs_exist_ok=True, ignore=shutil.ignore_patterns("basemap"))


def _write_figure(figure: dict[str, Any], figures: Path, maps: Path) -> None:
    about = figure["layout"]["meta"]["pactbook"]
    (figures / f"{about['name']}.csv").write_text(about["csv"], encoding="utf-8")
    layout = {key: value for key, value in figure["layout"].items() if key not in {"meta", "title", "template"}}
    layout["margin"] = {**layout.get("margin", {}), "t": top_margin(layout)}
    layout.pop("height", None)  # the page sets it
    needed: set[str] = set()
    traces = [_without_map(trace, maps, needed) for trace in figure["data"]]
    content = {
        "data": traces,
        "layout": layout,
        "maps": sorted(needed),
        "title": about["title"],
        "subtitle": about["subtitle"],
    }
    script = f"pactbook.addFigure({_json(about['name'])},{_json(content)});\n"
    (figures / f"{about['name']}.js").write_text(script, encoding="utf-8")


def _without_map(trace: dict[str, Any], maps: Path, needed: set[str]) -> dict[str, Any]:
    """Move a trace's GeoJSON into a file that all figures share."""
    geojson = trace.get("geojson")
    if not isinstance(geojson, dict):
        return trace
    text = _json(geojson)
    name = digest(text.encode())
    needed.add(name)
    path = maps / f"{name}.js"
    if not path.exists():
        path.write_text(f"pactbook.addMap({_json(name)},{text});\n", encoding="utf-8")
    return {**trace, "geojson": {"sharedMap": name}}


def _write_runtime(static: Path) -> None:
    """Plotly itself, named for its version so that browsers may keep it, and the two schemes' templates."""
    target = static / f"plotly-{plotly.__version__}.min.js"
    for old in static.glob("plotly-*.min.js"):
        if old != target:
            old.unlink()
    if not target.exists():
        shutil.copyfile(PLOTLY_JS, target)
    theme = {
        "plotly": target.name,
        "light": template(),
        "dark": template(DARK_SURFACE, DARK_COLOURS),
        "swaps": dark_swaps(),
    }
    (static / "pactbook-theme.js").write_text(f"pactbook.theme={_json(theme)};\n", encoding="utf-8")


def _json(content: Any) -> str:
    # U+2028 and U+2029 are line breaks to old script parsers
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
