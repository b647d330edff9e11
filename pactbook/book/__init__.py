"""The Sphinx room: runs the chapters, puts their figures and findings into pages, serves what those need.

Nothing else of the library knows Sphinx. ``_config.yml`` names this package as an extension.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pybtex.plugin
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util import logging

from pactbook import __version__
from pactbook.book import assets, directives, render
from pactbook.book.bibliography import SourcesStyle
from pactbook.book.execute import Book, ChapterError, chapter_key, run_chapters

logger = logging.getLogger(__name__)


class BookBuildError(SphinxError):
    """Stops the build with the chapter's own message."""

    category = "Chapter failed"


def _book(app: Sphinx) -> Book:
    root = Path(app.srcdir)
    return Book(root, root / "_build" / "executed")


def _use_executed(app: Sphinx, config: Any) -> None:
    """Let MyST-NB read each notebook through our cache of outputs."""
    book = _book(app)
    os.environ["PACTBOOK_DATA"] = str(book.root / "data")  # pages must show the data that the chapters ran on
    kwargs = {"root": str(book.root), "cache": str(book.cache)}
    config.nb_custom_formats = {".ipynb": ["pactbook.book.execute.read_executed", kwargs]}


def _run(app: Sphinx) -> None:
    try:
        app.pactbook_executed = run_chapters(_book(app), say=logger.info)  # type: ignore[attr-defined]
    except ChapterError as error:
        raise BookBuildError(str(error)) from error


def _outdated(app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages whose data changed though their file did not: chapters by key, and the pages that collect from them."""
    book = _book(app)
    room = assets.digest(*(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
    keys = {f"chapters/{path.stem}": chapter_key(path.read_text(encoding="utf-8"), book.root) for path in book.chapters}
    shared = [(book.root / name).read_bytes() for name in ("data/datapackage.json", "references.bib")]
    everything = assets.digest(*shared, *map(str.encode, keys.values()))
    state = {
        page: f"{key} {room}" for page, key in (keys | dict.fromkeys(directives.COLLECTING_PAGES, everything)).items()
    }
    before = getattr(env, "pactbook_state", {})
    env.pactbook_state = state
    return [page for page, key in state.items() if page in env.all_docs and before.get(page) != key]


def _publish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        assets.publish(Path(app.outdir), app.pactbook_executed, Path(app.srcdir))  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    pybtex.plugin.register_plugin("pybtex.style.formatting", "pactbook", SourcesStyle)
    app.connect("config-inited", _use_executed, priority=100)
    app.connect("builder-inited", _run, priority=100)
    app.connect("env-get-outdated", _outdated)
    app.connect("build-finished", _publish)
    app.connect("config-inited", lambda app, config: config.html_static_path.append(str(assets.STATIC)))
    app.add_css_file("pactbook.css")
    app.add_js_file("pactbook.js", loading_method="defer")
    render.register(app)
    directives.register(app)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}


__all__ = ["setup"]
