"""Grid points against Ordnance Survey's published ones."""

from math import hypot

import pytest

from dispatch.mails.osgb import grid_point, project

# OSTN15_OSGM15_TestInput and TestOutput_ETRStoOSGB (Ordnance Survey developer pack, OGL v3), all on the
# mainland, and Caister water tower of the "Transformations and OSGM15 user guide", annex A.
PUBLISHED = [
    ("TP02 Lizard Point", 49.96006137820, -5.20304609998, 170370.718, 11572.405),
    ("TP03 Plymouth", 50.43885825610, -4.10864563561, 250359.811, 62016.569),
    ("TP04 St Catherine's Point", 50.57563665000, -1.29782277240, 449816.371, 75335.861),
    ("TP05", 50.93127937910, -1.45051433700, 438710.920, 114792.250),
    ("TP06 Nash Point", 51.40078220140, -3.55128349240, 292184.870, 168003.465),
    ("TP07 North Foreland", 51.37447025550, 1.44454730409, 639821.835, 169565.858),
    ("TP08 Brislington", 51.42754743020, -2.54407618349, 362269.991, 169978.690),
    ("TP09", 51.48936564950, -0.11992557180, 530624.974, 178388.464),
    ("TP11", 51.89436637350, 0.89724327012, 599445.590, 225722.826),
    ("TP12", 52.25529381630, -2.15458614387, 389544.190, 261912.153),
    ("TP20", 53.80021519630, -1.66379168242, 422242.186, 433818.701),
    ("TP27", 55.92478265510, -3.29479219337, 319188.434, 670947.534),
    ("Caister water tower", 52.658007833, 1.716073973, 651409.804, 313177.450),
]


@pytest.mark.parametrize(("name", "lat", "lon", "easting", "northing"), PUBLISHED)
def test_a_published_point_is_met_within_five_metres(
    name: str, lat: float, lon: float, easting: float, northing: float
) -> None:
    point = grid_point(lat, lon)

    assert point
    assert hypot(point.easting - easting, point.northing - northing) <= 5, name


def test_the_projection_alone_is_exact() -> None:
    """The worked example of Ordnance Survey's guide, annex C.1."""
    easting, northing = project(52 + 39 / 60 + 27.2531 / 3600, 1 + 43 / 60 + 4.5177 / 3600)

    assert easting == pytest.approx(651409.903, abs=0.002)
    assert northing == pytest.approx(313177.270, abs=0.002)


def test_northampton_station_is_in_its_published_square() -> None:
    """SP747604, a square of 100 m; the position is a point in the station."""
    point = grid_point(52.2372, -0.9067)

    assert point
    assert abs(point.easting - 474_750) < 150
    assert abs(point.northing - 260_450) < 150


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (48.85, 2.35), (-52.2, -0.9)])
def test_a_point_abroad_has_no_grid_point(lat: float, lon: float) -> None:
    assert grid_point(lat, lon) is None
