"""Run chapters and store their outputs in the notebooks, figures as one-line digests.

``python tools/notebooks.py accept chapters/03-*.ipynb`` is how a person accepts that published numbers moved.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from pactbook.book.execute import ChapterError, run_notebook
from pactbook.figures import FIGURE_MIME

ROOT = Path(__file__).resolve().parents[1]
LARGEST_BYTES = 200_000
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def slim(notebook: NotebookNode) -> NotebookNode:
    """Keep findings, tables and figure digests; drop figures and times."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"  # stable ids keep diffs small
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            output.metadata = nbformat.from_dict({})
            output.get("data", {}).pop(FIGURE_MIME, None)
    return notebook


def accept(path: Path) -> None:
    """Run one notebook and store its outputs; the file is replaced whole or left as it is."""
    notebook = slim(asyncio.run(run_notebook(path.resolve(), ROOT)))
    text = nbformat.writes(notebook, indent=1) + "\n"
    if len(text.encode()) > LARGEST_BYTES:
        raise ChapterError(f"{path}: {len(text.encode())} bytes with outputs, must stay under {LARGEST_BYTES}")
    nbformat.validate(notebook)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["accept"])
    parser.add_argument("notebooks", nargs="+", type=Path)
    failed = False
    for path in parser.parse_args().notebooks:
        try:
            accept(path)
            print(f"{path}: outputs stored")
        except ChapterError as error:
            failed = True
            print(error, file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
