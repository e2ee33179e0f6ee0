"""The outbox, as those see it who put rows in, take them back, or look after them.

What the runner does with the rows is in `claims`.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_on_either

from storage.statements import Prepared, PreparedIn
from storage.tables import Outbox, table
from storage.tables.columns import to_millis
from storage.tx import Tx

_outbox = table(Outbox)
_state = _outbox.c.state

# Partial indexes are used only when the query repeats their condition, letter by letter.
DUE: ColumnElement[str] = literal_column("'due'")
SENDING: ColumnElement[str] = literal_column("'sending'")
DOUBTFUL: ColumnElement[str] = literal_column("'doubtful'")
OPEN = (DUE, SENDING, DOUBTFUL)
_FAILED = _state == literal_column("'failed'")
_NEVER_TRIED = and_(_state.in_(OPEN), _state == DUE, _outbox.c.attempts == 0)


def new_reference() -> str:
    """A name of ours for a row, fit for a Message-ID and a URL, that nobody guesses."""
    return secrets.token_hex(12)


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to put in.

    Rows of one `lane` leave in the order in which they were put in; `dedupe` makes a second insert of the
    same thing a no-op, for ever. `not_after`: of no use later, and cancelled then. `collapse`: takes the
    place of a row with the same key that still waits in the lane. `also_edit` is the reference of the message
    that loses its buttons when this one is sent.
    """

    kind: str
    lane: str
    dedupe: str
    payload: str = field(repr=False)
    not_before: datetime
    not_after: datetime | None = None
    collapse: str | None = None
    also_edit: str | None = None
    reference: str = field(default_factory=new_reference)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A row that was cancelled before it was ever tried; `also_edit` is what it would have edited."""

    id: int
    lane: str
    reference: str
    also_edit: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row in a list for people; no payload, because that is personal data."""

    id: int
    kind: str
    lane: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    error: str | None


_INSERT = Prepared(
    insert_on_either(_outbox).on_conflict_do_nothing(index_elements=["dedupe"]).inline(),
    "kind", "lane", "dedupe", "reference", "payload", "collapse", "also_edit", "not_before", "not_after",
    "created_at",
)  # fmt: skip

_WITHDRAWN = (_outbox.c.id, _outbox.c.lane, _outbox.c.reference, _outbox.c.also_edit)

# A repeat of the very row that waits must not cancel it: its own insert would then do nothing.
_REPLACE = Prepared(
    update(_outbox)
    .where(
        _NEVER_TRIED,
        _outbox.c.lane == bindparam("in_lane"),
        _outbox.c.collapse == bindparam("key"),
        ~exists().where(_outbox.alias("known").c.dedupe == bindparam("new_dedupe")),
    )
    .values(state="cancelled", error="replaced")
    .returning(*_WITHDRAWN),
    "in_lane", "key", "new_dedupe",
)  # fmt: skip


def insert(tx: Tx, rows: Sequence[NewRow]) -> int:
    """Put the rows in, in this order; returns how many were new.

    A row that replaces a waiting one keeps its own `not_before` (silence starts anew), and edits what the
    replaced one would have edited.
    """
    settled = [_replacing(tx, row) if row.collapse else row for row in _last_of_each_collapse(rows)]
    created_at = to_millis(tx.now)
    return _INSERT.run_many(
        tx,
        [
            (
                row.kind, row.lane, row.dedupe, row.reference, row.payload, row.collapse, row.also_edit,
                to_millis(row.not_before), row.not_after and to_millis(row.not_after), created_at,
            )
            for row in settled
        ],
    )  # fmt: skip


def _last_of_each_collapse(rows: Sequence[NewRow]) -> Iterable[NewRow]:
    if not any(row.collapse for row in rows):
        return rows
    kept: dict[object, NewRow] = {}
    for row in rows:
        key = (row.lane, row.collapse) if row.collapse else row.dedupe
        earlier = kept.pop(key, None) if row.collapse else None
        if earlier is None:
            kept.setdefault(key, row)
        else:
            kept[key] = _heir(row, earlier.reference, earlier.also_edit)
    return kept.values()


def _replacing(tx: Tx, row: NewRow) -> NewRow:
    for _id, _lane, reference, also_edit in _REPLACE.rows(tx, (row.lane, row.collapse, row.dedupe)):
        row = _heir(row, reference, also_edit)
    return row


def _heir(row: NewRow, reference: str, also_edit: str | None) -> NewRow:
    """`row` in the place of one that never left: what that one was to edit still has its buttons."""
    return replace(row, also_edit=also_edit) if row.also_edit in (None, reference) else row


_DROP_WAITING = PreparedIn(
    lambda lanes: (
        update(_outbox)
        .where(
            _NEVER_TRIED,
            _outbox.c.lane.in_(lanes),
            _outbox.c.collapse.is_not(None),
            _outbox.c.not_before > bindparam("now"),
        )
        .values(state="cancelled", error="overtaken")
        .returning(*_WITHDRAWN)
    ),
    "now",
)


def drop_waiting(tx: Tx, lanes: Collection[str]) -> list[Withdrawn]:
    """Cancel the collapsible rows that still wait for silence: a newer turn of these chats says more."""
    return [Withdrawn(*row) for row in _DROP_WAITING.rows(tx, list(lanes), (to_millis(tx.now),))]


def cancel(tx: Tx, dedupe: str) -> bool:
    """Take a row back; False when it is not there any more, or was tried and may have left."""
    never_left = update(_outbox).where(_NEVER_TRIED, _outbox.c.dedupe == dedupe)
    return tx.connection.execute(never_left.values(state="cancelled", error="taken back")).rowcount == 1


def cancel_lane_rows(tx: Tx, lane: str, kinds: Collection[str]) -> list[Withdrawn]:
    """Take back every row of these kinds that waits in the lane and was never tried."""
    never_left = update(_outbox).where(_NEVER_TRIED, _outbox.c.lane == lane, _outbox.c.kind.in_(kinds))
    rows = tx.connection.execute(
        never_left.values(state="cancelled", error="taken back").returning(*_WITHDRAWN)
    )
    return [Withdrawn(*row) for row in rows]


def move_up(tx: Tx, not_before: datetime, *, dedupe: str | None = None, reference: str | None = None) -> bool:
    """Let a row that was never tried leave at `not_before`, if that is sooner; named by either key.

    Returns whether it was moved.
    """
    named = _outbox.c.dedupe == dedupe if dedupe is not None else _outbox.c.reference == reference
    later = update(_outbox).where(_NEVER_TRIED, named, _outbox.c.not_before > not_before)
    return tx.connection.execute(later.values(not_before=not_before)).rowcount == 1


def dismiss(tx: Tx, reference: str) -> bool:
    """Let a failed row rest: nobody can mend it. False when it has not failed."""
    failed = update(_outbox).where(_FAILED, _outbox.c.reference == reference)
    return tx.connection.execute(failed.values(state="cancelled")).rowcount == 1


def retry(tx: Tx, row_id: int | None = None) -> int:
    """Let failed rows (or the one) be tried again as if never tried; returns how many.

    With all of them, those that came too late by now are left: only who names such a row wants it sent.
    """
    failed = update(_outbox).where(_FAILED)
    if row_id is not None:
        failed = failed.where(_outbox.c.id == row_id)
    else:
        failed = failed.where(or_(_outbox.c.not_after.is_(None), _outbox.c.not_after > tx.now))
    fresh = {"state": "due", "attempts": 0, "doubts": 0, "first_tried_at": None, "not_before": tx.now}
    # A chat row that is past its time would be cancelled at once; whoever retries wants it sent.
    return tx.connection.execute(failed.values(**fresh, not_after=None)).rowcount


def list_open(tx: Tx, *, limit: int = 200) -> list[Line]:
    """What has not left yet, and what failed; oldest first."""
    columns = [_outbox.c[name] for name in Line.__slots__]
    found: list[Line] = []
    for condition in (_state.in_(OPEN), _FAILED):
        rows = tx.connection.execute(select(*columns).where(condition).order_by(_outbox.c.id).limit(limit))
        found += [Line(*row) for row in rows]
    return sorted(found, key=lambda line: line.id)[:limit]


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """How many rows are open or failed, by kind and state; what is done is not counted."""
    found: dict[tuple[str, str], int] = {}
    for condition in (_state.in_(OPEN), _FAILED):
        by_kind = (
            select(_outbox.c.kind, _state, func.count()).where(condition).group_by(_outbox.c.kind, _state)
        )
        found |= {(kind, state): number for kind, state, number in tx.connection.execute(by_kind)}
    return found


def first_tried_at(connection: Connection, row_id: int) -> datetime | None:
    """When the row was first claimed; None when it never was."""
    return connection.execute(select(_outbox.c.first_tried_at).where(_outbox.c.id == row_id)).scalar()


def sent_message(connection: Connection, reference: str) -> tuple[str, str] | None:
    """What the other side called the message of this row, and the row's payload; None until it has left."""
    query = select(_outbox.c.provider_id, _outbox.c.payload).where(
        _outbox.c.reference == reference, _outbox.c.provider_id.is_not(None)
    )
    row = connection.execute(query).first()
    return (row.provider_id, row.payload) if row else None
