"""Puts what is said into words: Fluent locale files, one a language, English where a language lacks a key."""

import datetime as dt
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource

from conversations.says import Clock, Phrase, Say, Value

LANGUAGES = ("en",)

_LONG = 500

# What is shown where a stored Say names a key that no release knows any more.
FALLBACK_KEY = "unknown-text"


@cache
def bundle(language: str) -> FluentBundle:
    """The sentences of one language, parsed once."""
    text = resources.files("conversations").joinpath("locales", f"{language}.ftl").read_text("utf-8")
    # Isolating marks around values are invisible, and end up in what people copy.
    result = FluentBundle([language], functions={"INSIDE": inside}, use_isolating=False)
    result.add_resource(FluentResource(text))
    return result


def inside(label: Any) -> Any:
    """INSIDE($kind) in a locale file: a label as it stands inside a sentence, `Looks like dumped rubbish?`"""
    words = str(label)
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def words_of(value: Value, language: str) -> str | int:
    """A value as it stands in a sentence; numbers stay numbers, so that plurals agree."""
    match value:
        case str() | int():
            return value
        case Phrase():
            return phrase(value, language)
        case Clock():
            return clock(value, language)
        case tuple():
            return list_of(value, language)


def list_of(values: tuple[Value, ...], language: str) -> str:
    """A list, joined as the language does on a card: `Graffiti · by Gold Street · today 10:31`."""
    separator = phrase(Phrase("list-separator"), language)
    return separator.join(str(words_of(value, language)) for value in values)


def phrase(what: Phrase, language: str) -> str:
    """One text key in words. An unknown key is a generic line, never an error: rows outlive releases."""
    for candidate in (language if language in LANGUAGES else "en", "en"):
        sentences = bundle(candidate)
        if sentences.has_message(what.key):
            message = sentences.get_message(what.key)
            if message.value is not None:
                values = {name: words_of(value, language) for name, value in what.values.items()}
                return _filled(sentences, message.value, values)
    return "…" if what.key == FALLBACK_KEY else phrase(Phrase(FALLBACK_KEY), language)


def _filled(sentences: FluentBundle, pattern: Any, values: dict[str, str | int]) -> str:
    """The sentence with its values.

    Long ones are put in afterwards: fluent.runtime drops values of more than 2,500 characters, as a guard
    against hostile translations.
    """
    long = {name: value for name, value in values.items() if isinstance(value, str) and len(value) > _LONG}
    stand_ins = {name: f"\ue000{index}\ue001" for index, name in enumerate(long)}
    text = str(sentences.format_pattern(pattern, values | stand_ins)[0])
    for name, stand_in in stand_ins.items():
        text = text.replace(stand_in, long[name])
    return text


def clock(value: Clock, language: str) -> str:
    """`today 10:31`, `yesterday 23:50` or `Tue 24 Nov 10:31`, by the town's clock."""
    zone = ZoneInfo(value.zone)
    at = dt.datetime.fromtimestamp(value.at, zone)
    days = (dt.datetime.fromtimestamp(value.now, zone).date() - at.date()).days
    time = f"{at:%H:%M}"
    if days in (0, 1):
        return phrase(Phrase("clock-today" if days == 0 else "clock-yesterday", {"time": time}), language)
    date = Phrase(
        "clock-date",
        {"weekday": at.isoweekday(), "day": at.day, "month": at.month, "time": time},
    )
    return phrase(date, language)


def text_of(says: tuple[Say, ...], language: str) -> str:
    """What one message says, a paragraph a phrase."""
    return "\n".join(phrase(part, language) for one in says for part in one.text)


def label_of(value: Value, language: str) -> str:
    """A button's label."""
    return str(words_of(value, language))
