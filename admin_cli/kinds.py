"""The kinds of values that admins type, each refused with a sentence that says how to write it."""

import math
import re
import unicodedata
from typing import Any

import click

from admin_cli.failures import Misuse

LONGEST_NAME = 120
LONGEST_ADDRESS = 200
# https://www.gov.uk/government/publications/bulk-data-transfer-for-sponsors-xml-schema, postcode pattern
_POSTCODE = re.compile(r"(GIR|[A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})", re.ASCII)
_PHONE = re.compile(r"\+?(?:[ ()-]*[0-9]){5,15}[ ()-]*")
_TURNS = re.compile("[\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Words(click.ParamType[str]):
    """One line of words, up to a length."""

    name = "text"

    def __init__(self, what: str, longest: int) -> None:
        self._what, self._longest = what, longest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The words in composed form, with single spaces. Raises Misuse."""
        words = unicodedata.normalize("NFC", str(value)).strip()
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in words) or _TURNS.search(words):
            raise Misuse(f"The {self._what} has a line end or another control character in it.", ctx)
        words = " ".join(words.split())
        if not any(unicodedata.category(letter)[0] in "LNSP" for letter in words):
            raise Misuse(f"The {self._what} is empty.", ctx)
        if len(words) > self._longest:
            raise Misuse(
                f"The {self._what} has {len(words)} characters; at most {self._longest} are kept.", ctx
            )
        return words


class Postcode(click.ParamType[str]):
    """A UK postcode; whether it exists is not asked."""

    name = "postcode"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """In capitals with its space. Raises Misuse."""
        found = _POSTCODE.fullmatch(str(value).strip().upper())
        if found is None:
            raise Misuse(f'"{value}" is no UK postcode. Write it like this: --postcode "NN1 2AJ".', ctx)
        return f"{found[1]} {found[2]}"


class LatLon(click.ParamType[tuple[float, float]]):
    """A point in degrees of WGS84, latitude first."""

    name = "lat,lon"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Latitude and longitude. Raises Misuse."""
        if isinstance(value, tuple):
            return value
        try:
            lat, lon = (float(part) for part in str(value).split(","))
        except ValueError:
            raise Misuse(f'"{value}" is no point. Write it like this: --at 52.2371,-0.8946.', ctx) from None
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            raise Misuse(
                f'"{value}" is not on earth: latitude goes from -90 to 90, longitude from -180 to 180, '
                "latitude first.",
                ctx,
            )
        return lat, lon


class Phone(click.ParamType[str]):
    """A telephone number as people write it."""

    name = "phone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The number, as it was written. Raises Misuse."""
        number = " ".join(str(value).split())
        if not _PHONE.fullmatch(number):
            raise Misuse(
                f'"{value}" is no telephone number. Write it like this: --phone "01604 837766".', ctx
            )
        return number


NAME = Words("name", LONGEST_NAME)
ADDRESS = Words("address", LONGEST_ADDRESS)
POSTCODE, LAT_LON, PHONE = Postcode(), LatLon(), Phone()
