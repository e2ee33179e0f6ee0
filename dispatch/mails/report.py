"""What a mail on a report is made of: plain values, ready to be put into words."""

import dataclasses
import enum
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

# Bidirectional embeddings, overrides and isolates reorder what stands around them, so a reporter's words
# could rewrite the mail. Letters of right-to-left scripts, and the plain marks U+200E and U+200F, stay.
_REORDERING = "\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff{_REORDERING}]")
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


_Shown = TypeVar("_Shown", "ReportMail", "News", "MailPhoto")


@dataclass(frozen=True, slots=True)
class Point:
    """WGS84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class MailPhoto:
    """One photo: `jpeg` without EXIF, and what is known about the picture as it came.

    `name` is the file name in the mail: ASCII letters, digits, dots and dashes. `provider_at`: when the
    phone's channel had it. `taken_at` and `taken_point` were read from EXIF before it was taken out; None
    where there was none. `sha256` is the hex digest of the bytes as they came, `width` and `height` are in
    pixels, `alt` says in words what the picture is, as far as we know it.
    """

    name: str
    jpeg: bytes
    sha256: str
    width: int
    height: int
    alt: str
    provider_at: datetime
    taken_at: datetime | None = None
    taken_point: Point | None = None

    @property
    def file_sha256(self) -> str:
        """The hex digest of `jpeg`, which is the attached file: a copy without EXIF, encoded again."""
        return hashlib.sha256(self.jpeg).hexdigest()


@dataclass(frozen=True, slots=True)
class ReportMail:
    """All that a mail on one report says to one recipient. Every datetime is aware; texts are English.

    `category` is the officers' label, `subject_place` the place as short as a subject wants it, `pin` says
    how exact the point is. `words` are as written, in the language `language` (a BCP 47 code, "en" by
    default) which officers call `language_name`. `seen_note` is how the reporter put the time ("earlier
    that day"), `looks_under_18` yes, no or not sure where that was asked. `other_media` counts videos and
    voice notes, `missing_photos` pictures which are still on their way. `also_sent_to` names the other
    recipients, in a test those who would have got it.

    `name_kept_out`: the reporter asked that the business is not named. Then the mail says "a member
    business in" `business_area`, and nothing that tells more: see `as_shown`.
    """

    reference: str
    scheme_name: str
    short_name: str
    time_zone: str
    category_id: str
    category: str
    subject_place: str
    place: str
    seen_at: datetime
    seen_at_source: Literal["said", "photo", "message"]
    received_at: datetime
    business: str
    business_address: str
    business_area: str
    recipient: str
    role: Literal["owner", "copy"]
    owner: str
    lawful_basis: str
    deletion: str
    contact: str
    postcode: str = ""
    point: Point | None = None
    pin: str = ""
    words: str = ""
    language: str = "en"
    language_name: str = "English"
    seen_note: str = ""
    looks_under_18: str = ""
    question: str = ""
    answer: str = ""
    photos: tuple[MailPhoto, ...] = ()
    other_media: int = 0
    missing_photos: int = 0
    business_phone: str | None = None
    name_kept_out: bool = False
    also_sent_to: tuple[str, ...] = ()
    status: str = "open"
    test: bool = False
    urgent: bool = False
    nsir_type: str = ""
    nsir_class: str = ""
    police_uk: str = ""

    def as_shown(self) -> "ReportMail":
        """The same with every text printable, and without whatever must not leave when the name is kept out.

        Nothing that composes a mail looks at the report as it came, so nothing can leak by oversight.
        """
        shown = _printable(self)
        if not shown.name_kept_out:
            return shown
        area = shown.business_area or "the town centre"
        return dataclasses.replace(
            shown,
            business=f"a member business in {area}",
            business_address="",
            business_phone=None,
            place=area if shown._names_business(shown.place) else shown.place,
            subject_place=area if shown._names_business(shown.subject_place) else shown.subject_place,
            postcode="",
            point=None,
            pin="",
            photos=tuple(dataclasses.replace(photo, taken_point=None) for photo in shown.photos),
        )

    def _names_business(self, text: str) -> bool:
        street_line = self.business_address.partition(",")[0]
        telling = (self.business, self.business_address, street_line)
        return any(tell.casefold() in text.casefold() for tell in telling if tell)


class NewsKind(enum.StrEnum):
    """What a later mail in the thread of a report says."""

    PHOTOS_FOLLOW = "photos_follow"
    ADDED = "added"
    CORRECTION = "correction"
    NOT_FOR_YOU = "not_for_you"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a later mail: photos that came late, words that were added, the kind it was before."""

    kind: NewsKind
    photos: tuple[MailPhoto, ...] = ()
    words: str = ""
    language: str = "en"
    language_name: str = "English"
    was_category: str = ""
    at: datetime | None = None

    def as_shown(self, *, name_kept_out: bool) -> "News":
        """As `ReportMail.as_shown`."""
        shown = _printable(self)
        if not name_kept_out:
            return shown
        return dataclasses.replace(
            shown, photos=tuple(dataclasses.replace(photo, taken_point=None) for photo in shown.photos)
        )


def printable(text: str) -> str:
    """The text without control characters, lone surrogates and what reorders it; line ends are "\\n"."""
    return _UNPRINTABLE.sub("", _LINE_END.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """The printable text with every run of white space as one space."""
    return " ".join(printable(text).split())


def _printable(value: _Shown) -> _Shown:
    clean: dict[str, Any] = {
        field.name: _clean(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)
    }
    return dataclasses.replace(value, **clean)


def _clean(name: str, value: object) -> object:
    match value:
        case enum.Enum():
            return value
        case str():
            return printable(value) if name == "words" else one_line(value)
        case tuple():
            return tuple(_clean("", item) for item in value)
        case MailPhoto():
            return _printable(value)
        case _:
            return value
