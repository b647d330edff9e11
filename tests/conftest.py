"""A small data package and a small book that tests may break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import BIBLIOGRAPHY, FIGURE, ROOT, SETUP, TABLE, write_notebook


def _field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "description": f"The {name} of the row.", **more}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small valid data package, as a folder that a test may break."""
    data = tmp_path / "data"
    (data / "reference").mkdir(parents=True)
    (data / "boxes.csv").write_text(TABLE, encoding="utf-8")
    (data / "reference" / "countries.csv").write_text("id,name\nRUS,Russia\nPRK,North Korea\n", encoding="utf-8")
    (data / "reference" / "origins.csv").write_text("id,name\nkcna,KCNA\n", encoding="utf-8")
    claims = "id,order,claim,kind,chapter,verdict,confidence,reason,source\n"
    claims += "c01,1,It was signed.,fact,1,supported,high,The text is in print.,kcna-2024\n"
    (data / "reference" / "editorial_claims.csv").write_text(claims, encoding="utf-8")
    (tmp_path / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "basemap", data / "basemap")
    real = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    by_name = {resource["name"]: resource for resource in real["resources"]}
    lists = [
        {"name": name, "path": f"reference/{name}.csv", "title": name, "description": name,
         "schema": {"fields": [_field("id"), _field("name")]}}
        for name in ("countries", "origins")
    ]  # fmt: skip
    fields = [
        _field("id", constraints={"required": True, "unique": True, "pattern": "[a-z]+"}),
        _field("date", partialDate=True, constraints={"required": True}),
        _field("country", codes="countries"),
        _field("low", "number", unit="boxes", constraints={"minimum": 0}),
        _field("best", "number", unit="boxes"),
        _field("high", "number", unit="boxes"),
        _field("lat", "number", unit="degrees north", constraints={"minimum": -90, "maximum": 90}),
        _field("lon", "number", unit="degrees east", constraints={"minimum": -180, "maximum": 180}),
        _field("status", categories=["unsure", "sure"], categoriesOrdered=True),
        _field("source", codes="sources", constraints={"required": True}),
    ]
    rules = {"ranges": [["low", "best", "high"]], "places": [["lat", "lon", "country"]]}
    boxes = {
        "name": "boxes",
        "path": "boxes.csv",
        "title": "Boxes",
        "description": "Boxes.",
        "schema": {"fields": fields, **rules},
    }
    described = {"name": "test", "title": "Test", "licenses": [{"name": "CC-BY-4.0"}]}
    described["resources"] = [*lists, by_name["editorial_claims"], boxes]  # type: ignore[assignment]
    (data / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return data


@pytest.fixture
def small_book(package: Path) -> Path:
    """A book of one good chapter over the small data package."""
    root = package.parent
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, root / name)
    finding = 'finding("boxes-most", f"At most **{load(\'boxes\').high.max():.0f}** boxes.", '
    finding += 'sources=["kcna-2024"], confidence="low", reason="One origin.")'
    write_notebook(root / "chapters" / "01-good.ipynb", "# 1. A question?", SETUP, FIGURE, finding)
    return root
