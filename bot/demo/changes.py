"""Waiting for something to change, without polling and from any thread."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """A bell: whoever changes something rings it, whoever waits looks again."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._others: list[Changes] = []

    def ring(self) -> None:
        """Wake everybody who waits. Safe from any thread."""
        with self._lock:
            self.count += 1
            waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, future)
        for other in self._others:
            other.ring()

    def forward(self, other: "Changes") -> None:
        """Whenever this bell rings, ring the other one too."""
        self._others.append(other)

    async def until(self, look: Callable[[], T | None], seconds: float | None) -> T:
        """The first true value that `look` gives; TimeoutError after so many seconds."""
        async with asyncio.timeout(seconds):
            while True:
                future = self._enlist()  # before looking, so that no ring falls between
                if found := look():
                    future.cancel()
                    return found
                await future

    async def beyond(self, count: int, seconds: float | None) -> None:
        """Return once the bell has rung more often than `count` times."""
        await self.until(lambda: self.count > count, seconds)

    def _enlist(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            self._waiting = [(owner, other) for owner, other in self._waiting if not other.done()]
            self._waiting.append((loop, future))
        return future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
