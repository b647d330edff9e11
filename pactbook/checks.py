"""Checks of the whole data package: every table, the bibliography, and what ties tables together."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from shapely import Point
from shapely.affinity import scale
from shapely.geometry import shape

from pactbook.geo import EARTH_RADIUS_KM
from pactbook.paths import bibliography_path, data_dir
from pactbook.sources import KINDS, load_sources
from pactbook.tables import Problem, Schema, TableError, known_codes, read_package, read_table

PLACE_TOLERANCE_KM = 20  # harbours and map simplification; nearer than any neighbour's coast that we plot
FIELD_TYPES = {"string", "number", "integer", "year", "boolean", "date"}
_MAPS = ["northeast-asia", "eurasia", "world"]
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class Report:
    """What :func:`check_package` looked at and found."""

    tables: int
    rows: int
    sources: int
    problems: list[Problem]


def check_package(folder: Path | None = None) -> Report:
    """Validate a data package and its bibliography.

    Parameters
    ----------
    folder
        Data folder; the book's own by default.

    Returns
    -------
    Report with every broken rule: file, row, column, value and rule.
    """
    folder = folder or data_dir()
    try:
        package = read_package(folder)
    except TableError as error:
        return Report(0, 0, 0, error.problems)
    problems = list(_descriptor_problems(package, folder))
    if problems:
        return Report(len(package.get("resources", [])), 0, 0, problems)
    sources, broken = _check_sources(bibliography_path(folder), folder)
    problems += broken
    lands = _Lands(folder)
    frames: dict[str, pd.DataFrame] = {}
    for resource in package["resources"]:
        frame, broken = read_table(resource, folder)
        problems += broken
        if not broken:
            frames[resource["name"]] = frame
            problems += _place_problems(frame, resource, lands)
    problems += _unlisted_files(package, folder)
    problems += _cross_table_problems(frames)
    return Report(len(package["resources"]), sum(map(len, frames.values())), len(sources), problems)


def _descriptor_problems(package: Schema, folder: Path) -> Iterator[Problem]:
    file = "datapackage.json"
    for part in ("name", "title", "licenses", "resources"):
        if not package.get(part):
            yield Problem(file, f"the package must have {part}")
    seen: set[str] = set()
    for resource in package.get("resources", []):
        name = resource.get("name", "")
        if name in seen:
            yield Problem(file, "two tables of one name", value=name)
        seen.add(name)
        if not {"name", "path", "title", "description", "schema"} <= resource.keys():
            yield Problem(file, "a table needs name, path, title, description and schema", value=name)
            continue
        if not (folder / resource["path"]).is_file():
            yield Problem(f"data/{resource['path']}", "the file that the schema names does not exist")
        for field in resource["schema"]["fields"]:
            column = str(field.get("name", ""))
            if field.get("type") not in FIELD_TYPES:
                yield Problem(
                    file, f"type must be one of {', '.join(sorted(FIELD_TYPES))}", name, column, str(field.get("type"))
                )
            if len(field.get("description", "")) < 5:
                yield Problem(file, "every column needs a description", name, column)
            if field.get("type") in {"number", "integer"} and "unit" not in field and column != "order":
                yield Problem(file, "a numeric column needs a unit ('count', 'as given in `unit`')", name, column)


def _unlisted_files(package: Schema, folder: Path) -> list[Problem]:
    listed = {folder / resource["path"] for resource in package["resources"]}
    return [
        Problem(f"data/{path.relative_to(folder)}", "is not in datapackage.json: describe it or remove it")
        for path in sorted(folder.rglob("*.csv"))
        if path not in listed
    ]


def _check_sources(path: Path, folder: Path) -> tuple[pd.DataFrame, list[Problem]]:
    file = path.name
    try:
        sources = load_sources(path)
    except Exception as error:  # pybtex raises several unrelated types for a broken file
        return pd.DataFrame(), [Problem(file, f"cannot be read: {error}")]
    origins = known_codes("origins", folder)
    urls = sources["url"].map(urlsplit)
    rules: list[tuple[str, str, pd.Series[Any]]] = [
        ("kind", f"must be one of {', '.join(KINDS)}", ~sources["kind"].isin(KINDS)),
        ("origin", "is not in data/reference/origins.csv", ~sources["origin"].isin(origins)),
        ("title", "must not be empty", sources["title"].eq("")),
        (
            "url",
            "must be an http or https address",
            ~urls.map(lambda u: u.scheme in {"http", "https"} and "." in u.netloc),
        ),
        ("url", "must not hold spaces", sources["url"].str.contains(r"\s")),
        ("url", "stands under two keys", sources["url"].duplicated()),
        (
            "published",
            "must be an ISO date",
            ~sources["published"].str.fullmatch(_ISO_DATE) & sources["published"].ne(""),
        ),
        ("tier", "must be 1, 2, 3 or 4", ~sources["tier"].isin(list("1234"))),
    ]
    problems = [
        Problem(file, rule, str(key), column, str(sources.at[key, column]))
        for column, rule, mask in rules
        for key in sources.index[mask.astype(bool)]
    ]
    keys = re.findall(r"^@\w+\{([^,\s]+),", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    problems += [Problem(file, "key stands twice", key) for key in sorted({key for key in keys if keys.count(key) > 1})]
    return sources, problems


def _place_problems(frame: pd.DataFrame, resource: Schema, lands: _Lands) -> list[Problem]:
    """A place with a country must lie in it or within 20 km of it on the base map."""
    problems: list[Problem] = []
    for lat, lon, country in resource["schema"].get("places", []):
        half = frame[lat].isna() != frame[lon].isna()
        file = f"data/{resource['path']}"
        problems += [
            Problem(file, f"{lat} and {lon} must both be given or both be empty", _label(frame, at), lat)
            for at in half.to_numpy().nonzero()[0]
        ]
        if country is None:
            continue
        for at in frame[lat].notna().to_numpy().nonzero()[0]:
            row = frame.iloc[int(at)]
            codes = [] if pd.isna(row[country]) else str(row[country]).split(";")
            distances = [lands.distance_km(code, float(row[lat]), float(row[lon])) for code in codes if code in lands]
            if distances and min(distances) > PLACE_TOLERANCE_KM:
                rule = f"lies {min(distances):.0f} km from {row[country]}, must be within {PLACE_TOLERANCE_KM} km"
                problems.append(Problem(file, rule, _label(frame, at), f"{lat}, {lon}", f"{row[lat]}, {row[lon]}"))
    return problems


def _label(frame: pd.DataFrame, at: Any) -> str:
    return f"{int(at) + 2} (id {frame['id'].iat[int(at)]})"


class _Lands:
    """Countries of the base maps."""

    def __init__(self, folder: Path) -> None:
        paths = [folder / "basemap" / f"{name}.json" for name in _MAPS]
        collections = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]
        self._maps = [
            {feature["id"]: shape(feature["geometry"]) for feature in found["features"]} for found in collections
        ]

    def __contains__(self, country: object) -> bool:
        return any(country in shapes for shapes in self._maps)

    def distance_km(self, country: str, lat: float, lon: float) -> float:
        """Distance from a point to a country: zero inside, else to its coast or border, on the map that is kindest."""
        # degrees of longitude shrink with latitude: scale them, which is exact enough within tens of kilometres
        shrink = math.cos(math.radians(lat))
        point = Point(lon * shrink, lat)
        shapes = [
            scale(found[country], xfact=shrink, yfact=1, origin=(0, 0)) for found in self._maps if country in found
        ]
        return math.radians(min(found.distance(point) for found in shapes)) * EARTH_RADIUS_KM


def _cross_table_problems(frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Rules that tie tables together."""
    problems: list[Problem] = []
    for child, column, parent, parent_column in _REFERENCES:
        if child not in frames or parent not in frames:
            continue
        values = frames[child][column].dropna()
        unknown = values[~values.isin(frames[parent][parent_column])]
        problems += [
            Problem(
                child,
                f"is not in {parent}.{parent_column}",
                _label(frames[child], frames[child].index.get_loc(at)),
                column,
                str(value),
            )
            for at, value in unknown.items()
        ]
    return problems


_REFERENCES = [
    ("treaty_articles", "agreement", "agreements", "id"),
    ("reactions_second_coder", "id", "reactions", "id"),
]
