"""What the tests of the Telegram channel are built with: rows, a door that keeps what it gets, a pause."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.channels.telegram.way_in import Door
from conversations.events import Inbound
from conversations.says import Say, Turn
from conversations.turns import write_turn
from dispatch.transport import Outbound

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_row(
    *says: Say, chat: int | str = 700100200, also_edit: str | None = None, chosen: str | None = None
) -> Outbound:
    """A row of the outbox that says this to a chat."""
    return Outbound(
        id=1,
        kind="telegram",
        lane=f"telegram:{chat}",
        reference="r1",
        payload=write_turn(Turn("en", says, chosen)),
        attempts=0,
        created_at=NOW,
        not_before=NOW,
        also_edit=also_edit,
    )


class Pauses:
    """Stands in for sleeping: notes how long, and lets others run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


class Kept:
    """An intake that keeps what it is given in memory; `failures` are raised first, one a call."""

    def __init__(self) -> None:
        self.batches: list[list[Inbound]] = []
        self.dead: dict[str, bytes] = {}
        self.tapped: list[str] = []
        self.left: list[int] = []
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()

    @property
    def taken(self) -> list[Inbound]:
        return [inbound for batch in self.batches for inbound in batch]

    async def take(self, batch: Sequence[tuple[Inbound, bytes]]) -> None:
        self.reached.set()
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.batches.append([inbound for inbound, _ in batch])

    async def keep_dead(self, external_id: str, body: bytes, error: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.dead[external_id] = body

    async def answer_tap(self, callback_id: str) -> None:
        self.tapped.append(callback_id)

    async def leave(self, chat_id: int) -> None:
        self.left.append(chat_id)

    def door(self) -> Door:
        return Door(
            bot="110201543",
            take=self.take,
            keep_dead=self.keep_dead,
            answer_tap=self.answer_tap,
            leave=self.leave,
            now=lambda: NOW,
        )
