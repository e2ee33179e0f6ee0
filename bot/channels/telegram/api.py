"""Makes python-telegram-bot's Bot fit a service: its limits, its time-outs, and no secrets in the logs."""

import logging
import os

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

# What a 200 makes python-telegram-bot raise that holds no result, or not the one that belongs to the call.
NO_RESULT = (KeyError, TypeError, ValueError, AttributeError)

# Everything that a call can raise; RuntimeError once the connections are closed.
ANY_FAULT = (TelegramError, *NO_RESULT, RuntimeError)

# Sends in flight; beyond this python-telegram-bot's pool costs four times as much (measured).
AT_ONCE = 8


def new_bot(token: str, api_url: str) -> tuple[Bot, HTTPXRequest]:
    """A Bot that has not called anybody yet, and the connections it uses, to be closed with `shutdown()`.

    `api_url` is the root, without `/bot`.
    """
    # httpx logs every URL at INFO, token included; telegram.request logs whole answers, with people's words.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    # python-telegram-bot's own switch: RetryAfter gives a timedelta, and no warning with every 429.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    request = HTTPXRequest(
        # Answers to taps and edits come on top of the sends.
        connection_pool_size=4 * AT_ONCE,
        connect_timeout=10,
        # A read time-out leaves a message in doubt: better to wait a little longer than the usual 5 s.
        read_timeout=20,
        write_timeout=20,
        pool_timeout=15,
    )
    root = api_url.rstrip("/")
    bot = Bot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=request,
        # Never used for getUpdates: the same connections, so that no second pool is opened.
        get_updates_request=request,
    )
    return bot, request
