import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import installation
from storage.database import Checkpointer, Database, DatabaseTrouble, UnusableUrl, open_database, trouble
from storage.tables import Fact, table
from storage.tx import Tx
from tests.hand_clock import HandClock


def test_the_folder_of_a_new_database_is_made(tmp_path: Path, clock: HandClock) -> None:
    database = open_database(f"sqlite:///{tmp_path}/deep/down/ntars.db")

    with database.write(clock()) as tx:
        tx.connection.execute(text("CREATE TABLE t (x)"))

    assert (tmp_path / "deep/down/ntars.db").exists()
    database.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30)],
)
def test_a_commit_is_durable_and_references_hold(
    database: Database, clock: HandClock, pragma: str, value: object
) -> None:
    with database.write(clock()) as tx:
        assert tx.connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://ntars:secret@db/ntars", 'NTARS keeps its data in SQLite, not in "postgresql".'),
        ("sqlite://", "A database in memory would be gone with the process."),
        ("nonsense secret", "The database URL cannot be read."),
    ],
)
def test_another_url_is_refused_with_a_line_to_paste(url: str, sentence: str) -> None:
    with pytest.raises(UnusableUrl) as refusal:
        open_database(url)

    assert str(refusal.value).startswith(sentence)
    assert "NTARS_DATABASE_URL=sqlite:////" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_what_is_written_is_read_and_a_failed_block_leaves_nothing(
    database: Database, clock: HandClock
) -> None:
    with database.write(clock()) as tx:
        installation.put(tx, "bot", "NtarsBot")
    with suppress(ZeroDivisionError), database.write(clock()) as tx:
        installation.put(tx, "bot", "Other")
        _ = 1 / 0

    with database.read() as connection:
        assert installation.get(Tx(connection, clock()), "bot") == "NtarsBot"


def test_a_reader_can_change_nothing(database: Database, clock: HandClock) -> None:
    with pytest.raises(DatabaseTrouble) as refusal, database.read() as connection:
        installation.put(Tx(connection, clock()), "bot", "NtarsBot")

    assert refusal.value.kind == "readonly"


def test_a_reader_sees_one_moment(database: Database, clock: HandClock) -> None:
    with database.read() as connection:
        reader = Tx(connection, clock())
        assert installation.get(reader, "bot") is None

        with database.write(clock()) as tx:
            installation.put(tx, "bot", "NtarsBot")

        assert installation.get(reader, "bot") is None


def test_a_database_that_is_held_is_locked(database: Database, clock: HandClock) -> None:
    with database.write(clock()), pytest.raises(DatabaseTrouble) as refusal, database.write(clock()):
        pass

    assert refusal.value.kind == "locked"


def test_a_file_that_is_no_database_is_broken(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "ntars.db").write_bytes(os.urandom(8192))
    database = open_database(f"sqlite:///{tmp_path}/ntars.db")

    with pytest.raises(DatabaseTrouble) as refusal, database.write(clock()):
        pass

    assert refusal.value.kind == "broken"
    database.dispose()


def test_a_wrong_statement_is_no_trouble_of_the_database(database: Database, clock: HandClock) -> None:
    with pytest.raises(OperationalError) as nonsense, database.write(clock()) as tx:
        tx.connection.execute(text("SELECT nonsense"))
    with pytest.raises(IntegrityError) as twice, database.write(clock()) as tx:
        tx.connection.execute(insert(table(Fact)), [{"name": "a", "value": ""}] * 2)

    assert trouble(nonsense.value) is None
    assert trouble(twice.value) is None
    assert trouble(ValueError()) is None


def test_a_transaction_that_ended_unseen_is_no_success(database: Database, clock: HandClock) -> None:
    with pytest.raises(DatabaseTrouble), database.write(clock()) as tx:
        tx.connection.exec_driver_sql("ROLLBACK")


def test_the_wal_starts_over_in_place_before_it_grows_without_end(
    database: Database, clock: HandClock
) -> None:
    wal = Path(f"{database.path}-wal")
    checkpointer = Checkpointer(database, every=5, look_every_s=0.001)
    checkpointer.start()

    with database.pen() as connection:
        connection.rollback()
        for number in range(200):
            with connection.begin():
                installation.put(Tx(connection, clock()), f"big {number}", "x" * 100_000)
            checkpointer.committed(connection, 1)
            time.sleep(0.002)
        checkpointer.stop()

        assert 0 < wal.stat().st_size < 10_000_000
        assert database.path.stat().st_size > 10_000_000


def test_a_reader_in_the_way_stops_no_writer(database: Database, clock: HandClock) -> None:
    checkpointer = Checkpointer(database, every=1, look_every_s=0.001)
    checkpointer.start()

    with database.pen() as connection, database.read() as reader:
        connection.rollback()
        assert installation.get(Tx(reader, clock()), "19") is None
        for number in range(20):
            with connection.begin():
                installation.put(Tx(connection, clock()), str(number), "")
            checkpointer.committed(connection, 1)
            time.sleep(0.002)
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30
    checkpointer.stop()

    with database.read() as reader:
        assert installation.get(Tx(reader, clock()), "19") == ""


def test_a_bare_connection_is_in_autocommit(database: Database) -> None:
    connection = database.outside_transaction()

    connection.execute("CREATE TABLE t (x)")

    assert not connection.in_transaction
    assert isinstance(connection, sqlite3.Connection)
    connection.close()
