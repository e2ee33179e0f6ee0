"""A stored turn is read back as it was written."""

import msgspec
import pytest

from conversations.says import Clock, Option, Phrase, Say, Turn
from conversations.turns import read_turn

CARD = Turn(
    "en",
    (
        Say(
            text=(
                Phrase("card", {"facts": ("Graffiti", Phrase("place-pin-name", {"place": "Gold Street"}))}),
                Phrase("card-when", {"when": Clock(1.0, 2.0, "Europe/London"), "photos": 3}),
            ),
            options=(Option("d1:card:send", Phrase("option-card-send"), "good"), Option("d1:card:x", "X")),
            wants_place=True,
            settles_place=True,
            silent=True,
            collapse="c",
            delay_s=1.5,
            expires_s=60,
        ),
        Say(text=(Phrase("place-closed"),)),
    ),
)


def test_a_turn_comes_back_as_it_was() -> None:
    assert read_turn(msgspec.json.encode(CARD).decode()) == CARD


def test_a_later_releases_field_is_passed_over() -> None:
    stored = (
        '{"language": "en", "new": 1, "says": [{"text": [{"type": "Phrase", "key": "menu"}], "newer": 2}]}'
    )

    assert read_turn(stored) == Turn("en", (Say(text=(Phrase("menu"),)),))


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "[]",
        "{}",
        "7",
        '{"language": "en", "says": [7]}',
        '{"language": "en", "says": [{"text": [{}]}]}',
        '{"language": "en", "says": [{"text": [], "options": [{"data": "a", "label": null}]}]}',
    ],
)
def test_anything_else_is_no_turn(stored: str) -> None:
    with pytest.raises(ValueError, match="no turn"):
        read_turn(stored)
