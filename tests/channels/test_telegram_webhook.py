"""The webhook: only Telegram is believed, and 200 means that it is on disk."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.shapes import KINDS
from bot.channels.telegram.webhook import MAX_BODY, PATH, SECRET_HEADER, Webhook
from bot.demo.bot_api import BotApi
from conversations.events import Text
from tests.channels.telegram_world import Kept, Pauses
from tests.recorded_updates import FX

SECRET = "s3cret-of-the_webhook"


@dataclass
class World:
    """A service that listens, and somebody who posts to it."""

    kept: Kept
    webhook: Webhook
    url: str
    session: aiohttp.ClientSession

    async def post(self, body: Any, secret: str | None = SECRET) -> tuple[int, str]:
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self.session.post(self.url, data=data, headers=headers) as answer:
            return answer.status, answer.headers.get("Retry-After", "")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    kept = Kept()
    webhook = Webhook(SECRET, kept.door())
    app = web.Application()
    app.router.add_post(PATH, webhook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        yield World(kept, webhook, f"http://{host}:{port}{PATH}", session)
    await webhook.close()
    await runner.cleanup()


async def test_an_update_is_answered_when_it_is_kept(world: World) -> None:
    world.kept.gate = asyncio.Event()

    posting = asyncio.create_task(world.post(FX["text"]))
    await world.kept.reached.wait()
    assert not posting.done()
    world.kept.gate.set()

    assert (await posting)[0] == 200
    (inbound,) = world.kept.taken
    assert inbound.external_id == "telegram:110201543:2"
    assert isinstance(inbound.events[0], Text)


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "é", "\udcff"])
@pytest.mark.parametrize("body", [FX["text"], b"", b"{", b"x" * (MAX_BODY + 1)])
async def test_a_stranger_is_refused_and_nothing_is_kept(world: World, secret: str | None, body: Any) -> None:
    status, _ = await world.post(body, secret)

    assert status == 403
    assert world.kept.batches == []
    assert world.kept.dead == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'{"update_id": 5, "message": {}}'])
async def test_what_telegram_sends_and_nobody_can_read_is_kept_and_taken(world: World, body: bytes) -> None:
    status, _ = await world.post(body)

    assert status == 200
    assert list(world.kept.dead.values()) == [body]


async def test_the_same_unreadable_update_is_one_dead_letter(world: World) -> None:
    for _ in range(2):
        await world.post(FX["malformed"])

    assert list(world.kept.dead) == ["telegram:110201543:29"]


async def test_a_body_over_a_megabyte_is_refused(world: World) -> None:
    status, _ = await world.post(b" " * (MAX_BODY + 1))

    assert status == 413
    assert world.kept.dead == {}


async def test_a_body_that_hides_its_length_is_refused_all_the_same(world: World) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 2**16

    headers = {SECRET_HEADER: SECRET}
    try:
        async with world.session.post(world.url, data=pieces(), headers=headers) as answer:
            assert answer.status == 413
    except aiohttp.ClientConnectionError:
        pass  # the server may close before the client has sent all of it

    assert world.kept.dead == {}


@pytest.mark.parametrize("update", [FX["text"], FX["malformed"]])
async def test_trouble_with_the_database_asks_telegram_to_come_again(world: World, update: Any) -> None:
    world.kept.failures = [OSError("database is locked")]

    assert await world.post(update) == (503, "5")
    assert world.webhook.state.error == "OSError"
    assert await world.post(update) == (200, "")
    assert world.webhook.state.error is None


async def test_what_means_nothing_to_us_is_taken(world: World) -> None:
    for name in ("unknown_update", "reaction", "live_location_move"):
        assert (await world.post(FX[name]))[0] == 200

    assert world.kept.batches == []
    assert world.kept.dead == {}


async def test_a_tap_is_answered_and_a_group_left(world: World) -> None:
    await world.post(FX["tap"])
    await world.post(FX["group"])

    assert world.kept.tapped == ["4382bfdwdsb323b2d9"]
    assert world.kept.left == [-1001234567890]


async def test_only_a_post_is_answered(world: World) -> None:
    async with world.session.get(world.url) as answer:
        assert answer.status == 405


def test_a_webhook_without_a_secret_is_none() -> None:
    with pytest.raises(ValueError, match="anybody"):
        Webhook("", Kept().door())


async def test_telegram_is_told_the_secret_and_brings_what_is_said(world: World) -> None:
    async def nothing(reference: str) -> str | None:
        return None

    async with BotApi(webhook_delay=0) as api:
        channel = TelegramChannel(api.token, api.url, nothing, pause=Pauses())
        said = await api.phone(700100200).text("before the webhook")
        api.faults.server_error("setWebhook")

        await channel.set_webhook(world.url, SECRET)
        await api.wait_until_acknowledged(said)
        await channel.close()

        told = api.made("setWebhook")[-1].parameters
        assert told["url"] == world.url
        assert told["secret_token"] == SECRET
        assert json.loads(told["allowed_updates"]) == list(KINDS)
        assert told.get("drop_pending_updates", "false").lower() == "false"
    (inbound,) = world.kept.taken
    assert isinstance(inbound.events[0], Text)
    assert inbound.events[0].words == "before the webhook"
