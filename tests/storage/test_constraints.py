"""The database itself refuses nonsense: each of its constraints is broken here once."""

from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Connection, Index, UniqueConstraint, insert
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.tables import metadata
from storage.tables.columns import Instant
from tests.hand_clock import HandClock

# A good row of each table; what must be given and is not here is filled in.
GOOD: dict[str, dict[str, Any]] = {
    "business": {"name": "WHSmith", "address": "1 Abington Street", "postcode": "NN1 1AA", "kind": "levy"},
    "member": {"business_id": 1, "address": "telegram:1", "notice_version": "1"},
    "report": {
        "reference": "NT-7K4F", "draft": "d1", "business_id": 1, "member_id": 1, "category": "graffiti",
        "place": "By Gold Street", "place_kind": "named", "language": "en", "seen_at_source": "message",
    },
    "photo": {"id": "p1", "draft": "d1", "address": "telegram:1", "kind": "photo"},
    "delivery": {
        "report_id": 1, "address": "asb@council.example", "owner": True, "part": "new", "reference": "r1",
    },
    "outbox": {"kind": "email", "lane": "l", "dedupe": "d", "reference": "r", "payload": "{}"},
    "dead_letter": {"external_id": "telegram:1", "channel": "telegram", "body": "{}", "error": "ValueError"},
    "complaint": {"number": "C-1", "address": "telegram:1", "words": "…"},
}  # fmt: skip
PARENTS = {
    "member": ("business",),
    "report": ("business", "member"),
    "delivery": ("business", "member", "report"),
    "photo": ("business", "member", "report"),
}

# What breaks each CHECK: the constraint's name, then the nonsense.
NONSENSE: list[tuple[str, dict[str, Any]]] = [
    ("ck_business_kind", {"kind": "friend"}),
    ("ck_business_status", {"status": "asleep"}),
    ("ck_business_point", {"lat": 52.2}),
    ("ck_report_status", {"status": "forgotten"}),
    ("ck_report_seen_at_source", {"seen_at_source": "guess"}),
    ("ck_report_point", {"lon": -0.9}),
    ("ck_photo_state", {"state": "lost"}),
    ("ck_photo_name", {"name": "p1.jpg"}),
    ("ck_photo_name", {"state": "kept"}),
    ("ck_delivery_state", {"state": "lost"}),
    ("ck_delivery_settled_at", {"state": "accepted"}),
    ("ck_delivery_settled_at", {"settled_at": "now"}),
    ("ck_outbox_state", {"state": "lost"}),
    ("ck_outbox_claimed_by", {"state": "sending"}),
    ("ck_outbox_claimed_by", {"claimed_by": "me"}),
    ("ck_outbox_sent_at", {"state": "sent"}),
    ("ck_outbox_sent_at", {"sent_at": "now"}),
]

# What may not be there twice: the table, and in what the second row still differs.
TWICE: list[tuple[str, str, dict[str, Any]]] = [
    ("business", "name", {}),
    ("member", "address", {}),
    ("report", "reference", {"draft": "d2"}),
    ("report", "draft", {"reference": "NT-0000"}),
    ("delivery", "report_id, address, part", {"reference": "r2"}),
    ("delivery", "reference", {"part": "photos:1"}),
    ("outbox", "dedupe", {"reference": "r2"}),
    ("outbox", "reference", {"dedupe": "d2"}),
    ("dead_letter", "external_id", {}),
    ("complaint", "number", {}),
]


def put(connection: Connection, name: str, clock: HandClock, /, **other: Any) -> None:
    table = metadata.tables[name]
    required = [
        column for column in table.columns if not (column.nullable or column.default or column.primary_key)
    ]
    filled = {column.name: clock() if isinstance(column.type, Instant) else "…" for column in required}
    values = filled | GOOD[name] | {key: clock() if value == "now" else value for key, value in other.items()}
    connection.execute(insert(table).values(**values))


def put_parents(connection: Connection, name: str, clock: HandClock) -> None:
    for parent in PARENTS.get(name, ()):
        put(connection, parent, clock)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_row_is_taken(database: Database, clock: HandClock, name: str) -> None:
    with database.write(clock()) as tx:
        put_parents(tx.connection, name, clock)
        put(tx.connection, name, clock)


@pytest.mark.parametrize(("constraint", "nonsense"), NONSENSE)
def test_nonsense_is_refused(
    database: Database, clock: HandClock, constraint: str, nonsense: dict[str, Any]
) -> None:
    (name,) = [
        table.name
        for table in metadata.sorted_tables
        if constraint in {str(known.name) for known in table.constraints}
    ]
    with database.write(clock()) as tx:
        put_parents(tx.connection, name, clock)

        with pytest.raises(IntegrityError, match=f"CHECK constraint failed: {constraint}"):
            put(tx.connection, name, clock, **nonsense)


@pytest.mark.parametrize(("name", "columns", "difference"), TWICE)
def test_the_same_thing_twice_is_refused(
    database: Database, clock: HandClock, name: str, columns: str, difference: dict[str, Any]
) -> None:
    message = ", ".join(f"{name}.{column}" for column in columns.split(", "))
    with database.write(clock()) as tx:
        put_parents(tx.connection, name, clock)
        put(tx.connection, name, clock)

        with pytest.raises(IntegrityError, match=f"UNIQUE constraint failed: {message}"):
            put(tx.connection, name, clock, **difference)


def test_a_member_who_left_may_join_again(database: Database, clock: HandClock) -> None:
    with database.write(clock()) as tx:
        put_parents(tx.connection, "member", clock)
        put(tx.connection, "member", clock, left_at="now")
        put(tx.connection, "member", clock, left_at="now")
        put(tx.connection, "member", clock)


@pytest.mark.parametrize("name", PARENTS)
def test_what_refers_to_nothing_is_refused(database: Database, clock: HandClock, name: str) -> None:
    reference = next(iter(metadata.tables[name].foreign_keys)).parent.name
    with database.write(clock()) as tx:
        put_parents(tx.connection, name, clock)

        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            put(tx.connection, name, clock, **{reference: 99})


def test_every_constraint_is_broken_here() -> None:
    checks = {
        str(known.name)
        for table in metadata.sorted_tables
        for known in table.constraints
        if isinstance(known, CheckConstraint)
    }
    keys = {
        (table.name, ", ".join(column.name for column in known.columns))
        for table in metadata.sorted_tables
        for known in (*table.constraints, *table.indexes)
        if isinstance(known, UniqueConstraint) or (isinstance(known, Index) and known.unique)
    }

    assert checks == {constraint for constraint, _ in NONSENSE}
    assert keys == {(name, columns) for name, columns, _ in TWICE}
