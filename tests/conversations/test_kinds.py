"""Guessing the kind of a report from a caption."""

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.kinds import guess
from conversations.scheme import parse

SCHEME = parse((files("bot") / "schemes" / "northampton.toml").read_text(encoding="utf-8"))


def guessed(words: str) -> str | None:
    category = guess(words, SCHEME)
    return category.id if category else None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("bags dumped by the market again, rats", "fly_tipping"),
        ("drunk man by the market", "street_drinking"),
        ("man drunk by the market", "street_drinking"),
        ("red tag on the shutter, came up overnight", "graffiti"),
        ("someone sleeping in our doorway", "sleeping_rough"),
        ("homeless person in the doorway", "sleeping_rough"),
        ("man begging outside", "begging"),
        ("tents behind the library", "encampment"),
        ("window smashed", "damage"),
        ("needles in the flower bed", "needles"),
        ("two men dealing drugs", "drugs"),
        ("gang shouting", "rowdy"),
        ("customer threatened me and spat at me", "staff_abuse"),
        ("racist words", "hate"),
        ("racist graffiti on the wall", "graffiti"),
        ("group of people drinking", "street_drinking"),
        ("man begging by the car park", "begging"),
        ("shoplifter took three bottles", "shop_theft"),
        ("someone peeing on our door", "urination"),
        ("busker too loud, noise", "noise"),
        ("e-scooter on the pavement", "scooter"),
        ("abandoned car", "vehicle"),
        ("bin overflowing", "litter"),
        ("cineva cerșește la intrare", "begging"),
        ("un bărbat doarme în ușă", "sleeping_rough"),
        ("gunoi aruncat pe stradă", "fly_tipping"),
        ("geam spart", "damage"),
        ("pijany mężczyzna", "street_drinking"),
        ("ktoś żebrze", "begging"),
        ("porzucone śmieci i worki", "fly_tipping"),
        ("igły w parku", "needles"),
    ],
)
def test_a_caption_in_any_language_suggests_its_kind(words: str, kind: str) -> None:
    assert guessed(words) == kind


@pytest.mark.parametrize("words", ["", "hello", "something odd here", "14 Gold Street", "🙂", "tagliatelle"])
def test_words_that_say_nothing_of_a_kind_suggest_none(words: str) -> None:
    assert guessed(words) is None


def test_words_of_two_kinds_alike_suggest_none() -> None:
    assert guessed("begging and graffiti") is None


def test_repeating_a_word_adds_nothing() -> None:
    assert guessed("graffiti graffiti graffiti begging") is None


def test_the_kind_with_more_words_wins() -> None:
    assert guessed("mattress and fridge dumped next to graffiti") == "fly_tipping"


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_guess(text: str) -> None:
    assert guessed(text) in {None, *(kind.id for kind in SCHEME.categories)}
