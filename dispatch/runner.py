"""The runner: sends what is due in the outbox, each kind its own way, and writes down what became of it."""

import asyncio
import logging
import random as dice
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.transport import GiveUp, InDoubt, InDoubtRule, Kind, Outbound, Receipt, TryLater
from dispatch.verdicts import Doubtful, Failed, Later, Outcome, Sent, Verdict, judge, pause
from storage import claims
from storage.claims import Claimed
from storage.database import DatabaseTrouble
from storage.tx import Tx
from storage.writer import Writer

log = logging.getLogger(__name__)

# Runs in the transaction that marks the row, so that both are kept or neither.
Settled = Callable[[Tx, Outbound, Verdict], None]

_LEASE_MARGIN = timedelta(seconds=15)
_SHORT_REST_S = 0.05


@dataclass(frozen=True, slots=True)
class KindStatus:
    """How one way out is doing. `due`: rows that should have left by now, as of about a second ago."""

    paused_until: datetime | None
    last_error: str | None
    due: int
    in_flight: int


@dataclass(slots=True)
class _Desk:
    """What the runner remembers of a kind."""

    kind: Kind
    in_flight: int = 0
    faults: int = 0
    paused_until: datetime | None = None
    last_error: str | None = None
    due: int = 0

    def pause_at(self, now: datetime) -> datetime | None:
        """Until when the kind rests; None when it does not."""
        return self.paused_until if self.paused_until is not None and now < self.paused_until else None

    def room(self, now: datetime) -> int:
        return 0 if self.pause_at(now) else self.kind.at_once - self.in_flight


@dataclass(frozen=True, slots=True)
class _Outlook:
    may_claim: bool
    next_due: datetime | None


class Runner:
    """Sends the rows of `kinds`, of every lane at most one at a time, in order.

    `by` names this process in the rows it claims. `settled` is told, by kind, what became of each row;
    `on_trouble` is told when the database refuses. One runner a SQLite database: the start takes every row
    that is marked as being sent for one that a crash left behind.
    """

    def __init__(
        self,
        writer: Writer,
        kinds: Sequence[Kind],
        *,
        by: str,
        clock: Callable[[], datetime],
        settled: Mapping[str, Settled] | None = None,
        on_trouble: Callable[[DatabaseTrouble], None] | None = None,
        random: Callable[[], float] = dice.random,
        poll_s: float = 1.0,
    ) -> None:
        self._writer = writer
        self._desks = {kind.name: _Desk(kind) for kind in kinds}
        self._by = by
        self._clock = clock
        self._settled = dict(settled or {})
        self._on_trouble = on_trouble
        self._random = random
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._stopping = False
        self._sends: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._counted_at = float("-inf")
        self._waiting_kinds = [kind.name for kind in kinds if kind.lane_waits]
        self._yielding_kinds = [kind.name for kind in kinds if kind.in_doubt is InDoubtRule.ONCE_MORE]

    def start(self) -> None:
        """Begin; the writer must be running. Call it in the event loop."""
        self._loop = asyncio.create_task(self._run(), name="ntars-runner")

    def poke(self) -> None:
        """Rows were put in: look now. Costs next to nothing; call it in the event loop's own thread."""
        self._woken.set()

    async def stop(self, grace_s: float = 10) -> None:
        """Claim nothing more and let what is on its way arrive.

        What takes longer than `grace_s` is broken off, and in doubt at the next start.
        """
        self._stopping = True
        self._woken.set()
        if self._loop is not None:
            await self._loop
        if self._sends:
            _, late = await asyncio.wait(self._sends, timeout=grace_s)
            for send in late:
                send.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def state(self) -> dict[str, KindStatus]:
        """How each way out is doing, by kind; from memory."""
        now = self._clock()
        return {
            name: KindStatus(
                paused_until=desk.pause_at(now),
                last_error=desk.last_error,
                due=desk.due,
                in_flight=desk.in_flight,
            )
            for name, desk in self._desks.items()
        }

    # The loop

    async def _run(self) -> None:
        recovered = False
        while not self._stopping:
            self._woken.clear()
            try:
                if not recovered:
                    await self._writer.submit(self._recover, None)
                    recovered = True
                rest_s = await self._round()
            except DatabaseTrouble as exc:
                self._tell(exc)
                rest_s = self._poll_s
            except Exception:
                # Nobody would start the way out again: better to try once more in a while.
                log.exception("runner's round broke")
                rest_s = self._poll_s
            await self._rest(rest_s)

    async def _round(self) -> float:
        """Set out what may leave; returns how long to rest unless poked, in seconds."""
        now = self._clock()
        room = {name: room for name, desk in self._desks.items() if (room := desk.room(now)) > 0}
        outlook = await asyncio.to_thread(self._look, list(room))
        if outlook.may_claim and not self._stopping:
            rows = await self._writer.submit(self._claim, room)
            for row in rows:
                self._set_out(row)
            return 0 if rows else _SHORT_REST_S
        return self._until_something_happens(outlook.next_due)

    def _look(self, kinds: Sequence[str]) -> _Outlook:
        with self._writer.database.read() as connection:
            tx = Tx(connection, self._clock())
            if time.monotonic() - self._counted_at >= self._poll_s:
                self._counted_at = time.monotonic()
                for name, due in claims.due_counts(tx, list(self._desks)).items():
                    self._desks[name].due = due
            may_claim = claims.may_claim(tx, kinds, waiting_kinds=self._waiting_kinds)
            if may_claim or claims.overtaken(tx, self._yielding_kinds):
                return _Outlook(may_claim=True, next_due=None)
            return _Outlook(may_claim=False, next_due=claims.next_due(tx, kinds))

    def _until_something_happens(self, next_due: datetime | None) -> float:
        now = self._clock()
        pauses = [desk.pause_at(now) for desk in self._desks.values()]
        moments = [moment for moment in (next_due, *pauses) if moment is not None]
        return min([self._poll_s, *(max((moment - now).total_seconds(), 0) for moment in moments)])

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _tell(self, exc: DatabaseTrouble) -> None:
        log.error("runner cannot write", extra={"trouble": exc.kind})
        if self._on_trouble is not None:
            self._on_trouble(exc)

    # One row

    def _set_out(self, row: Claimed) -> None:
        desk = self._desks[row.kind]
        desk.in_flight += 1
        send = asyncio.create_task(self._send(desk, row), name=f"ntars-send-{row.id}")
        self._sends.add(send)
        send.add_done_callback(self._sends.discard)

    async def _send(self, desk: _Desk, row: Claimed) -> None:
        try:
            started = time.monotonic()
            outcome = await _outcome(desk.kind, row)
            now = self._clock()
            verdict = judge(desk.kind, row, outcome, now=now, random=self._random)
            _learn(desk, outcome, now)
            _log(row, verdict, took_s=time.monotonic() - started)
            await self._keep(row, verdict)
        finally:
            desk.in_flight -= 1
            self._woken.set()

    async def _keep(self, row: Claimed, verdict: Verdict) -> None:
        """Write the verdict down, however long it takes: a row that was sent and not marked is sent again."""
        mark = self._mark
        while True:
            try:
                await self._writer.submit(mark, (row, verdict))
            except DatabaseTrouble as exc:
                self._tell(exc)
                await asyncio.sleep(self._poll_s)
            except Exception:
                if mark == self._mark_alone:
                    log.exception("outbox row could not be marked", extra={"outbox_id": row.id})
                    return
                # What listens is broken, which is no reason to send the message again.
                log.exception("outbox row's listener broke", extra={"outbox_id": row.id, "kind": row.kind})
                mark = self._mark_alone
            else:
                return

    # Handlers, on the writer's thread

    def _recover(self, tx: Tx, items: Sequence[None]) -> Sequence[None]:
        """After a crash: what was being sent follows its kind's rule for doubts."""
        stranded = {row.id: row for row in claims.recover(tx) if row.kind in self._desks}
        # A kind that was switched off for a while may have left others behind, which nobody has judged yet.
        unjudged = [name for name in self._desks if name not in self._yielding_kinds]
        stranded |= {row.id: row for row in claims.doubtful(tx, unjudged)}
        for row in stranded.values():
            outcome = InDoubt("stopped while it was being sent")
            verdict = judge(self._desks[row.kind].kind, row, outcome, now=tx.now, random=self._random)
            if isinstance(verdict, Later):
                verdict = replace(verdict, not_before=tx.now)
            self._settle(tx, row, verdict)
        return [None] * len(items)

    def _claim(self, tx: Tx, rooms: Sequence[Mapping[str, int]]) -> Sequence[list[Claimed]]:
        for row in claims.overtaken(tx, self._yielding_kinds):
            self._settle(tx, row, Failed("in doubt, and overtaken"))
        until = tx.now + max(desk.kind.time_out for desk in self._desks.values()) + _LEASE_MARGIN
        return [
            claims.claim(tx, room, waiting_kinds=self._waiting_kinds, by=self._by, until=until)
            for room in rooms
        ]

    def _mark(self, tx: Tx, items: Sequence[tuple[Claimed, Verdict]]) -> Sequence[None]:
        for row, verdict in items:
            self._settle(tx, row, verdict)
        return [None] * len(items)

    def _mark_alone(self, tx: Tx, items: Sequence[tuple[Claimed, Verdict]]) -> Sequence[None]:
        for row, verdict in items:
            _write(tx, row, verdict)
        return [None] * len(items)

    def _settle(self, tx: Tx, row: Claimed, verdict: Verdict) -> None:
        listener = self._settled.get(row.kind)
        if _write(tx, row, verdict) and listener is not None:
            listener(tx, _outbound(row), verdict)


async def _outcome(kind: Kind, row: Claimed) -> Outcome:
    try:
        async with asyncio.timeout(kind.time_out.total_seconds()):
            return await kind.transport.send(_outbound(row))
    except (TryLater, GiveUp, InDoubt) as exc:
        return exc
    except TimeoutError:
        return InDoubt("no answer in time")
    except Exception as exc:
        log.exception("transport broke", extra={"outbox_id": row.id, "kind": row.kind})
        return InDoubt(type(exc).__name__)


def _outbound(row: Claimed) -> Outbound:
    return Outbound(
        id=row.id,
        kind=row.kind,
        lane=row.lane,
        reference=row.reference,
        payload=row.payload,
        attempts=row.attempts,
        created_at=row.created_at,
        not_before=row.not_before,
        also_edit=row.also_edit,
    )


def _learn(desk: _Desk, outcome: Outcome, now: datetime) -> None:
    """What one outcome says of the whole kind."""
    match outcome:
        case Receipt():
            # A pause goes on: this one had set out before the others were told to wait.
            desk.faults, desk.last_error = 0, None
        case TryLater(whole_kind=True):
            # Several sends meet the same fault at once; that is one fault.
            if desk.pause_at(now) is None:
                desk.faults += 1
            desk.paused_until = max(now + pause(desk.faults, outcome.after), desk.paused_until or now)
            desk.last_error = outcome.reason
        case _:
            desk.last_error = outcome.reason


def _write(tx: Tx, row: Claimed, verdict: Verdict) -> bool:
    match verdict:
        case Sent():
            return claims.mark_sent(tx, row.id, verdict.provider_id)
        case Later():
            return claims.mark_later(
                tx, row.id, verdict.not_before, verdict.reason, counts_as_attempt=verdict.counts
            )
        case Failed():
            return claims.mark_failed(tx, row.id, verdict.reason)
        case Doubtful():
            return claims.mark_doubtful(tx, row.id, verdict.not_before, verdict.reason)


def _log(row: Claimed, verdict: Verdict, *, took_s: float) -> None:
    fields = {
        "outbox_id": row.id,
        "kind": row.kind,
        "attempt": row.attempts + 1,
        "took_ms": round(took_s * 1000),
    }
    match verdict:
        case Sent():
            log.info("outbox row sent", extra=fields)
        case Later():
            log.info("outbox row is tried again", extra=fields | {"reason": verdict.reason})
        case Failed():
            log.warning("outbox row failed", extra=fields | {"reason": verdict.reason})
        case Doubtful():
            log.warning("outbox row is in doubt", extra=fields | {"reason": verdict.reason})
