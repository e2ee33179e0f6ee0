"""Puts a turn into a Telegram message. Never with a parse mode: people's words go out as they are."""

from dataclasses import dataclass

from bot.channels.telegram import keyboards
from bot.channels.telegram.keyboards import Json
from conversations.says import Phrase, Say, Turn
from conversations.wording import label_of, phrase, text_of

# Bot API: 4096 characters, which Telegram counts as UTF-16 units.
MAX_TEXT = 4096

_PLACEHOLDER = Phrase("place-placeholder")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready for sendMessage."""

    text: str
    reply_markup: Json | None = None
    disable_notification: bool = False


def cut(says: tuple[Say, ...]) -> tuple[tuple[Say, ...], ...]:
    """Says of one turn, cut into messages.

    A message carries one keyboard of one sort. So what takes the location keyboard away ends its message, and
    buttons below a message stand in another one than those in place of the phone's keyboard. The rest
    is joined.
    """
    messages: list[tuple[Say, ...]] = []
    open_sort: str | None = None
    for say in says:
        sort = _sort(say)
        if messages and open_sort != "remove" and (sort is None or open_sort in (None, sort)):
            messages[-1] += (say,)
            open_sort = open_sort or sort
        else:
            messages.append((say,))
            open_sort = sort
    return tuple(messages)


def render(turn: Turn) -> Rendered:
    """The turn as one message, within Telegram's limits whatever it holds."""
    return Rendered(
        text=shortened(text_of(turn.says, turn.language)),
        reply_markup=_markup(turn),
        disable_notification=bool(turn.says) and all(say.silent for say in turn.says),
    )


def answered(asked: Turn, chosen: str | None) -> str | None:
    """The text of a question with the button that was pressed; None when it was answered otherwise."""
    options = (option for say in asked.says for option in say.options if not say.wants_place)
    label = next(
        (label_of(option.label, asked.language) for option in options if option.data == chosen), None
    )
    if label is None:
        return None
    text = text_of(asked.says, asked.language)
    mark = f"\n✓ {label}"
    return f"{text}{mark}" if units(text) + units(mark) <= MAX_TEXT else None


def shortened(text: str) -> str:
    """At most MAX_TEXT UTF-16 units, cut between words. Telegram refuses blanks alone, so they become `…`."""
    if not text.strip():
        return "…"
    if units(text) <= MAX_TEXT:
        return text
    kept = text.encode("utf-16-le", "replace")[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore")
    words, blank, _ = kept.rpartition(" ")
    # One endless word is cut where it stands, rather than losing everything.
    return (words if blank and units(words) > MAX_TEXT // 2 else kept).rstrip() + "…"


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _sort(say: Say) -> str | None:
    if say.options:
        return "place" if say.wants_place else "inline"
    return "remove" if say.settles_place else None


def _markup(turn: Turn) -> Json | None:
    sorts = {_sort(say) for say in turn.says}
    options = tuple(option for say in turn.says for option in say.options)
    if "inline" in sorts:
        return keyboards.inline(options, turn.language)
    if "place" in sorts:
        return keyboards.place(options, turn.language, phrase(_PLACEHOLDER, turn.language))
    return keyboards.removed() if "remove" in sorts else None
