"""Every kind of thing that can happen to a conversation, in no channel's words.

Each event carries `at`: the provider's time, or the time of receipt where the provider gives none.
What a person sent carries `message`, the provider's id of it, so that an edit finds what it edits.
"""

from datetime import datetime
from typing import Literal

import msgspec


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at: datetime


class _Said(_Event, frozen=True, kw_only=True):
    message: str


# What a person did


class Text(_Said, frozen=True, kw_only=True):
    words: str


class Choice(_Said, frozen=True, kw_only=True):
    """A tap on a button. `data` is `subject:step:value` as we sent it, or whatever a hostile client sent."""

    data: str


class Location(_Said, frozen=True, kw_only=True):
    """A pin. `accuracy_m` is the phone's own guess in metres; `name` the venue's title, if it had one."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    name: str | None = None


MediaKind = Literal["photo", "image_file", "voice", "video", "file"]


class Media(_Said, frozen=True, kw_only=True):
    """A photo, a picture sent as a file, a voice note, a video or another file.

    `handle` is what the channel downloads it by; `unique` recognises the same picture; `album` joins some.
    """

    kind: MediaKind
    handle: str
    unique: str
    size: int | None = None
    mime: str | None = None
    caption: str = ""
    album: str | None = None


class Command(_Said, frozen=True, kw_only=True):
    """`/name rest`, already lower-cased and without the slash."""

    name: str
    rest: str = ""


class Edited(_Said, frozen=True, kw_only=True):
    """The words (or caption) of an earlier message were changed. `message` is that earlier message."""

    words: str


class Unreadable(_Said, frozen=True, kw_only=True):
    """A sticker, a contact, or something newer than we are."""

    what: str = ""


class Blocked(_Event, frozen=True, kw_only=True):
    """The person blocked us: nothing more can be sent."""


class Back(_Event, frozen=True, kw_only=True):
    """The person let us in again."""


# What time did


class Woke(_Event, frozen=True, kw_only=True):
    """A timer of ours ran out. `subject` is `what:id`, for example `draft:d7f3a1`."""

    subject: str


# What an act led to, in the same transaction


class Complained(_Event, frozen=True, kw_only=True):
    """A complaint is on file under this number."""

    number: str


class Filed(_Event, frozen=True, kw_only=True):
    """A report is on file. `recipients` are ids of the scheme, the owner first."""

    reference: str
    recipients: tuple[str, ...] = ()
    test: bool = False


class Enrolled(_Event, frozen=True, kw_only=True):
    business: str


class Refused(_Event, frozen=True, kw_only=True):
    """An act could not be done any more. `why` is a text key's ending: code, suspended, acted, late, gone."""

    why: str


class Done(_Event, frozen=True, kw_only=True):
    """An act was done and has nothing to tell but that. `act` names it."""

    act: str


# What a slow thing answered


class Fetched(_Event, frozen=True, kw_only=True):
    """A photo arrived here. The EXIF time and place are those of the bytes as received."""

    photo: str
    exif_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


class FetchFailed(_Event, frozen=True, kw_only=True):
    """A photo could not be kept. `why`: too_big, not_a_picture, bomb, gone."""

    photo: str
    why: str


class Hit(msgspec.Struct, frozen=True):
    """A place that the geocoder found."""

    name: str
    lat: float
    lon: float


class Found(_Event, frozen=True, kw_only=True):
    """What the geocoder makes of the words `query` of the draft `subject`; best first, at most three."""

    subject: str
    query: str
    hits: tuple[Hit, ...] = ()


Event = (
    Text
    | Choice
    | Location
    | Media
    | Command
    | Edited
    | Unreadable
    | Blocked
    | Back
    | Woke
    | Complained
    | Filed
    | Enrolled
    | Refused
    | Done
    | Fetched
    | FetchFailed
    | Found
)


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """What comes in, once: `external_id` recognises a repeat, `address` is whose conversation it belongs to.

    `events` are in order. `language` is what the person's own app says it is set to, if it says.
    """

    external_id: str
    address: str
    events: tuple[Event, ...]
    language: str | None = None
