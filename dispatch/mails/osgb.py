"""British National Grid coordinates for a point from a phone.

The 7-parameter Helmert transformation and the transverse Mercator series of Ordnance Survey's "A guide to
coordinate systems in Great Britain" (sections 6.2, 6.6 and annex C). It is right to within 5 m anywhere in
Great Britain, which is better than the pin of a phone; OSTN15 would be right to centimetres and is a 15 MB
grid.
"""

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin, sqrt, tan

WGS84 = (6378137.0, 6356752.314245)  # semi-axes in metres
AIRY_1830 = (6377563.396, 6356256.909)

SHIFT = (-446.448, 125.157, -542.060)  # metres, WGS84 to OSGB36
TURN = tuple(radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
SCALE = 20.4894e-6

F0 = 0.9996012717  # scale on the central meridian
LAT0, LON0 = radians(49), radians(-2)
E0, N0 = 400_000.0, -100_000.0


@dataclass(frozen=True, slots=True)
class GridPoint:
    """A place on the British National Grid, in whole metres east and north of the false origin."""

    easting: int
    northing: int


def grid_point(lat: float, lon: float) -> GridPoint | None:
    """The grid point of a WGS84 latitude and longitude in degrees, or None far away from Great Britain."""
    if not (49 <= lat <= 61.5 and -9.5 <= lon <= 2.5):
        return None
    easting, northing = project(*to_osgb36(lat, lon))
    return GridPoint(round(easting), round(northing))


def to_osgb36(lat: float, lon: float) -> tuple[float, float]:
    """Latitude and longitude in degrees on WGS84, at ground level, as the same on OSGB36."""
    a, b = WGS84
    phi, lam = radians(lat), radians(lon)
    across = a / sqrt(1 - (1 - (b / a) ** 2) * sin(phi) ** 2)
    x, y, z = across * cos(phi) * cos(lam), across * cos(phi) * sin(lam), across * (b / a) ** 2 * sin(phi)

    (rx, ry, rz), k = TURN, 1 + SCALE
    return _to_degrees(
        SHIFT[0] + k * x - rz * y + ry * z,
        SHIFT[1] + rz * x + k * y - rx * z,
        SHIFT[2] - ry * x + rx * y + k * z,
    )


def _to_degrees(x: float, y: float, z: float) -> tuple[float, float]:
    a, b = AIRY_1830
    e2 = 1 - (b / a) ** 2
    p = hypot(x, y)
    # Bowring's latitude on the ellipsoid's surface: exact to far below a millimetre near the ground.
    theta_sin, theta_cos = z * a, p * b
    size = hypot(theta_sin, theta_cos)
    top = z + e2 / (1 - e2) * b * (theta_sin / size) ** 3
    bottom = p - e2 * a * (theta_cos / size) ** 3
    return degrees(atan2(top, bottom)), degrees(atan2(y, x))


def project(lat: float, lon: float) -> tuple[float, float]:
    """Easting and northing in metres of an OSGB36 latitude and longitude in degrees."""
    a, b = AIRY_1830
    phi, dlon = radians(lat), radians(lon) - LON0
    e2 = 1 - (b / a) ** 2
    s, c, t2 = sin(phi), cos(phi), tan(phi) ** 2
    nu = a * F0 / sqrt(1 - e2 * s**2)
    rho = a * F0 * (1 - e2) / (1 - e2 * s**2) ** 1.5
    eta2 = nu / rho - 1

    north = (
        _meridian(phi)
        + N0
        + dlon**2 * nu / 2 * s * c
        + dlon**4 * nu / 24 * s * c**3 * (5 - t2 + 9 * eta2)
        + dlon**6 * nu / 720 * s * c**5 * (61 - 58 * t2 + t2**2)
    )
    east = (
        E0
        + dlon * nu * c
        + dlon**3 * nu / 6 * c**3 * (nu / rho - t2)
        + dlon**5 * nu / 120 * c**5 * (5 - 18 * t2 + t2**2 + 14 * eta2 - 58 * t2 * eta2)
    )
    return east, north


def _meridian(phi: float) -> float:
    """The arc of the meridian from the true origin, in metres."""
    a, b = AIRY_1830
    n = (a - b) / (a + b)
    less, more = phi - LAT0, phi + LAT0
    return (
        b
        * F0
        * (
            (1 + n + 1.25 * n**2 + 1.25 * n**3) * less
            - (3 * n + 3 * n**2 + 2.625 * n**3) * sin(less) * cos(more)
            + 1.875 * (n**2 + n**3) * sin(2 * less) * cos(2 * more)
            - 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
        )
    )
