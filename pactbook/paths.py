"""Where the data and the bibliography lie: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

import os
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def data_dir() -> Path:
    """Folder that holds ``datapackage.json`` and the tables.

    The environment variable ``PACTBOOK_DATA`` names another one, such as a class's corrected copy.
    """
    if chosen := os.environ.get("PACTBOOK_DATA"):
        return Path(chosen)
    installed = _HERE / "data"
    return installed if installed.is_dir() else _HERE.parent / "data"


def bibliography_path(folder: Path | None = None) -> Path:
    """The BibTeX file with every source: in the data folder (installed) or beside it (a checkout)."""
    folder = folder or data_dir()
    inside = folder / "references.bib"
    return inside if inside.is_file() else folder.parent / "references.bib"
