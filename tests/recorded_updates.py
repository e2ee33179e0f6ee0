"""Updates as the Bot API sends them (CHANNELS.md A1): recorded shapes, invented people."""

from typing import Any

Json = dict[str, Any]

USER: Json = {"id": 700100200, "is_bot": False, "first_name": "Sam", "language_code": "en"}
CHAT: Json = {"id": 700100200, "first_name": "Sam", "type": "private"}
BOT: Json = {"id": 999, "is_bot": True, "first_name": "NTARS", "username": "ntars_demo_bot"}


def _m(mid: int = 41, **k: Any) -> Json:
    return {"message_id": mid, "from": USER, "chat": CHAT, "date": 1764000000, **k}


def _ph(f: str, w: int, h: int, s: int) -> Json:
    return {"file_id": f, "file_unique_id": "AQAD" + f[-3:], "width": w, "height": h, "file_size": s}


FX: dict[str, Json] = {
    "start": {
        "update_id": 1,
        "message": _m(text="/start Ab3-xyz_9", entities=[{"type": "bot_command", "offset": 0, "length": 6}]),
    },
    "text": {"update_id": 2, "message": _m(text="Two youths threw stock & left <ran>")},
    "photo": {
        "update_id": 3,
        "message": _m(
            photo=[
                _ph("AgACs1", 67, 90, 1187),
                _ph("AgACs2", 240, 320, 16500),
                _ph("AgACs4", 960, 1280, 143210),
            ],
            caption="broken door",
        ),
    },
    "album_1": {
        "update_id": 4,
        "message": _m(
            42, media_group_id="13870000000000001", caption="both", photo=[_ph("AgACt4", 960, 1280, 150001)]
        ),
    },
    "album_2": {
        "update_id": 5,
        "message": _m(43, media_group_id="13870000000000001", photo=[_ph("AgACu4", 960, 1280, 150002)]),
    },
    "document_heic": {
        "update_id": 6,
        "message": _m(
            document={
                "file_id": "BQACd1",
                "file_unique_id": "AgADd1",
                "file_name": "IMG_0042.HEIC",
                "mime_type": "image/heic",
                "file_size": 2202001,
            }
        ),
    },
    "location": {
        "update_id": 7,
        "message": _m(location={"latitude": 51.507351, "longitude": -0.127758}),
    },  # horizontal_accuracy optional
    "live_location": {
        "update_id": 8,
        "message": _m(
            44,
            location={
                "latitude": 51.5,
                "longitude": -0.12,
                "live_period": 900,
                "heading": 90,
                "horizontal_accuracy": 8.0,
            },
        ),
    },
    "live_location_move": {
        "update_id": 9,
        "edited_message": _m(
            44, edit_date=1764000060, location={"latitude": 51.5001, "longitude": -0.1201, "live_period": 900}
        ),
    },
    "venue": {
        "update_id": 10,
        "message": _m(
            location={"latitude": 51.51, "longitude": -0.13},
            venue={
                "location": {"latitude": 51.51, "longitude": -0.13},
                "title": "Corner Shop",
                "address": "1 High St, London",
            },
        ),
    },
    "voice": {
        "update_id": 11,
        "message": _m(
            voice={
                "file_id": "AwACv",
                "file_unique_id": "AgADv",
                "duration": 7,
                "mime_type": "audio/ogg",
                "file_size": 28511,
            }
        ),
    },
    "video": {
        "update_id": 12,
        "message": _m(
            video={
                "file_id": "BAACv",
                "file_unique_id": "AgADw",
                "width": 720,
                "height": 1280,
                "duration": 9,
                "mime_type": "video/mp4",
                "file_size": 31000000,
            }
        ),
    },
    "video_note": {
        "update_id": 13,
        "message": _m(
            video_note={"file_id": "DQAC", "file_unique_id": "AgADn", "length": 384, "duration": 5}
        ),
    },
    "contact": {
        "update_id": 14,
        "message": _m(contact={"phone_number": "+447700900123", "first_name": "Sam", "user_id": 700100200}),
    },
    "sticker": {
        "update_id": 15,
        "message": _m(
            sticker={
                "file_id": "CAAC",
                "file_unique_id": "AgADs",
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "\U0001f44d",
            }
        ),
    },
    "edited": {
        "update_id": 16,
        "edited_message": _m(41, edit_date=1764000050, text="Three youths threw stock"),
    },
    "tap": {
        "update_id": 17,
        "callback_query": {
            "id": "4382bfdwdsb323b2d9",
            "from": USER,
            "chat_instance": "-3541234567890123456",
            "data": "c:7f3a:2:verbal",
            "message": {
                "message_id": 50,
                "from": BOT,
                "chat": CHAT,
                "date": 1764000001,
                "text": "What happened?",
            },
        },
    },
    "tap_old_message": {
        "update_id": 18,
        "callback_query": {
            "id": "4382bfdwdsb323b2da",
            "from": USER,
            "chat_instance": "-3541234567890123456",
            "data": "c:7f3a:2:verbal",
            "message": {"message_id": 50, "chat": CHAT, "date": 0},
        },
    },
    "blocked": {
        "update_id": 19,
        "my_chat_member": {
            "chat": CHAT,
            "from": USER,
            "date": 1764000100,
            "old_chat_member": {"user": BOT, "status": "member"},
            "new_chat_member": {"user": BOT, "status": "kicked", "until_date": 0},
        },
    },
    "unblocked": {
        "update_id": 20,
        "my_chat_member": {
            "chat": CHAT,
            "from": USER,
            "date": 1764000200,
            "old_chat_member": {"user": BOT, "status": "kicked", "until_date": 0},
            "new_chat_member": {"user": BOT, "status": "member"},
        },
    },
    "group": {
        "update_id": 21,
        "message": {
            **_m(),
            "chat": {"id": -1001234567890, "title": "Shop team", "type": "supergroup"},
            "text": "/start@ntars_demo_bot",
        },
    },
    "migrate": {
        "update_id": 22,
        "message": {
            **_m(),
            "chat": {"id": -4001, "title": "Shop team", "type": "group"},
            "migrate_to_chat_id": -1001234567890,
        },
    },
    "channel_post": {
        "update_id": 23,
        "channel_post": {
            "message_id": 7,
            "sender_chat": {"id": -1009, "title": "News", "type": "channel"},
            "chat": {"id": -1009, "title": "News", "type": "channel"},
            "date": 1764000000,
            "text": "hello",
        },
    },
    "reaction": {
        "update_id": 24,
        "message_reaction": {
            "chat": CHAT,
            "message_id": 51,
            "user": USER,
            "date": 1764000300,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "\U0001f44d"}],
        },
    },
    "web_app_data": {
        "update_id": 25,
        "message": _m(web_app_data={"data": '{"lat":51.5}', "button_text": "Open map"}),
    },
    "reply": {
        "update_id": 26,
        "message": _m(
            text="yes",
            reply_to_message={
                "message_id": 50,
                "from": BOT,
                "chat": CHAT,
                "date": 1764000001,
                "text": "Done the training?",
            },
        ),
    },
    "unknown_content": {
        "update_id": 27,
        "message": _m(rich_message={"blocks": []}),
    },  # Bot API 10.1; PTB 22.8 keeps it in message.api_kwargs
    "unknown_update": {"update_id": 28, "brand_new_kind": {"x": 1}},  # parses; no user, no chat
    "malformed": {"update_id": 29, "message": {"message_id": 1}},
}  # PTB: KeyError
