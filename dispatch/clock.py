"""What the calendar decides: the nightly tidying, and the admin's mail about what could not be sent.

Jobs only write rows with unique keys, so that any number of clocks is safe.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from dispatch import forwards
from storage import cleaning
from storage.tx import Tx
from storage.writer import Writer

# Nothing daily between 01:00 and 02:00: on the October night that hour comes twice.
TIDY_AT = (3, 30)
TELL_AT = (8, 0)


class Clock:
    """Runs the daily jobs on the town's clock."""

    def __init__(
        self, writer: Writer, zone: ZoneInfo, now: Callable[[], datetime], written: Callable[[], None]
    ) -> None:
        self._writer, self._zone, self._now, self._written = writer, zone, now, written
        self._scheduler = AsyncIOScheduler(timezone=zone)

    def start(self) -> None:
        """Begin; call it in the event loop."""
        self._daily(self.tidy, TIDY_AT)
        self._daily(self.tell_of_failures, TELL_AT)
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more jobs."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _daily(self, job: Callable[[], Awaitable[None]], at: tuple[int, int]) -> None:
        # A busy moment must not skip a day: the default would, after one second.
        self._scheduler.add_job(
            job,
            CronTrigger(hour=at[0], minute=at[1], timezone=self._zone),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    async def tidy(self) -> None:
        """Forget what no provider repeats any more, a slice a transaction."""
        for slice_ in (_forget_seen, _forget_rows):
            while await self._writer.submit(slice_, None) == cleaning.SLICE:
                pass

    async def tell_of_failures(self) -> None:
        """One mail a day to the admin while something could not be sent; none when all is well."""
        await self._writer.submit(_tell_of_failures, self._now().astimezone(self._zone).date().isoformat())
        self._written()


def _forget_seen(tx: Tx, items: Sequence[None]) -> Sequence[int]:
    return [cleaning.forget_seen(tx) for _ in items]


def _forget_rows(tx: Tx, items: Sequence[None]) -> Sequence[int]:
    return [cleaning.forget_rows(tx) for _ in items]


def _tell_of_failures(tx: Tx, days: Sequence[str]) -> Sequence[None]:
    failed = cleaning.failed_rows(tx.connection)
    if failed:
        lines = [f"{count} of kind {kind}" for kind, count in sorted(failed.items())]
        for day in days:
            forwards.tell_bid(
                tx,
                f"failed:{day}",
                "Some things could not be sent",
                "These could not be sent and are not tried again by themselves:",
                *lines,
                "See them: ntars outbox list",
                "Try them again: ntars outbox retry --all",
            )
    return [None] * len(days)
