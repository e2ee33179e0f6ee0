"""Texts of the scheme file in several languages, and the shapes that its values must have."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from conversations.places import Point

# 24 bytes: a button of Telegram holds 64, and the id shares them with the draft and the step.
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,24}$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,4}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\",;:]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]

Texts = Mapping[Language, Line]
Advice = Mapping[Language, Annotated[Line, Field(max_length=160)]]
ButtonTexts = Mapping[Language, Annotated[Line, Field(max_length=20)]]
ShortTexts = Mapping[Language, Annotated[Line, Field(max_length=24)]]

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class Table(BaseModel):
    """A table of the scheme file: read once, never changed, no key that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def said(texts: Mapping[str, str], language: str) -> str:
    """The text in `language`, else in English, else in any language, else the empty string."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError("is not a time zone that we know") from unknown
    return name


def _to_point(value: Any) -> Any:
    match value:
        case [int() | float() as lat, int() | float() as lon] if -90 <= lat <= 90 and -180 <= lon <= 180:
            return Point(float(lat), float(lon))
        case Point():
            return value
        case _:
            raise ValueError("should be a point: [latitude, longitude] in degrees")


def _to_time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value)):
        return time(int(clock[1]), int(clock[2]))
    raise ValueError('should be a time of day like "07:30"')


ZoneName = Annotated[str, AfterValidator(_known_zone)]
MapPoint = Annotated[Point, BeforeValidator(_to_point)]
ClockTime = Annotated[time, BeforeValidator(_to_time)]
