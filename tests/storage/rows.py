"""Rows of the outbox, and what a test asks of them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from storage import claims, outbox
from storage.claims import Claimed
from storage.outbox import NewRow
from storage.tables import Outbox, table
from storage.tx import Tx

_outbox = table(Outbox)


def a_row(dedupe: str, tx: Tx, *, in_s: float = 0, expires_s: float | None = None, **other: Any) -> NewRow:
    values = {"kind": "telegram", "lane": "telegram:1", "payload": "{}"} | other
    expiry = None if expires_s is None else tx.now + timedelta(seconds=expires_s)
    return NewRow(dedupe=dedupe, not_before=tx.now + timedelta(seconds=in_s), not_after=expiry, **values)


def put(tx: Tx, *rows: NewRow) -> None:
    outbox.insert(tx, rows)


def later(tx: Tx, **by: float) -> Tx:
    """The same transaction, as if it were later."""
    return Tx(tx.connection, tx.now + timedelta(**by))


def claim(
    tx: Tx, *, room: int = 8, kind: str = "telegram", waits: tuple[str, ...] = ("email",)
) -> list[Claimed]:
    return claims.claim(tx, {kind: room}, waiting_kinds=waits, by="me", until=tx.now + timedelta(seconds=15))


def claimed(tx: Tx, **how: Any) -> list[str]:
    """The dedupe keys of what was claimed."""
    return [row_of(tx, row.id).dedupe for row in claim(tx, **how)]


def row_of(tx: Tx, key: int | str) -> Row[Any]:
    column = _outbox.c.id if isinstance(key, int) else _outbox.c.dedupe
    return tx.connection.execute(select(_outbox).where(column == key)).one()


def states(tx: Tx) -> dict[str, str]:
    rows = tx.connection.execute(select(_outbox.c.dedupe, _outbox.c.state).order_by(_outbox.c.id))
    return {row.dedupe: row.state for row in rows}
