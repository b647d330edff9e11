"""The build: chapters run once a state, changes re-run what they touch, failures are named, pages show it all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import FIGURE, ROOT, SETUP, write_notebook

from pactbook.book.execute import Book, ChapterError, figure_problems, run_chapters, tables_used

CLAIM = 'claim("c01", evidence="The text says so.")'


def run(root: Path) -> tuple[dict[str, Path], list[str]]:
    told: list[str] = []
    executed = run_chapters(Book(root, root / "_build" / "executed"), say=told.append)
    return executed, told


def test_runs_once_and_again_only_after_a_change(small_book: Path) -> None:
    write_notebook(small_book / "chapters" / "02-claim.ipynb", "# 2. Another?", SETUP, CLAIM)
    first, told = run(small_book)
    assert told[0] == "chapters: 0 up to date, 2 to run"
    again, told = run(small_book)
    assert again == first and told == ["chapters: 2 up to date, 0 to run"]

    boxes = small_book / "data" / "boxes.csv"
    boxes.write_text(boxes.read_text(encoding="utf-8").replace(",1,2,3,", ",1,2,30,", 1), encoding="utf-8")
    changed, told = run(small_book)
    assert told[0] == "chapters: 1 up to date, 1 to run" and told[1].startswith("  01-good.ipynb")
    assert changed["02-claim"] == first["02-claim"] and changed["01-good"] != first["01-good"]
    assert "At most **30** boxes." in changed["01-good"].read_text(encoding="utf-8")

    schema = small_book / "data" / "datapackage.json"
    schema.write_text(
        schema.read_text(encoding="utf-8").replace('"unit": "boxes"', '"unit": "crates"'), encoding="utf-8"
    )
    assert run(small_book)[1][0] == "chapters: 1 up to date, 1 to run"


BROKEN = {
    "02-error.ipynb": ([SETUP, "1 / 0"], "chapters/02-error.ipynb, cell 2: ZeroDivisionError: division by zero"),
    "03-warning.ipynb": (
        ["import warnings\nwarnings.warn('mind the gap')"],
        "03-warning.ipynb, cell 1: prints a warning",
    ),
    "04-undescribed.ipynb": (
        [SETUP, "from pactbook.figures import BookFigure\ngo.Figure(go.Bar(x=[1], y=[1])).show()"],
        "04-undescribed.ipynb, cell 2: a figure is shown without describe()",
    ),
    "05-no-alt.ipynb": (
        [SETUP, FIGURE.replace("Two bars stand side by side; the second is higher", "")],
        "05-no-alt.ipynb, cell 2: FigureError: figure bars: alt is missing or too short",
    ),
    "06-no-source.ipynb": (
        [SETUP, FIGURE.replace('["kcna-2024"]', "[]")],
        "06-no-source.ipynb, cell 2: SourceError: no sources",
    ),
    "07-no-data.ipynb": (
        [SETUP, FIGURE.replace('load("boxes")', 'load("boxes").head(0)')],
        "the table behind it is empty",
    ),
    "08-no-table.ipynb": (
        [SETUP, 'load("boxs")'],
        "cell 2: TableError: datapackage.json: 'boxs': there is no such table",
    ),
    "09-any-table.ipynb": (
        [SETUP, 'name = "boxes"\nload(name)'],
        "09-any-table.ipynb, cell 2: load() needs the table's name",
    ),
}


def test_every_failure_is_named_and_the_rest_is_kept(small_book: Path) -> None:
    for name, (cells, _) in BROKEN.items():
        write_notebook(small_book / "chapters" / name, *cells)
    with pytest.raises(ChapterError) as error:
        run(small_book)
    for _, words in BROKEN.values():
        assert words in str(error.value)
    kept = list((small_book / "_build" / "executed").iterdir())
    assert [path.name.rsplit("-", 1)[0] for path in kept] == ["01-good"], (
        "the good chapter is kept, nothing half-written"
    )


def test_names_are_unique(small_book: Path) -> None:
    shutil.copy(small_book / "chapters" / "01-good.ipynb", small_book / "chapters" / "02-same.ipynb")
    with pytest.raises(ChapterError, match=r"figure 'bars' stands twice: in 01-good and in 02-same"):
        run(small_book)


def test_tables_are_read_from_the_code(small_book: Path) -> None:
    from prose import read

    path = write_notebook(small_book / "x.ipynb", 'a = load("boxes")\nclaim("c01", evidence="")')
    assert tables_used(read(path)) == {"boxes", "editorial_claims"}
    path = write_notebook(small_book / "x.ipynb", 'tables = map(load, ["boxes"])')
    with pytest.raises(ValueError, match=r"cell 1: call load.* directly"):
        tables_used(read(path))
    path = write_notebook(small_book / "x.ipynb", 'name = "boxes"\nload(name)')
    with pytest.raises(ValueError, match=r"cell 1: load.* needs the table's name as a literal"):
        tables_used(read(path))


def test_a_figure_lacking_parts_is_named() -> None:
    about = {"name": "x", "title": "t", "subtitle": "s", "alt": "", "sources": [], "csv": "a\n1\n"}
    assert figure_problems({"layout": {"meta": {"pactbook": about}}}) == ["figure x lacks alt, sources"]


@pytest.fixture
def buildable(small_book: Path) -> Path:
    """The small book with all that `tools/build.py` needs."""
    contents = "format: jb-book\nroot: index\nchapters:\n- file: chapters/01-good\n- file: appendices/sources\n"
    (small_book / "_toc.yml").write_text(contents, encoding="utf-8")
    (small_book / "index.md").write_text("# Test\n\n```{findings}\nboxes-most\n```\n", encoding="utf-8")
    (small_book / "appendices").mkdir()
    sources = "# Sources\n\n```{bibliography}\n:style: pactbook\n:all:\n```\n"
    (small_book / "appendices" / "sources.md").write_text(sources, encoding="utf-8")
    (small_book / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "build.py", small_book / "tools" / "build.py")
    return small_book


def build(root: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PACTBOOK_DATA": str(root / "data")}
    return subprocess.run([sys.executable, "tools/build.py"], cwd=root, env=environment, capture_output=True, text=True)


def test_site_is_whole_follows_the_data_and_survives_a_failed_build(buildable: Path) -> None:
    first = build(buildable)
    assert first.returncode == 0, first.stdout + first.stderr
    site = buildable / "_build" / "html"
    page = (site / "chapters" / "01-good.html").read_text(encoding="utf-8")
    for words in (
        'data-figure="bars"',
        "Figure 1.1",
        "the second is higher",
        "Count of nothing, 2024",
        'id="finding-boxes-most"',
    ):
        assert words in page
    assert "At most <strong>3</strong>" not in page and "At most <strong>6</strong> boxes." in page
    for path in ("findings.json", "_static/figures/bars.js", "_static/figures/bars.csv", "data/boxes.csv"):
        assert (site / path).stat().st_size > 0

    boxes = buildable / "data" / "boxes.csv"
    good = boxes.read_text(encoding="utf-8")
    boxes.write_text(good.replace("RUS,2,,6", "RUS,2,,60"), encoding="utf-8")
    begun = time.perf_counter()
    assert build(buildable).returncode == 0
    for name in ("index.html", "chapters/01-good.html", "findings.json"):
        assert ">60<" in (text := (site / name).read_text(encoding="utf-8")) or "**60**" in text, f"{name} is stale"
    assert time.perf_counter() - begun < 60

    boxes.write_text(good.replace("RUS,2,,6", "RUS,2,,1"), encoding="utf-8")
    failed = build(buildable)
    assert failed.returncode == 1 and "row 3 (id second), column high" in failed.stderr
    assert ">60<" in (site / "index.html").read_text(encoding="utf-8"), "the last good site must stand"

    boxes.write_text(good, encoding="utf-8")
    index = buildable / "index.md"
    index.write_text(index.read_text(encoding="utf-8") + "\nSee {cite}`nobody-2030`.\n", encoding="utf-8")
    failed = build(buildable)
    assert failed.returncode == 1 and "nobody-2030" in failed.stdout + failed.stderr, "a warning is an error"
