"""What came in and could not be handled, kept so that it can be handled again."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_either

from storage.tables import DeadLetter, table
from storage.tx import Tx

_letters = table(DeadLetter)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with the error that it met. `body` is as it came, and personal."""

    id: int
    external_id: str
    channel: str
    body: str = field(repr=False)
    error: str
    at: datetime


def keep(tx: Tx, *, external_id: str, channel: str, body: str, error: str) -> None:
    """Keep a message that failed; one that is already kept stays as it was."""
    values = {"external_id": external_id, "channel": channel, "body": body, "error": error, "at": tx.now}
    statement = insert_on_either(_letters).values(**values)
    tx.connection.execute(statement.on_conflict_do_nothing(index_elements=["external_id"]).inline())


def waiting(tx: Tx, *, limit: int = 200) -> list[Letter]:
    """Those that were not replayed yet, oldest first."""
    columns = [_letters.c[name] for name in Letter.__slots__]
    statement = select(*columns).where(_letters.c.replayed_at.is_(None)).order_by(_letters.c.id).limit(limit)
    return [Letter(*row) for row in tx.connection.execute(statement)]


def mark_replayed(tx: Tx, letter_id: int) -> bool:
    """It was handled after all, and its body goes; False when it already was, or is not there."""
    statement = update(_letters).where(_letters.c.id == letter_id, _letters.c.replayed_at.is_(None))
    return tx.connection.execute(statement.values(replayed_at=tx.now, body="")).rowcount == 1
