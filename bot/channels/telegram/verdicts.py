"""What an error of python-telegram-bot means for the row that was being sent.

Every line was seen with python-telegram-bot 22.8; the server's texts: tdlib/telegram-bot-api, Client.cpp.
"""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from dispatch.transport import GiveUp, InDoubt, TryLater

Verdict = TryLater | GiveUp | InDoubt

# httpx: no connection came about, so nothing was sent.
_NO_CONNECTION = ("ConnectError", "ConnectTimeout")

# A 429 that does not say how long.
_A_WHILE = timedelta(seconds=5)


def verdict(error: TelegramError) -> Verdict:
    """The verdict, with no text in it that came from a person or holds the token.

    The order matters: BadRequest and TimedOut are NetworkErrors too, and what is no NetworkError is in doubt.
    """
    match error:
        case RetryAfter():
            return TryLater("Telegram asks to wait", after=retry_after(error))
        case ChatMigrated():
            return GiveUp("the group became a supergroup")
        case Forbidden():
            return GiveUp(_words(error), address_dead=True)
        case InvalidToken():
            # Also what any proxy's 404 page becomes: no proof that the token is wrong.
            return TryLater("token refused", after=timedelta(seconds=60), whole_kind=True)
        case Conflict():
            return TryLater("conflict", after=timedelta(seconds=10))
        case BadRequest():
            return _refused(error)
        case NetworkError():
            return _network(error)
        case _:
            return InDoubt("the answer was not understood")


def retry_after(error: RetryAfter) -> timedelta:
    """The wait that the server asks for: a timedelta where python-telegram-bot was told so, else seconds."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _refused(error: BadRequest) -> GiveUp:
    words = _words(error)
    return GiveUp(words, address_dead="chat not found" in words.lower())


def _network(error: NetworkError) -> Verdict:
    words, cause = str(error).lower(), type(error.__cause__).__name__
    if cause in _NO_CONNECTION:
        return TryLater("no connection to Telegram", whole_kind=True)
    if "*not* sent" in words:
        return TryLater("no free connection")
    if "too many requests" in words:
        return TryLater("Telegram asks to wait", after=_A_WHILE)
    if "(413)" in words or "entity too large" in words:
        return GiveUp("too large for Telegram")
    # Read time-out, dropped connection, 5xx, a web server's error page: it may have arrived.
    return InDoubt(cause if error.__cause__ else "server error")


def _words(error: TelegramError) -> str:
    # python-telegram-bot adds the body of an answer that it cannot parse, and that may repeat the message.
    return str(error).partition(". Parsing the server response")[0][:200]
