"""What is remembered of a conversation between messages. Stored as JSON: fields are added, never renamed."""

from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from conversations.events import Event

Under18 = Literal["yes", "no", "unsure"]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it is. `kind`: pin, known (a place of the scheme), shop, typed (words nobody has placed yet).

    `name` is a place's name; a pin has that of the nearest place, `off_m` metres away where that is far.
    """

    kind: Literal["pin", "known", "shop", "typed"]
    name: str
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    off_m: int | None = None
    message: str = ""


class PhotoNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """A photo, a video or other media that belongs to the draft; the bytes are elsewhere.

    `only_place`: the person said that it shows nobody.
    """

    id: str
    kind: Literal["photo", "video", "other"]
    unique: str
    only_place: bool = False


class Piece(msgspec.Struct, frozen=True):
    """Words as they were written, and the message they came in."""

    message: str
    words: str


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """A report being made. A field that is None is a question not answered yet; clearing it asks again.

    The kind is guessed from the words after the first `guess_from` pieces, unless `guess_off`.
    `answer_message` is the message that a typed answer came in. `photo_at` is the time in a photo's EXIF,
    once the person said it is the right one. `warned_album` is the album whose pieces all carry the 999
    line. `of` is the reference of a report already sent, whose kind is being changed.
    """

    id: str
    started_at: datetime
    touched_at: datetime
    category: str | None = None
    guess_off: bool = False
    guess_from: int = 0
    page: int = 0
    place: Place | None = None
    photos: tuple[PhotoNote, ...] = ()
    albums: tuple[str, ...] = ()
    photos_done: bool = False
    words: tuple[Piece, ...] = ()
    words_done: bool = False
    answer: str | None = None
    answer_message: str = ""
    under_18: Under18 | None = None
    name_out: bool = False
    shop_words_left: bool = False
    when: Literal["ask", "hour", "today", "before"] | None = None
    photo_at: datetime | None = None
    warned: bool = False
    warned_again: bool = False
    warned_album: str | None = None
    nudged: bool = False
    changing: bool = False
    of: str | None = None


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question that interrupts: `kind` names it, `data` is what it is about, `held` what waits for it."""

    kind: Literal["carry_on", "add_or_new", "did_you_mean", "outside", "which_end", "photo_facts"]
    data: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    held: tuple[Event, ...] = ()


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The report just sent, for what arrives late."""

    reference: str
    at: datetime
    albums: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


class Joining(msgspec.Struct, frozen=True):
    """A person between the poster and the shop. `asked`: join, move (from another shop), or name."""

    code: str
    asked: Literal["join", "move", "name"]


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation. A new person's is `State()`.

    `writing` says what the next words are for: `add:NT-7K4F` or `complaint`. `place_open`: the channel has
    put up its own way to send a location. `prompt` is the outbox reference of the last question, kept by the
    intake. `tapped` is the last button, to know the second of two quick taps by. `offered` are the buttons
    (data, folded label) said last that belong to no question, so that they can be typed. `still_asked_at`:
    when the phone was asked whether it still works for its business, while it has not answered.
    """

    language: str = "en"
    draft: Draft | None = None
    discarded: Draft | None = None
    discarded_at: datetime | None = None
    pending: tuple[Ask, ...] = ()
    joining: Joining | None = None
    sent: Sent | None = None
    writing: str | None = None
    writing_at: datetime | None = None
    leaving_at: datetime | None = None
    tapped: str | None = None
    tapped_at: datetime | None = None
    offered: tuple[tuple[str, str], ...] = ()
    still_asked_at: datetime | None = None
    wrong_codes: tuple[datetime, ...] = ()
    place_open: bool = False
    prompt: str | None = None


_decode = msgspec.json.Decoder(State).decode
_encoder = msgspec.json.Encoder()
_Kind = TypeVar("_Kind", State, Draft)


def decode(text: str) -> State:
    """The state as it was stored, by this release or another one.

    What this release cannot read in it is left out, so that it is asked again, and the rest stays. Raises
    msgspec.DecodeError for what is no stored state at all.
    """
    try:
        return _decode(text)
    except msgspec.ValidationError:
        return _readable(State, msgspec.json.decode(text, type=dict[str, Any]))


def _readable(kind: type[_Kind], stored: dict[str, Any]) -> _Kind:
    """The fields that can be read. Raises msgspec.ValidationError where one that must be there cannot."""
    read: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in stored:
            continue
        value = stored[field.name]
        with suppress(msgspec.ValidationError):
            if field.name in ("draft", "discarded") and isinstance(value, dict):
                read[field.name] = _readable(Draft, value)
            else:
                read[field.name] = msgspec.json.decode(_encoder.encode(value), type=field.type)
    try:
        return kind(**read)
    except TypeError as error:
        raise msgspec.ValidationError(str(error)) from None


def encode(state: State) -> str:
    """The state as stored."""
    return _encoder.encode(state).decode()
