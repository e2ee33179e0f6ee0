"""Asks Telegram who our bot is."""

import asyncio
import socket
from dataclasses import dataclass

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.api import NO_RESULT, new_bot
from bot.channels.telegram.setup import introduce

# The fact that `serve` keeps; a test compares it with the service's.
BOT_FACT = "telegram.bot"

PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot's name without the @, or why there is none. `refused`: Telegram does not know the token."""

    name: str | None
    why: str = ""
    refused: bool = False


def ask_name(token: str, api_url: str, *, patience_s: float = PATIENCE_S) -> Answer:
    """One getMe, with no more patience than that."""
    return asyncio.run(_ask(token, api_url, patience_s))


async def _ask(token: str, api_url: str, patience_s: float) -> Answer:
    try:
        bot, request = new_bot(token, api_url)
    except TelegramError:
        return Answer(None, "the token has no possible shape", refused=True)
    try:
        async with asyncio.timeout(patience_s):
            name = await introduce(bot)
    except InvalidToken:
        return Answer(None, "the token is refused", refused=True)
    except TimeoutError:
        return Answer(None, f"no answer in {patience_s:g} s")
    except (TelegramError, socket.gaierror, *NO_RESULT):
        return Answer(None, "it cannot be reached")
    finally:
        await request.shutdown()
    return Answer(name or None, "" if name else "the bot has no name")
