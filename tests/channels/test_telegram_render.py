"""A turn becomes a message that Telegram takes and that reads well on a phone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.keyboards import rows
from bot.channels.telegram.render import MAX_TEXT, cut, render, shortened, units
from bot.demo.limits import checked_markup, checked_text
from conversations.says import Option, Phrase, Say, Turn
from conversations.wording import phrase

ECHO = Say(text=(Phrase("unknown-text"),), settles_place=True)
QUESTION = Say(text=(Phrase("unknown-text"),), options=(Option("d1:photo:none", "No photo"),))
WHERE = Say(
    text=(Phrase("unknown-text"),),
    options=(
        Option("d1:place:shop", "At our shop"),
        Option("d1:place:pin", "Send my location"),
        Option("d1:place:market", "Market Square"),
        Option("d1:place:no", "I can't say"),
    ),
    wants_place=True,
)
PLAIN = Say(text=(Phrase("unknown-text"),))


def turn(*says: Say) -> Turn:
    return Turn("en", says)


def labels(markup: Any) -> list[list[str]]:
    return [[button["text"] for button in row] for row in markup.get("inline_keyboard") or markup["keyboard"]]


# How a turn is cut


@pytest.mark.parametrize(
    ("says", "messages"),
    [
        ((), ()),
        ((PLAIN,), ((PLAIN,),)),
        ((PLAIN, QUESTION), ((PLAIN, QUESTION),)),
        ((PLAIN, PLAIN, WHERE), ((PLAIN, PLAIN, WHERE),)),
        ((ECHO,), ((ECHO,),)),
        ((ECHO, QUESTION), ((ECHO,), (QUESTION,))),
        ((PLAIN, ECHO, PLAIN, QUESTION), ((PLAIN, ECHO), (PLAIN, QUESTION))),
        ((QUESTION, WHERE), ((QUESTION,), (WHERE,))),
        ((QUESTION, ECHO), ((QUESTION,), (ECHO,))),
        ((QUESTION, PLAIN, QUESTION), ((QUESTION, PLAIN, QUESTION),)),
    ],
)
def test_a_turn_is_cut_where_one_keyboard_must_end(says: tuple[Say, ...], messages: tuple[Any, ...]) -> None:
    assert cut(says) == messages


def test_what_settles_the_place_takes_the_location_keyboard_away() -> None:
    assert render(turn(ECHO)).reply_markup == {"remove_keyboard": True}


# Keyboards


def test_the_place_question_puts_up_the_location_button_first_and_alone() -> None:
    markup = render(turn(PLAIN, WHERE)).reply_markup

    assert markup == {
        "keyboard": [
            [{"text": "Send my location", "request_location": True}],
            [{"text": "At our shop"}, {"text": "Market Square"}],
            [{"text": "I can't say"}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": False,
        "input_field_placeholder": phrase(Phrase("place-placeholder"), "en"),
    }


def test_good_and_bad_have_their_colours_and_carry_their_data() -> None:
    card = Say(
        text=(Phrase("unknown-text"),),
        options=(
            Option("d1:card:send", "Send", "good"),
            Option("d1:card:change", "Change"),
            Option("d1:card:discard", "Discard", "bad"),
        ),
    )

    assert render(turn(card)).reply_markup == {
        "inline_keyboard": [
            [
                {"text": "Send", "callback_data": "d1:card:send", "style": "success"},
                {"text": "Change", "callback_data": "d1:card:change"},
                {"text": "Discard", "callback_data": "d1:card:discard", "style": "danger"},
            ]
        ]
    }


def test_buttons_stand_where_their_labels_can_be_read() -> None:
    kinds = ["Begging", "Street drinking", "Someone sleeping rough", "Tents or camp", "Graffiti", "Damage"]

    laid = rows([{"text": label} for label in kinds])

    assert [[button["text"] for button in row] for row in laid] == [
        ["Begging", "Street drinking"],
        ["Someone sleeping rough"],
        ["Tents or camp", "Graffiti"],
        ["Damage"],
    ]


@pytest.mark.parametrize(("count", "widths"), [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (7, [3, 3, 1])])
def test_short_labels_stand_three_in_a_row(count: int, widths: list[int]) -> None:
    assert [len(row) for row in rows([{"text": "Van"}] * count)] == widths


def test_a_button_that_telegram_would_refuse_does_not_take_the_message_with_it() -> None:
    question = Say(
        text=(Phrase("unknown-text"),), options=(Option("d1:a:" + "ü" * 40, "Long"), Option("d1:b:c", "Fine"))
    )

    assert labels(render(turn(question)).reply_markup) == [["Fine"]]


def test_a_message_comes_without_a_sound_only_when_all_of_it_may() -> None:
    quiet = Say(text=(Phrase("unknown-text"),), silent=True)

    assert render(turn(quiet, quiet)).disable_notification
    assert not render(turn(quiet, PLAIN)).disable_notification


# Limits, whatever is said

LETTERS = st.text(st.characters(codec="utf-8"), max_size=80)
OPTIONS = st.builds(Option, LETTERS, LETTERS, st.sampled_from(("plain", "good", "bad")))
SAYS = st.builds(
    Say,
    text=st.lists(st.builds(Phrase, LETTERS), max_size=3).map(tuple),
    options=st.lists(OPTIONS, max_size=120).map(tuple),
    wants_place=st.booleans(),
    settles_place=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(SAYS, max_size=4).map(tuple))
def test_cutting_loses_nothing_and_telegram_takes_every_message(says: tuple[Say, ...]) -> None:
    messages = cut(says)

    assert tuple(say for part in messages for say in part) == says
    for part in messages:
        message = render(Turn("en", part))
        checked_text(message.text)
        checked_markup(json.dumps(message.reply_markup) if message.reply_markup else None)


@settings(deadline=None)
@given(st.text(st.sampled_from("a é😀\n"), min_size=1, max_size=30), st.integers(1, 5000))
def test_a_text_is_cut_between_words_and_within_telegrams_units(words: str, times: int) -> None:
    words *= times

    text = shortened(words)

    assert units(text) <= MAX_TEXT
    checked_text(text)
    assert text == words or words.startswith(text.removesuffix("…")) or text == "…"
