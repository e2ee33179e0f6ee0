"""While the database keeps nothing, nothing is acknowledged; afterwards everything goes through once."""

import resource
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bot.channels.telegram.webhook import PATH, SECRET_HEADER
from bot.demo.bot_api import BotApi
from bot.demo.limits import Json
from storage.tx import Tx
from tests.system.town import STREET, ServedTown, Town, until

QUESTION = "What have you seen?"


def _number(update: Json | None) -> int:
    assert update
    return int(update["update_id"])


async def _until_it_says_so(town: Town, words: str) -> None:
    """Wait for /healthz to say 503 and what is the matter."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{town.url}/healthz") as answer:
                body = await answer.json()
                if answer.status == 503 and words in body["database"]:
                    assert body["healthy"] is False
                    return


async def test_a_locked_database_acknowledges_nothing_and_says_so(tmp_path: Path) -> None:
    async with Town(tmp_path, busy_timeout_ms=100) as town:
        phone = town.member()
        await _quiet(town)
        with town.locked():
            asked = await phone.text("/report")
            await _until_it_says_so(town, "locked")
            await _asked_again(town.api)
            acknowledged = _number(asked.update) in town.api.acknowledged
            answers = [message for message in phone.messages if message.who == "bot"]

        await phone.wait_for(QUESTION, 10)
        await town.api.wait_until_acknowledged(asked)

        assert not acknowledged
        assert answers == []
        assert (await town.health())[0] == 200
        assert sum(QUESTION in message.text for message in phone.messages) == 1


async def test_a_webhook_answers_503_with_a_wait_while_the_database_is_locked(tmp_path: Path) -> None:
    async with Town(tmp_path, busy_timeout_ms=100, webhook=True) as town:
        phone = town.member()
        await town.api.wait_for_call("setWebhook")
        headers = {SECRET_HEADER: town.settings().webhook_secret()}
        await town.api.delivery.stop()
        asked = await phone.text("/report")

        async with aiohttp.ClientSession(headers=headers) as telegram:
            with town.locked():
                async with telegram.post(f"{town.url}{PATH}", json=asked.update) as refused:
                    pass
            async with telegram.post(f"{town.url}{PATH}", json=asked.update) as taken:
                pass
            async with telegram.post(f"{town.url}{PATH}", json=asked.update) as again:
                pass

        await phone.wait_for(QUESTION)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert (taken.status, again.status) == (200, 200)
        assert sum(QUESTION in message.text for message in phone.messages) == 1


async def _asked_again(api: BotApi) -> None:
    """Wait until the service has fetched twice more: a confirmation would have come with that."""
    polls = len(api.made("getUpdates"))
    await api.wait_for_call("getUpdates", polls + 2, timeout=15)


async def _quiet(town: Town) -> None:
    """The start is over, so that the next thing written is the test's."""
    await until(lambda: town.value("SELECT value FROM fact WHERE name = 'telegram.bot'"), "the bot's name")


def _read_only(tx: Tx, items: Sequence[None]) -> Sequence[None]:
    tx.connection.exec_driver_sql("PRAGMA query_only=ON")
    return [None] * len(items)


def _full(tx: Tx, items: Sequence[None]) -> Sequence[None]:
    (pages,) = tx.connection.exec_driver_sql("PRAGMA page_count").one()
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    return [None] * len(items)


async def test_a_read_only_database_acknowledges_nothing_until_it_is_mended(town: Town) -> None:
    phone = town.member()
    await _quiet(town)
    await town.service.writer.submit(_read_only, None)

    asked = await phone.text("/report")
    await _until_it_says_so(town, "readonly")
    acknowledged = _number(asked.update) in town.api.acknowledged
    await phone.wait_for(QUESTION, 10)

    assert not acknowledged
    assert (await town.health())[0] == 200


async def test_a_full_database_acknowledges_nothing_until_there_is_room(town: Town) -> None:
    phone = town.member()
    await _quiet(town)
    await town.service.writer.submit(_full, None)

    sent = [await phone.text(f"graffiti {'x' * 3000} {number}") for number in range(4)]
    await _until_it_says_so(town, "full")
    acknowledged = [one for one in sent if _number(one.update) in town.api.acknowledged]
    await phone.wait_for("Looks like", 10)

    assert acknowledged == []
    assert (await town.health())[0] == 200


async def test_a_disk_that_takes_no_more_loses_nothing(tmp_path: Path) -> None:
    """The system refuses every longer file to a running service, and gives way later."""
    async with ServedTown(tmp_path) as town:
        phone = town.member()
        await town.start()
        assert town.process
        _, most = resource.prlimit(town.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(town.process.pid, resource.RLIMIT_FSIZE, (4096, most))

        await town.say(phone)
        await _asked_again(town.api)
        acknowledged = list(town.api.acknowledged)
        resource.prlimit(town.process.pid, resource.RLIMIT_FSIZE, (most, most))
        await until(lambda: town.references(phone), "the report is filed", 20)

        assert acknowledged == []
        assert len(await town.mails(town.references(phone)[0], STREET, timeout=20)) == 1
        assert len(town.references(phone)) == 1
