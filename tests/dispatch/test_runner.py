import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, select

from dispatch.runner import Runner
from dispatch.transport import Backoff, GiveUp, InDoubt, InDoubtRule, Kind, Outbound, Receipt, TryLater
from dispatch.verdicts import Doubtful, Failed, Later, Sent, Verdict
from storage import installation, outbox
from storage.database import Database, DatabaseTrouble, open_database
from storage.outbox import NewRow
from storage.tables import Outbox, metadata, table
from storage.tx import Tx
from storage.writer import Writer
from tests.hand_clock import HandClock

_outbox = table(Outbox)

Answer = Receipt | Exception


@dataclass
class Script:
    """A transport that answers as told, row by row, and by default with a receipt."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    most_at_once: int = 0
    _in_flight: int = 0

    async def send(self, row: Outbound) -> Receipt:
        self.sent.append(row.payload)
        self._in_flight += 1
        self.most_at_once = max(self.most_at_once, self._in_flight)
        try:
            if self.hold is not None:
                await self.hold.wait()
        finally:
            self._in_flight -= 1
        waiting = self.answers.get(row.payload, [])
        answer = waiting.pop(0) if waiting else Receipt(f"provider {row.payload}")
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_kind(
    transport: Any, name: str = "telegram", rule: InDoubtRule = InDoubtRule.ONCE_MORE, **other: Any
) -> Kind:
    return Kind(name, transport, rule, **other)


@dataclass
class Desk:
    """A runner at work, and what a test does with it."""

    runner: Runner
    database: Database
    clock: HandClock

    def put(self, *names: str, **other: Any) -> None:
        values: dict[str, Any] = {"kind": "telegram", "lane": "one", "not_before": self.clock()} | other
        rows = [NewRow(dedupe=name, payload=name, **values) for name in names]
        with self.database.write(self.clock()) as tx:
            outbox.insert(tx, rows)
        self.runner.poke()

    def pass_time(self, **by: float) -> None:
        self.clock.move(**by)
        self.runner.poke()

    def row(self, name: str) -> Row[Any]:
        with self.database.read() as connection:
            return connection.execute(select(_outbox).where(_outbox.c.dedupe == name)).one()

    def states(self) -> dict[str, str]:
        with self.database.read() as connection:
            rows = connection.execute(select(_outbox.c.dedupe, _outbox.c.state).order_by(_outbox.c.id))
            return {row.dedupe: row.state for row in rows}

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110  what is waited for happens in a database
                await asyncio.sleep(0.002)

    async def until_tried(self, name: str, times: int) -> None:
        await self.until(lambda: self.row(name).attempts == times)

    async def until_states(self, **states: str) -> None:
        try:
            await self.until(lambda: self.states().items() >= states.items())
        except TimeoutError:
            pytest.fail(f"{self.states()} never became {states}")


@asynccontextmanager
async def at_work(writer: Writer, clock: HandClock, *kinds: Kind, **other: Any) -> AsyncIterator[Desk]:
    """Polls only once in ten seconds: what happens sooner was poked, or was due."""
    how: dict[str, Any] = {"by": "me", "clock": clock, "random": lambda: 0.5, "poll_s": 10} | other
    runner = Runner(writer, kinds, **how)
    runner.start()
    yield Desk(runner, writer.database, clock)
    await runner.stop(grace_s=1)


async def test_what_is_put_in_is_sent_and_marked(writer: Writer, clock: HandClock) -> None:
    transport = Script()
    async with at_work(writer, clock, a_kind(transport)) as desk:
        desk.put("hello", also_edit="prompt", reference="ours")
        await desk.until_states(hello="sent")

    row = desk.row("hello")
    assert (row.provider_id, row.sent_at, row.attempts) == ("provider hello", clock(), 1)
    assert transport.sent == ["hello"]


async def test_a_transport_sees_the_row_but_not_our_bookkeeping(writer: Writer, clock: HandClock) -> None:
    seen: list[Outbound] = []

    class Curious:
        async def send(self, row: Outbound) -> Receipt:
            seen.append(row)
            return Receipt()

    async with at_work(writer, clock, a_kind(Curious())) as desk:
        desk.put("hello", also_edit="prompt", reference="ours")
        await desk.until_states(hello="sent")

    assert seen == [Outbound(1, "telegram", "one", "ours", "hello", 0, clock(), clock(), "prompt")]


async def test_a_lane_keeps_its_order_while_others_go_side_by_side(writer: Writer, clock: HandClock) -> None:
    transport = Script(hold=asyncio.Event())
    assert transport.hold is not None
    async with at_work(writer, clock, a_kind(transport, at_once=4)) as desk:
        for lane in range(8):
            desk.put(*(f"{lane}{number}" for number in range(3)), lane=str(lane))
        await desk.until(lambda: len(transport.sent) == 4)
        transport.hold.set()
        await desk.until(lambda: set(desk.states().values()) == {"sent"})

    assert transport.most_at_once == 4
    for first in "01234567":
        assert [name for name in transport.sent if name[0] == first] == [
            f"{first}{number}" for number in range(3)
        ]


async def test_a_slow_kind_starves_no_other(writer: Writer, clock: HandClock) -> None:
    slow, quick = Script(hold=asyncio.Event()), Script()
    async with at_work(writer, clock, a_kind(slow, at_once=2), a_kind(quick, "email")) as desk:
        desk.put(*(f"slow{n}" for n in range(20)), lane="a")
        desk.put("slower", lane="b")
        desk.put("quick", kind="email", lane="c")

        await desk.until_states(quick="sent", slower="sending", slow0="sending", slow1="due")
        assert desk.runner.state()["telegram"].in_flight == 2
        assert slow.hold is not None
        slow.hold.set()


async def test_rows_of_another_process_are_found_by_looking(writer: Writer, clock: HandClock) -> None:
    async with at_work(writer, clock, a_kind(Script()), poll_s=0.02) as desk:
        with desk.database.write(clock()) as tx:
            outbox.insert(tx, [NewRow("telegram", "one", "theirs", "theirs", clock())])

        await desk.until_states(theirs="sent")


async def test_while_nothing_is_due_the_pen_is_not_asked_for(writer: Writer, clock: HandClock) -> None:
    troubles: list[DatabaseTrouble] = []
    async with at_work(writer, clock, a_kind(Script()), on_trouble=troubles.append, poll_s=0.01) as desk:
        desk.put("now")
        desk.put("later", not_before=clock() + timedelta(hours=1))
        await desk.until_states(now="sent")
        await asyncio.sleep(0.02)
        other = desk.database.outside_transaction()
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.05)
        other.close()

    assert troubles == []


async def test_a_row_leaves_when_its_time_comes(writer: Writer, clock: HandClock) -> None:
    async with at_work(writer, clock, a_kind(Script())) as desk:
        desk.put("later", not_before=clock() + timedelta(seconds=30))
        desk.put("now")
        await desk.until_states(now="sent", later="due")

        desk.pass_time(seconds=30)
        await desk.until_states(later="sent")


async def test_a_row_that_failed_for_now_is_tried_again_before_the_next(
    writer: Writer, clock: HandClock
) -> None:
    transport = Script({"a": [TryLater("busy"), TryLater("busy", after=timedelta(minutes=2))]})
    async with at_work(writer, clock, a_kind(transport)) as desk:
        desk.put("a", "b")
        await desk.until_tried("a", 1)
        assert desk.row("a").not_before == clock() + timedelta(seconds=5)

        desk.pass_time(seconds=5)
        await desk.until_tried("a", 2)
        assert desk.row("a").not_before == clock() + timedelta(minutes=2)

        desk.pass_time(minutes=2)
        await desk.until_states(a="sent", b="sent")

    assert transport.sent == ["a", "a", "a", "b"]


async def test_a_row_that_will_never_be_sent_lets_the_next_pass(writer: Writer, clock: HandClock) -> None:
    transport = Script({"a": [GiveUp("no such address")]})
    async with at_work(writer, clock, a_kind(transport)) as desk:
        desk.put("a", "b")
        await desk.until_states(a="failed", b="sent")

    assert desk.row("a").error == "no such address"


async def test_patience_ends(writer: Writer, clock: HandClock) -> None:
    transport = Script({"a": [TryLater("busy") for _ in range(9)]})
    kind = a_kind(transport, backoff=Backoff(patience=timedelta(seconds=20)))
    async with at_work(writer, clock, kind) as desk:
        desk.put("a", not_before=clock() + timedelta(days=1))
        desk.pass_time(days=1)
        for attempt, wait_s in ((1, 5), (2, 15)):
            await desk.until_tried("a", attempt)
            desk.pass_time(seconds=wait_s)
        await desk.until_states(a="failed")

    assert desk.row("a").error == "given up: busy"


async def test_a_fault_of_the_whole_kind_pauses_it_and_costs_no_attempt(
    writer: Writer, clock: HandClock
) -> None:
    refusals: dict[str, list[Answer]] = {
        name: [TryLater("connection refused", whole_kind=True)] for name in ("a", "b")
    }
    transport, other = Script(refusals), Script()
    async with at_work(writer, clock, a_kind(transport), a_kind(other, "email")) as desk:
        desk.put("a")
        await desk.until(lambda: desk.runner.state()["telegram"].paused_until is not None)
        desk.put("b", lane="two")
        desk.put("c", kind="email", lane="three")
        await desk.until_states(a="due", b="due", c="sent")

        state = desk.runner.state()["telegram"]
        assert (state.paused_until, state.last_error) == (
            clock() + timedelta(seconds=1),
            "connection refused",
        )
        desk.pass_time(seconds=1)
        await desk.until(lambda: transport.sent[1:] == ["a", "b"])
        await desk.until_states(a="sent", b="due")
        desk.pass_time(seconds=15)
        await desk.until_states(b="sent")

    assert (desk.row("b").attempts, desk.runner.state()["telegram"].last_error) == (1, None)


async def test_a_kind_waits_as_long_as_it_was_told(writer: Writer, clock: HandClock) -> None:
    flood = TryLater("429", after=timedelta(seconds=40), whole_kind=True)
    async with at_work(writer, clock, a_kind(Script({"a": [flood]}))) as desk:
        desk.put("a")
        await desk.until(lambda: desk.runner.state()["telegram"].paused_until is not None)
        await desk.until_states(a="due")

        desk.pass_time(seconds=39)
        await asyncio.sleep(0.02)
        assert desk.states() == {"a": "due"}
        desk.pass_time(seconds=1)
        await desk.until_states(a="sent")


@pytest.mark.parametrize("doubt", [InDoubt("no answer"), RuntimeError("surprise")])
async def test_a_prompt_in_doubt_is_repeated_once_after_three_seconds(
    writer: Writer, clock: HandClock, doubt: Exception
) -> None:
    transport = Script({"a": [doubt, doubt]})
    async with at_work(writer, clock, a_kind(transport)) as desk:
        desk.put("a")
        await desk.until_states(a="doubtful")
        desk.pass_time(seconds=2)
        await asyncio.sleep(0.02)
        assert transport.sent == ["a"]

        desk.pass_time(seconds=1)
        await desk.until_states(a="failed")

    assert transport.sent == ["a", "a"]
    assert desk.row("a").error.startswith("in doubt")


async def test_a_prompt_in_doubt_is_dropped_for_a_newer_turn(writer: Writer, clock: HandClock) -> None:
    transport = Script({"a": [InDoubt("no answer")]})
    verdicts: list[Verdict] = []
    told = {"telegram": lambda tx, row, verdict: verdicts.append(verdict)}
    async with at_work(writer, clock, a_kind(transport), settled=told) as desk:
        desk.put("a")
        await desk.until_states(a="doubtful")
        desk.put("b")
        await desk.until_states(a="failed", b="sent")

    assert transport.sent == ["a", "b"]
    assert [type(verdict) for verdict in verdicts] == [Doubtful, Failed, Sent]


@pytest.mark.parametrize(("rule", "state"), [(InDoubtRule.REPEAT, "due"), (InDoubtRule.DROP, "failed")])
async def test_other_doubts_follow_their_rule(
    writer: Writer, clock: HandClock, rule: InDoubtRule, state: str
) -> None:
    async with at_work(writer, clock, a_kind(Script({"a": [InDoubt("no answer")]}), rule=rule)) as desk:
        desk.put("a")
        await desk.until_states(a=state)
        await desk.until_tried("a", 1)


async def test_no_answer_in_time_is_a_doubt(writer: Writer, clock: HandClock) -> None:
    transport = Script(hold=asyncio.Event())
    kind = a_kind(transport, time_out=timedelta(milliseconds=20), rule=InDoubtRule.DROP)
    async with at_work(writer, clock, kind) as desk:
        desk.put("a")
        await desk.until_states(a="failed")

    assert desk.row("a").error == "in doubt, not repeated: no answer in time"


async def test_a_broken_transport_is_logged_without_what_it_carried(
    writer: Writer, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    transport = Script({"private words": [ZeroDivisionError()]})
    async with at_work(writer, clock, a_kind(transport, rule=InDoubtRule.DROP)) as desk:
        desk.put("private words")
        await desk.until(lambda: desk.row("private words").state == "failed")

    (record,) = [record for record in caplog.records if record.message == "transport broke"]
    assert record.exc_info is not None
    assert record.__dict__["outbox_id"] == 1
    assert "private words" not in caplog.text


async def test_every_row_sent_is_logged_with_ids_only(
    writer: Writer, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with at_work(writer, clock, a_kind(Script())) as desk:
            desk.put("private words", lane="telegram:4711")
            await desk.until(lambda: desk.row("private words").state == "sent")

    (record,) = [record for record in caplog.records if record.message == "outbox row sent"]
    fields = {name: record.__dict__[name] for name in ("outbox_id", "kind", "attempt")}
    assert fields == {"outbox_id": 1, "kind": "telegram", "attempt": 1}
    assert "4711" not in caplog.text


async def test_the_listener_writes_in_the_transaction_of_the_mark(writer: Writer, clock: HandClock) -> None:
    def told(tx: Tx, row: Outbound, verdict: Verdict) -> None:
        installation.put(tx, row.reference, type(verdict).__name__)

    transport = Script({"a": [GiveUp("gone", address_dead=True)], "b": [TryLater("busy")]})
    async with at_work(writer, clock, a_kind(transport), settled={"telegram": told}) as desk:
        for name in "abc":
            desk.put(name, lane=name, reference=name)
        await desk.until_states(a="failed", c="sent")
        await desk.until_tried("b", 1)

    with desk.database.read() as connection:
        facts = [installation.get(Tx(connection, clock()), name) for name in "abc"]
    assert facts == [Failed.__name__, Later.__name__, Sent.__name__]


async def test_a_broken_listener_does_not_send_the_message_again(writer: Writer, clock: HandClock) -> None:
    def broken(tx: Tx, row: Outbound, verdict: Verdict) -> None:
        raise ZeroDivisionError

    transport = Script()
    async with at_work(writer, clock, a_kind(transport), settled={"telegram": broken}) as desk:
        desk.put("a")
        await desk.until_states(a="sent")

    assert transport.sent == ["a"]


async def test_a_mark_waits_for_a_database_that_refuses(writer: Writer, clock: HandClock) -> None:
    transport = Script(hold=asyncio.Event())
    assert transport.hold is not None
    troubles: list[DatabaseTrouble] = []
    async with at_work(writer, clock, a_kind(transport), on_trouble=troubles.append, poll_s=0.01) as desk:
        desk.put("a")
        await desk.until(lambda: transport.sent == ["a"])
        other = desk.database.outside_transaction()
        other.execute("BEGIN IMMEDIATE")
        transport.hold.set()
        await desk.until(lambda: bool(troubles))
        other.execute("ROLLBACK")
        other.close()
        await desk.until_states(a="sent")

    assert troubles[0].kind == "locked"
    assert transport.sent == ["a"]


async def test_stopping_lets_what_is_on_its_way_arrive_and_claims_nothing_more(
    writer: Writer, clock: HandClock
) -> None:
    transport = Script(hold=asyncio.Event())
    assert transport.hold is not None
    async with at_work(writer, clock, a_kind(transport)) as desk:
        desk.put("a", "b")
        await desk.until(lambda: transport.sent == ["a"])
        stopping = asyncio.create_task(desk.runner.stop(grace_s=5))
        await asyncio.sleep(0.02)
        transport.hold.set()
        await stopping

    assert desk.states() == {"a": "sent", "b": "due"}


@pytest.mark.parametrize(
    ("rule", "state", "sent"),
    [
        (InDoubtRule.REPEAT, "sent", ["a"]),
        (InDoubtRule.ONCE_MORE, "doubtful", []),
        (InDoubtRule.DROP, "failed", []),
    ],
)
async def test_what_a_crash_left_behind_follows_its_kinds_rule(
    writer: Writer, clock: HandClock, rule: InDoubtRule, state: str, sent: list[str]
) -> None:
    stuck = Script(hold=asyncio.Event())
    runner = Runner(writer, [a_kind(stuck, rule=rule)], by="the dead", clock=clock)
    runner.start()
    dead = Desk(runner, writer.database, clock)
    dead.put("a")
    await dead.until(lambda: stuck.sent == ["a"])
    await runner.stop(grace_s=0)
    assert dead.states() == {"a": "sending"}

    transport = Script()
    async with at_work(writer, clock, a_kind(transport, rule=rule)) as desk:
        await desk.until_states(a=state)
        assert transport.sent == sent
        desk.pass_time(seconds=3)
        if rule is InDoubtRule.ONCE_MORE:
            await desk.until_states(a="sent")


async def test_a_kind_of_nobody_here_is_left_alone(writer: Writer, clock: HandClock) -> None:
    async with at_work(writer, clock, a_kind(Script())) as desk:
        desk.put("page", kind="web")
        desk.put("chat", lane="two")
        await desk.until_states(chat="sent", page="due")


async def test_the_state_counts_what_should_have_left(writer: Writer, clock: HandClock) -> None:
    transport = Script(hold=asyncio.Event())
    assert transport.hold is not None
    async with at_work(writer, clock, a_kind(transport, at_once=1), poll_s=0.01) as desk:
        desk.put("a", "b", "c")
        await desk.until(lambda: desk.runner.state()["telegram"].due == 2)
        transport.hold.set()
        await desk.until(lambda: desk.runner.state()["telegram"].due == 0)


# What holds whatever the other side says

_answers = st.sampled_from(["receipt", "later", "kind", "give up", "doubt", "doubt, arrived", "bug, arrived"])
_lanes = st.lists(st.lists(st.lists(_answers, max_size=3), min_size=1, max_size=3), min_size=8, max_size=8)


class Fickle:
    """A transport that answers from drawn lists and keeps account of what arrived."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = {name: list(some) for name, some in answers.items()}
        self.tries: list[str] = []
        self.arrived: list[str] = []
        self.doubted: set[str] = set()
        self.given_up: set[str] = set()
        self.busy: set[str] = set()

    async def send(self, row: Outbound) -> Receipt:
        assert row.lane not in self.busy
        self.busy.add(row.lane)
        self.tries.append(row.payload)
        try:
            await asyncio.sleep(0)
            return self.answer(row.payload)
        finally:
            self.busy.discard(row.lane)

    def answer(self, name: str) -> Receipt:
        answer = self.answers[name].pop(0) if self.answers[name] else "receipt"
        if answer == "receipt" or answer.endswith("arrived"):
            self.arrived.append(name)
        if answer.startswith(("doubt", "bug")):
            self.doubted.add(name)
        match answer:
            case "receipt":
                return Receipt()
            case "later":
                raise TryLater("busy")
            case "kind":
                raise TryLater("refused", whole_kind=True)
            case "give up":
                self.given_up.add(name)
                raise GiveUp("no")
            case "doubt" | "doubt, arrived":
                raise InDoubt("who knows")
        raise ZeroDivisionError


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lanes=_lanes, rule=st.sampled_from(InDoubtRule), lane_waits=st.booleans())
async def test_order_is_kept_and_nothing_is_lost_or_doubled_without_a_doubt(
    lanes: list[list[list[str]]], rule: InDoubtRule, lane_waits: bool
) -> None:
    clock = HandClock()
    names = {f"{lane}-{place}": some for lane, rows in enumerate(lanes) for place, some in enumerate(rows)}
    transport = Fickle(names)
    kind = a_kind(transport, rule=rule, lane_waits=lane_waits, backoff=Backoff(patience=timedelta(days=999)))
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/ntars.db")
        with database.write(clock()) as tx:
            metadata.create_all(tx.connection)
        writer = Writer(database, clock)
        writer.start()
        async with at_work(writer, clock, kind) as desk:
            for name in names:
                desk.put(name, lane=name.split("-")[0])
            async with asyncio.timeout(20):
                while not set(desk.states().values()) <= {"sent", "failed"}:
                    desk.pass_time(hours=2)
                    await asyncio.sleep(0.002)
            states = desk.states()
        await writer.stop()
        database.dispose()

    for lane in range(8):
        tries = [name for name in transport.tries if name.startswith(f"{lane}-")]
        assert tries == sorted(tries)
    for name, state in states.items():
        arrivals = transport.arrived.count(name)
        assert arrivals <= 1 or name in transport.doubted
        assert arrivals >= 1 or state == "failed"
        assert state == "sent" or name in transport.doubted | transport.given_up
