"""Places that people type, say in a sentence, or point at."""

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.gazetteer import Gazetteer, Resolved
from conversations.places import Point, distance
from conversations.scheme import Area, parse

AREA: Area = parse((files("bot") / "schemes" / "northampton.toml").read_text(encoding="utf-8")).area
GAZETTEER = Gazetteer(AREA)

INSIDE = Point(52.2378, -0.8962)
OUTSIDE = Point(52.2505, -0.8770)


def names_of(resolved: Resolved) -> set[str]:
    found = (resolved.place,) if resolved.place else resolved.choices
    return {place.name for place in found}


def names() -> list[tuple[str, str]]:
    return [
        (place.name, name)
        for place in AREA.places
        for name in (place.name, *place.aliases, *place.only_as_answer)
    ]


@pytest.mark.parametrize(("name", "typed"), names())
def test_each_place_is_found_by_its_name_and_each_alias(name: str, typed: str) -> None:
    assert name in names_of(GAZETTEER.resolve(typed))


@pytest.mark.parametrize("place", AREA.places, ids=lambda place: place.name)
def test_each_place_is_found_by_its_own_name_alone(place: object) -> None:
    name: str = getattr(place, "name", "")

    assert names_of(GAZETTEER.resolve(name)) == {name}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Gold Steet", "Gold Street"),
        ("GOLD STREET", "Gold Street"),
        ("gold st", "Gold Street"),
        ("Gold", "Gold Street"),
        ("near the market", "Market Square"),
        ("Horse Market, ", "Horsemarket"),
        ("wollmonger street", "Woolmonger Street"),
        ("dernagte", "Derngate"),
        ("St. Giles St.", "St Giles Street"),
        ("saint giles street", "St Giles Street"),
        ("St Marys Street", "St Mary's Street"),
        ("st mary’s st", "St Mary's Street"),
        ("ridings", "The Ridings"),
        ("outside the Grosvenor", "Grosvenor Centre"),
        ("Gôld Strèet", "Gold Street"),
        ("lângă Gold Street", "Gold Street"),
        ("przy Gold Street", "Gold Street"),
        ("outside the bakery in Gold Street", "Gold Street"),
        ("the railway station car park", "Station car park"),
        ("behind beckets park", "Becket's Park"),
    ],
)
def test_a_place_is_found_as_people_type_it(typed: str, name: str) -> None:
    place = GAZETTEER.resolve(typed).place

    assert place is not None
    assert place.name == name


@pytest.mark.parametrize(
    ("typed", "number", "name"),
    [
        ("14 Gold Street", "14", "Gold Street"),
        ("14a gold st", "14a", "Gold Street"),
        ("outside 14 Gold Steet", "14", "Gold Street"),
        ("7-8 Mercers Row", "7-8", "Mercers Row"),
        ("14 Gold Street, Northampton NN1 1RS", "14", "Gold Street"),
        ("unit 5, Grosvenor Centre", "5", "Grosvenor Centre"),
    ],
)
def test_a_house_number_is_kept_as_text(typed: str, number: str, name: str) -> None:
    place = GAZETTEER.resolve(typed).place

    assert place is not None
    assert (place.number, place.name) == (number, name)
    assert place.spoken == f"{number} {name}"


def test_a_long_street_asks_which_end() -> None:
    resolved = GAZETTEER.resolve("14 Abington Street")

    assert resolved.place is None
    assert [(place.spoken, place.side) for place in resolved.choices] == [
        ("14 Abington Street", "west"),
        ("14 Abington Street", "middle"),
        ("14 Abington Street", "east"),
    ]


def test_an_end_that_was_said_is_not_asked_for() -> None:
    place = GAZETTEER.resolve("west end of Abington Street").place

    assert place is not None
    assert (place.name, place.side) == ("Abington Street", "west")


@pytest.mark.parametrize(
    ("typed", "choices"),
    [
        ("station", {"Railway station", "North Gate bus station", "Campbell Square Police Station"}),
        ("Abington", {"Abington Street", "Abington Square"}),
        ("victoria", {"Victoria Gardens", "Victoria Street"}),
        ("corner of Gold Street and Horseshoe Street", {"Gold Street", "Horseshoe Street"}),
    ],
)
def test_words_that_may_mean_several_places_give_choices(typed: str, choices: set[str]) -> None:
    resolved = GAZETTEER.resolve(typed)

    assert resolved.place is None
    assert names_of(resolved) == choices


@pytest.mark.parametrize(
    "typed", ["", "14", "st", "street", "somewhere else", "Kettering Road", "🙂", "the", "bold"]
)
def test_words_that_name_no_place_of_ours_give_nothing(typed: str) -> None:
    assert GAZETTEER.resolve(typed) == Resolved()


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("bags dumped by the market again, rats", "Market Square"),
        ("red tag on the shutter in gold st, came up overnight", "Gold Street"),
        ("graffiti on gold steet shutter", "Gold Street"),
        ("needles in Becket's Park!", "Becket's Park"),
        ("tents behind the library", "Central Library"),
        ("seen on the way to market walk", "Market Walk"),
        ("gunoi pe Sheep Street", "Sheep Street"),
    ],
)
def test_a_place_inside_a_sentence_is_noticed(sentence: str, name: str) -> None:
    place = GAZETTEER.mentioned(sentence)

    assert place is not None
    assert place.name == name


@pytest.mark.parametrize(
    "sentence",
    [
        "gold chain stolen",
        "a stack of boxes",
        "general rubbish",
        "man at the station",
        "from Gold Street to Sheep Street",
        "red tag on the shutter",
        "supermarket trolley",
        "",
    ],
)
def test_a_sentence_with_no_place_or_several_mentions_none(sentence: str) -> None:
    assert GAZETTEER.mentioned(sentence) is None


def test_a_street_mentioned_without_its_end_can_still_ask_for_it() -> None:
    place = GAZETTEER.mentioned("bags dumped in abington street")

    assert place is not None
    assert place.side is None
    assert [end.side for end in GAZETTEER.ends(place)] == ["west", "middle", "east"]
    assert GAZETTEER.ends(GAZETTEER.ends(place)[0]) == ()


@pytest.mark.parametrize(("name", "typed"), names())
def test_a_key_fits_a_button_and_leads_back(name: str, typed: str) -> None:
    resolved = GAZETTEER.resolve(f"123a {typed}")

    for place in resolved.choices or (resolved.place,):
        assert place is not None
        assert len(place.key.encode()) <= 30
        assert ":" not in place.key
        assert GAZETTEER.by_key(place.key) == place


@pytest.mark.parametrize("key", ["", "nowhere", "gold-street.w", "gold-street.x", ".", "abington-street.n"])
def test_a_key_of_a_dropped_place_or_end_is_none_or_its_street(key: str) -> None:
    place = GAZETTEER.by_key(key)

    assert place is None or place.side is None


def test_a_forged_house_number_in_a_key_is_dropped() -> None:
    place = GAZETTEER.by_key("gold-street..<b>")

    assert place is not None
    assert place.spoken == "Gold Street"


def test_a_pin_in_the_boundary_is_inside() -> None:
    assert GAZETTEER.metres_outside(INSIDE) == 0


def test_a_pin_beyond_the_boundary_is_told_in_metres() -> None:
    assert 1200 < GAZETTEER.metres_outside(OUTSIDE) < 1400


def test_a_pin_just_beyond_is_within_the_tolerance() -> None:
    beckets_park = Point(52.2341, -0.8895)

    assert 0 < GAZETTEER.metres_outside(beckets_park) <= AREA.tolerance_m


def test_the_nearest_place_of_a_pin_is_named_with_its_distance() -> None:
    nearest = GAZETTEER.nearest(Point(52.23684, -0.89906))

    assert nearest is not None
    place, metres = nearest
    assert place.name == "Gold Street"
    assert metres == pytest.approx(5.6, abs=0.2)


def test_a_roughly_known_place_does_not_win_over_a_street_that_is_surely_there() -> None:
    nearest = GAZETTEER.nearest(Point(52.2369, -0.8951))

    assert nearest is not None
    assert nearest[0].name == "St Giles Square"


def test_an_area_without_places_has_no_nearest() -> None:
    empty = Gazetteer(AREA.model_copy(update={"places": ()}))

    assert empty.nearest(INSIDE) is None
    assert empty.resolve("Gold Street") == Resolved()


def test_distance_is_in_metres() -> None:
    assert distance(Point(52.0, 0.0), Point(53.0, 0.0)) == pytest.approx(111_195, abs=10)
    assert distance(INSIDE, INSIDE) == 0


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_gazetteer(text: str) -> None:
    resolved = GAZETTEER.resolve(text)
    GAZETTEER.mentioned(text)
    GAZETTEER.by_key(text)

    assert not (resolved.place and resolved.choices)


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_no_pin_breaks_the_gazetteer(lat: float, lon: float) -> None:
    assert GAZETTEER.metres_outside(Point(lat, lon)) >= 0
    assert GAZETTEER.nearest(Point(lat, lon)) is not None
