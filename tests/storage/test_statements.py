import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from storage.database import Database
from storage.statements import Prepared, PreparedIn
from storage.tables import Business, Fact, Outbox, table
from storage.tables.columns import to_millis
from storage.tx import Tx
from tests.hand_clock import HandClock

_facts, _outbox, _business = table(Fact), table(Outbox), table(Business)
_add = Prepared(insert(_facts), "value", "name")


def test_a_row_written_so_is_read_through_the_orm(database: Database, clock: HandClock) -> None:
    columns = ("kind", "lane", "dedupe", "reference", "payload", "not_before", "created_at")
    add = Prepared(insert(_outbox), *columns)
    now = to_millis(clock())

    with database.write(clock()) as tx:
        assert add.run_many(tx, [("email", "a", "d", "r", "{}", now, now)]) == 1

    with database.read() as connection, Session(connection) as session:
        row = session.get_one(Outbox, 1)
        assert (row.not_before, row.created_at) == (clock(), clock())
        assert (row.state, row.attempts, row.not_after) == ("due", 0, None)


def test_an_orm_row_is_read_so_as_raw_values(database: Database, clock: HandClock) -> None:
    with database.write(clock()) as tx, Session(tx.connection) as session:
        shop = Business(name="WHSmith", address="a", postcode="NN1", kind="levy", created_at=clock())
        session.add(shop)
        session.flush()

        rows = Prepared(select(_business.c.name, _business.c.created_at)).rows(tx)

    assert rows == [("WHSmith", to_millis(clock()))]


def test_values_are_given_in_the_order_of_the_names(database: Database, clock: HandClock) -> None:
    change = Prepared(
        update(_facts).where(_facts.c.name == bindparam("of")).values(value=bindparam("new")), "of", "new"
    )
    with database.write(clock()) as tx:
        _add.run_many(tx, [("1", "a"), ("2", "b")])

        assert change.run(tx, ("b", "3")) == 1
        assert change.run(tx, ("c", "3")) == 0
        assert Prepared(select(_facts.c.name, _facts.c.value)).rows(tx) == [("a", "1"), ("b", "3")]


def test_values_inside_the_statement_are_converted(database: Database, clock: HandClock) -> None:
    soon = Prepared(
        select(_outbox.c.id).where(_outbox.c.not_before == clock(), _outbox.c.lane == bindparam("of")), "of"
    )
    with database.write(clock()) as tx:
        tx.connection.execute(
            insert(_outbox).values(
                kind="email", lane="a", dedupe="d", reference="r", payload="", not_before=clock(),
                created_at=clock(),
            )
        )  # fmt: skip

        assert soon.rows(tx, ("a",)) == [(1,)]


@pytest.mark.parametrize("size", [0, 1, 3, 128, 129, 300])
def test_a_list_of_any_length_finds_each_of_its_keys_once(
    database: Database, clock: HandClock, size: int
) -> None:
    find = PreparedIn(
        lambda keys: select(_facts.c.name).where(
            _facts.c.value == bindparam("value"), _facts.c.name.in_(keys)
        ),
        "value",
    )
    names = [f"{number:03}" for number in range(size)]
    with database.write(clock()) as tx:
        _add.run_many(tx, [("1", name) for name in names])
        _add.run_many(tx, [("2", "other"), ("1", "another")])

        assert sorted(find.rows(tx, [*names, "other"], ("1",))) == [(name,) for name in names]


def test_a_list_that_deletes_counts_each_row_once(database: Database, clock: HandClock) -> None:
    drop = PreparedIn(lambda keys: delete(_facts).where(_facts.c.name.in_(keys)))
    with database.write(clock()) as tx:
        _add.run_many(tx, [("1", str(number)) for number in range(200)])

        assert drop.run(tx, [str(number) for number in range(150)]) == 150


def test_a_failed_tuple_rolls_back_with_the_rest(database: Database, clock: HandClock) -> None:
    with pytest.raises(Exception, match="UNIQUE"), database.write(clock()) as tx:
        _add.run_many(tx, [("1", "a"), ("1", "a")])

    with database.read() as connection:
        assert Prepared(select(_facts.c.name)).rows(Tx(connection, clock())) == []


def test_the_same_statement_is_ready_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    assert "%s" in Prepared(select(_facts).where(_facts.c.name == bindparam("of")), "of").sql(dialect)
