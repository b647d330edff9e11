"""Tables load typed, and every kind of bad input is named: file, row, column, value, rule."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import TABLE

from pactbook import TableError, load, table_names
from pactbook.checks import check_package


def problems_of(package: Path) -> list[str]:
    return [str(problem) for problem in check_package(package).problems]


def test_types(package: Path) -> None:
    boxes = load("boxes", folder=package)
    assert boxes.date.tolist() == [pd.Timestamp("2023-10-01"), pd.Timestamp("2024-01-05"), pd.Timestamp("2024-01-01")]
    assert boxes.date_precision.tolist() == ["month", "day", "year"]
    assert boxes.date_precision.cat.ordered and boxes.status.cat.ordered
    assert (boxes.status >= "sure").tolist() == [True, False, True]
    assert boxes.best.dtype == "float64" and pd.isna(boxes.best[1])


def test_good_package_has_no_problem(package: Path) -> None:
    assert problems_of(package) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("first,2023-10", "second,2023-10", ["row 3 (id second), column id", "'second'", "unique"]),
        ("first,2023-10", ",2023-10", ["row 2", "column id", "must not be empty"]),
        ("first,2023-10", "First,2023-10", ["column id", "'First'", "pattern"]),
        ("2023-10,", "2023-13,", ["row 2 (id first)", "column date", "'2023-13'", "ISO date"]),
        ("2023-10,", "Oct 2023,", ["column date", "'Oct 2023'", "ISO date"]),
        ("PRK,1,2,3", "PRK,1,two,3", ["column best", "'two'", "must be a number"]),
        ("PRK,1,2,3", "PRK,-1,2,3", ["column low", "'-1'", "at least 0"]),
        ("PRK,1,2,3", "PRK,9,2,3", ["column best", "'2'", "must not be below low, which is 9"]),
        ("RUS,2,,6", "RUS,7,,6", ["row 3 (id second)", "column high", "'6'", "must not be below low, which is 7"]),
        ("2023-10,PRK", "2023-10,XYZ", ["column country", "'XYZ'", "countries.csv"]),
        ("RUS;PRK", "RUS;PRX", ["row 4 (id third)", "'PRX' is not one of", "did you mean 'PRK'"]),
        ("sure,kcna-2024\n", "sure,kcna-2025\n", ["column source", "'kcna-2025'", "did you mean 'kcna-2024'"]),
        ("42.23", "95", ["column lat", "'95'", "at most 90"]),
        ("unsure", "perhaps", ["column status", "'perhaps'", "must be one of: unsure, sure"]),
        ("id,date", "id,day", ["column date", "in the schema but not in the file"]),
        ("status,source\n", "status,source,extra\n", ["column extra", "in the file but not in the schema"]),
        ("country,low", "low,country", ["columns must stand in this order"]),
        (",sure,tass-2024\n", ",sure,tass-20", ["does not end with a line break", "cut off"]),
        ("2024,RUS;PRK,,5,,,,sure,tass-2024\n", "2024,RUS\n", ["row 4 (id third)", "has 3 cells, the header has 10"]),
        (TABLE[TABLE.index("first") :], "", ["has no rows"]),
    ],
)
def test_bad_rows_are_named(package: Path, old: str, new: str, expected: list[str]) -> None:
    path = package / "boxes.csv"
    assert old in TABLE
    path.write_text(TABLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError) as error:
        load("boxes", folder=package)
    for words in ["data/boxes.csv", *expected]:
        assert words in str(error.value)
    assert problems_of(package) == [str(problem) for problem in error.value.problems]


def test_wrong_encoding_names_the_line(package: Path) -> None:
    (package / "boxes.csv").write_bytes(TABLE.replace("unsure", "unsüre").encode("latin-1"))
    with pytest.raises(TableError, match=r"data/boxes.csv, row at line 3: is not UTF-8"):
        load("boxes", folder=package)


def test_byte_order_mark_is_named(package: Path) -> None:
    (package / "boxes.csv").write_text("\ufeff" + TABLE, encoding="utf-8")
    with pytest.raises(TableError, match="byte-order mark"):
        load("boxes", folder=package)


def test_open_quote_is_named(package: Path) -> None:
    (package / "boxes.csv").write_text(TABLE.replace("first,", '"first,', 1), encoding="utf-8")
    with pytest.raises(TableError, match=r"data/boxes.csv.*cut off"):
        load("boxes", folder=package)


def test_a_point_far_from_its_country(package: Path) -> None:
    (package / "boxes.csv").write_text(TABLE.replace("42.75,133.0833", "42.75,137", 1), encoding="utf-8")
    (problem,) = problems_of(package)
    assert "row 3 (id second), column lat, lon" in problem and "km from RUS, must be within 20 km" in problem


def test_unknown_table_suggests_a_name() -> None:
    with pytest.raises(TableError, match="did you mean 'agreements'"):
        load("agrements")
    with pytest.raises(TableError, match="there is no such table"):
        load("")


def test_missing_and_broken_descriptor(package: Path) -> None:
    (package / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(TableError, match="not valid JSON"):
        load("boxes", folder=package)
    (package / "datapackage.json").unlink()
    with pytest.raises(TableError, match="cannot be read"):
        load("boxes", folder=package)


def test_missing_file_and_undescribed_file(package: Path) -> None:
    (package / "boxes.csv").rename(package / "loose.csv")
    assert any("does not exist" in problem for problem in problems_of(package))
    (package / "boxes.csv").write_text(TABLE, encoding="utf-8")
    assert problems_of(package) == ["data/loose.csv: is not in datapackage.json: describe it or remove it"]


def test_descriptor_rules(package: Path) -> None:
    path = package / "datapackage.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    fields = described["resources"][-1]["schema"]["fields"]
    fields[1]["description"], fields[3]["type"] = "", "float"
    fields[4].pop("unit")
    path.write_text(json.dumps(described), encoding="utf-8")
    found = "\n".join(problems_of(package))
    for words in (
        "column date: every column needs a description",
        "'float'",
        "column best: a numeric column needs a unit",
    ):
        assert words in found


def test_broken_bibliography(package: Path) -> None:
    path = package.parent / "references.bib"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("kind = {state-media}", "kind = {rumour}", 1).replace("/tass}", "/kcna}"), encoding="utf-8"
    )
    found = "\n".join(problems_of(package))
    assert "kcna-2024, column kind: 'rumour'" in found and "tass-2024, column url" in found and "two keys" in found


def test_a_read_only_folder_is_enough(package: Path) -> None:
    for path in [package, *package.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert len(load("boxes", folder=package)) == 3
    assert problems_of(package) == []
    for path in [package, *package.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_corrupted_cell_is_taken_for_a_number(package: Path, data: st.DataObject) -> None:
    """Whatever text stands in a numeric cell, it loads as that number or is refused by name."""
    text = data.draw(st.text(st.characters(codec="utf-8", exclude_characters='\r\n,"'), min_size=1, max_size=8))
    (package / "boxes.csv").write_text(TABLE.replace(",1,2,3,", f",,{text},,", 1), encoding="utf-8")
    try:
        loaded = load("boxes", folder=package)
    except TableError as error:
        assert {problem.column for problem in error.problems} == {"best"}
    else:
        assert loaded.best[0] == float(text)


@pytest.mark.parametrize("name", table_names())
def test_every_table_loads(name: str) -> None:
    table = load(name)
    assert len(table) > 0
    assert table["id"].is_unique
