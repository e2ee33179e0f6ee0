"""What polling and webhook have in common: where updates go to, and how the way in is doing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.channels.telegram.decode import Broken, Ignored, NotPrivate, external_id, read, translate
from bot.channels.telegram.shapes import Update
from conversations.events import Inbound

log = logging.getLogger(__name__)

Take = Callable[[Sequence[tuple[Inbound, bytes]]], Awaitable[None]]
KeepDead = Callable[[str, bytes, str], Awaitable[None]]

CLOSING_S = 2.0


@dataclass
class WayInState:
    """For /healthz. `tried`: whether the first attempt is over; `error`: what is wrong now, if anything.

    `alarm`: somebody must mend it (the token is refused); no waiting will help.
    """

    tried: bool = False
    last_ok: datetime | None = None
    error: str | None = None
    alarm: bool = False

    def worked(self, at: datetime) -> None:
        """Something came through, or could have."""
        self.tried, self.last_ok, self.error, self.alarm = True, at, None, False

    def failed(self, error: str, *, alarm: bool = False) -> None:
        """An attempt failed; the last success stays known."""
        self.tried, self.error, self.alarm = True, error, alarm


@dataclass(frozen=True)
class Door:
    """Where updates go to.

    `take` returns once all that follows from the updates is on disk, or raises. `keep_dead(external_id, body,
    error)` keeps an update that cannot be read. `answer_tap` and `leave` are best effort and never raise.
    `bot` is the bot's numeric id as text; `now` the time of receipt, aware.
    """

    bot: str
    take: Take
    keep_dead: KeepDead
    answer_tap: Callable[[str], Awaitable[None]]
    leave: Callable[[int], Awaitable[None]]
    now: Callable[[], datetime]


def _reason(broken: Exception) -> str:
    """What is kept as the error; only `Broken` is sure to repeat nothing of what people wrote."""
    return str(broken) if isinstance(broken, Broken) else type(broken).__name__


class Arrivals:
    """Lets updates in: each is read by itself, so that a broken one costs no neighbour anything."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._errands: set[asyncio.Task[None]] = set()

    async def let_in(self, updates: Sequence[bytes | msgspec.Raw]) -> None:
        """Return when all that these updates lead to is on disk. Raises what `take` or `keep_dead` raise."""
        received_at = self._door.now()
        taken: list[tuple[Inbound, bytes]] = []
        for raw in updates:
            try:
                inbound = self._sorted(read(raw), received_at)
            except Exception as broken:  # noqa: BLE001  a fault of ours in one update must not stop all others
                name = external_id(raw, bot=self._door.bot)
                extra = {"external_id": name, "error": type(broken).__name__}
                log.warning("update not readable", extra=extra)
                await self._door.keep_dead(name, bytes(raw), _reason(broken))
                continue
            if inbound:
                taken.append((inbound, bytes(raw)))
        if taken:
            await self._door.take(taken)

    async def close(self) -> None:
        """Give the answers to taps that are under way a moment, then drop them."""
        if self._errands:
            _, late = await asyncio.wait(self._errands, timeout=CLOSING_S)
            for errand in late:
                errand.cancel()

    def _sorted(self, update: Update, received_at: datetime) -> Inbound | None:
        if tap := update.callback_query:
            # At once, before anything is kept: the spinner on the button is what the person sees.
            self._run(self._door.answer_tap(tap.id))
        match translate(update, received_at=received_at, bot=self._door.bot):
            case Inbound() as inbound:
                return inbound
            case NotPrivate(chat_id):
                self._run(self._door.leave(chat_id))
            case Ignored():
                pass
        return None

    def _run(self, errand: Awaitable[None]) -> None:
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
