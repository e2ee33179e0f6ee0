"""The scheme file as the demo needs it: a live copy with local addresses, a map, and who gets mail."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.limits import Json

SHIPPED = Path(__file__).parent.parent / "schemes" / "northampton.toml"

_LIVE = re.compile(r"^live = false$", re.MULTILINE)
_ID = re.compile(r'id = "([^"]+)"')
_EMAIL = re.compile(r'email = "[^"@]*@([^"]+)"')


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets reports by mail."""

    id: str
    name: str
    email: str
    known_as: str
    police: bool


def live_copy(text: str) -> str:
    """The shipped file as a town would have it after going live, each recipient at an address of its own."""
    live, changed = _LIVE.subn("live = true", text)
    if changed != 1:
        raise ValueError('The scheme file has no line "live = false" to make live.')
    return "\n".join(_with_own_addresses(live.split("\n")))


def _with_own_addresses(lines: list[str]) -> Iterator[str]:
    """Each recipient's address becomes its id at the same host, so that no two share an inbox."""
    recipient = None
    for line in lines:
        if line.startswith("["):
            recipient = "" if line == "[[recipients]]" else None
        if recipient is not None and (found := _ID.fullmatch(line)):
            recipient = found[1]
        if recipient and (found := _EMAIL.fullmatch(line)):
            line = f'email = "{recipient}@{found[1]}"'
        yield line


def recipients(scheme: Json) -> list[Recipient]:
    """Who gets mail, in the file's order."""
    return [
        Recipient(
            id=entry["id"],
            name=entry["name"],
            email=entry["email"],
            known_as=_in_english(entry.get("known_as"), entry["name"]),
            police=bool(entry.get("police")),
        )
        for entry in scheme["recipients"]
    ]


def town_map(scheme: Json) -> Json:
    """Boundary and places, for the map picture."""
    area = scheme["area"]
    return {
        "name": _in_english(area.get("town_centre_name"), "Town centre"),
        "attribution": area.get("attribution", ""),
        "boundary": area["boundary"],
        "places": [
            {"name": _place_name(place["name"], point), "lat": point[0], "lon": point[1]}
            for place in area["places"]
            for point in place["points"]
        ],
    }


def read(text: str) -> Json:
    """The scheme as plain data; checking it is the service's business."""
    return tomllib.loads(text)


def middle(scheme: Json) -> tuple[float, float]:
    """A point in the middle of the boundary, where "Send my location" says that people are."""
    boundary = scheme["area"]["boundary"]
    latitudes, longitudes = [point[0] for point in boundary], [point[1] for point in boundary]
    return sum(latitudes) / len(latitudes), sum(longitudes) / len(longitudes)


def _place_name(name: str, point: list[Any]) -> str:
    return f"{name}, {point[2]}" if len(point) > 2 else name


def _in_english(texts: Any, default: str) -> str:
    return str(texts.get("en", default)) if isinstance(texts, dict) else str(texts or default)
