"""Telegram brings updates: taken once, and from nobody else."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio

from bot.channels.telegram.webhook import PATH, SECRET_HEADER
from tests.system.town import STREET, Town


@pytest_asyncio.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path, webhook=True) as opened:
        await opened.api.wait_for_call("setWebhook")
        yield opened


async def _post(town: Town, body: bytes, secret: str | None) -> int:
    headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: secret} if secret is not None else {})
    url = f"{town.url}{PATH}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, data=io.BytesIO(body)) as answer,
    ):
        return answer.status


async def test_a_report_goes_the_whole_way_by_webhook(hooked: Town) -> None:
    phone = hooked.member()

    reference = await hooked.report(phone)

    assert len(await hooked.mails(reference, STREET)) == 1
    assert (await hooked.health())[0] == 200


async def test_only_telegrams_own_secret_opens_the_webhook(hooked: Town) -> None:
    asked = await hooked.member().text("/report")
    body = json.dumps(asked.update).encode()

    assert [await _post(hooked, body, secret) for secret in (None, "", "wrong", "\N{SNOWMAN}")] == [403] * 4


async def test_a_huge_body_is_refused(hooked: Town) -> None:
    secret = hooked.settings().webhook_secret()

    assert await _post(hooked, b"x" * (2**20 + 1), secret) == 413


async def test_a_hostile_body_is_kept_and_not_brought_again(hooked: Town) -> None:
    secret = hooked.settings().webhook_secret()
    bodies = [b"", b"[]", b"{", b"\xff\xfe", b"[" * 5000, b'{"update_id": 1, "message": {"message_id": 1}}']

    answers = [await _post(hooked, body, secret) for body in bodies]

    assert answers == [200] * len(bodies)
    assert hooked.value("SELECT count(*) FROM dead_letter") == len(bodies)
    assert (await hooked.health())[0] == 200


async def test_another_method_or_path_is_nothing(hooked: Town) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{hooked.url}{PATH}") as got:
            pass
        async with session.post(f"{hooked.url}/telegram/other") as elsewhere:
            pass

    assert (got.status, elsewhere.status) == (405, 404)
