"""Fetches updates from Telegram, and acknowledges them only when all that follows from them is on disk.

python-telegram-bot's own loop acknowledges before its handlers run, and one broken update stops it for ever.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import msgspec

from bot.channels.telegram.decode import Broken, mended, update_id
from bot.channels.telegram.shapes import KINDS
from bot.channels.telegram.way_in import Arrivals, Door, WayInState

log = logging.getLogger(__name__)

# Bot API: the server caps the long poll at 50 s.
LONG_POLL_S = 50
LONGEST_PAUSE_S = 60.0

# A refused token may also be a proxy's error page; three in a row are not.
REFUSALS_TO_ALARM = 3


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Envelope(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw] | bool = False
    description: str = ""
    parameters: _Parameters | None = None


_envelope = msgspec.json.Decoder(_Envelope)


class Refused(Exception):  # noqa: N818  what Telegram did
    """Telegram answered, but not with what was asked for."""

    def __init__(self, status: int, after: float | None = None) -> None:
        super().__init__(f"Telegram answered {status}")
        self.status, self.after = status, after


class Polling:
    """The loop of one bot. `api_url` is the root, without `/bot`; `pause` waits so many seconds."""

    def __init__(
        self,
        token: str,
        api_url: str,
        door: Door,
        *,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.state = WayInState()
        self._root = f"{api_url.rstrip('/')}/bot{token}"
        self._door = door
        self._arrivals = Arrivals(door)
        self._pause = pause
        self._offset: int | None = None
        self._webhook_off = False
        self._wait = 1.0
        self._refusals = 0

    async def run(self) -> None:
        """Poll until cancelled. Nothing ends it but that: a poller that ends is a service gone deaf."""
        async with aiohttp.ClientSession(trust_env=True) as session:
            try:
                while True:
                    await self._round(session)
            finally:
                await self._arrivals.close()

    async def _round(self, session: aiohttp.ClientSession) -> None:
        try:
            await self._fetch(session)
        except Refused as refused:
            await self._pause(self._after_refusal(refused))
        except Exception as error:  # noqa: BLE001  also a database that is locked or full; only the type is logged
            self.state.failed(type(error).__name__)
            await self._pause(self._longer())
        else:
            self._wait, self._refusals = 1.0, 0
            self.state.worked(self._door.now())

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        if not self._webhook_off:
            # While a webhook is set, getUpdates is refused. What waits there already is wanted.
            await self._call(session, "deleteWebhook", {"drop_pending_updates": False}, 20)
            self._webhook_off = True
        # At first, and after trouble, an answer at once: /healthz soon knows whether this works.
        patience = LONG_POLL_S if self.state.last_ok and not self.state.error else 0
        asked: dict[str, object] = {"timeout": patience, "allowed_updates": KINDS}
        if self._offset is not None:
            asked["offset"] = self._offset
        result = await self._call(session, "getUpdates", asked, patience + 15)
        updates = result if isinstance(result, list) else []
        await self._arrivals.let_in(updates)
        self._advance(updates)

    async def _call(
        self, session: aiohttp.ClientSession, method: str, parameters: dict[str, object], seconds: float
    ) -> list[msgspec.Raw] | bool:
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=10)
        async with session.post(f"{self._root}/{method}", json=parameters, timeout=limits) as answer:
            body = await answer.read()
            status = answer.status
        envelope = _opened(body)
        if status != 200 or envelope is None or not envelope.ok:
            parameters_ = envelope.parameters if envelope else None
            raise Refused(status, parameters_.retry_after if parameters_ else None)
        return envelope.result

    def _advance(self, updates: Sequence[msgspec.Raw]) -> None:
        if not updates:
            # All is acknowledged. After a quiet week numbers start again anywhere, perhaps below this one.
            self._offset = None
            return
        numbers = [number for raw in updates if (number := update_id(raw)) is not None]
        if not numbers:
            # Nothing to acknowledge them by: better a pause than the same answer at once.
            raise ValueError("updates without numbers")
        self._offset = max(numbers) + 1

    def _after_refusal(self, refused: Refused) -> float:
        if refused.status in (401, 404):
            self._refusals += 1
            alarm = self._refusals >= REFUSALS_TO_ALARM
            self.state.failed("the token is refused", alarm=alarm)
            return self._longer()
        self._refusals = 0
        if refused.status == 409:
            # Another poller, or a webhook that somebody set meanwhile.
            self._webhook_off = False
            self.state.failed("another service fetches this bot's updates")
            return random.uniform(5, 30)  # noqa: S311  jitter, no secret
        self.state.failed(str(refused))
        return self._longer() if refused.after is None else min(refused.after, 10 * LONGEST_PAUSE_S)

    def _longer(self) -> float:
        wait = min(self._wait * random.uniform(1, 1.5), LONGEST_PAUSE_S)  # noqa: S311  jitter, no secret
        self._wait = min(self._wait * 2, LONGEST_PAUSE_S)
        log.warning("Telegram polling waits", extra={"error": self.state.error, "pause_s": round(wait, 1)})
        return wait


def _opened(body: bytes) -> _Envelope | None:
    try:
        return _envelope.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        # Half a character in one update must not hold back the ninety-nine others.
        return _envelope.decode(mended(body))
    except (msgspec.MsgspecError, Broken):
        return None
