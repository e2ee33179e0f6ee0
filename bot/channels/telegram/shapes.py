"""The parts of a Bot API update that we use; msgspec passes over everything else without looking at it."""

from typing import Annotated, Any

import msgspec

# The Bot API promises at most 52 significant bits for ids of chats and users.
Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class Chat(msgspec.Struct):
    id: Id
    type: str


class User(msgspec.Struct):
    id: Id
    language_code: str | None = None


class PhotoSize(msgspec.Struct):
    file_id: str
    file_unique_id: str
    width: int
    height: int
    file_size: int | None = None


class File(msgspec.Struct):
    """A document, voice note, video or audio file: they share what we use of them."""

    file_id: str
    file_unique_id: str
    file_size: int | None = None
    mime_type: str | None = None
    file_name: str | None = None


class Pin(msgspec.Struct):
    latitude: float
    longitude: float
    horizontal_accuracy: float | None = None


class Venue(msgspec.Struct):
    location: Pin
    title: str = ""


class Message(msgspec.Struct):
    """A message. What is typed `Any` is only asked whether it is there."""

    message_id: int
    chat: Chat
    date: int
    sender: User | None = msgspec.field(default=None, name="from")
    edit_date: int | None = None
    media_group_id: str | None = None
    text: str | None = None
    caption: str | None = None
    photo: list[PhotoSize] | None = None
    document: File | None = None
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    location: Pin | None = None
    venue: Venue | None = None
    sticker: Any = None
    contact: Any = None
    poll: Any = None
    pinned_message: Any = None
    message_auto_delete_timer_changed: Any = None
    chat_background_set: Any = None
    write_access_allowed: Any = None
    connected_website: Any = None


class TappedMessage(msgspec.Struct):
    """The message whose button was pressed; its `date` is 0 when it has become inaccessible."""

    message_id: int
    chat: Chat


class CallbackQuery(msgspec.Struct):
    id: str
    sender: User = msgspec.field(name="from")
    message: TappedMessage | None = None
    data: str | None = None


class Membership(msgspec.Struct):
    status: str


class MembershipChange(msgspec.Struct):
    chat: Chat
    date: int
    new_chat_member: Membership
    sender: User | None = msgspec.field(default=None, name="from")


class Update(msgspec.Struct):
    """One update; of the optional parts at most one is there."""

    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MembershipChange | None = None


class Head(msgspec.Struct):
    """What can still be read of an update that cannot be read."""

    update_id: Id


# The kinds of update that we ask Telegram for. Reactions would need explicit rights and say nothing useful.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
