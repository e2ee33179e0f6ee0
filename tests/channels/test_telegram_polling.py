"""Polling: what is acknowledged is on disk, and nothing that one update is or does harms another."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.polling import Polling
from bot.channels.telegram.shapes import KINDS
from bot.demo.bot_api import BotApi
from conversations.events import Command, Text
from tests.channels.telegram_world import Kept
from tests.recorded_updates import FX

SAM = 700100200


class World:
    """A Bot API, a poller and an intake."""

    def __init__(self, api: BotApi) -> None:
        self.api, self.kept = api, Kept()
        self.pauses: list[tuple[float, str | None, bool]] = []
        self.paused = asyncio.Event()
        self.polling = Polling(api.token, api.url, self.kept.door(), pause=self._pause)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self.polling.run())

    async def stop(self) -> None:
        assert self._task
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _pause(self, seconds: float) -> None:
        self.pauses.append((seconds, self.polling.state.error, self.polling.state.alarm))
        self.paused.set()
        await asyncio.sleep(0)

    def words(self) -> list[str]:
        events = [event for inbound in self.kept.taken for event in inbound.events]
        return [event.words if isinstance(event, Text) else type(event).__name__ for event in events]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with BotApi() as api:
        made = World(api)
        yield made
        await made.stop()


async def test_an_update_is_acknowledged_only_when_it_is_kept(world: World) -> None:
    world.kept.gate = asyncio.Event()
    said = await world.api.phone(SAM).text("red tag on the shutter")

    world.start()
    await world.kept.reached.wait()

    assert world.api.acknowledged == []
    assert len(world.api.made("getUpdates")) == 1

    world.kept.gate.set()
    await world.api.wait_until_acknowledged(said)
    assert world.words() == ["red tag on the shutter"]


async def test_stopping_before_it_is_kept_leaves_it_with_telegram(world: World) -> None:
    world.kept.gate = asyncio.Event()
    said = await world.api.phone(SAM).text("red tag")
    world.start()
    await world.kept.reached.wait()

    await world.stop()
    after = World(world.api)
    after.start()
    await world.api.wait_until_acknowledged(said)
    await after.stop()

    assert after.words() == ["red tag"]


async def test_updates_come_in_the_order_in_which_they_were_sent(world: World) -> None:
    phone = world.api.phone(SAM)
    said = [await phone.text(f"words {number}") for number in range(250)]

    world.start()
    await world.api.wait_until_acknowledged(said[-1])

    assert world.words() == [f"words {number}" for number in range(250)]
    assert len(world.kept.batches) == 3


async def test_a_broken_update_costs_its_neighbours_nothing(world: World) -> None:
    phone = world.api.phone(SAM)
    await phone.text("before")
    broken = world.api.cloud.updates.add_raw({"message": {"message_id": 1}})
    half = world.api.cloud.updates.add_raw({"message": {**FX["text"]["message"], "text": "half \ud83d"}})
    last = await phone.text("after")

    world.start()
    await world.api.wait_until_acknowledged(last)

    assert world.words() == ["before", "half �", "after"]
    assert list(world.kept.dead) == [f"telegram:110201543:{broken['update_id']}"]
    assert half["update_id"] in world.api.acknowledged
    assert broken["update_id"] in world.api.acknowledged


async def test_a_batch_that_is_all_broken_is_acknowledged_too(world: World) -> None:
    broken = world.api.cloud.updates.add_raw({"message": 7})

    world.start()
    await world.api.wait_until_acknowledged(broken)

    assert world.kept.batches == []


async def test_what_could_not_be_kept_comes_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    world.kept.failures = [OSError("database is locked: red tag"), OSError("disk full")]
    said = await world.api.phone(SAM).text("red tag")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert world.words() == ["red tag"]
    assert [error for _, error, _ in world.pauses] == ["OSError", "OSError"]
    assert "red tag" not in caplog.text
    assert world.polling.state.error is None


async def test_a_dead_letter_that_could_not_be_kept_comes_again(world: World) -> None:
    world.kept.failures = [OSError()]
    broken = world.api.cloud.updates.add_raw({"message": 7})

    world.start()
    await world.api.wait_until_acknowledged(broken)

    assert len(world.kept.dead) == 1


async def test_waits_grow_to_a_minute_and_no_further(world: World) -> None:
    world.api.faults.server_error("getUpdates", times=12)
    said = await world.api.phone(SAM).text("still here")

    world.start()
    await world.api.wait_until_acknowledged(said)

    waits = [seconds for seconds, _, _ in world.pauses]
    assert len(waits) == 12
    assert waits[0] <= 1.5
    assert waits[6] > 30
    assert max(waits) <= 60


async def test_the_first_poll_answers_at_once_and_the_next_is_long(world: World) -> None:
    world.start()
    polls = await world.api.wait_for_call_begun("getUpdates", 2)

    assert [poll.parameters["timeout"] for poll in polls] == ["0", "50"]
    assert all(kind in polls[0].parameters["allowed_updates"] for kind in KINDS)
    assert world.polling.state.tried
    assert world.polling.state.last_ok


async def test_after_an_outage_the_first_poll_is_short_again(world: World) -> None:
    world.api.faults.refuse(
        "getUpdates", 500, "Internal Server Error", when=lambda given: given["timeout"] == "50"
    )

    world.start()
    polls = await world.api.wait_for_call_begun("getUpdates", 4)

    assert [poll.parameters["timeout"] for poll in polls] == ["0", "50", "0", "50"]


async def test_a_number_that_acknowledges_is_not_sent_twice(world: World) -> None:
    """After a quiet week Telegram numbers from anywhere; a number kept would acknowledge all below it."""
    said = await world.api.phone(SAM).text("one")

    world.start()
    await world.api.wait_until_acknowledged(said)
    offsets = [poll.parameters.get("offset") for poll in world.api.made("getUpdates")]
    world.api.cloud.updates.end_poll("")
    polls = await world.api.wait_for_call_begun("getUpdates", len(offsets) + 1)

    assert offsets[-1] is not None
    assert "offset" not in polls[-1].parameters


async def test_a_webhook_is_taken_down_and_what_waited_there_comes(world: World) -> None:
    said = await world.api.phone(SAM).text("sent to the webhook")
    world.api.faults.refuse(
        "getUpdates", 409, "Conflict: can't use getUpdates method while webhook is active"
    )

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert len(world.api.made("deleteWebhook")) == 2
    assert {call.parameters["drop_pending_updates"] for call in world.api.made("deleteWebhook")} == {"false"}
    ((seconds, error, alarm),) = world.pauses
    assert 5 <= seconds <= 30
    assert error == "another service fetches this bot's updates"
    assert not alarm


async def test_a_refused_token_is_an_alarm_after_the_third_time(world: World) -> None:
    world.api.faults.refuse("getUpdates", 401, "Unauthorized", times=4)
    said = await world.api.phone(SAM).text("here")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert [alarm for _, _, alarm in world.pauses] == [False, False, True, True]
    assert not world.polling.state.alarm


async def test_the_wait_that_telegram_asks_for_is_kept(world: World) -> None:
    world.api.faults.too_many_requests("getUpdates", 17)
    said = await world.api.phone(SAM).text("here")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert [seconds for seconds, _, _ in world.pauses] == [17]


async def test_an_html_page_instead_of_an_answer_is_survived(world: World) -> None:
    world.api.faults.answer("getUpdates", 200, "<html>login to the hotel's network</html>")
    said = await world.api.phone(SAM).text("here")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert world.words() == ["here"]


async def test_a_server_that_is_away_is_waited_for(world: World) -> None:
    await world.api.refuse()
    world.start()
    await world.paused.wait()

    await world.api.accept()
    said = await world.api.phone(SAM).text("here")
    await world.api.wait_until_acknowledged(said)

    assert world.words() == ["here"]
    assert world.pauses[0][1] == "ClientConnectorError"


async def test_a_tap_is_answered_before_it_is_kept(world: World) -> None:
    world.kept.gate = asyncio.Event()
    world.api.cloud.updates.add_raw({"callback_query": FX["tap"]["callback_query"]})

    world.start()
    await world.kept.reached.wait()

    assert world.kept.tapped == [FX["tap"]["callback_query"]["id"]]
    assert world.kept.batches == []
    world.kept.gate.set()


async def test_a_group_is_left_and_nothing_of_it_is_kept(world: World) -> None:
    world.api.cloud.updates.add_raw({"message": FX["group"]["message"]})
    said = await world.api.phone(SAM).start("K7M4QX2P")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert world.kept.left == [-1001234567890]
    (only,) = world.kept.taken
    assert isinstance(only.events[0], Command)
    assert only.events[0].rest == "K7M4QX2P"


async def test_the_token_is_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    world.api.faults.server_error("getUpdates")
    said = await world.api.phone(SAM).text("here")

    world.start()
    await world.api.wait_until_acknowledged(said)

    assert world.api.token not in caplog.text
