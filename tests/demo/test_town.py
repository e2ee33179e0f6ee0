"""The demo's live copy of the shipped scheme file."""

import pytest

from bot.demo import town

SHIPPED = town.SHIPPED.read_text(encoding="utf-8")


def test_the_copy_is_live_and_differs_in_nothing_else_but_addresses():
    copy = town.live_copy(SHIPPED)

    changed = [
        (old, new)
        for old, new in zip(SHIPPED.splitlines(), copy.splitlines(), strict=True)
        if old != new and not old.startswith("email = ")
    ]
    assert changed == [("live = false", "live = true")]
    assert town.read(copy)["scheme"]["live"] is True


def test_every_recipient_has_an_address_of_its_own():
    shared = SHIPPED.replace("street@council.example", "asb@council.example")

    addresses = [one.email for one in town.recipients(town.read(town.live_copy(shared)))]

    assert len(set(addresses)) == len(addresses) > 1
    assert all(address.endswith(".example") for address in addresses)


def test_only_recipients_are_given_other_addresses():
    copy = town.read(town.live_copy(SHIPPED))

    assert copy["scheme"]["contact"]["email"] == town.read(SHIPPED)["scheme"]["contact"]["email"]


def test_a_file_that_is_live_already_is_refused():
    with pytest.raises(ValueError, match="live = false"):
        town.live_copy(SHIPPED.replace("live = false", "live = true"))


def test_the_map_has_the_boundary_and_every_point_of_every_place():
    scheme = town.read(SHIPPED)

    drawn = town.town_map(scheme)

    assert drawn["boundary"] == scheme["area"]["boundary"]
    assert len(drawn["places"]) == sum(len(place["points"]) for place in scheme["area"]["places"])
    assert all(isinstance(place["name"], str) for place in drawn["places"])
