"""A person with a phone: what they can do in the chat, and what they see there."""
# ruff: noqa: ASYNC109  "timeout" reads best in a test; inside it is asyncio.timeout

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.demo.chats import Button, Chat, ChatMessage
from bot.demo.cloud import Cloud, Tap
from bot.demo.limits import MAX_CAPTION, MAX_TEXT, Json, utf16_length
from bot.demo.wording import entities_in

T = TypeVar("T")


@dataclass
class Phone:
    """One person's private chat with the bot. What they do returns their own message, or the tap."""

    cloud: Cloud
    chat: Chat
    position: tuple[float, float] = (52.23735, -0.8947)  # where "Send my location" says they are
    clipboard: str = ""
    opened: list[str] = field(default_factory=list)
    _found: set[int] = field(default_factory=set)
    _history: int = 0  # what was found before the last thing the person did is not found again

    @property
    def messages(self) -> list[ChatMessage]:
        """All bubbles of the chat in order, the deleted ones left out."""
        return [message for message in self.chat.messages if not message.deleted]

    @property
    def newest(self) -> ChatMessage | None:
        """The bot's last message."""
        return next((message for message in reversed(self.messages) if message.who == "bot"), None)

    @property
    def reply_keyboard(self) -> list[list[Button]] | None:
        """The keyboard that the bot shows in place of the phone's own, row by row."""
        return self.chat.keyboard.rows if self.chat.keyboard else None

    async def text(self, words: str, *, reply_to: ChatMessage | int | None = None) -> ChatMessage:
        """Write; more than fits one message is sent as several, as Telegram's apps do."""
        await self._get_in_touch(words)
        parts = _portions(words)
        quoted = self._quoted(reply_to)
        for part in parts[:-1]:
            self._say({**_worded(part), **quoted})
        return self._say({**_worded(parts[-1]), **quoted})

    async def start(self, payload: str = "") -> ChatMessage:
        """Press START, as after scanning a poster with `payload` in its link."""
        return await self.text(f"/start {payload}".strip())

    async def tap(self, label: str, message: ChatMessage | int | None = None) -> Tap | ChatMessage | None:
        """Press a button, named by its words or its data: under a message, else on the reply keyboard."""
        self._act()
        found = self._inline(label, message)
        key = None if message is not None else self._key(label)
        shown = self.chat.keyboard
        if key and shown and (found is None or found[0].id < shown.message_id):
            return self._press_key(key, shown.one_time)
        if found is None:
            raise LookupError(f"No button {label!r}. There is: {self._all_labels()}")
        return self._press_inline(*found)

    async def press(self, data: str, message: ChatMessage | int) -> Tap:
        """Press a button that the phone still shows though the bot has taken it away."""
        self._act()
        return self.cloud.press(self.chat, self.chat.message(_number(message)) or _number(message), data)

    async def photo(self, picture: bytes, caption: str | None = None) -> ChatMessage:
        """Send a photo: scaled and stripped of EXIF, as Telegram's apps do."""
        return self._say({"photo": self.cloud.files.keep_photo(picture), **_captioned(caption)})

    async def album(self, pictures: Sequence[bytes], caption: str | None = None) -> list[ChatMessage]:
        """Send 2 to 10 photos at once: separate messages, tied by nothing but a group's number."""
        assert 2 <= len(pictures) <= 10, "an album has 2 to 10 photos"
        group = str(13_870_000_000_000_000 + self.cloud.next_order())
        photos = [self.cloud.files.keep_photo(picture) for picture in pictures]
        captions = [_captioned(caption), *({} for _ in photos[1:])]
        return [
            self._say({"media_group_id": group, "photo": photo, **words})
            for photo, words in zip(photos, captions, strict=True)
        ]

    async def document(
        self, content: bytes, name: str, mime: str, caption: str | None = None, *, size: int | None = None
    ) -> ChatMessage:
        """Send a file as it is, EXIF and all. `size` may claim more bytes than there are."""
        stored = self.cloud.files.keep("document", content, mime=mime, name=name, size=size)
        document = {"file_name": name, "mime_type": mime, **stored.handle()}
        return self._say({"document": document, **_captioned(caption)})

    async def pin(self, lat: float, lon: float, accuracy: float | None = None) -> ChatMessage:
        """Send a place on the map; `accuracy` in metres, as a phone's own position has it."""
        return self._say({"location": _location(lat, lon, accuracy)})

    async def venue(self, lat: float, lon: float, title: str, address: str) -> ChatMessage:
        """Send a place with a name."""
        place = _location(lat, lon, None)
        return self._say(
            {"location": place, "venue": {"location": place, "title": title, "address": address}}
        )

    async def voice(self, sound: bytes, seconds: int = 7) -> ChatMessage:
        """Send a voice note."""
        stored = self.cloud.files.keep("voice", sound, mime="audio/ogg")
        return self._say({"voice": {"duration": seconds, "mime_type": "audio/ogg", **stored.handle()}})

    async def video(self, film: bytes, caption: str | None = None, *, size: int | None = None) -> ChatMessage:
        """Send a film."""
        stored = self.cloud.files.keep("video", film, mime="video/mp4", size=size)
        shape = {"width": 720, "height": 1280, "duration": 9, "mime_type": "video/mp4"}
        return self._say({"video": {**shape, **stored.handle()}, **_captioned(caption)})

    async def sticker(self) -> ChatMessage:
        """Send a thumb."""
        stored = self.cloud.files.keep("sticker", b"RIFF\x00\x00\x00\x00WEBP", mime="image/webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._say({"sticker": {**shape, "emoji": "\N{THUMBS UP SIGN}", **stored.handle()}})

    async def contact(self, number: str = "+447700900123") -> ChatMessage:
        """Send one's own phone number."""
        card = {"phone_number": number, "first_name": self.chat.user["first_name"], "user_id": self.chat.id}
        return self._say({"contact": card})

    async def edit(self, message: ChatMessage | int, text: str) -> ChatMessage:
        """Change the words of an own message (of a photo: its caption)."""
        self._act()
        own = self.chat.message(_number(message))
        if own is None or own.who != "person":
            raise LookupError("Only an own message can be edited.")
        words = _worded(text) if own.kind == "text" else _captioned(text)
        self.cloud.edit(self.chat, own, words, None)
        own.update = self.cloud.updates.add("edited_message", own.as_json(), f"chat {self.chat.id}")
        return own

    async def block(self) -> None:
        """Block the bot."""
        self._act()
        self.cloud.set_blocked(self.chat, True)

    async def unblock(self) -> None:
        """Take the block back."""
        self._act()
        self.cloud.set_blocked(self.chat, False)

    async def raw(self, update: Json) -> Json:
        """Let any object come as an update, for what Telegram may send one day."""
        self._act()
        return self.cloud.updates.add_raw(update, f"chat {self.chat.id}")

    async def wait_for(self, text_part: str, timeout: float = 5.0) -> ChatMessage:
        """The bot's first message with these words that was not found before.

        Once the person does something, everything up to what was found last is history.
        """
        found = await self._waited(lambda: self._fresh(text_part), f"message with {text_part!r}", timeout)
        self._found.add(found.id)
        return found

    async def wait_until(self, look: Callable[["Phone"], T | None], timeout: float = 5.0) -> T:
        """The first true value that `look` gives of this phone."""
        return await self._waited(lambda: look(self), "such thing", timeout)

    async def _waited(self, look: Callable[[], T | None], wanted: str, timeout: float) -> T:
        try:
            return await self.chat.changes.until(look, timeout)
        except TimeoutError:
            raise AssertionError(
                f"No {wanted} within {timeout:g} s. The chat:\n{self.transcript()}"
            ) from None

    def transcript(self, last: int = 8) -> str:
        """The end of the chat in the notation of the dialogues."""
        lines = []
        for message in self.messages[-last:]:
            buttons = "".join(f" [{label}]" for label in message.labels)
            words = message.text or f"({message.kind})"
            lines.append(f"{'>' if message.who == 'person' else '<'} {words}{buttons}")
        keys = [key.text for row in self.reply_keyboard or [] for key in row]
        return "\n".join([*lines, f"keyboard: {keys}"] if keys else lines)

    def _fresh(self, text_part: str) -> ChatMessage | None:
        return next(
            (
                message
                for message in self.messages
                if message.who == "bot"
                and message.id > self._history
                and message.id not in self._found
                and text_part in message.text
            ),
            None,
        )

    def _act(self) -> None:
        self._history = max(self._found, default=0)

    async def _get_in_touch(self, words: str) -> None:
        if self.chat.blocked and not re.match(r"/start\b", words):
            raise PermissionError("Blocked: in Telegram one cannot write to a bot that one has blocked.")
        await self.unblock()

    def _say(self, content: Json) -> ChatMessage:
        self._act()
        if self.chat.blocked:
            raise PermissionError("Blocked: in Telegram one cannot write to a bot that one has blocked.")
        return self.cloud.person_says(self.chat, content)

    def _quoted(self, message: ChatMessage | int | None) -> Json:
        if message is None:
            return {}
        original = self.chat.message(_number(message))
        if original is None:
            raise LookupError("The message to quote is not in the chat.")
        return {"reply_to_message": original.as_json()}

    def _inline(self, label: str, message: ChatMessage | int | None) -> tuple[ChatMessage, Button] | None:
        wanted = None if message is None else _number(message)
        for candidate in reversed(self.messages):
            if wanted is not None and candidate.id != wanted:
                continue
            buttons = [button for row in candidate.buttons for button in row]
            for button in buttons:
                if label in (button.text, button.data):
                    return candidate, button
        return None

    def _press_inline(self, message: ChatMessage, button: Button) -> Tap | None:
        if button.data is not None:
            return self.cloud.press(self.chat, message, button.data)
        if button.copies is not None:
            self.clipboard = button.copies
        if button.url is not None:
            self.opened.append(button.url)
        return None  # the bot hears nothing of links and copies

    def _key(self, label: str) -> Button | None:
        return next((key for row in self.reply_keyboard or [] for key in row if key.text == label), None)

    def _press_key(self, key: Button, one_time: bool) -> ChatMessage:
        if one_time:
            self.chat.keyboard = None
        if key.wants_location:
            return self._say({"location": _location(*self.position, 12.0)})
        return self._say(_worded(key.text))

    def _all_labels(self) -> list[str]:
        inline = [label for message in self.messages for label in message.labels]
        return inline + [key.text for row in self.reply_keyboard or [] for key in row]


def _number(message: ChatMessage | int) -> int:
    return message if isinstance(message, int) else message.id


def _worded(text: str) -> Json:
    entities = entities_in(text)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _captioned(caption: str | None) -> Json:
    if caption is None:
        return {}
    assert utf16_length(caption) <= MAX_CAPTION, "Telegram's apps take no longer caption"
    return {"caption": caption}


def _location(lat: float, lon: float, accuracy: float | None) -> Json:
    place = {"latitude": lat, "longitude": lon}
    return place if accuracy is None else {**place, "horizontal_accuracy": accuracy}


def _portions(words: str) -> list[str]:
    """Telegram's apps cut at 4096 UTF-16 units; characters beyond the first plane count as two."""
    portions, rest = [], words
    while utf16_length(rest) > MAX_TEXT:
        cut = rest.encode("utf-16-le")[: 2 * MAX_TEXT].decode("utf-16-le", errors="ignore")
        portions.append(cut)
        rest = rest[len(cut) :]
    return [*portions, rest]
