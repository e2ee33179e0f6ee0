"""The one pen: everything the service writes goes through here, many callers to a commit."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from storage.database import Checkpointer, Database, DatabaseTrouble, transaction, trouble
from storage.tx import Tx

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
Handler = Callable[[Tx, Sequence[T]], Sequence[R]]

MOST_AT_ONCE = 128


class HandlerBroke(RuntimeError):  # noqa: N818
    """A handler ended with something that no caller could be given, such as SystemExit; see the cause."""


@dataclass(slots=True)
class _Job:
    handler: Handler[Any, Any]
    item: Any
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs handlers on one thread, all that wait in one transaction, and answers only after the commit.

    A handler gets all its waiting items at once, in the order in which they came, and returns one result for
    each. It may be run again with fewer of them when its transaction had to be rolled back, so it changes
    nothing but the database. `clock` is asked once a transaction. A handler that takes longer than `slow_s`
    is logged.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], *, slow_s: float = 0.25) -> None:
        self.database = database
        self._clock = clock
        self._slow_s = slow_s
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ntars-writer", daemon=True)
        self._checkpointer = Checkpointer(database)
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = False
        self.trouble: DatabaseTrouble | None = None  # what the last transaction met; None: it was kept

    def start(self) -> None:
        """Begin. Call it in the event loop whose tasks will submit."""
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread.start()
        self._checkpointer.start()

    async def stop(self) -> None:
        """Do what was submitted, answer it, and end; later submits are refused."""
        if not self._open:
            return
        self._open = False
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpointer.stop)

    async def submit(self, handler: Handler[T, R], item: T) -> R:
        """Have `handler` treat `item`; returns its result when it is on disk.

        Raises what the handler raised for this item alone, or DatabaseTrouble: nothing was kept then. A
        caller that is cancelled while it waits takes nothing back.
        """
        if not self._open or self._loop is None:
            raise RuntimeError("the writer is not running")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Job(handler, item, future))
        return cast(R, await future)

    def _run(self) -> None:
        more = True
        while more:
            jobs, more = self._waiting()
            if not jobs:
                continue
            self._treat(jobs)
            # The loop is closed when somebody forgot to stop us; there is nobody left to tell.
            with suppress(RuntimeError):
                assert self._loop is not None
                self._loop.call_soon_threadsafe(_answer, jobs)
            if self._connection is not None:
                self._checkpointer.committed(self._connection, len(jobs))
        self._close()

    def _waiting(self) -> tuple[list[_Job], bool]:
        """All jobs that wait, at least one, and whether more may come."""
        job = self._queue.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) == MOST_AT_ONCE:
                return jobs, True
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False

    def _treat(self, jobs: list[_Job]) -> None:
        try:
            self._in_one_transaction(jobs)
        except DatabaseTrouble as exc:
            _fail(jobs, exc)
        except BaseException as exc:  # noqa: BLE001  the pen outlives every handler
            if len(jobs) == 1:
                jobs[0].error = _tellable(exc)
            else:
                self._one_by_one(jobs)

    def _one_by_one(self, jobs: list[_Job]) -> None:
        for index, job in enumerate(jobs):
            try:
                self._in_one_transaction([job])
            except DatabaseTrouble as exc:
                # Each of them would wait for the same lock in turn.
                _fail(jobs[index:], exc)
                return
            except BaseException as exc:  # noqa: BLE001  the pen outlives every handler
                job.error = _tellable(exc)

    def _in_one_transaction(self, jobs: list[_Job]) -> None:
        try:
            if self._connection is None:
                self._connection = self.database.pen()
            with transaction(self._connection, self._clock()) as tx:
                for handler, group in _by_handler(jobs).items():
                    self._run_handler(tx, handler, group)
        except BaseException as exc:
            kind = trouble(exc)
            if kind is None:
                raise
            self._met(kind)
            raise DatabaseTrouble(kind) from exc
        self.trouble = None

    def _run_handler(self, tx: Tx, handler: Handler[Any, Any], jobs: list[_Job]) -> None:
        started = time.monotonic()
        results = handler(tx, [job.item for job in jobs])
        took_s = time.monotonic() - started
        if took_s > self._slow_s:
            extra = {"handler": _name(handler), "items": len(jobs), "took_ms": round(took_s * 1000)}
            log.warning("writer's handler is slow", extra=extra)
        if len(results) != len(jobs):
            raise HandlerBroke(f"{_name(handler)} gave {len(results)} results for {len(jobs)} items")
        for job, result in zip(jobs, results, strict=True):
            job.result = result

    def _met(self, kind: Any) -> None:
        if self.trouble is None or self.trouble.kind != kind:
            log.error("database refuses to write", extra={"trouble": kind})
        self.trouble = DatabaseTrouble(kind)
        self._close()

    def _close(self) -> None:
        """Give the connection up; the next transaction opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.invalidate()
            connection.close()


def _by_handler(jobs: list[_Job]) -> dict[Handler[Any, Any], list[_Job]]:
    groups: dict[Handler[Any, Any], list[_Job]] = {}
    for job in jobs:
        groups.setdefault(job.handler, []).append(job)
    return groups


def _name(handler: Handler[Any, Any]) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)


def _tellable(exc: BaseException) -> Exception:
    """`exc` as it ends one caller alone: SystemExit would end the loop, StopIteration fits no future."""
    if isinstance(exc, Exception) and not isinstance(exc, StopIteration):
        return exc
    broke = HandlerBroke(f"a handler raised {type(exc).__name__}")
    broke.__cause__ = exc
    return broke


def _fail(jobs: Sequence[_Job], exc: DatabaseTrouble) -> None:
    for job in jobs:
        job.error = DatabaseTrouble(exc.kind)
        job.error.__cause__ = exc.__cause__


def _answer(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():  # its caller was cancelled
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
