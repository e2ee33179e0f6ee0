"""A database with all tables in it, made once a test run: migrating takes longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

from storage.database import open_database
from storage.migrate import migrate


@cache
def migrated_database() -> bytes:
    """An empty database of this release, as the bytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ntars.db"
        database = open_database(f"sqlite:///{path}")
        migrate(database)
        with database.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
        return path.read_bytes()
