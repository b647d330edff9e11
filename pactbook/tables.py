"""Typed tables: ``load("oil_estimates")`` reads a CSV, checks it against its schema and gives real types.

The schema is ``data/datapackage.json``, a Frictionless Data Package. Beside the standard's own field
properties we use a few of our own, which the standard allows:

``unit``                unit of a numeric column
``partialDate``         ISO date at the precision known (2024, 2024-06, 2024-06-19)
``categories``/``categoriesOrdered``  levels of a categorical column
``codes``               ``countries``, ``origins`` or ``sources``: each ``;``-joined item must be such a code
``ranges``, ``spans``   (schema) columns that must not decrease from left to right: numbers, dates
``places``              (schema) latitude, longitude and country columns of a point on the base map
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pactbook.paths import bibliography_path, data_dir

Schema = dict[str, Any]
PRECISIONS = ["year", "month", "day"]
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Problem:
    """One broken rule: where it is and what the rule says."""

    file: str
    rule: str
    row: str = ""
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = [self.file]
        where += [f"row {self.row}"] if self.row else []
        where += [f"column {self.column}"] if self.column else []
        shown = f" {self.value!r}:" if self.value else ""
        return f"{', '.join(where)}:{shown} {self.rule}"


class TableError(ValueError):
    """A table cannot be used; ``problems`` lists every broken rule."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        shown = [str(problem) for problem in problems[:12]]
        if len(problems) > len(shown):
            shown.append(f"... and {len(problems) - len(shown)} more")
        super().__init__("\n".join(shown))


def read_package(folder: Path | None = None) -> Schema:
    """Return the parsed ``datapackage.json``.

    Raises
    ------
    TableError
        If the file is missing or is not valid JSON.
    """
    path = (folder or data_dir()) / "datapackage.json"
    try:
        package: Schema = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError([Problem(str(path), f"cannot be read ({error.strerror})")]) from error
    except ValueError as error:
        raise TableError([Problem(str(path), f"is not valid JSON ({error})")]) from error
    return package


def table_names(folder: Path | None = None) -> list[str]:
    """Names that :func:`load` accepts."""
    return [resource["name"] for resource in read_package(folder)["resources"]]


def resource_of(name: str, folder: Path | None = None) -> Schema:
    """Descriptor of one table.

    Raises
    ------
    TableError
        If there is no such table; the message names the nearest one.
    """
    resources: list[Schema] = read_package(folder)["resources"]
    for resource in resources:
        if resource["name"] == name:
            return resource
    names = [resource["name"] for resource in resources]
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"tables are: {', '.join(names)}"
    raise TableError([Problem("datapackage.json", f"there is no such table; {hint}", value=str(name))])


def load(name: str, *, folder: Path | None = None) -> pd.DataFrame:
    """Return a table of the data package as a typed DataFrame.

    Parameters
    ----------
    name
        Name of the table, as in the data dictionary.
    folder
        Folder of another data package of the same form; the book's own by default.

    Returns
    -------
    DataFrame, one row a fact, columns in the order of the schema. Dates are ``datetime64`` at the start of
    the period known, with a column ``<name>_precision`` (ordered: year, month, day) after each date of
    mixed precision; numbers are float64 or nullable Int64; columns with listed levels are categories.

    Raises
    ------
    TableError
        If the table is unknown, unreadable or breaks its schema. The message names file, row, column,
        value and rule.
    """
    folder = folder or data_dir()
    resource = resource_of(name, folder)
    frame, problems = read_table(resource, folder)
    if problems:
        raise TableError(problems)
    return frame


def read_table(resource: Schema, folder: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one table and list every rule that it breaks; the frame is empty if it could not be parsed."""
    file = f"data/{resource['path']}"
    fields: list[Schema] = resource["schema"]["fields"]
    raw, problems = _read_cells(folder / resource["path"], file, [field["name"] for field in fields])
    if problems:
        return pd.DataFrame(), problems
    rows = _row_labels(raw)
    columns: dict[str, pd.Series[Any]] = {}
    for field in fields:
        name = field["name"]
        cells = pd.Series(raw[name])
        typed, broken = _parse_field(cells, field)
        broken += _constraint_problems(cells, typed, field)
        broken += _code_problems(cells, field, folder)
        problems += [Problem(file, rule, rows[position], name, str(cells.iat[position])) for position, rule in broken]
        columns[name] = typed
        if field.get("partialDate"):
            columns[f"{name}_precision"] = _precision(cells)
    frame = pd.DataFrame(columns)
    if not problems:  # ordering rules only make sense on values that parsed
        problems += _order_problems(frame, raw, resource["schema"], file, rows)
    return frame, problems


def _read_cells(path: Path, file: str, expected: list[str]) -> tuple[pd.DataFrame, list[Problem]]:
    nothing = pd.DataFrame()
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        return nothing, [Problem(file, f"cannot be read ({error.strerror})")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return nothing, [Problem(file, "is not UTF-8 here; save the file as UTF-8", row=f"at line {line}")]
    if text.startswith("\ufeff"):
        return nothing, [Problem(file, "starts with a byte-order mark; save as UTF-8 without it")]
    if not text.endswith("\n"):
        return nothing, [Problem(file, "does not end with a line break: it may be cut off")]
    try:
        header, *body = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (csv.Error, ValueError) as error:
        return nothing, [Problem(file, f"is not a readable CSV ({error}): it may be cut off")]
    problems = [
        Problem(file, "is in the schema but not in the file", column=name) for name in expected if name not in header
    ]
    problems += [
        Problem(file, "is in the file but not in the schema", column=name) for name in header if name not in expected
    ]
    if not problems and header != expected:
        problems = [Problem(file, f"columns must stand in this order: {', '.join(expected)}")]
    problems += [
        Problem(
            file,
            f"has {len(cells)} cells, the header has {len(header)}",
            row=f"{number} (id {cells[0] if cells else ''})",
        )
        for number, cells in enumerate(body, start=2)
        if len(cells) != len(header)
    ]
    if not body:
        problems.append(Problem(file, "has no rows"))
    if problems:
        return nothing, problems
    return pd.DataFrame(body, columns=header, dtype="object"), []


def _row_labels(raw: pd.DataFrame) -> list[str]:
    """How a message names each row: its line number in a simple file and its id."""
    ids = raw["id"] if "id" in raw else raw.iloc[:, 0]
    return [f"{number} (id {key})" for number, key in enumerate(ids, start=2)]


Broken = list[tuple[int, str]]


def _positions(mask: pd.Series[bool]) -> list[int]:
    return [int(position) for position in mask.to_numpy().nonzero()[0]]


def _parse_field(cells: pd.Series[Any], field: Schema) -> tuple[pd.Series[Any], Broken]:
    """Turn strings into the field's type; list cells that are not of it."""
    kind = field["type"]
    filled = cells != ""
    present = cells.where(filled)
    if field.get("partialDate") or kind == "date":
        padded = present.str.replace(r"^(\d{4})$", r"\1-01-01", regex=True).str.replace(
            r"^(\d{4}-\d{2})$", r"\1-01", regex=True
        )
        shaped = (
            present.str.fullmatch(_PARTIAL_DATE if kind != "date" else r"\d{4}-\d{2}-\d{2}").fillna(False).astype(bool)
        )
        typed: pd.Series[Any] = pd.to_datetime(padded.where(shaped), format="%Y-%m-%d", errors="coerce").astype(
            "datetime64[s]"
        )
        rule = "must be an ISO date such as 2024-06-19" + (", 2024-06 or 2024" if kind != "date" else "")
    elif kind in {"number", "integer", "year"}:
        whole = r"-?\d+" if kind != "number" else r"-?\d+(\.\d+)?([eE]-?\d+)?"
        shaped = present.str.fullmatch(whole).fillna(False).astype(bool)
        typed = pd.to_numeric(present.where(shaped), errors="coerce").astype("float64")
        typed = typed if kind == "number" else typed.astype("Int64")
        rule = "must be a number" if kind == "number" else "must be a whole number"
    elif kind == "boolean":
        typed = present.map(_BOOLEANS).astype("boolean")
        rule = "must be true or false"
    elif "categories" in field:
        levels = field["categories"]
        kept = present.where(present.isin(levels))
        typed = pd.Series(
            pd.Categorical(kept, categories=levels, ordered=field.get("categoriesOrdered", False)), index=cells.index
        )
        rule = f"must be one of: {', '.join(levels)}"
    else:
        return present.astype("str"), []
    return typed, [(position, rule) for position in _positions(filled & typed.isna())]


def _precision(cells: pd.Series[Any]) -> pd.Series[Any]:
    names = cells.str.len().map({4: "year", 7: "month", 10: "day"})
    return pd.Series(pd.Categorical(names, categories=PRECISIONS, ordered=True), index=cells.index)


def _constraint_problems(cells: pd.Series[Any], typed: pd.Series[Any], field: Schema) -> Broken:
    rules: Schema = field.get("constraints", {})
    filled = cells != ""
    broken: Broken = []
    if rules.get("required"):
        broken += [(at, "must not be empty") for at in _positions(~filled)]
    if rules.get("unique"):
        broken += [(at, "must be unique, stands twice") for at in _positions(filled & cells.duplicated())]
    if "pattern" in rules:
        matches = cells.str.fullmatch(rules["pattern"]).astype(bool)
        broken += [(at, f"must match the pattern {rules['pattern']}") for at in _positions(filled & ~matches)]
    if "enum" in rules and "categories" not in field:
        allowed = [str(item) for item in rules["enum"]]
        broken += [(at, f"must be one of: {', '.join(allowed)}") for at in _positions(filled & ~cells.isin(allowed))]
    if "minimum" in rules:
        low = (typed < _bound(rules["minimum"], field)).fillna(False).astype(bool)
        broken += [(at, f"must be at least {rules['minimum']}") for at in _positions(low)]
    if "maximum" in rules:
        high = (typed > _bound(rules["maximum"], field)).fillna(False).astype(bool)
        broken += [(at, f"must be at most {rules['maximum']}") for at in _positions(high)]
    return broken


def _bound(limit: Any, field: Schema) -> Any:
    return pd.Timestamp(str(limit)) if field["type"] == "date" or field.get("partialDate") else float(limit)


def _code_problems(cells: pd.Series[Any], field: Schema, folder: Path) -> Broken:
    if "codes" not in field:
        return []
    kind = field["codes"]
    known = known_codes(kind, folder)
    items = cells[cells != ""].str.split(";").explode()
    unknown = items[~items.isin(known)]
    return [  # raw cells have a plain 0..n-1 index, so a label is a position
        (int(str(position)), f"{item!r} is not one of the {_CODE_FILES[kind]}{_nearest(item, known)}")
        for position, item in unknown.items()
    ]


_CODE_FILES = {
    "countries": "countries of data/reference/countries.csv",
    "origins": "origins of data/reference/origins.csv",
    "sources": "keys of references.bib",
}


def _nearest(item: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(item, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def known_codes(kind: str, folder: Path | None = None) -> set[str]:
    """Ids of a code list: ``countries``, ``origins`` or ``sources`` (keys of the bibliography)."""
    folder = folder or data_dir()
    if kind == "sources":
        text = bibliography_path(folder).read_text(encoding="utf-8")
        return set(re.findall(r"^@\w+\{([^,\s]+),", text, flags=re.MULTILINE))
    with (folder / "reference" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def _order_problems(
    frame: pd.DataFrame, raw: pd.DataFrame, schema: Schema, file: str, rows: list[str]
) -> list[Problem]:
    """Ranges (low, best, high) and spans (start, end) must not run backwards, whatever cells are empty."""
    problems: list[Problem] = []
    for names in [*schema.get("ranges", []), *schema.get("spans", [])]:
        for left, right in [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]:
            # a span's ends may differ in precision: 2024-06-19 to 2024 is not reversed
            later = _end_of_period(frame, right) if f"{right}_precision" in frame else frame[right]
            reversed_ = (frame[left] > later).fillna(False).astype(bool)
            problems += [
                Problem(
                    file,
                    f"must not be below {left}, which is {raw[left].iat[at]}",
                    rows[at],
                    right,
                    str(raw[right].iat[at]),
                )
                for at in _positions(reversed_)
            ]
    return problems


def _end_of_period(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    start, precision = frame[name], frame[f"{name}_precision"]
    end = start.where(precision != "month", start + pd.offsets.MonthEnd(0))
    return end.where(precision != "year", start + pd.offsets.YearEnd(0))
