"""Brings a database to the tables of this release."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.database import Database, troubles

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision. Said here, because asking alembic costs every command half a second; a test compares.
HEAD = "0001"


class MigrationBroke(RuntimeError):  # noqa: N818
    """A revision left references that lead nowhere; nothing of it was kept."""


def is_current(database: Database) -> bool:
    """Whether the database has the tables of this release."""
    with database.read() as connection:
        return _version(connection) == HEAD


def migrate(database: Database) -> list[str]:
    """Make or change the tables; returns the revisions that were run, none when all was well.

    Two processes may call it at once: the second waits, and finds the work done. Raises DatabaseTrouble.
    """
    if is_current(database):
        return []
    with troubles(), database.pen() as connection:
        # A table that is made anew is dropped in between, and what refers to it must not notice. SQLite
        # listens to this only outside a transaction.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.rollback()
        try:
            with connection.begin():
                return _upgrade(connection)
        finally:
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
    command.upgrade(config, HEAD)
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise MigrationBroke(f"{len(broken)} rows refer to nothing, the first in table {broken[0][0]}")
    revisions = ScriptDirectory.from_config(config).iterate_revisions(HEAD, before or "base")
    return [revision.revision for revision in revisions][::-1]
