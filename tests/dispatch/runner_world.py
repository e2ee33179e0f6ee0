"""A runner at work on a real database, with transports that answer as told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Row, select

from dispatch.runner import Runner
from dispatch.transport import InDoubtRule, Kind, Outbound, Receipt
from storage import outbox
from storage.database import Database
from storage.outbox import NewRow
from storage.tables import Outbox, table
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
        async with asyncio.timeout(10):
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
