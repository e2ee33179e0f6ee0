"""Fetches a file from Telegram's cloud, never more than the Bot API would give (getFile: 20 MB)."""

from urllib.parse import quote

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.telegram.api import NO_RESULT
from bot.channels.telegram.verdicts import verdict
from dispatch.pictures import MAX_RECEIVED, TooBig
from dispatch.transport import GiveUp, InDoubt, TryLater

# A slow link to Telegram needs its time; a dead one is given up by the second limit.
_TIMEOUT = aiohttp.ClientTimeout(total=100, sock_connect=10, sock_read=20)


async def download(bot: Bot, root: str, handle: str) -> bytes:
    """The bytes that `handle` (a file_id) names. Raises TooBig, GiveUp (`gone`) or TryLater.

    Repeating a download harms nobody, so there is never a doubt. Neither path nor token stands in any error.
    """
    path = await _path(bot, root, handle)
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as session,
            session.get(root + quote(path)) as answer,
        ):
            return await _body(answer)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TryLater(f"download broke off: {type(error).__name__}") from None


async def _path(bot: Bot, root: str, handle: str) -> str:
    try:
        file = await bot.get_file(handle)
    except BadRequest as error:
        if "too big" in str(error).lower():
            raise TooBig("Telegram gives no more than 20 MB") from None
        raise GiveUp("gone") from None
    except Forbidden:
        raise GiveUp("gone") from None
    except TelegramError as error:
        raise _again(verdict(error)) from None
    except NO_RESULT:
        raise TryLater("the answer was not understood") from None
    if file.file_size and file.file_size > MAX_RECEIVED:
        raise TooBig(f"{file.file_size} bytes announced")
    if not file.file_path:
        raise GiveUp("gone")
    # python-telegram-bot puts its own root before the path that the server gave.
    return file.file_path.removeprefix(root)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status in (400, 404, 410):
        # A link outlives an hour; a new try asks for a new one.
        raise TryLater("download link not valid")
    if answer.status != 200:
        raise TryLater(f"download refused with {answer.status}")
    kept = bytearray()
    async for piece in answer.content.iter_chunked(2**16):
        kept += piece
        if len(kept) > MAX_RECEIVED:
            raise TooBig("more bytes than announced")
    return bytes(kept)


def _again(found: TryLater | GiveUp | InDoubt) -> TryLater | GiveUp:
    return TryLater(found.reason) if isinstance(found, InDoubt) else found
