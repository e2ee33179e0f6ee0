"""What nearly every command needs: the settings, the database at this release, the time, and who asks."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from admin_cli.explain import database_refused
from bot.settings import Settings, SettingsMistake, read_scheme, read_settings
from conversations.scheme import Scheme, SchemeMistakes
from storage.database import Database, DatabaseTrouble, open_database
from storage.migrate import migrate


@dataclass(frozen=True, slots=True)
class Opened:
    """An open town. `now` is taken once a command."""

    settings: Settings
    database: Database
    now: datetime


@contextmanager
def opened() -> Iterator[Opened]:
    """The town of this environment; its database is made and brought to this release first.

    Raises Failure, SettingsMistake, UnusableUrl or OSError, each of which has a sentence.
    """
    settings = read_settings()
    database = open_database(settings.database_url)
    try:
        migrate(database)
        yield Opened(settings, database, now())
    except DatabaseTrouble as trouble:
        raise database_refused(trouble, database.path) from trouble
    finally:
        database.dispose()


def now() -> datetime:
    """The time. The only place of the commands that asks."""
    return datetime.now(UTC)


def who() -> str:
    """Who runs the command, for the audit log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        # A container's user may have a number and no name.
        return "cli:unknown"


def scheme_if_readable(settings: Settings) -> Scheme | None:
    """The scheme, where a list looks nicer with it; a broken file must not hide reports."""
    try:
        return read_scheme(settings)
    except (SettingsMistake, SchemeMistakes):
        return None


def zone_of(scheme: Scheme | None) -> tzinfo:
    """The town's clock, else UTC."""
    return scheme.zone if scheme else UTC
