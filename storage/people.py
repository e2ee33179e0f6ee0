"""Conversations: where each stands, and what was taken in already; set-based, for the intake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_either

from conversations import state as states
from conversations.says import Turn
from conversations.state import State
from storage.statements import Prepared, PreparedIn
from storage.tables import Outbox, Person, Seen, table
from storage.tables.columns import from_millis, to_millis
from storage.tx import Tx

_person, _seen, _outbox = table(Person), table(Seen), table(Outbox)

_NOTHING_SAID = msgspec.json.encode(Turn("en", ())).decode()

_KNOWN = PreparedIn(lambda ids: select(_seen.c.external_id).where(_seen.c.external_id.in_(ids)))
_SEE = Prepared(
    insert_on_either(_seen).on_conflict_do_nothing(index_elements=["external_id"]).inline(),
    "external_id",
    "at",
)
_PEOPLE = PreparedIn(
    lambda addresses: select(
        _person.c.address, _person.c.state, _person.c.version, _person.c.blocked_at, _person.c.last_inbound_at
    ).where(_person.c.address.in_(addresses))
)
_new = insert_on_either(_person)
_KEEP = Prepared(
    _new.on_conflict_do_update(
        index_elements=["address"],
        set_={
            "state": _new.excluded.state,
            "language": _new.excluded.language,
            "version": _new.excluded.version,
            "blocked_at": _new.excluded.blocked_at,
            "last_inbound_at": _new.excluded.last_inbound_at,
        },
    ).inline(),
    "address", "state", "language", "version", "blocked_at", "last_inbound_at",
)  # fmt: skip


@dataclass(slots=True)
class Standing:
    """Where one conversation stands within a batch."""

    address: str
    state: State
    version: int
    blocked_at: datetime | None
    last_inbound_at: datetime
    changed: bool = False


def known_ids(tx: Tx, external_ids: Sequence[str]) -> set[str]:
    """Those of the ids that were taken in before."""
    return {row[0] for row in _KNOWN.rows(tx, external_ids)}


def see(tx: Tx, external_ids: Iterable[str]) -> None:
    """Remember that these were taken in."""
    now = to_millis(tx.now)
    _SEE.run_many(tx, [(external_id, now) for external_id in external_ids])


def standings(tx: Tx, addresses: Sequence[str]) -> dict[str, Standing]:
    """Where each of the conversations stands; one that is new stands at its beginning."""
    found = {
        address: Standing(
            address, states.decode(state), version, _moment(blocked_at), from_millis(last_inbound_at)
        )
        for address, state, version, blocked_at, last_inbound_at in _PEOPLE.rows(tx, addresses)
    }
    for address in addresses:
        found.setdefault(address, Standing(address, State(), 0, None, tx.now))
    return found


def _moment(millis: int | None) -> datetime | None:
    return None if millis is None else from_millis(millis)


def keep(tx: Tx, changed: Iterable[Standing]) -> None:
    """Write down where these conversations stand now."""
    rows = [
        (
            one.address, states.encode(one.state), one.state.language, one.version + 1,
            one.blocked_at and to_millis(one.blocked_at), to_millis(one.last_inbound_at),
        )
        for one in changed
    ]  # fmt: skip
    if rows:
        _KEEP.run_many(tx, rows)


def forget_said(tx: Tx, address: str) -> None:
    """Blank what was said to this person, and say no more of it: the card repeats their own words."""
    waiting = update(_outbox).where(_outbox.c.lane == address, _outbox.c.state.in_(("due", "doubtful")))
    tx.connection.execute(waiting.values(state="cancelled", error="taken back"))
    said = update(_outbox).where(_outbox.c.lane == address, _outbox.c.state != "sending")
    tx.connection.execute(said.values(payload=_NOTHING_SAID))


def mark_dead(tx: Tx, address: str) -> None:
    """Nothing more can be sent to this person until they return."""
    which = _person.c.address == address
    tx.connection.execute(update(_person).where(which).values(blocked_at=tx.now))
