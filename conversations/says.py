"""What is said to a person: text keys and values, put into words only when it is sent."""

from typing import Literal

import msgspec


class Phrase(msgspec.Struct, frozen=True, tag=True):
    """A text key of the locale files with its values. A tuple is a list, joined the locale's way."""

    key: str
    values: dict[str, "Value"] = {}


class Clock(msgspec.Struct, frozen=True, tag=True):
    """A moment, said as people say it: `today 10:31`. Seconds since 1970, UTC; `now` decides "today"."""

    at: float
    now: float
    zone: str


Value = str | int | Phrase | Clock | tuple["Value", ...]

Style = Literal["plain", "good", "bad"]


class Option(msgspec.Struct, frozen=True):
    """A button. `data` (`subject:step:value`, at most 64 bytes) comes back when it is pressed."""

    data: str
    label: Value
    style: Style = "plain"


class Say(msgspec.Struct, frozen=True):
    """One thing said, with the answers offered.

    `wants_place`: the answers are offered beside the phone's own way to send its location. `settles_place`:
    the place question is answered or gone, so that what the channel put up for it goes. `silent` comes
    without a sound. `collapse`: a later Say with the same key replaces one that has not gone out, and
    `delay_s` gives it the time. `expires_s`: of no use to anybody later than that many seconds.
    """

    text: tuple[Phrase, ...]
    options: tuple[Option, ...] = ()
    wants_place: bool = False
    settles_place: bool = False
    silent: bool = False
    collapse: str | None = None
    delay_s: float = 0
    expires_s: int = 3600


def say(key: str, *options: Option, **values: Value) -> Say:
    """A Say of one phrase."""
    return Say(text=(Phrase(key, values),), options=options)


class Turn(msgspec.Struct, frozen=True):
    """What one outbox row of a chat holds: Says of one turn, joined in one message, in one language.

    `chosen` is the data of the button that this turn answers; the message that had it may show that.
    """

    language: str
    says: tuple[Say, ...]
    chosen: str | None = None
