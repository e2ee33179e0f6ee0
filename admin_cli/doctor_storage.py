"""The doctor's look at what is kept here: database, disk, photos, and what waits in the tables."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from admin_cli.explain import database_refused
from admin_cli.findings import Finding
from bot.settings import Settings
from storage import dead_letters, installation, outbox
from storage.database import Database, DatabaseTrouble, UnusableUrl, open_database
from storage.migrate import is_current, migrate
from storage.tx import Tx

FULL_BYTES = 200 * 2**20
LITTLE_BYTES = 2 * 2**30


class _Unwritten(Exception):  # noqa: N818
    """Takes back what the doctor wrote to see whether it could."""


def examine(settings: Settings, moment: datetime) -> Iterator[Finding]:
    """What is the matter with database, disk and photos."""
    yield from _database(settings, moment)
    yield from _disk(settings.data_dir)
    yield from _photos(settings.photo_url)


def _database(settings: Settings, moment: datetime) -> Iterator[Finding]:
    try:
        database = open_database(settings.database_url)
    except UnusableUrl as wrong:
        sentence, _, mend = str(wrong).partition(". ")
        yield Finding("E007", f"{sentence}.", mend)
        return
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        yield Finding(
            "E007", f"The folder {error.filename} cannot be used: {why}.", f"ls -ld {error.filename}"
        )
        return
    try:
        yield from _opened(database, moment)
    except DatabaseTrouble as trouble:
        number = "E007" if trouble.kind == "broken" else "E008"
        sentence, mend = database_refused(trouble, database.path).parts
        yield Finding(number, sentence.replace("; nothing was changed", ""), mend)
    finally:
        database.dispose()


def _opened(database: Database, moment: datetime) -> Iterator[Finding]:
    if not database.path.exists():
        migrate(database)
    if not is_current(database):
        yield Finding("E009", f"The database {database.path} is not of this release.", "Run: ntars migrate")
        return
    try:
        with database.write(moment) as tx:
            installation.put(tx, "doctor", secrets.token_hex(4))
            raise _Unwritten
    except _Unwritten:
        pass
    with database.read() as connection:
        yield from _left_over(Tx(connection, moment))


def _left_over(tx: Tx) -> Iterator[Finding]:
    failed = {kind: number for (kind, state), number in outbox.counts(tx).items() if state == "failed"}
    if failed:
        counted = ", ".join(f"{number} of kind {kind}" for kind, number in sorted(failed.items()))
        yield Finding(
            "W019",
            f"Some things could not be sent: {counted}.",
            "See why: ntars outbox list; try again: ntars outbox retry --all",
        )
    if letters := dead_letters.waiting(tx):
        more = "or more " if len(letters) == 200 else ""
        yield Finding(
            "W020",
            f"{len(letters)} {more}of the messages that came in could not be handled and are kept.",
            "See them: ntars replay; take them in again: ntars replay --all",
        )


def _disk(folder: Path) -> Iterator[Finding]:
    there = next((path for path in (folder, *folder.resolve().parents) if path.exists()), None)
    if there is None:
        return
    free = shutil.disk_usage(there).free
    if free < LITTLE_BYTES:
        number = "E011" if free < FULL_BYTES else "W010"
        yield Finding(
            number,
            f"Only {free / 2**20:.0f} MB are free where {folder} is.",
            f"See what fills it: df -h {there}",
        )


def _photos(url: str) -> Iterator[Finding]:
    if url.startswith("s3://"):
        return
    folder = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(url)
    probe = folder / f".doctor.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"ntars")
        probe.unlink()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        yield Finding(
            "E012",
            f"Photos cannot be kept in {folder}: {why}.",
            f"Whose is it: ls -ld {folder} {folder.parent}",
        )
