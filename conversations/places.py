"""Points on the map, and how far apart they are."""

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt

import msgspec

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = 111_195.08


class Point(msgspec.Struct, frozen=True):
    """A place on earth in degrees of WGS84."""

    lat: float
    lon: float


class NamedPlace(msgspec.Struct, frozen=True):
    """A place of the scheme file as somebody meant it: "14 Gold Street", or the west end of Abington Street.

    `key` is at most 30 bytes and leads back here through `Gazetteer.by_key`. `precision_m` is how far the
    true spot may be from `point`: the point is a centre, never the place of an incident.
    """

    key: str
    name: str
    point: Point
    precision_m: int
    side: str | None = None
    number: str | None = None

    @property
    def spoken(self) -> str:
        """The name as people write it, house number first; the side is left to the wording."""
        return f"{self.number} {self.name}" if self.number else self.name


def distance(a: Point, b: Point) -> float:
    """Metres between two points on the great circle (haversine); good to 0.5 % anywhere."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat = sin((lat_b - lat_a) / 2)
    half_lon = sin(radians(b.lon - a.lon) / 2)
    chord = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def metres_outside(point: Point, boundary: Sequence[Point]) -> float:
    """Metres from `point` to the nearest edge of the ring `boundary`; 0 when inside or on it."""
    ring = [_flat(corner, origin=point) for corner in boundary]
    edges = list(pairwise([*ring, ring[0]]))
    if _surrounds_origin(edges):
        return 0.0
    return min(_distance_to_edge(start, end) for start, end in edges)


_Flat = tuple[float, float]


def _flat(point: Point, *, origin: Point) -> _Flat:
    """Metres east and north of `origin`; a flat earth is good to centimetres within a town."""
    east = (point.lon - origin.lon) * METRES_PER_DEGREE * cos(radians(origin.lat))
    return east, (point.lat - origin.lat) * METRES_PER_DEGREE


def _surrounds_origin(edges: Sequence[tuple[_Flat, _Flat]]) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in edges:
        if (y1 > 0) != (y2 > 0) and x1 + (x2 - x1) * -y1 / (y2 - y1) > 0:
            inside = not inside
    return inside


def _distance_to_edge(start: _Flat, end: _Flat) -> float:
    (x1, y1), (x2, y2) = start, end
    dx, dy = x2 - x1, y2 - y1
    length_squared = dx * dx + dy * dy
    along = -(x1 * dx + y1 * dy) / length_squared if length_squared else 0.0
    along = max(0.0, min(1.0, along))
    return hypot(x1 + along * dx, y1 + along * dy)
