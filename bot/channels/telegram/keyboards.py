"""Lays out the buttons of a message so that they read well on a phone."""

from collections.abc import Iterable
from typing import Any

from conversations.says import Option
from conversations.wording import label_of

Json = dict[str, Any]

# Bot API: 100 buttons, 1 to 64 bytes of callback data.
MAX_BUTTONS = 100
MAX_DATA = 64

# Characters that a button shows on a narrow phone before it cuts the label: alone, two and three in a row.
ALONE = 20
THREE = 10

_STYLES = {"good": "success", "bad": "danger"}
_PIN = ":pin"


def inline(options: Iterable[Option], language: str) -> Json | None:
    """Buttons below the message. One whose data Telegram would refuse is left out: it would spoil all."""
    buttons = [
        {**_button(option, language), "callback_data": option.data}
        for option in options
        if 1 <= len(option.data.encode()) <= MAX_DATA
    ]
    return {"inline_keyboard": rows(buttons[:MAX_BUTTONS])} if buttons else None


def place(options: Iterable[Option], language: str, placeholder: str) -> Json:
    """Buttons in place of the phone's keyboard: only there can a button send the phone's location.

    The option whose data ends in `:pin` is that button and comes first, over the whole width; what the others
    say is typed by the phone when they are pressed.
    """
    offered = tuple(options)[:MAX_BUTTONS]
    pins = [
        {**_button(one, language), "request_location": True} for one in offered if one.data.endswith(_PIN)
    ]
    others = [_button(one, language) for one in offered if not one.data.endswith(_PIN)]
    return {
        "keyboard": [[pin] for pin in pins] + [others[i : i + 2] for i in range(0, len(others), 2)],
        "resize_keyboard": True,
        "one_time_keyboard": False,
        # Bot API: at most 64 characters.
        "input_field_placeholder": placeholder[:64],
    }


def removed() -> Json:
    """Takes away what `place` put up."""
    return {"remove_keyboard": True}


def rows(buttons: list[Json]) -> list[list[Json]]:
    """Three in a row when all are short, else two; one with a long label stands alone."""
    columns = 3 if all(len(button["text"]) <= THREE for button in buttons) and len(buttons) != 4 else 2
    laid: list[list[Json]] = []
    open_row = False
    for button in buttons:
        long = len(button["text"]) > ALONE
        if open_row and not long and len(laid[-1]) < columns:
            laid[-1].append(button)
        else:
            laid.append([button])
        open_row = not long
    return laid


def _button(option: Option, language: str) -> Json:
    button: Json = {"text": label_of(option.label, language).strip() or "…"}
    if style := _STYLES.get(option.style):
        button["style"] = style
    return button
