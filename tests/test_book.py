"""The built book in headless Chromium, opened as files with the network blocked.

Each check is a function that returns problems, and a deliberately broken page shows that it can find them.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from support import ROOT

SITE = ROOT / "_build" / "html"
PAGES = sorted(path for folder in (".", "chapters", "appendices") for path in (SITE / folder).glob("*.html"))
CHAPTERS = sorted((SITE / "chapters").glob("*.html"))
EACH_PAGE = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
EACH_CHAPTER = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
DRAW_TIMEOUT_MS = 60_000

# Everything that Plotly draws data with: lines, points, bars, boxes, cells of heat maps, areas of maps, text.
_MARKS = [
    ".scatterlayer .trace path",
    ".scatterlayer .textpoint",
    ".barlayer .point path",
    ".heatmaplayer image",
    ".boxlayer path",
    ".violinlayer path",
    ".geo .scattergeo path",
    ".geo .scattergeo text",
    ".sankey path",
    ".shapelayer path",
]
MARKS = ", ".join(f".plot-container {mark}" for mark in _MARKS)
LAND = ".plot-container .geo .choroplethlayer path"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The browser that `make test` found or installed."""
    path = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no browser: run `make test`, which finds or installs one"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
    browser = playwright.chromium.launch(executable_path=path, args=flags)
    yield browser
    browser.close()


class Visit:
    """A page opened from a file, with what went wrong on it."""

    def __init__(self, browser: Browser, path: Path, *, width: int = 1280, scheme: str = "light") -> None:
        self.problems: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True, offline=True
        )  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._note(message.type == "error", f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("requestfailed", lambda request: self._note(True, f"failed: {request.url}"))
        self.page.on("request", lambda request: self._note(_is_foreign(request.url), f"other origin: {request.url}"))
        self.page.goto(path.resolve().as_uri())

    def _note(self, wrong: bool, text: str) -> None:
        if wrong:
            self.problems.append(text[:300])

    def draw_all(self) -> None:
        """Scroll each figure into view and wait until it is live or has failed."""
        for figure in self.page.query_selector_all(".pact-figure"):
            figure.scroll_into_view_if_needed()
            handle = figure.evaluate_handle("element => element")
            self.page.wait_for_function("element => element.dataset.state", arg=handle, timeout=DRAW_TIMEOUT_MS)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *exc: object) -> None:
        self.context.close()


def _is_foreign(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:", "about:"))


def figure_problems(page: Page) -> list[str]:
    """Figures that are not live, draw no mark, show no land, or lack words, sources or data."""
    problems: list[str] = []
    for figure in page.query_selector_all(".pact-figure"):
        name = figure.get_attribute("data-figure")
        about: dict[str, Any] = figure.evaluate(
            """(element, [marks, land]) => ({
                state: element.dataset.state,
                marks: [...element.querySelectorAll(marks)].filter(m => m.getBoundingClientRect().width > 0).length,
                isMatrix: [...element.querySelectorAll('.heatmaplayer image')].some(i => i.getAttribute('href')),
                isMap: element.querySelector('.geo') !== null,
                land: [...element.querySelectorAll(land)].filter(p => p.getBoundingClientRect().width > 10).length,
                alt: element.querySelector('.pact-figure-alt p')?.textContent.length ?? 0,
                sources: element.querySelectorAll('.pact-sources a').length,
                data: element.querySelector('a[download]')?.getAttribute('href') ?? '',
                wide: element.scrollWidth - element.clientWidth,
            })""",
            [MARKS, LAND],
        )
        rules = [
            (about["state"] == "live", f"is {about['state'] or 'not drawn'}"),
            (about["marks"] >= 2 or about["isMatrix"], f"draws {about['marks']} marks"),
            (not about["isMap"] or about["land"] >= 1, "is a map without land"),
            (about["alt"] >= 60, "has no description"),
            (about["sources"] >= 1, "has no source"),
            (about["data"].endswith(".csv"), "has no data"),
            (about["wide"] <= 1, f"is {about['wide']} px too wide"),
        ]
        problems += [f"figure {name} {text}" for good, text in rules if not good]
    return problems


def layout_problems(page: Page) -> list[str]:
    """Pages that scroll sideways."""
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"scrolls {excess} px sideways"] if excess > 1 else []


def download_problems(page: Page, path: Path) -> list[str]:
    """Links to data that lead nowhere or to no table."""
    problems: list[str] = []
    for link in page.query_selector_all("a[download]"):
        href = link.get_attribute("href") or ""
        target = (path.parent / href).resolve()
        if not target.is_file():
            problems.append(f"{href} does not exist")
        elif target.suffix == ".csv" and len(pd.read_csv(io.StringIO(target.read_text(encoding="utf-8")))) == 0:
            problems.append(f"{href} is an empty table")
    return problems


def test_the_site_is_there() -> None:
    assert {path.stem for path in CHAPTERS} == {path.stem for path in (ROOT / "chapters").glob("*.ipynb")}
    assert (SITE / "index.html") in PAGES


@EACH_PAGE
@pytest.mark.parametrize("width", [1280, 360])
def test_pages_open_offline_without_errors(browser: Browser, path: Path, width: int) -> None:
    with Visit(browser, path, width=width) as visit:
        visit.draw_all()
        problems = figure_problems(visit.page) + layout_problems(visit.page) + download_problems(visit.page, path)
        assert visit.problems + problems == []


@EACH_CHAPTER
def test_dark_mode_switches_figures(browser: Browser, path: Path) -> None:
    colour = "figure => getComputedStyle(figure.querySelector('.main-svg')).backgroundColor"
    with Visit(browser, path) as visit:
        visit.draw_all()
        figures = visit.page.query_selector_all(".pact-figure")
        light = [figure.evaluate(colour) for figure in figures]
        visit.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        visit.page.wait_for_timeout(1500)
        dark = [figure.evaluate(colour) for figure in figures]
        assert set(light) == {"rgb(255, 255, 255)"} and set(dark) == {"rgb(20, 24, 30)"}
        assert figure_problems(visit.page) + visit.problems == []


@EACH_CHAPTER
def test_dark_readers_get_dark_figures_at_once(browser: Browser, path: Path) -> None:
    with Visit(browser, path, scheme="dark") as visit:
        visit.draw_all()
        background = "getComputedStyle(document.querySelector('.main-svg')).backgroundColor"
        assert visit.page.evaluate(background) == "rgb(20, 24, 30)"
        assert visit.problems == []


def test_a_figure_downloads_as_a_picture(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, CHAPTERS[0]) as visit:
        visit.draw_all()
        with visit.page.expect_download() as download:
            visit.page.locator(".pact-figure-image").first.click()
        download.value.save_as(tmp_path / "figure.png")
        assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
        assert visit.problems == []


def test_there_are_enough_maps(browser: Browser) -> None:
    maps = 0
    for path in CHAPTERS:
        with Visit(browser, path) as visit:
            visit.draw_all()
            maps += visit.page.evaluate("document.querySelectorAll('.pact-figure .geo').length")
    assert maps >= 5


def test_findings_are_collected() -> None:
    findings = json.loads((SITE / "findings.json").read_text(encoding="utf-8"))["findings"]
    for path in CHAPTERS:
        of_chapter = [about for about in findings if about["chapter"] == path.stem]
        assert sum(about["kind"] == "finding" for about in of_chapter) >= 3
        page = path.read_text(encoding="utf-8")
        assert all(f'id="{about["kind"]}-{about["id"]}"' in page for about in of_chapter)
    index = (SITE / "index.html").read_text(encoding="utf-8")
    assert index.count('class="pact-finding"') >= 4


def test_links_within_the_book_lead_somewhere(browser: Browser) -> None:
    broken: list[str] = []
    anchors: dict[Path, set[str]] = {}
    for path in PAGES:
        with Visit(browser, path) as visit:
            anchors[path.resolve()] = set(visit.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
    for path in PAGES:
        with Visit(browser, path) as visit:
            links = visit.page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        for link in {link for link in links if link.startswith("file:")}:
            address, _, anchor = link.removeprefix("file://").partition("#")
            target = Path(address.split("?")[0])
            if not target.exists():
                broken.append(f"{path.name}: {target.name} does not exist")
            elif anchor and target in anchors and anchor not in anchors[target]:
                broken.append(f"{path.name}: no #{anchor} in {target.name}")
    assert broken == []


BREAKAGES = {
    "missing figure": ('data-figure="', 'data-figure="no-', "is failed"),
    "no description": ('class="pact-figure-alt"', 'class="other"', "has no description"),
    "no sources": ('class="pact-sources"', 'class="other"', "has no source"),
    "no data": ("download=", "data-gone=", "has no data"),
    "wide": ("<figcaption", '<p style="width:3000px">x</p><figcaption', "too wide"),
}


@pytest.mark.parametrize("kind", BREAKAGES)
def test_broken_figures_are_found(browser: Browser, kind: str) -> None:
    old, new, expected = BREAKAGES[kind]
    broken = CHAPTERS[0].with_name("broken-by-a-test.html")
    text = CHAPTERS[0].read_text(encoding="utf-8")
    assert old in text
    try:
        broken.write_text(text.replace(old, new), encoding="utf-8")
        with Visit(browser, broken) as visit:
            visit.draw_all()
            assert any(expected in problem for problem in figure_problems(visit.page))
    finally:
        broken.unlink()


def test_other_broken_pages_are_found(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    page.write_text(
        '<body><img src="https://example.org/x.png"><script>console.error("boom"); nonsense()</script>'
        '<div style="width:4000px">x</div><a download href="gone.csv">x</a>'
        '<figure class="pact-figure" data-figure="x" data-state="live">'
        '<div class="plot-container"><div class="geo"></div></div>'
        "</figure></body>",
        encoding="utf-8",
    )
    with Visit(browser, page) as visit:
        visit.page.wait_for_timeout(300)
        found = " ".join(visit.problems + figure_problems(visit.page) + layout_problems(visit.page))
        found += " ".join(download_problems(visit.page, page))
    for words in (
        "other origin",
        "console: boom",
        "script: nonsense",
        "draws 0 marks",
        "map without land",
        "sideways",
        "gone.csv",
    ):
        assert words in found
