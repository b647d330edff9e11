"""The real data package: valid by the standard, consistent across tables, honest about ranges and rivals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package
from support import ROOT

from pactbook import load, load_sources, table_names
from pactbook.checks import check_package
from pactbook.tables import read_package

OUR_PROPERTIES = {"partialDate", "unit", "categories", "categoriesOrdered", "codes"}
ESTIMATES = ["arms_estimates", "oil_estimates", "russia_war_economy"]


def test_package_has_no_problem() -> None:
    report = check_package()
    assert [str(problem) for problem in report.problems] == []
    assert report.rows > 1000


def test_package_is_valid_frictionless() -> None:
    """An independent validator agrees: descriptor, types, constraints, primary keys."""
    report = Package(str(ROOT / "data" / "datapackage.json")).validate()
    errors = [f"{task.name}: {error.message}" for task in report.tasks for error in task.errors]
    assert report.valid, "\n".join([*map(str, report.errors), *errors])


def test_frictionless_would_notice_a_broken_row(package: Path) -> None:
    path = package / "boxes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",1,2,3,", ",one,2,3,", 1), encoding="utf-8")
    assert not Package(str(package / "datapackage.json")).validate().valid


def test_every_column_says_what_it_is() -> None:
    for resource in read_package()["resources"]:
        for field in resource["schema"]["fields"]:
            label = f"{resource['name']}.{field['name']}"
            assert len(field["description"]) >= 5, label
            assert set(field) <= {"name", "type", "title", "description", "constraints", "format"} | OUR_PROPERTIES, (
                label
            )


@pytest.mark.parametrize("name", ESTIMATES)
def test_bounds_say_what_the_numbers_are(name: str) -> None:
    """'At least N' has only a low end, 'up to N' only a high end: neither may pass for a best estimate."""
    table = load(name)
    at_least, up_to = table[table.bound == "at-least"], table[table.bound == "up-to"]
    assert at_least.low.notna().all() and at_least[["best", "high"]].isna().all(axis=None), name
    assert up_to.high.notna().all() and up_to[["low", "best"]].isna().all(axis=None), name
    assert table[["low", "best", "high"]].notna().any(axis=1).all(), f"{name}: a row without any number"


@pytest.mark.parametrize("name", ESTIMATES)
def test_estimates_are_not_older_than_what_they_measure(name: str) -> None:
    table = load(name)
    start = next(column for column in ("as_of", "period_start", "date") if column in table)
    if "published" in table:
        latest = table.published + pd.offsets.DateOffset(days=31)  # dates known to the month
        latest = latest.where(table.published_precision != "year", latest + pd.offsets.YearEnd(0))
        late = table[table[start] > latest]
        assert late.empty, late[["id", start, "published"]].to_string()


def test_every_source_is_used_and_every_key_resolves() -> None:
    known = set(load_sources().index)
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("**/*.md")]
    )
    cited = set(re.findall(r"[a-z0-9][a-z0-9-]{3,}", text))
    columns = [load(name)["source"] for name in table_names() if "source" in load(name)]
    in_tables = set(pd.concat(columns).str.split(";").explode())
    assert in_tables <= known
    assert known - in_tables - cited == set(), "in references.bib but used nowhere"


def test_meetings_of_one_event_have_one_date() -> None:
    """The pact's legal steps stand in two tables: they must agree."""
    timeline = load("timeline").set_index("id").date
    pact = load("agreements").set_index("id").loc["russia-dprk-2024"]
    assert timeline["2024-in-force"] == pact["in_force"]
    assert timeline["2024-pact"] == pact["signed"]


def test_references_between_tables_hold() -> None:
    agreements = set(load("agreements").id)
    assert set(load("treaty_articles").agreement) <= agreements
    assert set(load("clause_features").agreement) <= agreements


def test_base_maps_name_their_licence_and_keep_crimea_in_ukraine() -> None:
    from shapely import Point
    from shapely.geometry import shape

    simferopol = Point(34.1, 44.95)
    for region in ("world", "eurasia"):
        features = json.loads((ROOT / "data" / "basemap" / f"{region}.json").read_text(encoding="utf-8"))["features"]
        holders = [feature["id"] for feature in features if shape(feature["geometry"]).contains(simferopol)]
        assert holders == ["UKR"], region
    assert "Natural Earth" in (ROOT / "data" / "basemap" / "LICENSE").read_text(encoding="utf-8")
