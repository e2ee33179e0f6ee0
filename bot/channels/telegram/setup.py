"""What is told to Telegram once: the menu of commands, and where to bring updates."""

import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, MenuButtonCommands
from telegram.error import TelegramError

from bot.channels.telegram.api import NO_RESULT
from bot.channels.telegram.shapes import KINDS
from conversations.says import Phrase
from conversations.wording import LANGUAGES, phrase

log = logging.getLogger(__name__)

T = TypeVar("T")

# In the order of the menu; the words are the locale files' `command-…`.
COMMANDS = ("report", "reports", "help", "privacy", "discard")

LONGEST_PAUSE = 60.0

# Each in its own transaction in the end, so more at once than the writer takes in one batch gains nothing.
_CONNECTIONS = 40


async def until_done(step: Callable[[], Awaitable[T]], pause: Callable[[float], Awaitable[object]]) -> T:
    """Try until it works, with growing pauses: a provider that is down must not end the service."""
    wait = 1.0
    while True:
        try:
            return await step()
        except (TelegramError, *NO_RESULT) as error:
            log.warning("Telegram not set up yet", extra={"error": type(error).__name__, "pause_s": wait})
        await pause(wait * random.uniform(1, 1.5))  # noqa: S311  jitter, no secret
        wait = min(wait * 2, LONGEST_PAUSE)


async def introduce(bot: Bot) -> str:
    """The bot's username, from getMe."""
    me = await bot.get_me()
    return me.username or ""


async def put_up_menu(bot: Bot) -> None:
    """The commands in every language we speak, and as a fallback in English, beside the text field."""
    scope = BotCommandScopeAllPrivateChats()
    # The fallback first: a language set before it would be replaced.
    await bot.set_my_commands(menu("en"), scope=scope)
    for language in LANGUAGES:
        await bot.set_my_commands(menu(language), scope=scope, language_code=language)
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())


def menu(language: str) -> list[BotCommand]:
    """The commands with their descriptions, at most 256 characters each."""
    return [BotCommand(name, phrase(Phrase(f"command-{name}"), language)[:256]) for name in COMMANDS]


async def set_webhook(bot: Bot, url: str, secret: str) -> None:
    """Have updates brought to `url`, those that wait already too."""
    await bot.set_webhook(
        url,
        secret_token=secret,
        allowed_updates=KINDS,
        max_connections=_CONNECTIONS,
        drop_pending_updates=False,
    )
