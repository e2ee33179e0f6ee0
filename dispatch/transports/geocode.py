"""Geocoding: asks a Nominatim-like server where a place is, and hands its answer in as an event."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from conversations.events import Found, Hit, Inbound
from dispatch.transport import GiveUp, Outbound, Receipt, TryLater

MOST_HITS = 3
LONGEST_NAME = 80  # characters
LONGEST_QUERY = 200  # characters; more is a description, not a place
AROUND = (0.05, 0.08)  # degrees north-south and east-west: some 5.5 km each way in England

Bounds = tuple[float, float, float, float]
"""South, west, north, east, in degrees."""


class GeocodeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a row of kind `geocode`: where is `query`, for the draft `subject` of `address`?

    `lat`, `lon` (degrees) are the town's centre; `bounds` is the box to stay in, else one around the centre.
    """

    address: str
    subject: str
    query: str
    lat: float
    lon: float
    bounds: Bounds | None = None


class GeocodeTransport:
    """Kind `geocode`. In doubt: repeat, a question twice does no harm. Nobody waits for the answer.

    `url` is the server's root, http or https, with a path where it has one. `pace` is the least time between
    two questions: one second, as Nominatim's policy asks (operations.osmfoundation.org/policies/nominatim).
    """

    def __init__(
        self,
        url: str,
        *,
        take: Callable[[Inbound], Awaitable[None]],
        clock: Callable[[], datetime],
        time_out: timedelta = timedelta(seconds=10),
        pace: timedelta = timedelta(seconds=1),
    ) -> None:
        """Raises ValueError when `url` is not one that can be asked."""
        self._scheme, self._domain = _root(url)
        self._take, self._clock = take, clock
        self._time_out, self._pace = time_out.total_seconds(), pace.total_seconds()
        self._turn = asyncio.Lock()
        self._free_at = 0.0
        self._nominatim: Any = None  # geopy is not typed

    async def send(self, row: Outbound) -> Receipt:
        """Ask, and hand in `Found` with at most three hits, or none.

        Raises TryLater when the server is away, busy or talks nonsense, GiveUp when it refuses the question:
        no hits change nothing for the person, so a refusal is told to the admin only.
        """
        try:
            order = msgspec.json.decode(row.payload, type=GeocodeOrder)
        except msgspec.MsgspecError as error:
            raise GiveUp("the payload is not a GeocodeOrder") from error
        bounds = order.bounds or _around(order.lat, order.lon)
        hits = _hits(await self._ask(order.query, bounds), bounds)
        found = Found(at=self._clock(), subject=order.subject, query=order.query, hits=hits)
        await self._take(
            Inbound(external_id=f"geocode:{row.reference}", address=order.address, events=(found,))
        )
        return Receipt()

    async def close(self) -> None:
        """Close the connections; the next question would open them again."""
        if self._nominatim is not None:
            await self._nominatim.adapter.session.close()
            self._nominatim = None

    async def _ask(self, query: str, bounds: Bounds) -> list[Any]:
        """The server's answers as geopy's Locations, at most three."""
        words = " ".join(query.split())[:LONGEST_QUERY]
        if not words:
            return []
        from geopy.exc import GeopyError  # type: ignore[import-untyped]

        south, west, north, east = bounds
        await self._my_turn()
        try:
            answer = await self._geocoder().geocode(
                words,
                exactly_one=False,
                limit=MOST_HITS,
                addressdetails=True,
                country_codes="gb",
                viewbox=((south, west), (north, east)),
                bounded=True,
            )
        except GeopyError as error:
            raise _verdict(error) from error
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            # JSON, but not Nominatim's: geopy's parser trips over it in these ways.
            raise GiveUp("the geocoder's answer is not Nominatim's") from error
        return list(answer or ())

    def _geocoder(self) -> Any:
        if self._nominatim is None:
            # Here, because importing geopy loads every geocoder and HTTP client it knows: 0.3 s.
            from geopy.adapters import AioHTTPAdapter  # type: ignore[import-untyped]
            from geopy.geocoders import Nominatim  # type: ignore[import-untyped]

            # geopy logs each address, and with it what people wrote, at DEBUG and INFO.
            logging.getLogger("geopy").setLevel(logging.WARNING)
            self._nominatim = Nominatim(
                scheme=self._scheme,
                domain=self._domain,
                user_agent="ntars",
                timeout=self._time_out,
                adapter_factory=AioHTTPAdapter,
            )
        return self._nominatim

    async def _my_turn(self) -> None:
        async with self._turn:
            await asyncio.sleep(max(0.0, self._free_at - time.monotonic()))
            self._free_at = time.monotonic() + self._pace


def _root(url: str) -> tuple[str, str]:
    """Scheme, and host with port and path, which is what geopy calls the domain."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f'"{url}" is not the root of a Nominatim server. '
            "Set NTARS_GEOCODER_URL to one (https://nominatim.openstreetmap.org is), or leave it empty."
        )
    return parts.scheme, parts.netloc + parts.path.rstrip("/").removesuffix("/search")


def _around(lat: float, lon: float) -> Bounds:
    north_south, east_west = AROUND
    return lat - north_south, lon - east_west, lat + north_south, lon + east_west


def _verdict(error: Exception) -> TryLater | GiveUp:
    """What the runner should do. Nominatim's codes: nominatim.org/release-docs/latest/api/Search."""
    from geopy.adapters import AdapterHTTPError
    from geopy.exc import GeocoderQueryError, GeocoderRateLimited, GeocoderTimedOut, GeocoderUnavailable

    status = error.__cause__.status_code if isinstance(error.__cause__, AdapterHTTPError) else None
    match error:
        case GeocoderRateLimited():
            wait = None if error.retry_after is None else timedelta(seconds=min(error.retry_after, 3600))
            return TryLater("the geocoder asks us to slow down", after=wait, whole_kind=True)
        case GeocoderUnavailable():
            return TryLater("the geocoder cannot be reached", whole_kind=True)
        case GeocoderTimedOut():
            return TryLater("the geocoder did not answer in time")
        case GeocoderQueryError():
            return GiveUp("the geocoder does not understand the question")
    if status is not None and 400 <= status < 500:
        return GiveUp(f"the geocoder refuses us: HTTP {status}")
    return TryLater(
        "the geocoder is out of order" if status is None else f"the geocoder failed: HTTP {status}"
    )


def _hits(answers: list[Any], bounds: Bounds) -> tuple[Hit, ...]:
    """Best first, inside `bounds` (a server may ignore ours), no name twice, none without a name."""
    south, west, north, east = bounds
    hits: dict[str, Hit] = {}
    for answer in answers:
        name = _short_name(answer.raw)
        if name and south <= answer.latitude <= north and west <= answer.longitude <= east:
            hits.setdefault(name, Hit(name=name, lat=answer.latitude, lon=answer.longitude))
    return tuple(hits.values())[:MOST_HITS]


def _short_name(place: dict[str, Any]) -> str:
    """`Greggs, Abington Street`, `12 Abington Street`, `Market Square`; else the long name's beginning."""
    address = place.get("address")
    if not isinstance(address, dict):
        address = {}
    name, road = _words(place.get("name")), _words(address.get("road") or address.get("pedestrian"))
    house = _words(address.get("house_number"))
    street = f"{house} {road}" if house and road else road
    if name and name not in (road, house):
        short = f"{name}, {road}" if road else name
    else:
        short = street or name or _words(place.get("display_name")).split(",")[0]
    return short if len(short) <= LONGEST_NAME else short[: LONGEST_NAME - 1].rstrip(" ,") + "…"


def _words(value: object) -> str:
    """One line of printable text, whatever the server sent."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())
