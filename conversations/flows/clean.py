"""What comes in, made harmless: characters that no store keeps, and pins that are nowhere."""

import re
from math import isfinite

import msgspec

from conversations.events import Edited, Event, Fetched, Found, Location, Media, Text, Unreadable

# NUL breaks PostgreSQL, a lone surrogate breaks UTF-8, and nobody can see the others.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(event: Event) -> Event:
    """The event as the engine may see it; the very same object where nothing had to go."""
    match event:
        case Text() | Edited() if _UNSEEN.search(event.words):
            return msgspec.structs.replace(event, words=seen(event.words))
        case Media() if _UNSEEN.search(event.caption):
            return msgspec.structs.replace(event, caption=seen(event.caption))
        case Location() if not on_earth(event.lat, event.lon):
            return Unreadable(at=event.at, message=event.message, what="location")
        case Location() if _UNSEEN.search(event.name or "") or not isfinite(event.accuracy_m or 0):
            accuracy = event.accuracy_m if isfinite(event.accuracy_m or 0) else None
            return msgspec.structs.replace(event, name=seen(event.name or ""), accuracy_m=accuracy)
        case Fetched(lat=float() as lat, lon=float() as lon) if not on_earth(lat, lon):
            return msgspec.structs.replace(event, lat=None, lon=None)
        case Found():
            hits = tuple(hit for hit in event.hits if on_earth(hit.lat, hit.lon) and hit.name.strip())
            return msgspec.structs.replace(event, hits=hits[:3])
    return event


def seen(words: str) -> str:
    """The words without what cannot be seen or stored."""
    return _UNSEEN.sub("", words)


def on_earth(lat: float, lon: float) -> bool:
    """Whether the numbers are a place at all; NaN and infinity are none."""
    return -90 <= lat <= 90 and -180 <= lon <= 180
