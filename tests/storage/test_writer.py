import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from storage import installation
from storage.database import Database, DatabaseTrouble
from storage.tables import AuditEntry, Fact, table
from storage.tx import Tx
from storage.writer import MOST_AT_ONCE, HandlerBroke, Writer
from tests.hand_clock import HandClock

_facts = table(Fact)


def keep(tx: Tx, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        installation.put(tx, name, "kept")
        if name == "poison":
            raise ValueError(name)
    return [name.upper() for name in names]


class Gate:
    """A handler that holds the pen, so that what is submitted meanwhile waits together."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, tx: Tx, items: Sequence[None]) -> Sequence[None]:
        self.reached.set()
        assert self.open.wait(5)
        return items


class Diary:
    """A handler that remembers the batches it was given."""

    def __init__(self, log: list[tuple[str, list[Any]]], name: str) -> None:
        self.log, self.name = log, name

    def __call__(self, tx: Tx, items: Sequence[Any]) -> Sequence[Any]:
        self.log.append((self.name, list(items)))
        return items


async def all_at_once(writer: Writer, *submits: tuple[Any, Any]) -> list[Any]:
    """Have the writer find all of them waiting; returns results and errors in the order given."""
    gate = Gate()
    held = asyncio.create_task(writer.submit(gate, None))
    await asyncio.to_thread(gate.reached.wait)
    tasks = [asyncio.create_task(writer.submit(handler, item)) for handler, item in submits]
    await asyncio.sleep(0)
    gate.open.set()
    await held
    return list(await asyncio.gather(*tasks, return_exceptions=True))


def kept(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(_facts.c.name).order_by(_facts.c.name)))


@contextmanager
def held_by_another_process(database: Database) -> Any:
    other = database.outside_transaction()
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def test_a_result_is_given_when_the_work_is_kept(writer: Writer, database: Database) -> None:
    assert await writer.submit(keep, "one") == "ONE"
    assert kept(database) == ["one"]


async def test_all_that_wait_share_a_batch_in_the_order_of_their_coming(writer: Writer) -> None:
    log: list[tuple[str, list[Any]]] = []
    a, b = Diary(log, "a"), Diary(log, "b")

    results = await all_at_once(writer, (b, 1), (a, 2), (b, 3), (a, 4))

    assert log == [("b", [1, 3]), ("a", [2, 4])]
    assert results == [1, 2, 3, 4]


async def test_a_batch_has_an_end(writer: Writer) -> None:
    log: list[tuple[str, list[Any]]] = []
    diary = Diary(log, "a")

    await all_at_once(writer, *((diary, number) for number in range(MOST_AT_ONCE + 10)))

    assert [len(items) for _, items in log] == [MOST_AT_ONCE, 10]
    assert [item for _, items in log for item in items] == list(range(MOST_AT_ONCE + 10))


async def test_a_poisoned_item_fails_alone_and_the_others_keep_their_order(
    writer: Writer, database: Database
) -> None:
    log: list[tuple[str, list[Any]]] = []
    diary = Diary(log, "a")

    results = await all_at_once(
        writer, (diary, 1), (keep, "one"), (keep, "poison"), (diary, 2), (keep, "two")
    )

    assert isinstance(results.pop(2), ValueError)
    assert results == [1, "ONE", 2, "TWO"]
    assert kept(database) == ["one", "two"]
    assert log[1:] == [("a", [1]), ("a", [2])]


@pytest.mark.parametrize(
    "death", [SystemExit(1), KeyboardInterrupt(), StopIteration(), asyncio.CancelledError()]
)
async def test_nothing_a_handler_raises_ends_the_writer_or_the_loop(
    writer: Writer, death: BaseException
) -> None:
    def die(tx: Tx, items: Sequence[None]) -> Sequence[None]:
        if items == [None]:
            raise death
        return items

    with pytest.raises(HandlerBroke) as broke:
        await writer.submit(die, None)

    assert broke.value.__cause__ is death
    assert await writer.submit(keep, "after") == "AFTER"


async def test_a_handler_that_forgets_a_result_fails(writer: Writer, database: Database) -> None:
    def forget(tx: Tx, items: Sequence[str]) -> Sequence[str]:
        keep(tx, items)
        return []

    with pytest.raises(HandlerBroke, match="gave 0 results for 1 items"):
        await writer.submit(forget, "one")
    assert kept(database) == []


async def test_a_locked_database_is_told_to_every_caller_and_passes(
    writer: Writer, database: Database
) -> None:
    with held_by_another_process(database):
        results = await asyncio.gather(
            *(writer.submit(keep, name) for name in ("one", "two")), return_exceptions=True
        )

        assert [result.kind for result in results if isinstance(result, DatabaseTrouble)] == ["locked"] * 2
        assert writer.trouble is not None
        assert str(writer.trouble) == "the database is locked"

    assert await writer.submit(keep, "three") == "THREE"
    assert not writer.trouble
    assert kept(database) == ["three"]


async def test_a_full_disk_fails_the_whole_batch_and_keeps_nothing_of_it(
    writer: Writer, database: Database
) -> None:
    def fill(tx: Tx, items: Sequence[int]) -> Sequence[int]:
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        installation.put(tx, "big", "x" * 1_000_000)
        return items

    results = await all_at_once(writer, (keep, "one"), (fill, 1), (keep, "two"))

    assert [result.kind for result in results] == ["full"] * 3
    assert kept(database) == []
    assert await writer.submit(keep, "later") == "LATER"


async def test_a_database_that_may_not_be_written_says_so(writer: Writer) -> None:
    def refuse(tx: Tx, items: Sequence[str]) -> Sequence[str]:
        tx.connection.exec_driver_sql("PRAGMA query_only=ON")
        return keep(tx, items)

    with pytest.raises(DatabaseTrouble) as refusal:
        await writer.submit(refuse, "one")

    assert refusal.value.kind == "readonly"


async def test_a_statement_may_return_what_it_wrote(writer: Writer) -> None:
    def add(tx: Tx, items: Sequence[str]) -> Sequence[int]:
        statement = insert(table(AuditEntry)).returning(table(AuditEntry).c.id)
        rows = [{"at": tx.now, "by": "me", "what": item, "subject": "", "detail": "{}"} for item in items]
        return [tx.connection.execute(statement, row).scalar_one() for row in rows]

    assert await all_at_once(writer, (add, "a"), (add, "b")) == [1, 2]


async def test_stopping_does_what_was_submitted_and_refuses_the_rest(
    database: Database, clock: HandClock
) -> None:
    writer = Writer(database, clock)
    writer.start()
    tasks = [asyncio.create_task(writer.submit(keep, f"{number:03}")) for number in range(300)]
    await asyncio.sleep(0)

    await writer.stop()

    assert len(await asyncio.gather(*tasks)) == 300
    assert len(kept(database)) == 300
    with pytest.raises(RuntimeError, match="not running"):
        await writer.submit(keep, "late")


async def test_a_caller_that_goes_away_takes_nothing_back(writer: Writer, database: Database) -> None:
    gate = Gate()
    held = asyncio.create_task(writer.submit(gate, None))
    await asyncio.to_thread(gate.reached.wait)
    leaving = asyncio.create_task(writer.submit(keep, "one"))
    await asyncio.sleep(0)

    leaving.cancel()
    gate.open.set()
    await held
    await writer.submit(keep, "two")

    assert leaving.cancelled()
    assert kept(database) == ["one", "two"]


async def test_each_transaction_has_one_now(writer: Writer, clock: HandClock) -> None:
    def tell(tx: Tx, items: Sequence[None]) -> Sequence[Any]:
        clock.move(seconds=1)
        return [tx.now for _ in items]

    before = clock()

    assert await writer.submit(tell, None) == before


async def test_a_slow_handler_is_logged_with_its_name(
    database: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    writer = Writer(database, clock, slow_s=0)
    writer.start()

    with caplog.at_level(logging.WARNING):
        await writer.submit(keep, "one")
    await writer.stop()

    (record,) = [record for record in caplog.records if record.message == "writer's handler is slow"]
    assert (record.__dict__["handler"], record.__dict__["items"]) == ("keep", 1)


async def test_the_pen_leaves_the_wal_to_the_checkpoint_thread(writer: Writer) -> None:
    def ask(tx: Tx, items: Sequence[None]) -> Sequence[Any]:
        return [tx.connection.execute(text("PRAGMA wal_autocheckpoint")).scalar() for _ in items]

    assert await writer.submit(ask, None) == 0
