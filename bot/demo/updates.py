"""Updates that wait for the bot: numbering, expiry, and getUpdates with its confirmations."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.demo.changes import Changes
from bot.demo.limits import ApiError, Json

DAY = 24 * 3600.0
LIFETIMES = {"callback_query": 150.0}  # seconds; everything else lives a day
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL = 50

OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_TOOK_OVER = "Conflict: terminated by setWebhook request"


@dataclass
class Pending:
    """One update in the queue. `lane` is what the webhook keeps in order."""

    update: Json
    lane: str
    expires_at: float
    again: bool = False  # a repeat, which no earlier confirmation covers
    handed_out: bool = False

    @property
    def id(self) -> int:
        """The number that getUpdates confirms."""
        return int(self.update["update_id"])


@dataclass
class Updates:
    """The queue of one bot."""

    clock: Callable[[], float]
    next_id: int = 702_000_001
    allowed: frozenset[str] | None = None
    made: list[Json] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    _pending: list[Pending] = field(default_factory=list)
    _poll: asyncio.Future[str] | None = None

    def add(self, kind: str, content: Json, lane: str) -> Json:
        """Number an update and queue it, if the bot asked for its kind."""
        update = {"update_id": self.next_id, kind: content}
        self.next_id += 1
        self.made.append(update)
        if self._wanted(kind):
            self._queue(update, lane, LIFETIMES.get(kind, DAY))
        return update

    def add_raw(self, update: Json, lane: str = "raw") -> Json:
        """Queue any object as it stands, numbered if it has no number."""
        numbered = update if "update_id" in update else {"update_id": self.next_id, **update}
        self.next_id = max(self.next_id, int(numbered["update_id"]) + 1)
        self.made.append(numbered)
        self._queue(numbered, lane, DAY)
        return numbered

    def repeat(self, update: Json) -> None:
        """Deliver an update once more, with the same number, whatever was confirmed meanwhile."""
        self._pending.append(Pending(update, "again", self.clock() + DAY, again=True))
        self.changes.ring()

    def _queue(self, update: Json, lane: str, lifetime: float) -> None:
        self._pending.append(Pending(update, lane, self.clock() + lifetime))
        self.changes.ring()

    def _wanted(self, kind: str) -> bool:
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[str]) -> None:
        """Keep only these kinds from now on; what is queued already still comes."""
        self.allowed = frozenset(kinds) or None

    def waiting(self) -> list[Pending]:
        """What has neither been confirmed nor expired."""
        now = self.clock()
        self._pending = [entry for entry in self._pending if entry.expires_at > now]
        return list(self._pending)

    def done(self, entry: Pending) -> None:
        """The webhook took it."""
        self._pending.remove(entry)
        self.acknowledged.append(entry.id)
        self.changes.ring()

    def clear(self) -> None:
        """drop_pending_updates."""
        self._pending.clear()

    def confirm(self, offset: int) -> None:
        """Forget everything below `offset`; a negative one keeps only that many of the last."""
        waiting = self.waiting()
        first_kept = len(waiting) + offset
        confirmed: list[Pending] = []
        self._pending = []
        for place, entry in enumerate(waiting):
            covered = place < first_kept if offset < 0 else entry.id < offset
            drop = covered and (entry.handed_out or not entry.again)
            (confirmed if drop else self._pending).append(entry)
        if confirmed:
            self.acknowledged.extend(entry.id for entry in confirmed)
            self.changes.ring()

    async def get(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """getUpdates: confirm, then give what waits, waiting so long for the first."""
        self.confirm(offset)
        if seconds and not self.waiting():
            await self._wait(min(seconds, LONGEST_POLL))
        batch = self.waiting()[:limit]
        for entry in batch:
            entry.handed_out = True
        return [entry.update for entry in batch]

    async def _wait(self, seconds: float) -> None:
        self.end_poll(OTHER_POLLER)
        ended = self._poll = asyncio.get_running_loop().create_future()
        something = asyncio.ensure_future(self.changes.until(self.waiting, seconds))
        try:
            await asyncio.wait({ended, something}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            something.cancel()
            await asyncio.gather(something, return_exceptions=True)
            if self._poll is ended:
                self._poll = None
        if ended.done() and (why := ended.result()):
            raise ApiError(409, why)

    def end_poll(self, why: str) -> None:
        """Answer the long poll that is open, if any: with a conflict, or with nothing when `why` is empty."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)
        self._poll = None
