import asyncio
from datetime import timedelta

from dispatch.transport import Backoff, GiveUp, Outbound, Receipt, TryLater
from storage import outbox
from storage.database import DatabaseTrouble
from storage.outbox import NewRow
from storage.writer import Writer
from tests.dispatch.runner_world import Script, a_kind, at_work
from tests.hand_clock import HandClock


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
