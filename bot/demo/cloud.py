"""What Telegram's cloud knows of one bot: its chats, its files, its buttons pressed, its settings."""
# ruff: noqa: ASYNC109  "timeout" reads best in a test; inside it is asyncio.timeout

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.demo.changes import Changes
from bot.demo.chats import Chat, ChatMessage
from bot.demo.limits import Json
from bot.demo.media import FileStore
from bot.demo.updates import Updates

TAP_LIFETIME = 150.0  # seconds within which a callback query can be answered


@dataclass
class Tap:
    """A press on an inline button, and what the bot answered to it."""

    id: str
    at: float
    chat: Chat
    data: str
    update: Json = field(default_factory=dict)
    answered: bool = False
    notice: str = ""
    alert: bool = False

    async def answer(self, timeout: float = 5.0) -> str:
        """Wait until the spinner on the button stops; the notice that was shown."""
        await self.chat.changes.until(lambda: self.answered, timeout)
        return self.notice


@dataclass
class Cloud:
    """One bot's share of Telegram."""

    token: str
    me: Json
    clock: Callable[[], float] = time.time
    chats: dict[int, Chat] = field(default_factory=dict)
    files: FileStore = field(default_factory=FileStore)
    taps: dict[str, Tap] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    updates: Updates = field(init=False)
    _last_message_id: int = 100
    _last_order: int = 0

    def __post_init__(self) -> None:
        self.updates = Updates(self.clock)

    def bot_user(self) -> Json:
        """The bot as it stands in the messages that it sends."""
        return {key: self.me[key] for key in ("id", "is_bot", "first_name", "username")}

    def next_order(self) -> int:
        """A number that only grows: what was said or changed later has a higher one."""
        self._last_order += 1
        return self._last_order

    def bot_says(
        self, chat: Chat, content: Json, markup: Json | None, *, silent: bool = False
    ) -> ChatMessage:
        """The bot's message in a chat."""
        message = self._message(chat, "bot", {"from": self.bot_user()}, content)
        message.markup = markup
        message.silent = silent
        chat.add(message)
        self.changes.ring()
        return message

    def person_says(self, chat: Chat, content: Json) -> ChatMessage:
        """The person's message: it stands in the chat and waits for the bot."""
        message = self._message(chat, "person", {"from": chat.user}, content)
        chat.started = True
        message.update = self.updates.add("message", message.as_json(), f"chat {chat.id}")
        chat.add(message)
        self.changes.ring()
        return message

    def _message(self, chat: Chat, who: Any, sender: Json, content: Json) -> ChatMessage:
        self._last_message_id += 1
        now = self.clock()
        payload = {
            "message_id": self._last_message_id,
            **sender,
            "chat": chat.as_json(),
            "date": int(now),
            **content,
        }
        return ChatMessage(self._last_message_id, who, now, payload, self.next_order())

    def edit(self, chat: Chat, message: ChatMessage, content: Json, markup: Json | None) -> None:
        """Put new words or buttons on a message of the bot's."""
        message.payload = {**message.payload, "edit_date": int(self.clock()), **content}
        message.markup = markup
        message.edited = message.edited or bool(content)
        message.order = self.next_order()
        self._changed(chat)

    def delete(self, chat: Chat, message: ChatMessage) -> None:
        """Take a bubble away on both sides."""
        message.deleted = True
        self._changed(chat)

    def press(self, chat: Chat, message: ChatMessage | int, data: str) -> Tap:
        """Press an inline button: a callback query waits for the bot."""
        tap = Tap(str(secrets.randbits(62)), self.clock(), chat, data)
        query = {
            "id": tap.id,
            "from": chat.user,
            "chat_instance": str(-chat.id * 7_919),
            "data": data,
            "message": self._pressed(chat, message),
        }
        tap.update = self.updates.add("callback_query", query, f"taps of {chat.id}")
        self.taps[tap.id] = tap
        self._changed(chat)
        return tap

    def _pressed(self, chat: Chat, message: ChatMessage | int) -> Json:
        if isinstance(message, ChatMessage) and not message.deleted:
            return message.as_json()
        number = message if isinstance(message, int) else message.id
        return {"message_id": number, "chat": chat.as_json(), "date": 0}  # an InaccessibleMessage

    def answer_tap(self, tap_id: str, text: str, *, alert: bool) -> bool:
        """Stop the spinner; False when it was stopped before or the query is too old."""
        tap = self.taps.get(tap_id)
        if tap is None or tap.answered or self.clock() - tap.at > TAP_LIFETIME:
            return False
        tap.answered, tap.notice, tap.alert = True, text, alert
        self._changed(tap.chat)
        return True

    def set_blocked(self, chat: Chat, blocked: bool) -> None:
        """The person blocks the bot, or takes it back."""
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        here: Json = {"status": "member"}
        gone: Json = {"status": "kicked", "until_date": 0}
        before, after = (here, gone) if blocked else (gone, here)
        member = {
            "chat": chat.as_json(),
            "from": chat.user,
            "date": int(self.clock()),
            "old_chat_member": {"user": self.bot_user(), **before},
            "new_chat_member": {"user": self.bot_user(), **after},
        }
        self.updates.add("my_chat_member", member, f"membership in {chat.id}")
        self._changed(chat)

    def _changed(self, chat: Chat) -> None:
        chat.changes.ring()
        self.changes.ring()


def new_bot(token: str, username: str, first_name: str) -> Json:
    """The answer of getMe."""
    return {
        "id": int(token.split(":")[0]),
        "is_bot": True,
        "first_name": first_name,
        "username": username,
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
