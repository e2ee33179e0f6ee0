"""Brings a database to the tables of this release."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.database import Database, dbapi_connection, troubles

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision. Said here, because asking alembic costs every command half a second; a test compares.
HEAD = "0001"


class MigrationBroke(RuntimeError):  # noqa: N818
    """A revision left references that lead nowhere; nothing of it was kept."""


class NewerDatabase(RuntimeError):  # noqa: N818
    """A later release of NTARS has already changed this database; the text says what to do."""


def is_current(database: Database) -> bool:
    """Whether the database has the tables of this release."""
    with database.read() as connection:
        return _version(connection) == HEAD


def migrate(database: Database) -> list[str]:
    """Make or change the tables; returns the revisions that were run, none when all was well.

    Two processes may call it at once: the second waits, and finds the work done. Raises DatabaseTrouble, and
    NewerDatabase.
    """
    with suppress(OSError):
        # For its owner alone; SQLite gives its other files the same rights, and says what it cannot open.
        database.path.touch(mode=0o600)
    if is_current(database):
        return []
    with revising(database) as connection:
        return _upgrade(connection)


@contextmanager
def revising(database: Database) -> Iterator[Connection]:
    """One transaction in which tables may be dropped and made anew while others refer to them."""
    with troubles(), database.pen() as connection:
        try:
            # SQLite listens to this only outside a transaction.
            dbapi_connection(connection).execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                yield connection
        finally:
            # Nobody else may be given a connection that does not check references.
            connection.invalidate()


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for `connection`, in whose transaction everything then happens."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> list[str]:
    from alembic import command
    from alembic.script import ScriptDirectory

    before = _version(connection)
    if before == HEAD:
        return []
    config = alembic_config(connection)
    known = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    if before is not None and before not in known:
        raise NewerDatabase(
            f"A newer NTARS has used this database (its revision is {before}, ours {HEAD}). "
            "Install that version again, or restore the backup from before it."
        )
    command.upgrade(config, HEAD)
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise MigrationBroke(f"{len(broken)} rows refer to nothing, the first in table {broken[0][0]}")
    return known[known.index(before) + 1 :] if before is not None else known
