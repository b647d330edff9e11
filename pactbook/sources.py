"""The bibliography: who says what, and from how many independent origins."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from pactbook.paths import bibliography_path, data_dir

COLUMNS = ["title", "publisher", "published", "url", "kind", "origin", "tier"]
KINDS = ["treaty", "un-document", "government", "think-tank", "academic", "news", "state-media", "dataset"]


class SourceError(ValueError):
    """A source key is unknown, or a statement names no source."""


def load_sources(path: Path | None = None) -> pd.DataFrame:
    """Every source of the book.

    Returns
    -------
    DataFrame indexed by ``key`` with columns ``title``, ``publisher``, ``published`` (ISO date at the precision
    known), ``url``, ``kind`` (what the document is), ``origin`` (who first made the claim) and ``tier``.
    """
    path = path or bibliography_path()
    return _parse(path, path.stat().st_mtime_ns).copy()


@lru_cache(maxsize=4)
def _parse(path: Path, modified: int) -> pd.DataFrame:  # keyed by modification time: an edited file is read anew
    from pybtex.database import parse_file

    def row(entry: Any) -> dict[str, str]:
        fields = {name: _plain(text) for name, text in entry.fields.items()}
        return fields | {"publisher": " ".join(str(person) for person in entry.persons.get("author", []))}

    entries = parse_file(str(path)).entries
    frame = pd.DataFrame({key: row(entry) for key, entry in entries.items()}).T.reindex(columns=COLUMNS)
    return frame.assign(publisher=frame.publisher.map(_plain)).rename_axis("key").fillna("")


def _plain(text: str) -> str:
    from pybtex.richtext import Text

    return str(Text.from_latex(text)) if set(text) & set("\\{}$~") else text


def split_keys(sources: pd.DataFrame | pd.Series[Any] | Iterable[str]) -> list[str]:
    """Distinct source keys, in order of appearance, of a table, a column, or a list of ``;``-joined keys.

    Raises
    ------
    SourceError
        If there is none.
    """
    if isinstance(sources, str):
        sources = [sources]
    column: Iterable[Any] = sources["source"] if isinstance(sources, pd.DataFrame) else sources
    cells = [str(cell) for cell in column if pd.notna(cell)]
    keys = list(dict.fromkeys(key for cell in cells for key in cell.split(";") if key))
    if not keys:
        raise SourceError("no sources given: pass a table with a 'source' column or a list of keys")
    return keys


def describe_sources(sources: pd.DataFrame | pd.Series[Any] | Iterable[str]) -> pd.DataFrame:
    """Rows of :func:`load_sources` for the given keys, in their order.

    Raises
    ------
    SourceError
        If a key is not in the bibliography.
    """
    keys = split_keys(sources)
    known = load_sources()
    missing = [key for key in keys if key not in known.index]
    if missing:
        raise SourceError(f"not in references.bib: {', '.join(missing)}")
    return known.loc[keys]


def origins_of(sources: pd.DataFrame | pd.Series[Any] | Iterable[str]) -> list[str]:
    """Distinct origins behind the given sources: five papers that repeat one agency are one origin."""
    return independent(describe_sources(sources)["origin"])


def independent(origins: Iterable[str]) -> list[str]:
    """Distinct origins that count as evidence: the book's own calculations (``derived...``) do not."""
    return sorted({origin for origin in origins if not origin.startswith("derived")})


def origin_name(origin: str, *, folder: Path | None = None) -> str:
    """Readable name of an origin code, such as ``rok-nis``; the code itself if it is not listed."""
    path = (folder or data_dir()) / "reference" / "origins.csv"
    return _origin_names(path, path.stat().st_mtime_ns).get(origin, origin)


@lru_cache(maxsize=4)
def _origin_names(path: Path, modified: int) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["name"] for row in csv.DictReader(file)}
