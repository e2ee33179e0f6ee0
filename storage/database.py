"""The database: how it is opened, read and written, and what is the matter when it refuses."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.tx import Tx

TroubleKind = Literal["locked", "full", "readonly", "broken"]

_KINDS: dict[int, TroubleKind] = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_IOERR: "broken",
    sqlite3.SQLITE_CORRUPT: "broken",
    sqlite3.SQLITE_CANTOPEN: "broken",
    sqlite3.SQLITE_NOTADB: "broken",
    sqlite3.SQLITE_PROTOCOL: "locked",
}


class DatabaseTrouble(Exception):  # noqa: N818  the word that admins read
    """The database can keep nothing just now. Nothing of the transaction was kept; it may be tried again.

    `kind`: another process holds the database, its disk is full, it may not be written, or it is broken.
    """

    def __init__(self, kind: TroubleKind) -> None:
        super().__init__(f"the database is {kind}")
        self.kind: TroubleKind = kind


class UnusableUrl(ValueError):  # noqa: N818
    """The database's URL means nothing to us; the text says what would."""


def trouble(exc: BaseException) -> TroubleKind | None:
    """What is the matter with the database if `exc` says so; None when the statement was at fault."""
    if isinstance(exc, DatabaseTrouble):
        return exc.kind
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    if not isinstance(cause, sqlite3.DatabaseError):
        return None
    # The low byte is the error, the rest its finer variant.
    return _KINDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)


@contextmanager
def troubles() -> Iterator[None]:
    """What the driver raises about the database itself leaves as DatabaseTrouble."""
    try:
        yield
    except Exception as exc:
        if isinstance(exc, DatabaseTrouble) or (kind := trouble(exc)) is None:
            raise
        raise DatabaseTrouble(kind) from exc


class Database:
    """One town's database. Connections are made when they are wanted; any thread may ask."""

    def __init__(self, url: URL, *, busy_timeout_ms: int) -> None:
        self.url = url
        self.path = Path(url.database or "")
        self._pen = _engine(url, busy_timeout_ms, begin="BEGIN IMMEDIATE", reads_only=False)
        self._eyes = _engine(url, busy_timeout_ms, begin="BEGIN", reads_only=True)

    @contextmanager
    def write(self, now: datetime) -> Iterator[Tx]:
        """One transaction, for commands and tests; the service writes through the Writer.

        Waits for other writers as long as the busy time-out says; raises DatabaseTrouble.
        """
        with troubles(), self._pen.connect() as connection, transaction(connection, now) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database and can change nothing."""
        with troubles(), self._eyes.connect() as connection, connection.begin():
            yield connection

    def pen(self) -> Connection:
        """A connection to keep and to write with; it leaves the WAL to a Checkpointer."""
        connection = self._pen.connect()
        dbapi_connection(connection).execute("PRAGMA wal_autocheckpoint=0")
        return connection

    def outside_transaction(self) -> sqlite3.Connection:
        """A bare connection in autocommit, for what SQLite does only outside a transaction; close it."""
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        _pragmas(connection, 10_000)
        return connection

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self._pen.dispose()
        self._eyes.dispose()


@contextmanager
def transaction(connection: Connection, now: datetime) -> Iterator[Tx]:
    """Everything inside is kept, durably, or nothing of it."""
    with connection.begin():
        yield Tx(connection, now)
        # SQLite ends a transaction by itself when the disk is full. Somebody may have swallowed that error,
        # and the commit of nothing would then look like success.
        if not dbapi_connection(connection).in_transaction:
            raise DatabaseTrouble("broken")


def dbapi_connection(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction."""
    return connection.connection.dbapi_connection


def open_database(url: str, *, busy_timeout_ms: int = 10_000) -> Database:
    """Open (and when first written, make) the database at `url`, `sqlite:///folder/file.db`.

    Makes the folder. Raises UnusableUrl with a sentence for the admin.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The URL itself may hold a password: it is not repeated.
        raise UnusableUrl(f"The database URL cannot be read. {_EXAMPLE}") from None
    if parsed.get_backend_name() != "sqlite":
        raise UnusableUrl(f'NTARS keeps its data in SQLite, not in "{parsed.get_backend_name()}". {_EXAMPLE}')
    if not parsed.database or parsed.database == ":memory:":
        raise UnusableUrl(f"A database in memory would be gone with the process. {_EXAMPLE}")
    Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Database(parsed, busy_timeout_ms=busy_timeout_ms)


_EXAMPLE = "Write for example: NTARS_DATABASE_URL=sqlite:////var/lib/ntars/ntars.db"


def _engine(url: URL, busy_timeout_ms: int, *, begin: str, reads_only: bool) -> Engine:
    # Errors would repeat the values of their statement, and these are what people wrote.
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(db: sqlite3.Connection, _record: object) -> None:
        # Python's own transaction handling would commit behind our back; we say BEGIN ourselves.
        db.isolation_level = None
        _pragmas(db, busy_timeout_ms)
        if reads_only:
            db.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _pragmas(db: sqlite3.Connection, busy_timeout_ms: int) -> None:
    db.execute(f"PRAGMA busy_timeout={busy_timeout_ms:d}")
    _switch_to_wal(db)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA foreign_keys=ON")


def _switch_to_wal(db: sqlite3.Connection) -> None:
    # Two processes that make the same new file meet here, and SQLite does not wait for the other one then.
    for attempt in range(50):
        try:
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            if trouble(exc) != "locked" or attempt == 49:
                raise
            time.sleep(0.02)
        else:
            return


class Checkpointer:
    """Keeps the WAL bounded, so that no commit has to copy its pages into the database.

    A thread of its own copies the bulk while others write. The writer then copies the little that came
    meanwhile, between two batches, so that the WAL starts over: under constant load the thread alone would
    never come to an end. It starts over in place, because a commit that makes the file longer takes nearly
    twice as long as one that does not (measured: 250 against 140 µs).
    """

    def __init__(self, database: Database, *, every: int = 1000, look_every_s: float = 0.1) -> None:
        self._database = database
        self._every = every
        self._look_every_s = look_every_s
        self._written = 0
        self._copied = 0
        self._is_copied = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ntars-checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended; blocks for one checkpoint at most."""
        self._stopping.set()
        self._thread.join()

    def committed(self, connection: Connection, items: int) -> None:
        """To be called by the writer after a commit of so many items, when its callers have their answers."""
        self._written += items
        if self._is_copied:
            self._is_copied = False
            # Whatever ails the database, the next transaction meets it too, and somebody hears of that.
            with suppress(sqlite3.Error):
                _start_over(dbapi_connection(connection))

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while not self._stopping.wait(self._look_every_s):
            written = self._written
            if written - self._copied < self._every:
                continue
            with suppress(sqlite3.Error):
                connection = connection or self._database.outside_transaction()
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                self._copied = written
                self._is_copied = True
        if connection is not None:
            connection.close()


def _start_over(db: sqlite3.Connection) -> None:
    (patience_ms,) = db.execute("PRAGMA busy_timeout").fetchone()
    # A reader may be in the way for long, and nobody can write while it is waited for.
    db.execute("PRAGMA busy_timeout=0")
    try:
        db.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout={patience_ms:d}")
