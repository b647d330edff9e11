"""The chapters' words: no typed numbers, every claim once, every key known, the fixed shape."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import prose
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support import ROOT, write_notebook

from pactbook import load, load_sources
from pactbook.book.execute import outputs_of
from pactbook.findings import FINDING_MIME

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = [ROOT / "index.md", *sorted((ROOT / "appendices").glob("*.md"))]
BY_NAME = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def test_there_are_chapters_and_the_contents_list_them_all() -> None:
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert CHAPTERS
    for path in [*CHAPTERS, *PAGES[1:]]:
        assert f"{path.parent.name}/{path.stem}\n" in contents, f"{path.name} is not in _toc.yml"


@BY_NAME
def test_no_measured_quantity_is_typed_by_hand(path: Path) -> None:
    assert prose.typed_numbers(prose.read(path)) == []


@BY_NAME
def test_shape(path: Path) -> None:
    assert prose.shape_problems(prose.read(path), path) == []


@BY_NAME
def test_cells_are_short(path: Path) -> None:
    assert prose.cell_problems(prose.read(path)) == []


@BY_NAME
def test_exercises_have_solutions(path: Path) -> None:
    assert prose.exercise_problems(prose.read(path)) == []


@BY_NAME
def test_storage(path: Path) -> None:
    assert prose.storage_problems(prose.read(path), path) == []


@pytest.mark.parametrize("path", [*CHAPTERS, *PAGES], ids=lambda path: path.stem)
def test_citations_resolve(path: Path) -> None:
    assert prose.cited_keys(path.read_text(encoding="utf-8")) - set(load_sources().index) == set()


def test_landing_page_types_no_numbers() -> None:
    assert prose.measured_quantities((ROOT / "index.md").read_text(encoding="utf-8")) == []


def test_every_claim_is_shown_once_in_its_chapter() -> None:
    shown = [
        (about["id"], int(path.stem.split("-")[0]))
        for path in CHAPTERS
        for _, about in outputs_of(prose.read(path), FINDING_MIME)
        if about["kind"] == "claim"
    ]
    claims = load("editorial_claims")
    chapters = {int(path.stem.split("-")[0]) for path in CHAPTERS}
    expected = claims[claims.chapter.isin(chapters)]
    assert sorted(shown) == sorted(zip(expected.id, expected.chapter.astype(int), strict=True))


def test_the_project_speaks_of_itself_alone() -> None:
    kinds = ("*.md", "*.py", "*.toml", "*.yml", "*.ipynb", "*.js", "*.css", "Makefile")
    places = [
        ROOT,
        ROOT / "chapters",
        ROOT / "appendices",
        ROOT / "pactbook",
        ROOT / "tools",
        ROOT / "data",
        ROOT / ".github",
    ]
    files = {
        path
        for place in places
        for kind in kinds
        for path in (place.glob(kind) if place == ROOT else place.rglob(kind))
    }
    found = [
        f"{path.name}: {match}"
        for path in files
        for match in prose.FOREIGN_WORDS.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Seoul counted 13,000 containers.", 1),
        ("About 40 percent of its shells.", 2),
        ("Nearly a third of the fleet and dozens more.", 2),
        ("Shipments doubled.", 1),
        ("On 19 June 2024 the treaty was signed; Article 4 and resolution 2397 (2017) apply.", 0),
        ("Shells of 152 mm and KN-23 missiles; see Chapter 3 and {cite}`kbs-2023-x`.", 0),
        ("In 2022–2023 the 1718 Committee met.", 0),
    ],
)
def test_typed_numbers_are_found(text: str, count: int) -> None:
    assert len(prose.measured_quantities(text)) == count


def test_a_broken_chapter_fails_every_check(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "07-bad.ipynb", "# Title without number", "\n".join(["x = 1"] * 20))
    notebook = prose.read(path)
    assert len(prose.shape_problems(notebook, path)) >= 5
    assert len(prose.cell_problems(notebook)) == 2
    assert prose.exercise_problems(notebook) == ["has 0 exercises, needs three to five"]
    assert prose.storage_problems(notebook, path) == ["stores fewer than three findings: run `make accept`"]
    assert prose.cited_keys("as said {cite}`a, b` and {cite:t}`c`") == {"a", "b", "c"}
    assert prose.FOREIGN_WORDS.search("see /tmp/x")


def test_an_exercise_without_solution_is_found() -> None:
    exercises = [make(text) for make, text in [(new_markdown_cell, "### Exercise 1"), (new_code_cell, "1 + 1")] * 3]
    assert len(prose.exercise_problems(new_notebook(cells=exercises))) == 3


def test_tables_listed_but_not_loaded_are_found(tmp_path: Path) -> None:
    opening = "# 7. Title\n\nQuestion?\n\n**You will be able to** x **Time:** **Tables:** `agreements`.\n"
    opening += "**Newest evidence:** x"
    path = write_notebook(tmp_path / "07-bad.ipynb", opening, 'load("timeline")')
    assert any("lists tables" in problem for problem in prose.shape_problems(prose.read(path), path))
    assert re.match("07", path.stem) and nbformat.read(path, as_version=4)
