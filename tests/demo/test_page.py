"""The page's server by itself: who may press, and what it tells."""

import json

import aiohttp
import pytest

from bot.demo import town
from bot.demo.mailbox import Mailbox
from bot.demo.page import Page
from bot.demo.service import Service
from tests.demo.clients import SAM

SCHEME = town.read(town.SHIPPED.read_text(encoding="utf-8"))


@pytest.fixture
async def page(api, tmp_path):
    async with Mailbox() as mailbox:
        service = Service({"NTARS_LISTEN": "127.0.0.1:1"}, tmp_path / "serve.log")
        page = Page(
            api,
            mailbox,
            service,
            recipients=town.recipients(SCHEME),
            town_map=town.town_map(SCHEME),
            poster={"code": "K7M4QX2P", "telegram": None},
            position=(52.2377, -0.8971),
        )
        page.new_phone("Sam", SAM)
        await page.start(0)
        yield page
        await page.stop()


@pytest.fixture
async def http(page):
    async with aiohttp.ClientSession(page.url) as http:
        yield http


async def news(http, count):
    """The first so many events of the stream."""
    told = {}
    async with http.get("/events") as stream:
        while len(told) < count:
            name = (await stream.content.readuntil(b"\n")).decode().removeprefix("event: ").strip()
            data = (await stream.content.readuntil(b"\n\n")).decode().removeprefix("data: ")
            told[name] = json.loads(data)
    return told


async def test_what_is_pressed_reaches_the_bot_and_the_page(api, http):
    async with http.post(f"/phones/{SAM}/start", json={"payload": "K7M4QX2P"}) as answer:
        assert answer.status == 200

    assert api.updates[-1]["message"]["text"] == "/start K7M4QX2P"
    told = await news(http, 5)
    assert told["phones"] == [SAM]
    assert told["phone"]["messages"][0]["text"] == "/start K7M4QX2P"
    assert (told["mails"], told["strip"], told["service"]["ready"]) == ([], None, False)


async def test_a_button_that_is_not_there_is_an_error_and_no_accident(http):
    async with http.post(f"/phones/{SAM}/tap", json={"label": "Join", "data": None}) as answer:
        assert answer.status == 400
        assert "No button 'Join'" in (await answer.json())["error"]


async def test_own_files_are_sent_as_photos_or_refused_when_they_are_none(api, http):
    form = aiohttp.FormData({"samples": "", "caption": "mine"})
    form.add_field("files", b"not a picture", filename="x.jpg", content_type="image/jpeg")
    async with http.post(f"/phones/{SAM}/photos", data=form) as answer:
        assert answer.status == 400
        assert "cannot identify image" in (await answer.json())["error"]

    async with http.post(f"/phones/{SAM}/photos", data={"samples": "bags shutter"}) as answer:
        assert answer.status == 200
    assert ["photo" in update["message"] for update in api.updates] == [True, True]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}], ids=["site", "host"]
)
async def test_nobody_presses_from_elsewhere(api, http, headers):
    async with http.post(f"/phones/{SAM}/text", json={"text": "hello"}, headers=headers) as answer:
        assert answer.status == 403

    assert api.updates == []


async def test_a_taken_port_is_replaced_by_a_free_one(api, page, tmp_path):
    async with Mailbox() as mailbox:
        other = Page(
            api,
            mailbox,
            Service({"NTARS_LISTEN": "127.0.0.1:1"}, tmp_path / "serve.log"),
            recipients=[],
            town_map={},
            poster={},
            position=(0.0, 0.0),
        )
        await other.start(int(page.url.rstrip("/").rpartition(":")[2]))

        assert other.url != page.url
        await other.stop()


async def test_the_page_loads_nothing_from_elsewhere(http):
    async with http.get("/") as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "//" not in (await answer.text()).replace("<!doctype", "")
