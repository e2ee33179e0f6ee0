"""A private chat as both sides see it: its messages, its keyboards, and whether the bot may write."""

import json
from dataclasses import dataclass, field
from typing import Literal

from bot.demo.changes import Changes
from bot.demo.limits import Json

CONTENT = (
    "venue", "location", "photo", "document", "voice", "video", "video_note", "sticker", "contact", "text",
)  # fmt: skip


@dataclass(frozen=True)
class Button:
    """A button under a message, or on the keyboard that stands in for the phone's own."""

    text: str
    data: str | None = None
    url: str | None = None
    copies: str | None = None
    wants_location: bool = False
    style: str | None = None


@dataclass
class ChatMessage:
    """One bubble. `payload` is the Telegram `Message` object as the Bot API would give it."""

    id: int
    who: Literal["bot", "person"]
    at: float
    payload: Json
    order: int
    markup: Json | None = None
    silent: bool = False
    edited: bool = False
    deleted: bool = False
    update: Json | None = None

    @property
    def text(self) -> str:
        """Its words: the text, or the caption, or nothing."""
        return str(self.payload.get("text") or self.payload.get("caption") or "")

    @property
    def kind(self) -> str:
        """What it is: text, photo, location, …"""
        return next((kind for kind in CONTENT if kind in self.payload), "unknown")

    @property
    def buttons(self) -> list[list[Button]]:
        """Its inline buttons, row by row."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [[_inline_button(button) for button in row] for row in rows]

    @property
    def labels(self) -> list[str]:
        """The words on its inline buttons, in reading order."""
        return [button.text for row in self.buttons for button in row]

    @property
    def file_id(self) -> str | None:
        """The handle of what is attached; of a photo, that of its largest size."""
        attached = self.payload.get(self.kind)
        largest = attached[-1] if isinstance(attached, list) else attached
        return largest.get("file_id") if isinstance(largest, dict) else None

    def as_json(self) -> Json:
        """The `Message` object; only an inline keyboard stands in it, as on the real server."""
        if self.markup and "inline_keyboard" in self.markup:
            return {**self.payload, "reply_markup": self.markup}
        return dict(self.payload)


@dataclass
class Keyboard:
    """What a bot shows in place of the phone's own keyboard."""

    rows: list[list[Button]]
    one_time: bool
    message_id: int
    placeholder: str | None = None


@dataclass
class Chat:
    """A private chat with one person."""

    user: Json
    messages: list[ChatMessage] = field(default_factory=list)
    keyboard: Keyboard | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    changes: Changes = field(default_factory=Changes)

    @property
    def id(self) -> int:
        """A private chat has the number of its person."""
        return int(self.user["id"])

    def as_json(self) -> Json:
        """The `Chat` object."""
        names = ("first_name", "last_name", "username")
        return (
            {"id": self.id}
            | {name: self.user[name] for name in names if name in self.user}
            | {"type": "private"}
        )

    def message(self, message_id: int) -> ChatMessage | None:
        """The message of that number, unless it was deleted."""
        found = (message for message in reversed(self.messages) if message.id == message_id)
        return next((message for message in found if not message.deleted), None)

    def add(self, message: ChatMessage) -> None:
        """A new bubble; its reply keyboard, or the wish to remove one, takes effect at once."""
        self.messages.append(message)
        self._show_keyboard(message)
        self.changes.ring()

    def _show_keyboard(self, message: ChatMessage) -> None:
        markup = message.markup or {}
        if "keyboard" in markup:
            self.keyboard = Keyboard(
                rows=[[_key(button) for button in row] for row in markup["keyboard"]],
                one_time=bool(markup.get("one_time_keyboard")),
                message_id=message.id,
                placeholder=markup.get("input_field_placeholder"),
            )
        elif markup.get("remove_keyboard"):
            self.keyboard = None


def _inline_button(button: Json) -> Button:
    copies = button.get("copy_text", {}).get("text")
    return Button(
        text=button["text"],
        data=button.get("callback_data"),
        url=button.get("url") or button.get("web_app", {}).get("url"),
        copies=copies,
        style=button.get("style"),
    )


def _key(button: Json) -> Button:
    return Button(
        button["text"], wants_location=bool(button.get("request_location")), style=button.get("style")
    )


def same_markup(one: Json | None, other: Json | None) -> bool:
    """Whether two keyboards would look and act the same; an empty one is none."""
    return _flat(one) == _flat(other)


def _flat(markup: Json | None) -> str:
    if not markup or not any(markup.get("inline_keyboard", [])):
        return ""
    return json.dumps(markup, sort_keys=True)
