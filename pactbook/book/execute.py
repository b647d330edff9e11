"""Run the chapters in parallel, once for each state of what they depend on.

A chapter depends on its code, the tables that it loads, their schemas, the code lists, the bibliography, the base
map, the library and the pinned requirements. A change in any of them gives it a new key and runs it again;
everything else is read from the cache, which holds one executed notebook a key.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from pactbook.figures import FIGURE_MIME
from pactbook.findings import FINDING_MIME
from pactbook.tables import TableError, resource_of

CELL_TIMEOUT_S = 120
CODE_LISTS = ["countries", "origins"]
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_DESCRIBED = ("name", "title", "subtitle", "alt", "sources", "csv")


class ChapterError(Exception):
    """A chapter did not run, or an output cannot be published; the message names chapter and cell."""


@dataclass(frozen=True)
class Book:
    """Where a book's parts lie."""

    root: Path
    cache: Path

    @property
    def chapters(self) -> list[Path]:
        """The notebooks, in reading order."""
        return sorted((self.root / "chapters").glob("[0-9]*.ipynb"))


def tables_used(notebook: NotebookNode) -> set[str]:
    """Names of the tables that the cells load, read from the code: ``load("name")`` and ``claim(...)``.

    Raises
    ------
    ValueError
        If a cell loads a table by anything but a literal name: what it depends on could not be known.
    """
    names: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError as error:
            raise ValueError(f"cell {number}: {error.msg}: {(error.text or '').strip()}") from error
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        functions = {id(call.func) for call in calls}
        if any(isinstance(node, ast.Name) and node.id == "load" and id(node) not in functions for node in nodes):
            raise ValueError(f"cell {number}: call load() directly, so that what the chapter depends on can be read")
        for call in calls:
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if called == "claim":
                names.add("editorial_claims")
            if called != "load":
                continue
            argument = call.args[0] if call.args else None
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise ValueError(f"cell {number}: load() needs the table's name as a literal string")
            names.add(argument.value)
    return names


def chapter_key(text: str, root: Path) -> str:
    """Digest of everything that a chapter's outputs depend on.

    Parameters
    ----------
    text
        The notebook file's text.
    root
        Folder of the book.
    """
    notebook = nbformat.reads(text, as_version=4)
    data = root / "data"
    digest = hashlib.sha256(sys.version.encode())
    for cell in notebook.cells:
        digest.update(f"{cell.cell_type}\0{cell.source}\0{sorted(cell.metadata.get('tags', []))}\0".encode())
    for name in sorted(tables_used(notebook) | set(CODE_LISTS)):
        try:
            resource = resource_of(name, data)
        except TableError:  # an unknown table: the run will say so, with its cell
            continue
        digest.update(json.dumps(resource, sort_keys=True).encode())
        digest.update(_file_digest(data / resource["path"]))
    shared = [root / "references.bib", root / "requirements.txt", *sorted((data / "basemap").glob("*.json"))]
    for path in [*shared, *sorted(Path(__file__).parents[1].glob("*.py")), Path(__file__)]:
        digest.update(_file_digest(path))
    return digest.hexdigest()[:20]


def _file_digest(path: Path) -> bytes:
    return _digest_of_version(path, path.stat().st_mtime_ns, path.stat().st_size)


@cache
def _digest_of_version(path: Path, modified: int, size: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def executed_path(notebook: Path, book: Book) -> Path:
    """Where the cache keeps the outputs of this state of a notebook."""
    return book.cache / f"{notebook.stem}-{chapter_key(notebook.read_text(encoding='utf-8'), book.root)}.ipynb"


def run_chapters(book: Book, *, say: Callable[[str], None] = print, jobs: int | None = None) -> dict[str, Path]:
    """Run every chapter whose key is not in the cache, several at a time.

    Parameters
    ----------
    book
        Where the book lies.
    say
        Told one line a chapter.
    jobs
        How many at once; the number of processors by default.

    Returns
    -------
    Chapter stem to executed notebook.

    Raises
    ------
    ChapterError
        If any chapter fails; the others are run and kept first.
    """
    book.cache.mkdir(parents=True, exist_ok=True)
    targets: dict[Path, Path] = {}
    problems: list[str] = []
    for path in book.chapters:
        try:
            targets[path] = executed_path(path, book)
        except ValueError as error:
            problems.append(f"{path.relative_to(book.root)}, {error}")
    missing = [path for path, target in targets.items() if not target.exists()]
    say(f"chapters: {len(targets) - len(missing)} up to date, {len(missing)} to run")
    if missing:
        problems += asyncio.run(_run_all(missing, targets, book, say, jobs or os.cpu_count() or 1))
    _forget_old(book, targets.values())
    if problems:
        raise ChapterError("\n".join(problems))
    check_names(targets.values())
    return {path.stem: target for path, target in targets.items()}


async def _run_all(
    missing: list[Path], targets: dict[Path, Path], book: Book, say: Callable[[str], None], jobs: int
) -> list[str]:
    slots = asyncio.Semaphore(jobs)

    async def run_one(path: Path) -> str:
        async with slots:
            begun = time.perf_counter()
            try:
                notebook = await run_notebook(path, book.root)
            except ChapterError as error:
                say(f"  {path.name}: failed")
                return str(error)
            number_figures(notebook, path)
            _write(targets[path], nbformat.writes(notebook))
            say(f"  {path.name}: {time.perf_counter() - begun:.1f} s")
            return ""

    # the longest chapters first would be ideal; reading order is near enough for a book of this size
    return [problem for problem in await asyncio.gather(*map(run_one, missing)) if problem]


def read_notebook(path: Path) -> NotebookNode:
    """Notebook of a file, in the current format."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


async def run_notebook(path: Path, root: Path) -> NotebookNode:
    """Run one notebook from a fresh kernel and check what it shows.

    Raises
    ------
    ChapterError
        If a cell fails, prints a warning, or shows a figure without words, sources or data.
    """
    name = path.relative_to(root) if path.is_relative_to(root) else path
    notebook = read_notebook(path)
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT_S, resources={"metadata": {"path": str(path.parent)}})
    client.extra_arguments = ["--log-level=40"]  # a kernel's remarks on its sockets are no concern of a reader's
    try:
        await client.async_execute(env=os.environ | {"PACTBOOK_DATA": str(root / "data")})
    except CellExecutionError as error:
        raise ChapterError(f"{name}, {_failed_cell(notebook)}: {error.ename}: {_ANSI.sub('', error.evalue)}") from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise ChapterError(f"{name}: {type(error).__name__}: {error}") from error
    problems = [f"{name}, cell {number}: {problem}" for number, problem in output_problems(notebook)]
    if problems:
        raise ChapterError("\n".join(problems))
    return notebook


def _failed_cell(notebook: NotebookNode) -> str:
    for number, cell in enumerate(notebook.cells, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return f"cell {number}"
    return "a cell"


def output_problems(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Cell number and reason for every output that a reader should not meet."""
    problems: list[tuple[int, str]] = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "stream" and output.name == "stderr":
                problems.append((number, f"prints a warning: {output.text.strip().splitlines()[0][:200]}"))
            if output.output_type == "error":
                problems.append((number, f"{output.ename}: {_ANSI.sub('', output.evalue)}"))
            if FIGURE_MIME in data:
                problems += [(number, problem) for problem in figure_problems(data[FIGURE_MIME])]
    return problems


def figure_problems(figure: dict[str, Any]) -> list[str]:
    """What a figure lacks that every figure of the book must have."""
    about = (figure.get("layout", {}).get("meta") or {}).get("pactbook")
    if about is None:
        return ["a figure is shown without describe(): it lacks name, alt text, sources and data"]
    lacking = [part for part in _DESCRIBED if not about.get(part)]
    return [f"figure {about.get('name') or '?'} lacks {', '.join(lacking)}"] if lacking else []


def outputs_of(notebook: NotebookNode, mime: str) -> list[tuple[NotebookNode, Any]]:
    """Every output of one type, with its content, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [(output, output["data"][mime]) for output in outputs if mime in output.get("data", {})]


def number_figures(notebook: NotebookNode, path: Path) -> None:
    """Write each figure's number, such as 3.2, into its output's metadata."""
    chapter = int(path.stem.split("-")[0])
    for number, (output, _) in enumerate(outputs_of(notebook, FIGURE_MIME), start=1):
        output.metadata["pactbook"] = {"number": f"{chapter}.{number}"}


def check_names(executed: Iterable[Path]) -> None:
    """Figures and findings need names that are theirs alone, because the names are addresses.

    Raises
    ------
    ChapterError
        If one is used twice.
    """
    seen: dict[tuple[str, str], str] = {}
    for path in executed:
        notebook = read_notebook(path)
        named = [
            ("figure", figure["layout"]["meta"]["pactbook"]["name"]) for _, figure in outputs_of(notebook, FIGURE_MIME)
        ]
        named += [(about["kind"], about["id"]) for _, about in outputs_of(notebook, FINDING_MIME)]
        for key in named:
            if key in seen:
                raise ChapterError(f"{key[0]} {key[1]!r} stands twice: in {seen[key]} and in {_chapter_of(path)}")
            seen[key] = _chapter_of(path)


def _chapter_of(executed: Path) -> str:
    return executed.stem.rsplit("-", 1)[0]


def _forget_old(book: Book, wanted: Iterable[Path]) -> None:
    """Keep the cache to the current state and each chapter's previous one, so that undoing an edit is quick."""
    keep = set(wanted)
    for chapter in {_chapter_of(path) for path in keep}:
        old = [path for path in book.cache.glob(f"{chapter}-*.ipynb") if path not in keep]
        for path in sorted(old, key=lambda path: path.stat().st_mtime, reverse=True)[2:]:
            path.unlink()


def _write(path: Path, text: str) -> None:
    """Write whole or not at all: an interrupted build must not leave half a notebook."""
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def fold_plumbing(notebook: NotebookNode) -> NotebookNode:
    """Fold, in the book only, cells that do nothing but word a finding, a claim or a figure: the result stays."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and _is_plumbing(cell.source):
            cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "hide-input"})
    return notebook


def _is_plumbing(source: str) -> bool:
    body = ast.parse(source).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Call):
        return False
    called = body[0].value.func
    return isinstance(called, ast.Name) and called.id in {"finding", "claim", "describe"}


def read_executed(text: str, *, root: str, cache: str) -> NotebookNode:
    """Notebook reader for MyST-NB: the given notebook with the outputs of its last run.

    Raises
    ------
    ChapterError
        If this state of it was not run: an empty page must not pass for a chapter.
    """
    key = chapter_key(text, Path(root))
    for path in Path(cache).glob(f"*-{key}.ipynb"):
        return fold_plumbing(read_notebook(path))
    raise ChapterError("data, library or notebook changed while the book was being built: build again")
