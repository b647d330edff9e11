"""Distances, sources, findings and figures of the library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import ROOT

from pactbook import (
    COLOURS,
    base_map,
    claim,
    describe,
    distance_nmi,
    finding,
    great_circle,
    load,
    load_sources,
    origins_of,
)
from pactbook.figures import FIGURE_MIME, FigureError, band
from pactbook.findings import FINDING_MIME
from pactbook.sources import SourceError, independent, split_keys
from pactbook.theme import DARK_COLOURS, SURFACE, dark_swaps, origin_style, rgba

LATITUDES, LONGITUDES = st.floats(-85, 85), st.floats(-180, 180)
ALT = "Two points stand on a line; the second is higher than the first by a good step."


def a_figure() -> go.Figure:
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))


def a_key() -> str:
    return str(load_sources().index[0])


def test_distance_of_a_known_pair() -> None:
    # one minute of latitude is one nautical mile, nearly: 1/60 degree on a sphere of 6371.0088 km is 1.0007 nmi
    assert distance_nmi(0, 0, 1, 0) == pytest.approx(60.04, abs=0.01)
    assert distance_nmi(42.75, 133.0833, 42.75, 133.0833) == 0


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_bounded(lat0: float, lon0: float, lat1: float, lon1: float) -> None:
    there, back = distance_nmi(lat0, lon0, lat1, lon1), distance_nmi(lat1, lon1, lat0, lon0)
    assert there == pytest.approx(back)
    assert 0 <= there <= 10_820  # half the circumference


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES, st.integers(2, 60))
def test_great_circle_ends_where_it_should_and_is_shortest(
    lat0: float, lon0: float, lat1: float, lon1: float, n: int
) -> None:
    whole = distance_nmi(lat0, lon0, lat1, lon1)
    assume(whole < 10_700)
    path = great_circle(lat0, lon0, lat1, lon1, n=n)
    assert len(path) == n
    assert distance_nmi(lat0, lon0, path.lat.iloc[0], path.lon.iloc[0]) < 0.01
    assert distance_nmi(lat1, lon1, path.lat.iloc[-1], path.lon.iloc[-1]) < 0.01
    legs = distance_nmi(
        path.lat[:-1].to_numpy(), path.lon[:-1].to_numpy(), path.lat[1:].to_numpy(), path.lon[1:].to_numpy()
    )
    assert float(legs.sum()) == pytest.approx(whole, abs=0.05)  # type: ignore[attr-defined]


def test_great_circle_refuses_the_impossible() -> None:
    with pytest.raises(ValueError, match="antipodes"):
        great_circle(0, 0, 0, 180)
    with pytest.raises(ValueError, match="at least 2"):
        great_circle(0, 0, 1, 1, n=1)


def test_sources_are_split_and_counted_once() -> None:
    assert split_keys(pd.DataFrame({"source": ["a;b", None, "b;c"]})) == ["a", "b", "c"]
    assert split_keys("a") == ["a"]
    with pytest.raises(SourceError, match="no sources"):
        split_keys([])
    assert independent(["rok-nis", "rok-nis", "derived", "derived-pactbook"]) == ["rok-nis"]
    assert origins_of([a_key()]) == [load_sources().origin.iloc[0]]


def test_unknown_source_is_named() -> None:
    with pytest.raises(SourceError, match=r"not in references.bib: nobody-2030"):
        finding("x", "Words.", sources=["nobody-2030"], confidence="low", reason="None.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Not Kebab"}, "kebab-case"),
        ({"confidence": "certain"}, "must be one of low, moderate, high"),
        ({"text": " "}, "the text is empty"),
        ({"text": "It rose to nan barrels."}, "a number behind it is missing"),
        ({"reason": ""}, "give the reason"),
    ],
)
def test_bad_findings_are_refused(change: dict[str, str], message: str) -> None:
    good = {"id": "x", "text": "It rose.", "confidence": "low", "reason": "One origin."} | change
    with pytest.raises(ValueError, match=message):
        finding(good["id"], good["text"], sources=[a_key()], confidence=good["confidence"], reason=good["reason"])


def test_finding_carries_words_and_data() -> None:
    bundle = finding("x", "It rose to **4**.", sources=[a_key()], confidence="low", reason="One.")._repr_mimebundle_()
    assert "It rose to **4**." in bundle["text/markdown"]
    assert bundle[FINDING_MIME]["sources"] == [a_key()]
    json.dumps(bundle)


def test_claim_shows_its_verdict_and_unknown_claims_are_named() -> None:
    row = load("editorial_claims").iloc[0]
    text = claim(row.id, evidence="So it was.").markdown()
    assert row.claim in text and "Verdict" in text
    with pytest.raises(ValueError, match="no claim 'c99'"):
        claim("c99", evidence="So it was.")


def test_described_figure_is_json_with_everything() -> None:
    data = pd.DataFrame({"x": [1, 2], "source": [a_key()] * 2})
    fig = describe(
        a_figure(), name="two", title="Two points rise", subtitle="Points, 2024", alt=ALT, sources=data, data=data
    )
    assert isinstance(fig, go.Figure)
    about = fig.layout.meta["pactbook"]
    assert about["csv"].splitlines()[0] == "x,source"
    assert fig.digest() != describe(a_figure(), name="two", title="Two points rise", subtitle="Points, 2024", alt=ALT,
                                    sources=data, data=data.assign(x=[1, 3])).digest()  # fmt: skip
    assert FIGURE_MIME.endswith("+json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": "A map"}, "alt is missing or too short"),
        ({"title": ""}, "title is missing"),
        ({"subtitle": ""}, "subtitle is missing"),
        ({"name": "Two Points"}, "kebab-case"),
        ({"data": pd.DataFrame({"x": []})}, "table behind it is empty"),
        ({"fig": go.Figure()}, "has no traces"),
    ],
)
def test_undescribed_figures_are_refused(change: dict[str, object], message: str) -> None:
    words = {"name": "two", "title": "Two points rise", "subtitle": "Points, 2024", "alt": ALT}
    given_ = {"fig": a_figure(), "data": pd.DataFrame({"x": [1]}), "sources": [a_key()]} | words | change
    fig = given_.pop("fig")
    with pytest.raises(FigureError, match=message):
        describe(fig, **given_)  # type: ignore[arg-type]


@pytest.mark.parametrize("region", ["world", "eurasia", "northeast-asia"])
def test_base_map_has_land_and_refuses_unknown_places(region: str) -> None:
    fig = base_map(region, highlight={"RUS": COLOURS["RUS"]})
    assert "RUS" in fig.data[1].locations and "RUS" not in fig.data[0].locations
    with pytest.raises(FigureError, match="no country ATL"):
        base_map(region, highlight={"ATL": "#000000"})
    with pytest.raises(FigureError, match="no base map"):
        base_map("mars")


def test_band_runs_there_and_back() -> None:
    fig = band(go.Figure(), [1, 2], [3, 4], [5, 6], color=COLOURS["RUS"], name="range")
    assert list(fig.data[0].x) == [1, 2, 2, 1] and list(fig.data[0].y) == [5, 6, 4, 3]


def contrast(one: str, two: str) -> float:
    """Contrast ratio of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(two)])
    return (high + 0.05) / (low + 0.05)


def test_colours_stand_out_and_have_dark_counterparts() -> None:
    assert set(COLOURS) == set(DARK_COLOURS)
    assert all(contrast(colour, SURFACE["paper"]) >= 3 for colour in COLOURS.values())
    assert all(contrast(colour, "#14181e") >= 3 for colour in DARK_COLOURS.values())
    assert len(dark_swaps()) == len(COLOURS) + len(SURFACE)  # no light colour stands for two things
    assert rgba("#0b4f8a", 0.2) == "rgba(11,79,138,0.2)"
    assert origin_style("rok-nis") == origin_style("rok-nis") != origin_style("rok-dia")


def test_loading_is_quick_and_brings_no_plotly() -> None:
    """Import and first load may take half as long again as pandas alone, measured side by side."""

    def seconds(code: str) -> float:
        runs = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            runs.append(time.perf_counter() - begun)
        return min(runs)

    ours = seconds("from pactbook import load; import sys; load('oil_estimates'); assert 'plotly' not in sys.modules")
    assert ours <= 1.5 * seconds("import pandas")


def test_the_installed_package_carries_its_data(tmp_path: Path) -> None:
    """A class that runs `pip install .` gets tables, sources and base maps without the checkout."""
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*wheel, str(ROOT)], check=True)
    (built,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(built).extractall(tmp_path / "site")
    code = """
import sys, pactbook
from pactbook.figures import read_basemap
assert pactbook.__file__.startswith(sys.argv[1])
print(len(pactbook.load("agreements")), len(pactbook.load_sources()), len(read_basemap("world")["features"]))
"""
    environment = {key: value for key, value in os.environ.items() if key != "PACTBOOK_DATA"}
    command = [sys.executable, "-c", code, str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path / "site", env=environment, capture_output=True, text=True, check=True)
    told = run.stdout
    assert told.split()[:2] == [str(len(load("agreements"))), str(len(load_sources()))]
