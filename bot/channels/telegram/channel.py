"""The way out to Telegram: sends rows of the outbox, downloads photos, answers taps."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta

from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram import download, render, setup
from bot.channels.telegram.api import ANY_FAULT, NO_RESULT, new_bot
from bot.channels.telegram.rate import Pace
from bot.channels.telegram.verdicts import retry_after, verdict
from conversations.says import Phrase, Turn
from conversations.turns import read_turn
from conversations.wording import phrase
from dispatch.transport import GiveUp, InDoubt, Outbound, Receipt, TryLater

log = logging.getLogger(__name__)

Pause = Callable[[float], Awaitable[object]]

# So many chats refused one after the other, and nobody served between: the limit is the bot's, not a chat's.
CHATS_FOR_ALL = 3

CLOSING_S = 2.0


class TelegramChannel:
    """One bot, as the transport of the outbox kind `telegram`.

    `sent_messages` gives an earlier row by its reference: the provider's id of its message, and its payload.
    `clock` counts seconds, `pause` waits for them.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        api_url: str,
        sent_messages: Callable[[str], Awaitable[tuple[str, str] | None]],
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._bot, self._request = new_bot(token, api_url)
        self._download_root = f"{api_url.rstrip('/')}/file/bot{token}/"
        self._sent_messages = sent_messages
        self._pause = pause
        self._pace = Pace(clock)
        self._limited: set[int] = set()
        self._left: set[int] = set()
        self._errands: set[asyncio.Task[None]] = set()

    cut = staticmethod(render.cut)

    @property
    def bot_id(self) -> str:
        """The bot's numeric id, which is the first part of its token."""
        return self._bot.token.partition(":")[0]

    async def prepare(self, named: Callable[[str], Awaitable[object]]) -> None:
        """Ask for the bot's name, tell `named`, put up its menu.

        Tries until it is done, so run it beside the service.
        """
        await named(await setup.until_done(lambda: setup.introduce(self._bot), self._pause))
        await setup.until_done(lambda: setup.put_up_menu(self._bot), self._pause)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Tell Telegram where to bring updates; tries again until it is done."""
        await setup.until_done(lambda: setup.set_webhook(self._bot, url, secret), self._pause)

    async def send(self, row: Outbound) -> Receipt:
        """Send the turn in `row.payload` to the chat of `row.lane`; raises TryLater, GiveUp or InDoubt."""
        chat = _chat_of(row)
        turn = _turn_of(row)
        message = render.render(turn)
        await self._keep_pace(chat)
        try:
            number = await self._post(chat, message)
        except RetryAfter as limit:
            self._limited.add(chat)
            everybody = len(self._limited) >= CHATS_FOR_ALL
            raise TryLater("Telegram asks to wait", after=retry_after(limit), whole_kind=everybody) from None
        except TelegramError as error:
            raise verdict(error) from None
        except NO_RESULT:
            # No message in a 200: it may have been sent all the same.
            raise InDoubt("the answer was not understood") from None
        self._limited.clear()
        if row.also_edit:
            self._run(self._settle_question(chat, row.also_edit, turn.chosen))
        return Receipt(provider_id=str(number))

    async def download(self, handle: str) -> bytes:
        """The bytes of a photo or file. Raises TooBig (20 MB), GiveUp (`gone`) or TryLater."""
        return await download.download(self._bot, self._download_root, handle)

    async def answer_tap(self, callback_id: str) -> None:
        """Stop the spinner on a button. Best effort: never raises, and never asks twice."""
        try:
            await self._bot.answer_callback_query(callback_id)
        except ANY_FAULT as error:
            # "Query is too old" is the usual one, after an outage.
            log.debug("tap not answered", extra={"error": type(error).__name__})

    async def leave(self, chat_id: int) -> None:
        """Leave a group or channel, once said that reports are private. Best effort: never raises."""
        if chat_id in self._left:
            return
        self._left = {*self._left, chat_id} if len(self._left) < 1000 else {chat_id}
        try:
            await self._bot.send_message(chat_id, phrase(Phrase("private-chat-only"), "en"))
        except ANY_FAULT as error:
            log.debug("group not told", extra={"error": type(error).__name__})
        try:
            await self._bot.leave_chat(chat_id)
        except ANY_FAULT as error:
            log.info("group not left", extra={"error": type(error).__name__})

    async def settled(self) -> None:
        """Return when nothing that was started beside a send is under way any more."""
        while self._errands:
            await asyncio.wait(self._errands)

    async def close(self) -> None:
        """Give what is under way a moment, drop the rest, close the connections."""
        if self._errands:
            _, late = await asyncio.wait(self._errands, timeout=CLOSING_S)
            for errand in late:
                errand.cancel()
        await self._request.shutdown()

    async def _keep_pace(self, chat: int) -> None:
        granted, wait = self._pace.reserve(chat)
        if not granted:
            raise TryLater("keeping our own pace", after=timedelta(seconds=wait))
        if wait:
            await self._pause(wait)

    async def _post(self, chat: int, message: render.Rendered) -> int:
        # api_kwargs, because the keyboards are plain JSON here, which the typed argument would not take.
        extra = {"reply_markup": message.reply_markup} if message.reply_markup else {}
        sent = await self._bot.send_message(
            chat,
            message.text,
            disable_notification=message.disable_notification or None,
            disable_web_page_preview=True,
            api_kwargs=extra,
        )
        return sent.message_id

    async def _settle_question(self, chat: int, reference: str, chosen: str | None) -> None:
        """The question just answered loses its buttons and shows the one that was pressed."""
        found = await self._sent_messages(reference)
        if found is None:
            return
        number, payload = found
        try:
            text = render.answered(read_turn(payload), chosen)
            if text is None:
                await self._bot.edit_message_reply_markup(chat_id=chat, message_id=int(number))
            else:
                await self._bot.edit_message_text(
                    text, chat_id=chat, message_id=int(number), disable_web_page_preview=True
                )
        except ANY_FAULT as error:
            # "Message is not modified" where a reply keyboard stood: there was nothing to take off.
            log.debug("question not settled", extra={"error": type(error).__name__})

    def _run(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("errand failed", extra={"error": type(error).__name__})


def _chat_of(row: Outbound) -> int:
    channel, _, chat = row.lane.partition(":")
    try:
        if channel != TelegramChannel.name:
            raise ValueError(channel)
        return int(chat)
    except ValueError:
        raise GiveUp("not a Telegram address") from None


def _turn_of(row: Outbound) -> Turn:
    try:
        return read_turn(row.payload)
    except ValueError:
        raise GiveUp("the row holds no turn") from None
