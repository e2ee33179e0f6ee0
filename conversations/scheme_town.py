"""What a town decides about itself: names, lines, area, training, retention, alerts and privacy."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PositiveInt

from conversations.places import Point
from conversations.scheme_texts import (
    Email,
    Id,
    Language,
    Line,
    MapPoint,
    Prefix,
    Table,
    Texts,
    ZoneName,
)

Side = Literal["north", "south", "east", "west", "middle"]


class Contact(Table):
    """Where people reach the scheme's office."""

    name: Line
    email: Email
    phone: Line
    url: Line
    address: Line


class Urls(Table):
    """Public pages; an absent one is not mentioned."""

    website: Line
    scheme: str | None = None
    join: str | None = None
    privacy: str | None = None
    case_review: str | None = None
    council_report: str | None = None
    outreach: str | None = None


class About(Table):
    """The scheme's name, languages and the numbers that it tells people to call."""

    live: bool
    name: Line
    short_name: Line
    reference_prefix: Prefix
    time_zone: ZoneName
    languages: tuple[Language, ...] = Field(min_length=1)
    contact: Contact
    urls: Urls
    emergency: Line = "999"
    non_urgent: Line = "101"
    council_name: Line
    council_phone: Line
    children_phone: Line
    police_online: Line
    crimestoppers: str | None = None
    privacy_email: Email
    regulator_name: Line
    regulator_url: Line
    apd_date: date | None = None
    anti_social: Line = "anti-social"
    bank_holidays: tuple[date, ...] = ()


class NamedPoint(Table):
    """One point of a place; `side` tells the ends of a long street apart."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    side: Side | None = None

    @property
    def point(self) -> Point:
        """Where it is."""
        return Point(self.lat, self.lon)


def _to_named_point(value: Any) -> Any:
    """`[52.2, -0.9]` and `[52.2, -0.9, "west"]` are short for a table."""
    match value:
        case [lat, lon]:
            return {"lat": lat, "lon": lon}
        case [lat, lon, side]:
            return {"lat": lat, "lon": lon, "side": side}
        case _:
            return value


class Place(Table):
    """A street or a place that people name; `precision_m` is how far its points may be off.

    `only_as_answer` are names that mean the place when it was asked for, and may mean anything else in a
    sentence: "a stack of boxes".
    """

    name: Line
    aliases: tuple[Line, ...] = ()
    only_as_answer: tuple[Line, ...] = ()
    points: tuple[Annotated[NamedPoint, BeforeValidator(_to_named_point)], ...] = Field(min_length=1)
    precision_m: PositiveInt = 30
    kind: Literal["street", "place"] = "street"


class Area(Table):
    """The area that the scheme covers; a pin up to `tolerance_m` outside is not asked about."""

    boundary: tuple[MapPoint, ...] = Field(min_length=3)
    tolerance_m: int = Field(default=150, ge=0)
    town_centre_name: Texts
    places: tuple[Place, ...] = ()
    attribution: str = ""


class Pspo(Table):
    """The public spaces protection order in force; `doctor` warns when `expires` is past."""

    text: Texts
    expires: date | None = None


class Training(Table):
    """Training sessions: where, how long, how many seats, and when people are reminded."""

    venue: Line
    address: Line
    minutes: PositiveInt = 60
    seats: PositiveInt = 20
    reminders_hours: tuple[PositiveInt, ...] = (168, 24, 2)
    offer_hours: PositiveInt = 2
    invite_after_days: PositiveInt = 14
    note: Texts


class Retention(Table):
    """How long things are kept; each unit stands in the name."""

    draft_hours: PositiveInt = 24
    photos_months: PositiveInt = 6
    words_months: PositiveInt = 12
    raw_messages_days: PositiveInt = 30
    mail_copies_days: PositiveInt = 30
    consents_years: PositiveInt = 6
    disclosures_years: PositiveInt = 6
    evidence_months: PositiveInt = 12


class Alerts(Table):
    """Alerts to members: words only, approved by name, gone within `max_days`."""

    enabled: bool = True
    max_days: int = Field(default=7, ge=1, le=7)
    max_characters: int = Field(default=320, ge=40, le=1000)


class Privacy(Table):
    """What people are told about their data.

    `notice_version` is kept with each acceptance; `who_gets_what` stands before [Join]; `notice` is the whole
    notice; `lawful_bases` holds, in English, the words for mail footers that categories refer to by key.
    """

    notice_version: Line
    controllers: tuple[Line, ...] = Field(min_length=1)
    who_gets_what: Texts
    notice: Texts
    lawful_bases: Mapping[Id, Line]
    processors: tuple[Line, ...] = ()
