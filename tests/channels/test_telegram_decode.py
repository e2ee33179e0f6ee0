"""What Telegram sends becomes events: by fixture, against python-telegram-bot, and with anything at all."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import telegram
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Message

from bot.channels.telegram.decode import Broken, Ignored, NotPrivate, decode, external_id, update_id
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
    Text,
    Unreadable,
)
from tests.recorded_updates import FX, Json

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SENT = datetime.fromtimestamp(1764000000, UTC)


def raw(update: Any) -> bytes:
    return json.dumps(update).encode()


def read(update: Any) -> Any:
    return decode(raw(update), received_at=NOW, bot="999")


def event(update: Any) -> Event:
    inbound = read(update)
    assert isinstance(inbound, Inbound)
    (only,) = inbound.events
    return only


def message(**content: Any) -> Json:
    return {"update_id": 7, "message": {**FX["text"]["message"], "text": None, **content}}


EVENTS: dict[str, Event] = {
    "start": Command(at=SENT, message="41", name="start", rest="Ab3-xyz_9"),
    "text": Text(at=SENT, message="41", words="Two youths threw stock & left <ran>"),
    "photo": Media(
        at=SENT, message="41", kind="photo", handle="AgACs4", unique="AQADCs4", size=143210,
        mime="image/jpeg", caption="broken door",
    ),
    "album_1": Media(
        at=SENT, message="42", kind="photo", handle="AgACt4", unique="AQADCt4", size=150001,
        mime="image/jpeg", caption="both", album="13870000000000001",
    ),
    "album_2": Media(
        at=SENT, message="43", kind="photo", handle="AgACu4", unique="AQADCu4", size=150002,
        mime="image/jpeg", album="13870000000000001",
    ),
    "document_heic": Media(
        at=SENT, message="41", kind="image_file", handle="BQACd1", unique="AgADd1", size=2202001,
        mime="image/heic",
    ),
    "location": Location(at=SENT, message="41", lat=51.507351, lon=-0.127758),
    "live_location": Location(at=SENT, message="44", lat=51.5, lon=-0.12, accuracy_m=8.0),
    "venue": Location(at=SENT, message="41", lat=51.51, lon=-0.13, name="Corner Shop"),
    "voice": Media(
        at=SENT, message="41", kind="voice", handle="AwACv", unique="AgADv", size=28511, mime="audio/ogg"
    ),
    "video": Media(
        at=SENT, message="41", kind="video", handle="BAACv", unique="AgADw", size=31000000, mime="video/mp4"
    ),
    "video_note": Media(at=SENT, message="41", kind="video", handle="DQAC", unique="AgADn"),
    "contact": Unreadable(at=SENT, message="41", what="contact"),
    "sticker": Unreadable(at=SENT, message="41", what="sticker"),
    "edited": Edited(
        at=datetime.fromtimestamp(1764000050, UTC), message="41", words="Three youths threw stock"
    ),
    "tap": Choice(at=NOW, message="50", data="c:7f3a:2:verbal"),
    "tap_old_message": Choice(at=NOW, message="50", data="c:7f3a:2:verbal"),
    "blocked": Blocked(at=datetime.fromtimestamp(1764000100, UTC)),
    "unblocked": Back(at=datetime.fromtimestamp(1764000200, UTC)),
    "web_app_data": Unreadable(at=SENT, message="41", what="unknown"),
    "reply": Text(at=SENT, message="41", words="yes"),
    "unknown_content": Unreadable(at=SENT, message="41", what="unknown"),
}  # fmt: skip

NO_EVENTS = {
    "live_location_move": Ignored("live location moved"),
    "group": NotPrivate(-1001234567890),
    "migrate": NotPrivate(-4001),
    "channel_post": NotPrivate(-1009),
    "reaction": Ignored("unknown kind of update"),
    "unknown_update": Ignored("unknown kind of update"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_fixture_becomes_the_event_it_is(name: str) -> None:
    assert event(FX[name]) == EVENTS[name]


@pytest.mark.parametrize("name", EVENTS)
def test_an_inbound_names_the_bot_the_update_and_the_chat(name: str) -> None:
    inbound = read(FX[name])

    assert inbound.external_id == f"telegram:999:{FX[name]['update_id']}"
    assert inbound.address == "telegram:700100200"
    assert inbound.language == "en"


@pytest.mark.parametrize("name", NO_EVENTS)
def test_what_nobody_said_in_private_is_no_event(name: str) -> None:
    assert read(FX[name]) == NO_EVENTS[name]


def test_every_fixture_is_in_one_of_the_lists() -> None:
    assert set(FX) == set(EVENTS) | set(NO_EVENTS) | {"malformed"}


def test_a_malformed_update_is_broken_and_still_has_its_number() -> None:
    with pytest.raises(Broken):
        read(FX["malformed"])

    assert update_id(raw(FX["malformed"])) == 29
    assert external_id(raw(FX["malformed"]), bot="999") == "telegram:999:29"


def test_what_is_no_update_at_all_is_recognised_by_its_bytes() -> None:
    first, again, other = (external_id(body, bot="999") for body in (b"{", b"{", b"}"))

    assert first == again != other


# The same, as python-telegram-bot reads it


def ptb_event(update: telegram.Update) -> Event | None:
    if tap := update.callback_query:
        assert tap.message
        return Choice(at=NOW, message=str(tap.message.message_id), data=tap.data or "")
    if change := update.my_chat_member:
        blocked = change.new_chat_member.status == "kicked"
        return Blocked(at=change.date) if blocked else Back(at=change.date)
    if edited := update.edited_message:
        if edited.location:
            return None
        assert edited.edit_date
        return Edited(at=edited.edit_date, message=str(edited.message_id), words=edited.text or "")
    if update.message and update.message.chat.type == "private":
        return ptb_message(update.message)
    return None


def ptb_message(said: Message) -> Event:
    at, number = said.date, str(said.message_id)
    if said.venue or said.location:
        location = said.location
        assert location
        name = said.venue.title if said.venue else None
        return Location(
            at=at, message=number, lat=location.latitude, lon=location.longitude,
            accuracy_m=location.horizontal_accuracy, name=name,
        )  # fmt: skip
    kinds = {"photo": "photo", "document": "image_file", "voice": "voice", "video": "video"}
    for attribute, kind in {**kinds, "video_note": "video"}.items():
        if attached := getattr(said, attribute):
            file = attached[-1] if attribute == "photo" else attached
            mime = "image/jpeg" if attribute == "photo" else getattr(file, "mime_type", None)
            return Media(
                at=at, message=number, kind=kind, handle=file.file_id,  # type: ignore[arg-type]
                unique=file.file_unique_id, size=file.file_size, mime=mime, caption=said.caption or "",
                album=said.media_group_id,
            )  # fmt: skip
    if said.text and said.entities:
        name, _, rest = said.text[1:].partition(" ")
        return Command(at=at, message=number, name=name, rest=rest)
    if said.text:
        return Text(at=at, message=number, words=said.text)
    what = "sticker" if said.sticker else "contact" if said.contact else "unknown"
    return Unreadable(at=at, message=number, what=what)


@pytest.mark.parametrize("name", sorted(set(FX) - {"malformed"}))
def test_we_read_what_python_telegram_bot_reads(name: str) -> None:
    theirs = telegram.Update.de_json(FX[name], None)

    ours = read(FX[name])

    assert (ours.events[0] if isinstance(ours, Inbound) else None) == ptb_event(theirs)
    if isinstance(ours, Inbound):
        assert theirs.effective_chat
        assert ours.address == f"telegram:{theirs.effective_chat.id}"
        assert ours.external_id.endswith(f":{theirs.update_id}")
        assert theirs.effective_user
        assert ours.language == theirs.effective_user.language_code


def test_python_telegram_bot_cannot_read_the_malformed_one_either() -> None:
    with pytest.raises(KeyError):
        telegram.Update.de_json(FX["malformed"], None)


# What real phones and hostile ones do


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("/report", "report", ""),
        ("/Report@ntars_demo_bot", "report", ""),
        ("/start  K7M4QX2P ", "start", "K7M4QX2P"),
        ("/add two\nlines", "add", "two\nlines"),
    ],
)
def test_a_command_is_lower_case_and_without_the_bots_name(text: str, name: str, rest: str) -> None:
    assert event(message(text=text)) == Command(at=SENT, message="41", name=name, rest=rest)


@pytest.mark.parametrize("text", ["/", "/ report", "/café", "//report", "and /report", "/12/13 Abington St"])
def test_words_that_only_look_like_a_command_are_words(text: str) -> None:
    assert event(message(text=text)) == Text(at=SENT, message="41", words=text)


def test_nul_and_half_characters_are_made_harmless() -> None:
    said = event(message(text="bro\0ken \ud83d door"))

    assert isinstance(said, Text)
    assert said.words == "broken � door"
    assert said.words.encode()


def test_bytes_that_are_no_utf_8_lose_only_themselves() -> None:
    body = raw(message(text="door")).replace(b"door", b"do\xffor")

    inbound = decode(body, received_at=NOW, bot="999")

    assert isinstance(inbound, Inbound)
    assert inbound.events == (Text(at=SENT, message="41", words="do�or"),)


@pytest.mark.parametrize("date", [0, -5, 2**40, 10**17, -(10**17), int(NOW.timestamp()) + 301])
def test_an_impossible_time_is_the_time_of_receipt(date: int) -> None:
    assert event(message(text="x", date=date)).at == NOW


def test_a_clock_a_little_ahead_is_believed() -> None:
    assert event(message(text="x", date=int(NOW.timestamp()) + 299)).at == NOW + timedelta(seconds=299)


def test_the_largest_photo_is_taken_wherever_it_stands() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": side, "height": side}
        for name, side in (("small", 90), ("large", 1280), ("middle", 320))
    ]

    said = event(message(photo=sizes))

    assert isinstance(said, Media)
    assert said.handle == "large"


def test_a_live_photo_is_its_still_picture() -> None:
    live = {"file_id": "live", "file_unique_id": "live"}

    said = event(message(photo=FX["photo"]["message"]["photo"], live_photo=live))

    assert isinstance(said, Media)
    assert (said.kind, said.handle) == ("photo", "AgACs4")


@pytest.mark.parametrize(
    ("mime", "name", "kind"),
    [
        ("image/png", "a.png", "image_file"),
        ("application/octet-stream", "IMG_1.HEIC", "image_file"),
        (None, "IMG_1.heif", "image_file"),
        ("video/mp4", "cctv.mp4", "video"),
        ("application/pdf", "letter.pdf", "file"),
        (None, None, "file"),
    ],
)
def test_a_document_is_what_its_type_or_its_name_says(mime: str | None, name: str | None, kind: str) -> None:
    said = event(
        message(document={"file_id": "d", "file_unique_id": "u", "mime_type": mime, "file_name": name})
    )

    assert isinstance(said, Media)
    assert said.kind == kind


def test_a_place_outside_the_world_is_unreadable() -> None:
    said = event(message(location={"latitude": 91, "longitude": 0}))

    assert said == Unreadable(at=SENT, message="41", what="location")


def test_an_edited_caption_is_an_edit_and_a_deleted_one_too() -> None:
    photo = {**FX["photo"]["message"], "edit_date": 1764000050}

    changed = event({"update_id": 1, "edited_message": {**photo, "caption": "broken window"}})
    gone = event({"update_id": 2, "edited_message": {**photo, "caption": None}})

    assert isinstance(changed, Edited)
    assert isinstance(gone, Edited)
    assert (changed.words, gone.words) == ("broken window", "")


def test_a_note_of_the_app_itself_is_ignored() -> None:
    assert read(message(pinned_message={"message_id": 3})) == Ignored("service message")


@pytest.mark.parametrize(
    ("status", "meaning"), [("member", NotPrivate(-5)), ("left", Ignored("left a group"))]
)
def test_being_taken_into_a_group_is_noticed_and_being_put_out_is_not(status: str, meaning: Any) -> None:
    change = {**FX["blocked"]["my_chat_member"], "chat": {"id": -5, "type": "group"}}

    assert (
        read({"update_id": 1, "my_chat_member": {**change, "new_chat_member": {"status": status}}}) == meaning
    )


# Anything at all

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path] + [below for key, child in children for below in paths(child, (*path, key))]


def replaced(tree: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], new)
    return copy


SPOILT = st.sampled_from(sorted(FX)).flatmap(
    lambda name: st.builds(
        lambda path, new: replaced(FX[name], path, new), st.sampled_from(paths(FX[name])), ANY_JSON
    )
)


def reads_or_is_broken(body: bytes) -> None:
    try:
        meaning = decode(body, received_at=NOW, bot="999")
    except Broken:
        return
    assert isinstance(meaning, Inbound | NotPrivate | Ignored)
    if isinstance(meaning, Inbound):
        assert meaning.events[0].at.tzinfo
        assert msgspec.json.encode(meaning)
    external_id(body, bot="999")


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_broken(body: bytes) -> None:
    reads_or_is_broken(body)


@settings(deadline=None)
@given(ANY_JSON)
def test_any_json_is_read_or_broken(value: Any) -> None:
    reads_or_is_broken(raw(value))


@settings(deadline=None)
@given(SPOILT)
def test_a_fixture_with_anything_in_one_place_is_read_or_broken(update: Any) -> None:
    reads_or_is_broken(raw(update))


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"update_id":' * 50_000, b'{"update_id": 9' + b"9" * 5000]
)
def test_depth_and_length_do_no_harm(body: bytes) -> None:
    with pytest.raises(Broken):
        decode(body, received_at=NOW, bot="999")

    assert external_id(body, bot="999").startswith("telegram:999:sha256:")
