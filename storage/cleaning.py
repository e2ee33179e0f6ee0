"""What is of no use any more goes, a few rows at a time, so that no acknowledgement waits for it."""

from datetime import timedelta

from sqlalchemy import Connection, delete, select

from storage.tables import Outbox, Seen, table
from storage.tx import Tx

_outbox, _seen = table(Outbox), table(Seen)

SLICE = 200

# Telegram repeats an update for a day at the most; a month covers every channel, and a clock that was wrong.
KEPT_FOR = timedelta(days=30)

# Rows of `email` stay: the thread of a report is read from them.
PASSING = ("telegram", "timer", "fetch", "geocode", "forget")


def forget_seen(tx: Tx) -> int:
    """Forget external ids that no provider repeats any more; returns how many, at most `SLICE`."""
    old = select(_seen.c.external_id).where(_seen.c.at < tx.now - KEPT_FOR).limit(SLICE)
    return tx.connection.execute(delete(_seen).where(_seen.c.external_id.in_(old.scalar_subquery()))).rowcount


def forget_rows(tx: Tx) -> int:
    """Forget chat messages, timers and the like that are done; returns how many, at most `SLICE`."""
    old = (
        select(_outbox.c.id)
        .where(
            _outbox.c.state.in_(("sent", "cancelled")),
            _outbox.c.kind.in_(PASSING),
            _outbox.c.created_at < tx.now - KEPT_FOR,
        )
        .limit(SLICE)
    )
    return tx.connection.execute(delete(_outbox).where(_outbox.c.id.in_(old.scalar_subquery()))).rowcount


def failed_rows(connection: Connection) -> dict[str, int]:
    """How many rows failed for good, by kind."""
    found: dict[str, int] = {}
    for (kind,) in connection.execute(select(_outbox.c.kind).where(_outbox.c.state == "failed")):
        found[kind] = found.get(kind, 0) + 1
    return found
