"""`ntars serve` is killed, stopped and started while people report: nothing is lost, nothing is doubled."""

import asyncio
import random
import secrets
import signal
from collections import Counter
from pathlib import Path

import pytest

from bot.demo.phone import Phone
from tests.system.town import (
    ASB,
    PARTNERSHIP,
    STREET,
    ServedTown,
    reference_in,
    reporting_mails,
    until,
)

KILLS = 15
PEOPLE = 5
REPORTS = 3
RECIPIENTS = (STREET, ASB, PARTNERSHIP)


async def _report_now_and_then(town: ServedTown, phone: Phone, dice: random.Random) -> None:
    """Reports, each begun at any moment, with the service there or not."""
    for number in range(REPORTS):
        await asyncio.sleep(dice.uniform(0, 3))
        await town.say(phone, words=f"seen {phone.chat.id} {number}")
        await town.filed(phone, number + 1)


def _check_reports(town: ServedTown, people: list[Phone]) -> None:
    expected = sorted(f"seen {phone.chat.id} {number}" for phone in people for number in range(REPORTS))
    assert sorted(row[0] for row in town.rows("SELECT words FROM report")) == expected


def _check_mails(town: ServedTown, people: list[Phone]) -> None:
    for phone in people:
        for reference in town.references(phone):
            for recipient in RECIPIENTS:
                mails = reporting_mails(town.mailbox.to(recipient), reference)
                assert len({mail.message["Message-ID"] for mail in mails}) == 1, (reference, recipient)


def _check_order(town: ServedTown, phone: Phone) -> None:
    """A prompt may come twice after a crash, and one in doubt may be dropped; none comes out of order."""
    saved = [reference_in(message) for message in phone.messages if "Saved: " in message.text]
    order = town.references(phone)
    places = [order.index(reference) for reference in saved]
    assert places == sorted(places)
    assert max(Counter(saved).values(), default=1) <= 2


def _check_acknowledged(town: ServedTown) -> None:
    seen = {row[0].rpartition(":")[2] for row in town.rows("SELECT external_id FROM seen")}
    assert {str(number) for number in town.api.acknowledged} <= seen


@pytest.mark.parametrize("seed", [secrets.randbits(32)], ids=["random"])
async def test_fifteen_kills_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201  pytest shows it when the test fails
    dice = random.Random(seed)
    async with ServedTown(tmp_path) as town:
        people = [town.member(800_000_000 + number) for number in range(PEOPLE)]
        reporters = asyncio.gather(*(_report_now_and_then(town, phone, dice) for phone in people))
        for _ in range(KILLS):
            if dice.random() < 0.75:  # in the middle of the work
                await town.start()
                await asyncio.sleep(dice.uniform(0, 0.4))
            else:  # in the middle of the start
                await town.begin()
                await asyncio.sleep(dice.uniform(0.3, 1.5))
            await town.kill()
        await town.start()
        await reporters
        await until(lambda: _nothing_to_send(town), "all mails sent", 30)

        _check_reports(town, people)
        _check_mails(town, people)
        _check_acknowledged(town)
        for phone in people:
            _check_order(town, phone)


def _nothing_to_send(town: ServedTown) -> bool:
    town.hurry()
    return not town.rows(
        "SELECT 1 FROM outbox WHERE kind = 'email' AND state IN ('due', 'sending', 'doubtful') LIMIT 1"
    )


async def test_sigterm_under_load_ends_cleanly_and_the_next_start_does_the_rest(tmp_path: Path) -> None:
    async with ServedTown(tmp_path) as town:
        people = [town.member(800_000_000 + number) for number in range(PEOPLE)]
        await town.start()
        for number in range(REPORTS):
            for phone in people:
                await town.say(phone, words=f"seen {phone.chat.id} {number}")
        await until(lambda: town.rows("SELECT 1 FROM report LIMIT 1"), "work under way")

        code = await town.kill(signal.SIGTERM, within=15)
        await town.start()
        for phone in people:
            await town.filed(phone, REPORTS)
        await until(lambda: _nothing_to_send(town), "all mails sent", 30)

        assert code == 0, town.last_words()
        _check_reports(town, people)
        _check_mails(town, people)
        assert len(town.mailbox.messages) == PEOPLE * REPORTS * len(RECIPIENTS)


async def test_a_second_serve_on_the_same_data_says_so_and_ends(tmp_path: Path) -> None:
    async with ServedTown(tmp_path) as town:
        await town.start()
        first = town.process
        assert first

        second = await town.begin()
        async with asyncio.timeout(20):
            code = await second.wait()

        assert code == 1
        assert "Another ntars serve has this data folder" in town.last_words()
        assert "Traceback" not in town.last_words()
        assert first.returncode is None
        first.kill()
        await first.wait()


async def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    async with ServedTown(tmp_path) as town:
        taken = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", town.port)
        async with taken:
            process = await town.begin()
            async with asyncio.timeout(20):
                code = await process.wait()

        assert code == 1
        assert f"cannot listen on 127.0.0.1:{town.port}" in town.last_words()
        assert "Traceback" not in town.last_words()
