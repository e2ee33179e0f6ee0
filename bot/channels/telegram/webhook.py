"""Takes updates that Telegram brings, and answers 200 only when all that follows from them is on disk."""

import hmac
import logging

from aiohttp import web

from bot.channels.telegram.way_in import Arrivals, Door, WayInState

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name

# Real updates have a few kilobytes.
MAX_BODY = 2**20

# Telegram obeys it, up to an hour, and repeats the update after that.
RETRY_AFTER_S = 5


class Webhook:
    """The handler of one bot's `POST /telegram/webhook`. `secret` is what setWebhook was told."""

    def __init__(self, secret: str, door: Door) -> None:
        if not secret:
            raise ValueError("a webhook without a secret takes anybody's word")
        self.state = WayInState()
        self._secret = secret.encode()
        self._door = door
        self._arrivals = Arrivals(door)

    async def handle(self, request: web.Request) -> web.Response:
        """200 kept, 403 not Telegram, 413 too large, 503 not kept: bring it again."""
        if not self._is_telegram(request):
            return web.Response(status=403)
        body = await _bounded(request)
        if body is None:
            return web.Response(status=413)
        try:
            # An update that nobody can read is kept and answered 200: Telegram would bring it for ever.
            await self._arrivals.let_in([body])
        except Exception as error:  # noqa: BLE001  a database that is locked or full; only the type is logged
            self.state.failed(type(error).__name__)
            log.warning("update not kept", extra={"error": type(error).__name__})
            return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        self.state.worked(self._door.now())
        return web.Response()

    async def close(self) -> None:
        """Finish, or drop, the answers to taps that are under way."""
        await self._arrivals.close()

    def _is_telegram(self, request: web.Request) -> bool:
        # compare_digest refuses text that is not ASCII; aiohttp reads a header's raw bytes as surrogates.
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._secret)


async def _bounded(request: web.Request) -> bytes | None:
    """The body, or None when it is too large; read in pieces, because a length may be claimed falsely."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    body = bytearray()
    async for piece in request.content.iter_chunked(2**16):
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
