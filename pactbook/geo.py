"""Distances and great circles on a sphere."""

from __future__ import annotations

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of WGS84 (Moritz 2000, Geodetic Reference System 1980)
KM_PER_NMI = 1.852  # by definition of the nautical mile


def distance_nmi(lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """Great-circle distance by the haversine formula.

    Parameters
    ----------
    lat0, lon0, lat1, lon1
        Two points in degrees (WGS84). Arrays of one shape work too.

    Returns
    -------
    Distance in nautical miles; on a sphere, so within 0.6 % of the ellipsoid.
    """
    phi0, phi1 = np.radians(lat0), np.radians(lat1)
    half_chord = (
        np.sin((phi1 - phi0) / 2) ** 2
        + np.cos(phi0) * np.cos(phi1) * np.sin(np.radians(np.subtract(lon1, lon0)) / 2) ** 2
    )
    distance: float = 2 * EARTH_RADIUS_KM / KM_PER_NMI * np.arcsin(np.sqrt(np.clip(half_chord, 0, 1)))
    return distance


def great_circle(lat0: float, lon0: float, lat1: float, lon1: float, *, n: int = 50) -> pd.DataFrame:
    """Points along the shortest path between two places.

    Parameters
    ----------
    lat0, lon0, lat1, lon1
        Start and end in degrees (WGS84).
    n
        Number of points, both ends included; at least 2.

    Returns
    -------
    DataFrame of ``n`` rows with ``lat`` and ``lon`` in degrees.

    Raises
    ------
    ValueError
        If ``n`` is below 2, or the ends are antipodes, between which the path is undefined.
    """
    if n < 2:
        raise ValueError(f"a path needs at least 2 points, not {n}")
    ends = np.array([_unit_vector(lat0, lon0), _unit_vector(lat1, lon1)])
    angle = np.arccos(np.clip(ends[0] @ ends[1], -1, 1))
    if np.isclose(angle, np.pi):
        raise ValueError("the two places are antipodes: no single shortest path joins them")
    share = np.linspace(0, 1, n)[:, None]
    # spherical linear interpolation (Shoemake 1985); a zero angle means one place
    weight = [1 - share, share] if np.isclose(angle, 0) else [np.sin((1 - share) * angle), np.sin(share * angle)]
    points = weight[0] * ends[0] + weight[1] * ends[1]
    lat = np.degrees(np.arctan2(points[:, 2], np.hypot(points[:, 0], points[:, 1])))
    return pd.DataFrame({"lat": lat, "lon": np.degrees(np.arctan2(points[:, 1], points[:, 0]))})


def _unit_vector(lat: float, lon: float) -> np.ndarray:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
