import asyncio
import logging
from datetime import timedelta

import pytest

from dispatch.runner import Runner
from dispatch.transport import GiveUp, InDoubt, InDoubtRule, Outbound, TryLater
from dispatch.verdicts import Doubtful, Failed, Later, Sent, Verdict
from storage import installation
from storage.database import DatabaseTrouble
from storage.tx import Tx
from storage.writer import Writer
from tests.dispatch.runner_world import Answer, Desk, Script, a_kind, at_work
from tests.hand_clock import HandClock


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
