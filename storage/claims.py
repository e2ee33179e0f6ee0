"""The outbox, as the runner sees it: which rows may leave now, and what became of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import Update

from storage.outbox import DOUBTFUL, DUE, OPEN, SENDING
from storage.statements import Prepared
from storage.tables import Outbox, table
from storage.tables.columns import from_millis, to_millis
from storage.tx import Tx

_outbox = table(Outbox)
_WAITING = (DUE, DOUBTFUL)

# Expired rows that are looked at beside the living ones, so that an outage's worth of them goes quickly.
_SPARE = 32


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is this runner's to send. `doubts`: how often nobody knew whether it was sent."""

    id: int
    kind: str
    lane: str
    reference: str
    payload: str = field(repr=False)
    attempts: int
    created_at: datetime
    not_before: datetime
    also_edit: str | None
    doubts: int
    first_tried_at: datetime | None


def claim(
    tx: Tx, kinds: Mapping[str, int], *, waiting_kinds: Collection[str], by: str, until: datetime
) -> list[Claimed]:
    """Take due rows, for each kind at most so many; at most one of a lane is ever on its way.

    A row waits for the earlier ones of its lane which are being sent, in doubt, due now, or waiting for
    their next try; one that was never tried and whose time has not come holds nothing back, unless its kind
    is among `waiting_kinds`. What is past its `not_after` is cancelled instead.
    """
    now = to_millis(tx.now)
    claimed: list[Claimed] = []
    for kind, room in kinds.items():
        alive: list[tuple[Any, ...]] = []
        for *row, not_after in _heads(frozenset(waiting_kinds)).rows(tx, (kind, now, room + _SPARE)):
            if not_after is not None and not_after <= now:
                _EXPIRE.run(tx, (row[0],))
            elif len(alive) < room:
                alive.append(tuple(row))
        claimed += [
            _claimed(row, now) for row in alive if _CLAIM.run(tx, (by, to_millis(until), now, row[0])) == 1
        ]
    return claimed


def may_claim(tx: Tx, kinds: Collection[str], *, waiting_kinds: Collection[str]) -> bool:
    """Whether `claim` would find something to do; only reads."""
    heads = _heads(frozenset(waiting_kinds))
    return any(heads.rows(tx, (kind, to_millis(tx.now), 1)) for kind in kinds)


@cache
def _heads(waiting_kinds: frozenset[str]) -> Prepared:
    row, before = _outbox.alias("o"), _outbox.alias("p")
    now: BindParameter[Any] = bindparam("now")
    alive = or_(before.c.not_after.is_(None), before.c.not_after > now)
    # One in doubt is among these: it was tried, or its time has come.
    waits = [before.c.kind == kind for kind in sorted(waiting_kinds)]
    ready = or_(before.c.not_before <= now, before.c.attempts > 0, *waits)
    held_up = exists().where(
        before.c.lane == row.c.lane,
        before.c.state.in_(OPEN),
        before.c.id != row.c.id,
        or_(
            # Also a later one: it set out while this one's time had not come.
            before.c.state == SENDING,
            and_(before.c.id < row.c.id, alive, ready),
        ),
    )
    return Prepared(
        select(*(row.c[name] for name in Claimed.__slots__), row.c.not_after)
        .where(row.c.kind == bindparam("of_kind"), row.c.state.in_(_WAITING))
        .where(row.c.not_before <= now, ~held_up)
        .order_by(row.c.not_before, row.c.id)
        .limit(bindparam("room")),
        "of_kind", "now", "room",
    )  # fmt: skip


_CLAIM = Prepared(
    update(_outbox)
    .where(_outbox.c.id == bindparam("row"), _outbox.c.state.in_(_WAITING))
    .values(
        state="sending",
        claimed_by=bindparam("who"),
        claimed_until=bindparam("until"),
        first_tried_at=func.coalesce(_outbox.c.first_tried_at, bindparam("now")),
    ),
    "who", "until", "now", "row",
)  # fmt: skip
_EXPIRE = Prepared(
    update(_outbox)
    .where(_outbox.c.id == bindparam("row"), _outbox.c.state.in_(_WAITING))
    .values(state="cancelled", error="expired"),
    "row",
)


def _claimed(row: tuple[Any, ...], now: int) -> Claimed:
    raw = dict(zip(Claimed.__slots__, row, strict=True))
    first_tried_at = now if raw["first_tried_at"] is None else raw["first_tried_at"]
    moments = {
        "created_at": raw["created_at"],
        "not_before": raw["not_before"],
        "first_tried_at": first_tried_at,
    }
    return Claimed(**(raw | {name: from_millis(millis) for name, millis in moments.items()}))


def next_due(tx: Tx, kinds: Collection[str]) -> datetime | None:
    """When the next row of these kinds, whose time has not come, comes due."""
    found = [_NEXT.rows(tx, (kind, to_millis(tx.now)))[0][0] for kind in kinds]
    soonest = min((millis for millis in found if millis is not None), default=None)
    return None if soonest is None else from_millis(soonest)


_NEXT = Prepared(
    select(func.min(_outbox.c.not_before)).where(
        _outbox.c.kind == bindparam("of_kind"),
        _outbox.c.state.in_(_WAITING),
        _outbox.c.not_before > bindparam("now"),
    ),
    "of_kind", "now",
)  # fmt: skip


def due_counts(tx: Tx, kinds: Collection[str]) -> dict[str, int]:
    """How many rows of each kind should have left by now."""
    return {kind: _COUNT.rows(tx, (kind, to_millis(tx.now)))[0][0] for kind in kinds}


_COUNT = Prepared(
    select(func.count()).where(
        _outbox.c.kind == bindparam("of_kind"),
        _outbox.c.state.in_(_WAITING),
        _outbox.c.not_before <= bindparam("now"),
    ),
    "of_kind", "now",
)  # fmt: skip


def overtaken(tx: Tx, kinds: Collection[str]) -> list[Claimed]:
    """Rows in doubt, of these kinds, in whose lane a newer one is ready to leave."""
    if not _ANY_DOUBT.rows(tx):
        return []
    newer = _outbox.alias("n")
    has_newer = exists().where(
        newer.c.lane == _outbox.c.lane,
        newer.c.id > _outbox.c.id,
        newer.c.state.in_(OPEN),
        newer.c.state == DUE,
        newer.c.not_before <= tx.now,
        or_(newer.c.not_after.is_(None), newer.c.not_after > tx.now),
    )
    return _select(tx, _outbox.c.state == DOUBTFUL, _outbox.c.kind.in_(kinds), has_newer)


# Nearly always there is none, and this is asked at every claim.
_ANY_DOUBT = Prepared(select(_outbox.c.id).where(_outbox.c.state == DOUBTFUL).limit(1))


def doubtful(tx: Tx, kinds: Collection[str]) -> list[Claimed]:
    """Every row of these kinds of which nobody knows whether it was sent; oldest first."""
    return _select(tx, _outbox.c.state == DOUBTFUL, _outbox.c.kind.in_(kinds))


def _select(tx: Tx, *conditions: ColumnElement[bool]) -> list[Claimed]:
    columns = [_outbox.c[name] for name in Claimed.__slots__]
    rows = tx.connection.execute(select(*columns).where(*conditions).order_by(_outbox.c.id))
    return [Claimed(*row) for row in rows]


def recover(tx: Tx) -> list[Claimed]:
    """Put every row that was on its way in doubt; for the start, when nobody else can be sending.

    Returns them, oldest first; what their doubt means is the runner's to say.
    """
    on_their_way = update(_outbox).where(_outbox.c.state == SENDING)
    stranded = tx.connection.execute(
        on_their_way.values(
            state="doubtful",
            claimed_by=None,
            claimed_until=None,
            error="stopped while it was being sent",
            not_before=tx.now,
        ).returning(*(_outbox.c[name] for name in Claimed.__slots__))
    )
    return sorted((Claimed(*row) for row in stranded), key=lambda row: row.id)


# Each mark returns whether the row was still this runner's (or in doubt) to mark.


def mark_sent(tx: Tx, row_id: int, provider_id: str | None) -> bool:
    """It left. `provider_id` is the other side's name for it."""
    return _SENT.run(tx, (to_millis(tx.now), provider_id, row_id)) == 1


def mark_later(tx: Tx, row_id: int, not_before: datetime, reason: str, *, counts_as_attempt: bool) -> bool:
    """It did not leave and is tried again at `not_before`.

    Without an attempt counted it is as if it had not been tried; give its old `not_before` then, else rows
    behind it overtake.
    """
    statement = _LATER if counts_as_attempt else _PUT_BACK
    return statement.run(tx, (to_millis(not_before), reason, row_id)) == 1


def mark_failed(tx: Tx, row_id: int, reason: str) -> bool:
    """It did not leave, or may not be tried again; shown to the admin until it is retried."""
    return _GAVE_UP.run(tx, (reason, row_id)) == 1


def mark_doubtful(tx: Tx, row_id: int, not_before: datetime, reason: str) -> bool:
    """Nobody knows whether it left; may be tried again at `not_before`."""
    return _IN_DOUBT.run(tx, (to_millis(not_before), reason, row_id)) == 1


def _mark(state: str, **values: Any) -> Update:
    return (
        update(_outbox)
        .where(_outbox.c.id == bindparam("row"), _outbox.c.state.in_((SENDING, DOUBTFUL)))
        .values(state=state, claimed_by=None, claimed_until=None, **values)
    )


_TRIED = {"attempts": _outbox.c.attempts + 1}
_SENT = Prepared(
    _mark("sent", sent_at=bindparam("now"), provider_id=bindparam("provider"), error=None, **_TRIED),
    "now", "provider", "row",
)  # fmt: skip
_LATER = Prepared(
    _mark("due", not_before=bindparam("until"), error=bindparam("reason"), **_TRIED), "until", "reason", "row"
)
_PUT_BACK = Prepared(
    _mark(
        "due",
        not_before=bindparam("until"),
        error=bindparam("reason"),
        first_tried_at=case((_outbox.c.attempts > 0, _outbox.c.first_tried_at)),
    ),
    "until", "reason", "row",
)  # fmt: skip
_GAVE_UP = Prepared(_mark("failed", error=bindparam("reason"), **_TRIED), "reason", "row")
_IN_DOUBT = Prepared(
    _mark(
        "doubtful",
        not_before=bindparam("until"),
        error=bindparam("reason"),
        doubts=_outbox.c.doubts + 1,
        **_TRIED,
    ),
    "until", "reason", "row",
)  # fmt: skip
