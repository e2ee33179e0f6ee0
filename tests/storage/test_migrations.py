import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert

from storage.database import Database, open_database
from storage.migrate import HEAD, NewerDatabase, alembic_config, is_current, migrate, revising
from storage.tables import Fact, metadata, table
from tests.hand_clock import HandClock


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    yield database
    database.dispose()


def written_down(database: Database) -> dict[str, list[str]]:
    """Each table and index as SQLite keeps it; the order of constraints means nothing."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {
        name: sorted(line.strip().rstrip(",") for line in sql.splitlines() if line.strip())
        for name, sql in rows
        if name != "alembic_version"
    }


def test_an_empty_database_gets_all_tables_and_only_once(empty: Database) -> None:
    assert not is_current(empty)

    assert migrate(empty)[-1] == HEAD
    assert migrate(empty) == []

    assert is_current(empty)


def test_migrations_and_models_agree_as_alembic_sees_it(empty: Database, clock: HandClock) -> None:
    migrate(empty)

    with empty.write(clock()) as tx:
        assert compare_metadata(MigrationContext.configure(tx.connection), metadata) == []


def test_migrations_and_models_agree_to_the_letter(empty: Database, database: Database) -> None:
    """Alembic compares neither CHECK constraints nor the conditions of partial indexes."""
    migrate(empty)

    assert written_down(empty) == written_down(database)


def test_the_newest_revision_is_the_one_we_say(empty: Database, clock: HandClock) -> None:
    with empty.write(clock()) as tx:
        assert ScriptDirectory.from_config(alembic_config(tx.connection)).get_current_head() == HEAD


def test_references_hold_again_after_a_migration(empty: Database, clock: HandClock) -> None:
    migrate(empty)

    with empty.write(clock()) as tx:
        assert tx.connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_table_may_be_made_anew_while_others_refer_to_it(empty: Database) -> None:
    migrate(empty)

    with revising(empty) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        assert connection.exec_driver_sql("INSERT INTO fact VALUES ('a', 'b')").rowcount == 1

    with empty.read() as reader:
        assert reader.execute(table(Fact).select()).all() == [("a", "b")]


def test_a_database_of_a_newer_release_is_left_alone(empty: Database, clock: HandClock) -> None:
    migrate(empty)
    with empty.write(clock()) as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NewerDatabase, match="its revision is 9999"):
        migrate(empty)


def test_what_was_kept_survives_the_call(empty: Database, clock: HandClock) -> None:
    migrate(empty)
    with empty.write(clock()) as tx:
        tx.connection.execute(insert(table(Fact)).values(name="bot", value="NtarsBot"))

    migrate(empty)

    with empty.read() as connection:
        assert connection.execute(table(Fact).select()).all() == [("bot", "NtarsBot")]


def test_a_current_database_costs_no_import_of_alembic(empty: Database) -> None:
    migrate(empty)
    script = (
        "import sys; from storage.database import open_database; from storage.migrate import migrate;"
        f"assert migrate(open_database({str(empty.url)!r})) == []; assert 'alembic' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_two_processes_that_start_at_once_agree(empty: Database) -> None:
    script = (
        "import sys; from storage.database import open_database; from storage.migrate import migrate;"
        f"sys.stdin.read(1); print(migrate(open_database({str(empty.url)!r})))"
    )
    command = [sys.executable, "-c", script]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    for process in both:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    outputs = sorted(process.communicate()[0].strip() for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert outputs == sorted(["[]", f"['{HEAD}']"])
