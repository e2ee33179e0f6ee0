"""Translates what Telegram sends into the events of a conversation.

Source of every rule: core.telegram.org/bots/api; what real servers do beside it stands in the comments.
"""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import msgspec

from bot.channels.telegram.shapes import (
    CallbackQuery,
    Chat,
    File,
    Head,
    MembershipChange,
    Message,
    PhotoSize,
    Pin,
    Update,
    User,
)
from conversations.events import (
    Back,
    Blocked,
    Choice,
    Command,
    Edited,
    Event,
    Inbound,
    Location,
    Media,
    MediaKind,
    Text,
    Unreadable,
)

# A provider's clock may be a little ahead of ours; more than this is not the time of anything.
CLOCK_SKEW = timedelta(minutes=5)

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_STILL_PICTURES = (".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp", ".avif")

_update = msgspec.json.Decoder(Update)
_head = msgspec.json.Decoder(Head)


class Broken(Exception):  # noqa: N818  what the update is
    """This is no update as the Bot API documents it. The text names the place, never the content."""


class NotPrivate(msgspec.Struct, frozen=True):
    """Somebody took the bot into a group or channel, where nobody may report. To be left."""

    chat_id: int


class Ignored(msgspec.Struct, frozen=True):
    """Nothing that a conversation needs to know: `why` is for logs and tests."""

    why: str


Decoded = Inbound | NotPrivate | Ignored


def decode(raw: bytes | msgspec.Raw, *, received_at: datetime, bot: str) -> Decoded:
    """What one update means.

    `received_at` (aware) stands in for a time that is missing or impossible. `bot` is the bot's numeric id as
    text: update ids are only unique within a bot. Raises Broken, and nothing else, for what cannot be read.
    """
    return translate(read(raw), received_at=received_at, bot=bot)


def read(raw: bytes | msgspec.Raw) -> Update:
    """The update as the Bot API shapes it. Raises Broken."""
    try:
        return _update.decode(raw)
    except msgspec.ValidationError as wrong:
        raise Broken(str(wrong)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_mended(bytes(raw))
    except RecursionError:
        raise Broken("nested too deeply") from None


def external_id(raw: bytes | msgspec.Raw, *, bot: str) -> str:
    """What a repeat of this update is recognised by, even where nothing else of it can be read."""
    number = update_id(raw)
    if number is not None:
        return f"telegram:{bot}:{number}"
    return f"telegram:{bot}:sha256:{hashlib.sha256(bytes(raw)).hexdigest()}"


def update_id(raw: bytes | msgspec.Raw) -> int | None:
    """The update's number, or None where not even that can be read."""
    try:
        return _head.decode(raw).update_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _head.decode(mended(bytes(raw))).update_id
    except (msgspec.MsgspecError, Broken):
        return None


def translate(update: Update, *, received_at: datetime, bot: str) -> Decoded:
    """What an update that could be read means; see `decode`."""
    name = f"telegram:{bot}:{update.update_id}"
    if update.message:
        return _from_message(update.message, name, received_at)
    if update.callback_query:
        return _from_tap(update.callback_query, name, received_at)
    if update.edited_message:
        return _from_edit(update.edited_message, name, received_at)
    if update.my_chat_member:
        return _from_membership(update.my_chat_member, name, received_at)
    if post := update.channel_post or update.edited_channel_post:
        return NotPrivate(post.chat.id)
    return Ignored("unknown kind of update")


def mended(body: bytes) -> bytes:
    """JSON with every half character (lone surrogate) replaced, without which msgspec reads none of it.

    Raises Broken for what is no JSON for Python either.
    """
    try:
        text = json.dumps(json.loads(body.decode("utf-8", "replace")), ensure_ascii=False)
    except (ValueError, RecursionError):
        raise Broken("not JSON") from None
    return _HALF_CHARACTERS.sub(_REPLACEMENT, text).encode()


def _read_mended(raw: bytes) -> Update:
    try:
        return _update.decode(mended(raw))
    except msgspec.MsgspecError as wrong:
        raise Broken(str(wrong)) from None


def _inbound(name: str, chat: Chat, sender: User | None, event: Event) -> Inbound:
    language = sender.language_code if sender else None
    return Inbound(
        external_id=name,
        address=f"telegram:{chat.id}",
        events=(event,),
        language=_clean(language)[:35] if language else None,
    )


def _from_message(message: Message, name: str, received_at: datetime) -> Decoded:
    if message.chat.type != "private":
        return NotPrivate(message.chat.id)
    if _is_service(message):
        return Ignored("service message")
    event = _event_of(message, _moment(message.date, received_at))
    return _inbound(name, message.chat, message.sender, event)


def _from_edit(message: Message, name: str, received_at: datetime) -> Decoded:
    if message.chat.type != "private":
        return NotPrivate(message.chat.id)
    if message.location or message.venue:
        return Ignored("live location moved")
    at = _moment(message.edit_date or message.date, received_at)
    # A photo whose caption was deleted has none at all: the words are gone, and that is an edit too.
    words = _clean(message.text or message.caption or "")
    event = Edited(at=at, message=str(message.message_id), words=words)
    return _inbound(name, message.chat, message.sender, event)


def _from_tap(tap: CallbackQuery, name: str, received_at: datetime) -> Decoded:
    if tap.message is None or tap.data is None:
        return Ignored("tap on something that is not ours")
    chat = tap.message.chat
    if chat.type != "private":
        return NotPrivate(chat.id)
    # A tap has no time of its own, and the date of its message is 0 once that is inaccessible.
    event = Choice(at=received_at, message=str(tap.message.message_id), data=_clean(tap.data))
    return _inbound(name, chat, tap.sender, event)


def _from_membership(change: MembershipChange, name: str, received_at: datetime) -> Decoded:
    status = change.new_chat_member.status
    if change.chat.type != "private":
        return Ignored("left a group") if status in ("left", "kicked") else NotPrivate(change.chat.id)
    at = _moment(change.date, received_at)
    if status == "kicked":
        return _inbound(name, change.chat, change.sender, Blocked(at=at))
    if status == "member":
        return _inbound(name, change.chat, change.sender, Back(at=at))
    return Ignored("unknown membership")


def _event_of(message: Message, at: datetime) -> Event:
    number = str(message.message_id)
    # A venue carries a location too, for old clients: the venue knows more.
    if message.venue:
        return _pin(message.venue.location, number, at, _clean(message.venue.title) or None)
    if message.location:
        return _pin(message.location, number, at, None)
    # A live photo carries a photo as well; the still picture is all that a report needs.
    if message.photo:
        return _photo(message, max(message.photo, key=lambda size: size.width * size.height), at)
    if attached := _attached(message):
        return _file(message, *attached, at)
    if message.text:
        return _said(_clean(message.text), number, at)
    return Unreadable(at=at, message=number, what=_what(message))


def _said(text: str, number: str, at: datetime) -> Text | Command:
    if command := _COMMAND.fullmatch(text):
        name, rest = command.groups()
        return Command(at=at, message=number, name=name.lower(), rest=(rest or "").strip())
    return Text(at=at, message=number, words=text)


def _pin(pin: Pin, number: str, at: datetime, name: str | None) -> Location | Unreadable:
    if not (-90 <= pin.latitude <= 90 and -180 <= pin.longitude <= 180):
        return Unreadable(at=at, message=number, what="location")
    return Location(
        at=at,
        message=number,
        lat=pin.latitude,
        lon=pin.longitude,
        accuracy_m=pin.horizontal_accuracy,
        name=name,
    )


def _photo(message: Message, size: PhotoSize, at: datetime) -> Media:
    return Media(
        at=at,
        message=str(message.message_id),
        kind="photo",
        handle=size.file_id,
        unique=size.file_unique_id,
        size=size.file_size,
        mime="image/jpeg",
        caption=_clean(message.caption or ""),
        album=message.media_group_id,
    )


def _attached(message: Message) -> tuple[MediaKind, File] | None:
    if message.voice:
        return "voice", message.voice
    if video := message.video or message.video_note:
        return "video", video
    if message.document:
        return _document_kind(message.document), message.document
    if message.audio:
        return "file", message.audio
    return None


def _document_kind(document: File) -> MediaKind:
    mime = (document.mime_type or "").lower()
    # Phones that do not know HEIC send it as application/octet-stream.
    if mime.startswith("image/") or (document.file_name or "").lower().endswith(_STILL_PICTURES):
        return "image_file"
    return "video" if mime.startswith("video/") else "file"


def _file(message: Message, kind: MediaKind, file: File, at: datetime) -> Media:
    return Media(
        at=at,
        message=str(message.message_id),
        kind=kind,
        handle=file.file_id,
        unique=file.file_unique_id,
        size=file.file_size,
        mime=file.mime_type,
        caption=_clean(message.caption or ""),
        album=message.media_group_id,
    )


def _what(message: Message) -> str:
    for what in ("sticker", "contact", "poll"):
        if getattr(message, what) is not None:
            return what
    return "unknown"


def _is_service(message: Message) -> bool:
    """The app's own notes on what happened to the chat: nobody said anything."""
    notes = (
        message.pinned_message,
        message.message_auto_delete_timer_changed,
        message.chat_background_set,
        message.write_access_allowed,
        message.connected_website,
    )
    return any(note is not None for note in notes)


def _moment(seconds: int, received_at: datetime) -> datetime:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return received_at
    return at if seconds > 0 and at - received_at <= CLOCK_SKEW else received_at


def _clean(text: str) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\0", "")
