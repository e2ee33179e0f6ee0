"""Delivery of updates to a webhook: in order within a lane, again until taken, as the real server does."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from bot.demo.changes import Changes
from bot.demo.cloud import Cloud
from bot.demo.limits import ApiError, Json
from bot.demo.parameters import Parameters, as_texts
from bot.demo.updates import Pending

ANSWER_WITHIN = 60.0  # seconds
LONGEST_RETRY_AFTER = 3600.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 the name of a header


@dataclass
class Hook:
    """What setWebhook set."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str = "127.0.0.1"
    last_error_at: float | None = None
    last_error: str = ""


@dataclass
class WebhookDelivery:
    """One worker a lane for as long as the lane has something to deliver."""

    cloud: Cloud
    call: Callable[[str, Parameters], object]  # for an answer that carries a method
    first_delay: float = 2.0
    longest_delay: float = 60.0
    hook: Hook = field(default_factory=Hook)
    attempts: Changes = field(default_factory=Changes)
    _lanes: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _watch: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Whether a webhook is set."""
        return bool(self.hook.url)

    async def set(self, hook: Hook) -> None:
        """Deliver to this address from now on."""
        await self.stop()
        self.hook = hook
        self._watch = asyncio.create_task(self._deliver(), name="webhook delivery")

    async def stop(self) -> None:
        """End deliveries; what was not taken stays in the queue."""
        self.hook = Hook()
        tasks = [task for task in (self._watch, *self._lanes.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._watch, self._lanes = None, {}

    def info(self) -> Json:
        """The answer of getWebhookInfo."""
        about: Json = {
            "url": self.hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.cloud.updates.waiting()),
        }
        if self.active:
            about["max_connections"] = self.hook.max_connections
            about["ip_address"] = self.hook.ip_address
        if self.cloud.updates.allowed is not None:
            about["allowed_updates"] = sorted(self.cloud.updates.allowed)
        if self.hook.last_error_at is not None:
            about["last_error_date"] = int(self.hook.last_error_at)
            about["last_error_message"] = self.hook.last_error
        return about

    async def _deliver(self) -> None:
        places = asyncio.Semaphore(self.hook.max_connections)
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while True:
                seen = self.cloud.updates.changes.count
                for entry in self.cloud.updates.waiting():
                    task = self._lanes.get(entry.lane)
                    if task is None or task.done():
                        self._lanes[entry.lane] = asyncio.create_task(self._run(entry.lane, session, places))
                await self.cloud.updates.changes.beyond(seen, None)

    async def _run(self, lane: str, session: aiohttp.ClientSession, places: asyncio.Semaphore) -> None:
        failures = 0
        while entry := self._head(lane):
            async with places:
                wait = await self._post(entry, session)
            if wait is None:
                self.cloud.updates.done(entry)
                failures = 0
            else:
                await asyncio.sleep(wait or self._delay(failures))
                failures += 1

    def _head(self, lane: str) -> Pending | None:
        return next((entry for entry in self.cloud.updates.waiting() if entry.lane == lane), None)

    def _delay(self, failures: int) -> float:
        if failures == 0:
            return 0.0  # the first repeat comes at once
        delay: float = self.first_delay * 2.0 ** (failures - 1)
        ceiling = self.longest_delay * (1 + secrets.randbelow(1000) / 1000)
        return min(delay, ceiling)

    async def _post(self, entry: Pending, session: aiohttp.ClientSession) -> float | None:
        """None when the update was taken, else how long the receiver asks us to wait (0: our own choice)."""
        headers = {SECRET_HEADER: self.hook.secret} if self.hook.secret else {}
        try:
            async with session.post(self.hook.url, json=entry.update, headers=headers) as answer:
                body = await answer.read()
                self.attempts.ring()
                if 200 <= answer.status <= 299:
                    await self._obey(answer.content_type, body)
                    return None
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return _retry_after(answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError):
            self.attempts.ring()
            self._failed("Webhook connection closed")
            return 0.0

    def _failed(self, why: str) -> None:
        self.hook.last_error_at, self.hook.last_error = self.cloud.clock(), why

    async def _obey(self, content_type: str, body: bytes) -> None:
        """An answer may carry a method to be called; its outcome is told to nobody."""
        if content_type != "application/json" or not body:
            return
        with contextlib.suppress(ApiError):
            given = as_texts(body)
            method = given.pop("method", "")
            if method and not method.lower().startswith("get"):
                self.call(method, Parameters(given))


def _retry_after(header: str) -> float:
    return min(float(header), LONGEST_RETRY_AFTER) if header.isdecimal() else 0.0
