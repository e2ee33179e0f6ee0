import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from conversations.events import Found, Hit, Inbound
from dispatch.transport import GiveUp, Outbound, Receipt, TryLater
from dispatch.transports.geocode import Bounds, GeocodeOrder, GeocodeTransport

NOW = datetime(2026, 11, 24, 10, 31, tzinfo=UTC)
CENTRE = (52.2375, -0.8965)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def a_row(query: str = "abington street", bounds: Bounds | None = None) -> Outbound:
    order = GeocodeOrder(
        address="telegram:700100200",
        subject="draft:d7f3a1",
        query=query,
        lat=CENTRE[0],
        lon=CENTRE[1],
        bounds=bounds,
    )
    return Outbound(
        id=7,
        kind="geocode",
        lane="draft:d7f3a1",
        reference="r7",
        payload=msgspec.json.encode(order).decode(),
        attempts=0,
        created_at=NOW,
        not_before=NOW,
    )


def a_place(
    name: str = "", lat: object = "52.2380", lon: object = "-0.8950", **address: object
) -> dict[str, Any]:
    """One element of Nominatim's `format=json` with `addressdetails=1`, as its manual shows it."""
    return {
        "place_id": 1,
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0",
        "osm_type": "node",
        "lat": lat,
        "lon": lon,
        "class": "shop",
        "type": "bakery",
        "name": name,
        "display_name": f"{name or 'Somewhere'}, Castle, Northampton, England, NN1 2BH",
        "address": {**address, "city": "Northampton", "country_code": "gb"},
    }


def answers(body: object, status: int = 200, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers=headers, content_type="application/json")

    return answer


class Asked:
    """A geocoder's stand-in that really listens, the transport that asks it, and what came of it."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.times: list[float] = []
        self.taken: list[Inbound] = []
        self.transport: GeocodeTransport

    async def take(self, inbound: Inbound) -> None:
        self.taken.append(inbound)

    def hits(self) -> tuple[Hit, ...]:
        (inbound,) = self.taken
        (found,) = inbound.events
        assert isinstance(found, Found)
        return found.hits


@asynccontextmanager
async def a_geocoder(
    answer: Answer,
    *,
    path: str = "",
    pace: timedelta = timedelta(0),
    time_out: timedelta = timedelta(seconds=5),
) -> AsyncIterator[Asked]:
    asked = Asked()

    async def search(request: web.Request) -> web.StreamResponse:
        asked.requests.append(request)
        asked.times.append(time.monotonic())
        return await answer(request)

    app = web.Application()
    app.router.add_get(f"{path}/search", search)
    async with TestServer(app) as server:
        asked.transport = GeocodeTransport(
            str(server.make_url(path or "/")),
            take=asked.take,
            clock=lambda: NOW,
            pace=pace,
            time_out=time_out,
        )
        try:
            yield asked
        finally:
            await asked.transport.close()


# What is asked


async def test_the_question_stays_in_the_town_and_says_who_asks() -> None:
    async with a_geocoder(answers([]), path="/a/prefix") as asked:
        await asked.transport.send(a_row("  12 Abington\nStreet & co "))

    (request,) = asked.requests
    assert request.headers["User-Agent"] == "ntars"
    query = dict(request.query)
    west, south, east, north = (float(edge) for edge in query.pop("viewbox").split(","))
    assert (south < CENTRE[0] < north, west < CENTRE[1] < east) == (True, True)
    assert north - south == pytest.approx(0.1)
    assert query == {
        "q": "12 Abington Street & co",
        "format": "json",
        "limit": "3",
        "bounded": "1",
        "countrycodes": "gb",
        "addressdetails": "1",
    }


async def test_the_box_of_the_order_is_used_where_it_has_one() -> None:
    async with a_geocoder(answers([])) as asked:
        await asked.transport.send(a_row(bounds=(52.2, -0.95, 52.3, -0.85)))

    assert asked.requests[0].query["viewbox"] == "-0.95,52.2,-0.85,52.3"


async def test_a_novel_is_cut_and_nothing_is_not_asked() -> None:
    async with a_geocoder(answers([])) as asked:
        await asked.transport.send(a_row("by the market " * 500))
        await asked.transport.send(a_row(" \n"))

    assert [len(request.query["q"]) for request in asked.requests] == [200]
    assert len(asked.taken) == 2


async def test_questions_keep_their_distance() -> None:
    async with a_geocoder(answers([]), pace=timedelta(seconds=0.1)) as asked:
        await asyncio.gather(*(asked.transport.send(a_row()) for _ in range(3)))

    first, second, third = asked.times
    assert second - first > 0.08
    assert third - second > 0.08


async def test_what_people_wrote_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with a_geocoder(answers({"error": "bad words by the market"}, status=400)) as asked:
        with pytest.raises(GiveUp) as verdict:
            await asked.transport.send(a_row("bad words by the market"))

    ours = [
        record for record in caplog.records if record.name.split(".")[0] in ("geopy", "dispatch", "asyncio")
    ]
    assert not any("market" in record.getMessage() for record in ours)
    assert "market" not in verdict.value.reason


# What comes of it


async def test_the_hits_come_back_as_an_event() -> None:
    place = a_place("Greggs", road="Abington Street", house_number="20")
    async with a_geocoder(answers([place])) as asked:
        assert await asked.transport.send(a_row()) == Receipt()

    found = Found(
        at=NOW,
        subject="draft:d7f3a1",
        query="abington street",
        hits=(Hit(name="Greggs, Abington Street", lat=52.238, lon=-0.895),),
    )
    assert asked.taken == [Inbound(external_id="geocode:r7", address="telegram:700100200", events=(found,))]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (a_place(road="Abington Street", house_number="12"), "12 Abington Street"),
        (a_place("12", road="Abington Street", house_number="12"), "12 Abington Street"),
        (a_place("Abington Street", road="Abington Street"), "Abington Street"),
        (a_place("Market Square", pedestrian="Market Square"), "Market Square"),
        (a_place("Becket's Park"), "Becket's Park"),
        (a_place(), "Somewhere"),
        (a_place("Gregg\u202es\n\0 "), "Gregg s"),
        (a_place("x" * 500), "x" * 79 + "…"),
        (a_place("Greggs", road={"evil": 1}), "Greggs"),
    ],
)
async def test_names_are_short_and_printable(place: dict[str, Any], name: str) -> None:
    async with a_geocoder(answers([place])) as asked:
        await asked.transport.send(a_row())

    assert [hit.name for hit in asked.hits()] == [name]


async def test_at_most_three_hits_inside_the_box_and_no_name_twice() -> None:
    places = [
        a_place("Far away", lat="55.9", lon="-3.2"),
        a_place("One"),
        a_place("One", lat="52.2390"),
        a_place("Two", lat=52.2381),
        a_place("Three"),
        a_place("Four"),
    ]
    async with a_geocoder(answers(places)) as asked:
        await asked.transport.send(a_row())

    assert [hit.name for hit in asked.hits()] == ["One", "Two", "Three"]


@pytest.mark.parametrize("nothing", ["[]", "null", "{}"])
async def test_a_place_nobody_knows_is_no_hits(nothing: str) -> None:
    async with a_geocoder(answers(nothing)) as asked:
        assert await asked.transport.send(a_row()) == Receipt()

    assert asked.hits() == ()


# What goes wrong


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_server_that_is_out_of_order_is_asked_again(status: int) -> None:
    async with a_geocoder(answers("<h1>oops</h1>", status=status)) as asked:
        with pytest.raises(TryLater) as verdict:
            await asked.transport.send(a_row())

    assert not verdict.value.whole_kind
    assert asked.taken == []


@pytest.mark.parametrize(("header", "after"), [("30", 30), ("999999", 3600), ("soon", None), (None, None)])
async def test_a_server_that_asks_for_less_gets_it(header: str | None, after: int | None) -> None:
    headers = {} if header is None else {"Retry-After": header}
    async with a_geocoder(answers("", status=429, **headers)) as asked:
        with pytest.raises(TryLater) as verdict:
            await asked.transport.send(a_row())

    assert verdict.value.whole_kind
    assert verdict.value.after == (None if after is None else timedelta(seconds=after))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 410, 414])
async def test_a_refusal_is_for_the_admin_and_silent_for_the_person(status: int) -> None:
    async with a_geocoder(answers("no", status=status)) as asked:
        with pytest.raises(GiveUp):
            await asked.transport.send(a_row())

    assert asked.taken == []


async def test_a_server_that_hangs_is_left() -> None:
    over = asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    async with a_geocoder(hang, time_out=timedelta(seconds=0.1)) as asked:
        with pytest.raises(TryLater, match="in time"):
            await asked.transport.send(a_row())
        over.set()


async def test_a_body_that_never_ends_is_left() -> None:
    over = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"[")
        await over.wait()
        return response

    async with a_geocoder(trickle, time_out=timedelta(seconds=0.1)) as asked:
        with pytest.raises(TryLater):
            await asked.transport.send(a_row())
        over.set()


async def test_a_server_that_is_not_there_stops_the_kind_for_now(unused_tcp_port: int) -> None:
    async def take(inbound: Inbound) -> None:
        raise AssertionError(inbound)

    transport = GeocodeTransport(f"http://127.0.0.1:{unused_tcp_port}", take=take, clock=lambda: NOW)
    with pytest.raises(TryLater) as verdict:
        await transport.send(a_row())
    await transport.close()

    assert verdict.value.whole_kind


@pytest.mark.parametrize(
    "body",
    [
        "<html>Sign in to the Wi-Fi</html>",
        "",
        "[" * 100_000,
        '"words"',
        "5",
        "true",
        "[5]",
        "[null]",
        "[{}]",
        "[[]]",
        '{"error": {"deep": []}}',
        '{"error": "Unable to geocode"}',
        '[{"lat": "x", "lon": "y", "display_name": "z"}]',
        '[{"lat": NaN, "lon": Infinity, "display_name": "z"}]',
        '[{"lat": 1e999, "lon": 0, "display_name": "z"}]',
        '[{"lat": {}, "lon": [], "display_name": "z"}]',
        '[{"lat": "52.238", "lon": "-0.895", "display_name": null}]',
        '[{"lat": "52.238", "lon": "-0.895", "display_name": {"a": 1}, "name": [1], "address": "x"}]',
        json.dumps([a_place("One", lat="9" * 400)]),
    ],
)
async def test_a_hostile_answer_does_no_more_than_fail(body: str) -> None:
    async with a_geocoder(answers(body)) as asked:
        try:
            await asked.transport.send(a_row())
        except (TryLater, GiveUp):
            assert asked.taken == []
        else:
            assert asked.hits() == ()


@pytest.mark.parametrize("payload", ["", "{}", "[]", '{"query": 5}'])
async def test_a_payload_that_cannot_be_read_is_given_up(payload: str) -> None:
    async with a_geocoder(answers([])) as asked:
        with pytest.raises(GiveUp):
            await asked.transport.send(replace(a_row(), payload=payload))


@pytest.mark.parametrize(
    "url", ["", "nominatim.example", "ftp://x.example", "http://", "https://x.example/?key=1"]
)
def test_an_address_that_cannot_be_asked_is_refused_at_once(url: str) -> None:
    async def take(inbound: Inbound) -> None:
        raise AssertionError(inbound)

    with pytest.raises(ValueError, match="NTARS_GEOCODER_URL"):
        GeocodeTransport(url, take=take, clock=lambda: NOW)
