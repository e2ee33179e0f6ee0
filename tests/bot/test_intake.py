"""The way in: one durable transaction a batch, each message once, each person in order."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.channels.telegram import render
from bot.demo.town import live_copy
from bot.intake import Intake
from bot.scheme_file import Town
from bot.settings import shipped_scheme
from conversations.events import Blocked, Command, Event, Inbound, Text
from conversations.gazetteer import Gazetteer
from conversations.scheme import parse
from conversations.turns import read_turn
from conversations.wording import text_of
from storage import members
from storage.database import Database, DatabaseTrouble
from storage.writer import Writer
from tests.hand_clock import HandClock

SCHEME = parse(live_copy(shipped_scheme().read_text("utf-8")))
TOWN = Town(SCHEME, Gazetteer(SCHEME.area))
REPORT = ("/report", "Graffiti", "Market Square", "No photo", "red tag", "No", "Send")


class _Channel:
    name = "telegram"
    cut = staticmethod(render.cut)


class Desk:
    """An intake with a database, and hands to put messages in."""

    def __init__(self, database: Database, writer: Writer, clock: HandClock) -> None:
        self.database, self.writer, self.clock = database, writer, clock
        self.pokes = 0
        self.intake = Intake(writer, lambda: TOWN, written=self._poked)
        self.intake.add_channel(_Channel())
        self._last = 0

    def _poked(self) -> None:
        self.pokes += 1

    def inbound(self, person: int, event: Event | str, **more: Any) -> Inbound:
        self._last += 1
        message = str(self._last)
        if isinstance(event, str):
            now = self.clock()
            event = (
                Command(at=now, message=message, name=event[1:])
                if event.startswith("/")
                else Text(at=now, message=message, words=event)
            )
        values = {"external_id": f"telegram:1:{message}", "address": f"telegram:{person}"} | more
        return Inbound(events=(event,), **values)

    async def take(self, *items: Inbound) -> None:
        await self.intake.take([(item, msgspec.json.encode(item)) for item in items])

    async def say(self, person: int, *lines: str) -> None:
        await self.take(*(self.inbound(person, line) for line in lines))

    def said(self, person: int) -> list[str]:
        query = "SELECT payload FROM outbox WHERE lane = ? AND kind = 'telegram' ORDER BY id"
        turns = (read_turn(row[0]) for row in self.rows(query, f"telegram:{person}"))
        return [text_of(turn.says, turn.language) for turn in turns]

    def rows(self, query: str, *values: Any) -> list[Any]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query, values)]

    def join(self, person: int, shop: str = "Abbey Books") -> None:
        with self.database.write(self.clock()) as tx:
            business = members.add_business(
                tx, name=f"{shop} {person}", address="12 Abington Street", postcode="NN1", kind="levy", by="t"
            )
            code = members.code_of(tx, business, by="t")
            members.enrol(tx, address=f"telegram:{person}", code=code, notice_version="1")


@pytest.fixture
async def desk(database: Database, writer: Writer, clock: HandClock) -> Desk:
    opened = Desk(database, writer, clock)
    opened.join(1)
    return opened


async def test_a_message_that_comes_again_is_answered_once(desk: Desk) -> None:
    asked = desk.inbound(1, "/report")

    await desk.take(asked)
    await desk.take(asked)
    await desk.take(asked, asked)

    assert len(desk.said(1)) == 1


async def test_a_message_that_comes_again_changes_nothing(desk: Desk) -> None:
    await desk.say(1, *REPORT[:4])
    words = desk.inbound(1, "red tag")
    await desk.take(words)
    before = desk.rows("SELECT state, version FROM person")

    await desk.take(words)

    assert desk.rows("SELECT state, version FROM person") == before


async def test_a_message_twice_in_one_batch_is_answered_once(desk: Desk) -> None:
    asked = desk.inbound(1, "/report")

    await desk.take(asked, asked)

    assert len(desk.said(1)) == 1


async def test_a_whole_report_in_one_batch_is_filed(desk: Desk) -> None:
    await desk.say(1, *REPORT)

    assert desk.rows("SELECT category, words, answer FROM report") == [("graffiti", "red tag", "no")]
    assert "Saved: NT-" in desk.said(1)[-1]
    assert desk.rows("SELECT count(*) FROM outbox WHERE kind = 'email'") == [(3,)]


async def test_people_of_one_batch_are_kept_apart(desk: Desk) -> None:
    desk.join(2)
    lines = [desk.inbound(person, line) for line in REPORT for person in (1, 2)]

    await desk.take(*lines)

    assert desk.rows("SELECT count(*), count(DISTINCT member_id) FROM report") == [(2, 2)]
    assert desk.said(1)[:-1] == desk.said(2)[:-1]


async def test_what_an_act_leads_to_is_said_in_the_same_turn(desk: Desk) -> None:
    await desk.say(1, *REPORT[:-1])
    before = len(desk.said(1))

    await desk.say(1, "Send")

    (answer,) = desk.said(1)[before:]
    assert "On its way to" in answer


async def test_a_question_loses_its_buttons_with_the_next_one(desk: Desk) -> None:
    await desk.say(1, "/report")
    await desk.say(1, "Graffiti")

    first, second = desk.rows("SELECT reference, also_edit FROM outbox WHERE kind = 'telegram' ORDER BY id")
    assert first[1] is None
    assert second[1] == first[0]


async def test_somebody_who_blocked_us_is_not_answered_until_they_write(desk: Desk) -> None:
    await desk.say(1, "/report")
    before = len(desk.said(1))

    await desk.take(desk.inbound(1, Blocked(at=desk.clock())))
    blocked = desk.rows("SELECT blocked_at FROM person")
    await desk.say(1, "Graffiti")

    assert blocked != [(None,)]
    assert desk.rows("SELECT blocked_at FROM person") == [(None,)]
    assert len(desk.said(1)) == before + 1


async def test_a_channel_that_is_off_keeps_the_conversation_and_says_nothing(desk: Desk) -> None:
    asked = desk.inbound(1, "/report", address="whatsapp:1", external_id="whatsapp:1")

    await desk.take(asked)

    assert desk.rows("SELECT address FROM person") == [("whatsapp:1",)]
    assert desk.rows("SELECT count(*) FROM outbox WHERE lane = 'whatsapp:1' AND kind <> 'timer'") == [(0,)]


async def test_a_message_that_breaks_is_kept_and_its_neighbours_are_handled(desk: Desk) -> None:
    desk.join(2)
    await desk.say(1, "/report")
    with desk.database.write(desk.clock()) as tx:
        tx.connection.exec_driver_sql("UPDATE person SET state = '{' WHERE address = 'telegram:1'")
    broken = desk.inbound(1, "Graffiti")

    await desk.take(desk.inbound(2, "/report"), broken, desk.inbound(2, "Graffiti"))

    kept = desk.rows("SELECT external_id, channel, body, error, replayed_at FROM dead_letter")
    assert [row[:2] for row in kept] == [(broken.external_id, "telegram")]
    assert msgspec.json.decode(kept[0][2], type=Inbound) == broken
    assert kept[0][3]
    assert "Something went wrong on our side" in desk.said(1)[-1]
    assert "Where is it?" in desk.said(2)[-1]


async def test_the_bid_hears_of_it_once_a_day(desk: Desk) -> None:
    await desk.say(1, "/report")
    with desk.database.write(desk.clock()) as tx:
        tx.connection.exec_driver_sql("UPDATE person SET state = '{'")

    for _ in range(3):
        await desk.say(1, "one", "two")
    today = desk.rows("SELECT count(*) FROM outbox WHERE kind = 'email'")
    desk.clock.move(days=1)
    await desk.say(1, "three")

    assert today == [(1,)]
    assert desk.rows("SELECT count(*) FROM outbox WHERE kind = 'email'") == [(2,)]
    assert desk.rows("SELECT count(*) FROM dead_letter") == [(7,)]


async def test_a_fault_of_ours_puts_nobodys_words_into_the_log_or_the_list_of_faults(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.say(1, *REPORT[:4], "a zebra in the yard", "No")
    with desk.database.write(desk.clock()) as tx:
        tx.connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON report BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )

    await desk.say(1, "Send")

    ((error,),) = desk.rows("SELECT error FROM dead_letter")
    assert "no more" in error
    assert "zebra" not in error
    assert "zebra" not in caplog.text
    assert "telegram:1" not in error


async def test_a_body_that_is_no_text_is_kept_all_the_same(desk: Desk) -> None:
    await desk.intake.keep_dead("telegram:1:99", b"\xff\x00{", "it is not JSON")

    assert desk.rows("SELECT body, error FROM dead_letter") == [("\\xff\\x00{", "it is not JSON")]


async def test_a_database_that_keeps_nothing_is_told_to_the_channel(desk: Desk) -> None:
    asked = desk.inbound(1, "/report")
    with desk.database.write(desk.clock()), pytest.raises(DatabaseTrouble, match="locked"):
        await desk.take(asked)

    await desk.take(asked)

    assert len(desk.said(1)) == 1
    assert desk.rows("SELECT count(*) FROM dead_letter") == [(0,)]


async def test_the_way_out_is_poked_after_every_batch(desk: Desk) -> None:
    await desk.say(1, "/report")
    await desk.say(1, "Graffiti")

    assert desk.pokes == 2


async def test_a_new_persons_language_is_that_of_their_app_as_far_as_we_speak_it(desk: Desk) -> None:
    await desk.take(desk.inbound(1, "/report", language="xx"))
    await desk.take(desk.inbound(2, "/start", language="en"))

    assert desk.rows("SELECT DISTINCT language FROM person") == [("en",)]


async def test_a_draft_gets_one_timer(desk: Desk) -> None:
    await desk.say(1, *REPORT[:4])

    timers = desk.rows("SELECT not_before - created_at FROM outbox WHERE kind = 'timer'")
    assert timers == [(timedelta(minutes=30) // timedelta(milliseconds=1),)]
