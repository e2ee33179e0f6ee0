"""Updates as the real Bot API delivers them (Bot API 10.0; ids and names are made up)."""

U = {"id": 700100200, "is_bot": False, "first_name": "Sam", "language_code": "en"}
C = {"id": 700100200, "first_name": "Sam", "type": "private"}
B = {"id": 999, "is_bot": True, "first_name": "NTARS", "username": "ntars_demo_bot"}


def _message(number=41, **content):
    return {"message_id": number, "from": U, "chat": C, "date": 1764000000, **content}


def _photo(file_id, width, height, size):
    unique = "AQAD" + file_id[-3:]
    return {"file_id": file_id, "file_unique_id": unique, "width": width, "height": height, "file_size": size}


_PROMPT = {"message_id": 50, "from": B, "chat": C, "date": 1764000001, "text": "What happened?"}
_PLACE = {"latitude": 51.51, "longitude": -0.13}
_COMMAND = [{"type": "bot_command", "offset": 0, "length": 6}]

RECORDED = {
    "start": {"update_id": 1, "message": _message(text="/start Ab3-xyz_9", entities=_COMMAND)},
    "text": {"update_id": 2, "message": _message(text="Two youths threw stock & left <ran>")},
    "photo": {
        "update_id": 3,
        "message": _message(
            photo=[
                _photo("AgACs1", 67, 90, 1187),
                _photo("AgACs2", 240, 320, 16500),
                _photo("AgACs4", 960, 1280, 143210),
            ],
            caption="broken door",
        ),
    },
    "album_1": {
        "update_id": 4,
        "message": _message(
            42,
            media_group_id="13870000000000001",
            caption="both",
            photo=[_photo("AgACt4", 960, 1280, 150001)],
        ),
    },
    "album_2": {
        "update_id": 5,
        "message": _message(
            43, media_group_id="13870000000000001", photo=[_photo("AgACu4", 960, 1280, 150002)]
        ),
    },
    "document": {
        "update_id": 6,
        "message": _message(
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
        "message": _message(location={"latitude": 51.507351, "longitude": -0.127758}),
    },
    "venue": {
        "update_id": 10,
        "message": _message(
            location=_PLACE,
            venue={"location": _PLACE, "title": "Corner Shop", "address": "1 High St, London"},
        ),
    },
    "voice": {
        "update_id": 11,
        "message": _message(
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
        "message": _message(
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
    "contact": {
        "update_id": 14,
        "message": _message(
            contact={"phone_number": "+447700900123", "first_name": "Sam", "user_id": 700100200}
        ),
    },
    "sticker": {
        "update_id": 15,
        "message": _message(
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
        "edited_message": _message(41, edit_date=1764000050, text="Three youths threw stock"),
    },
    "tap": {
        "update_id": 17,
        "callback_query": {
            "id": "4382bfdwdsb323b2d9",
            "from": U,
            "chat_instance": "-3541234567890123456",
            "data": "c:7f3a:2:verbal",
            "message": _PROMPT,
        },
    },
    "tap_old_message": {
        "update_id": 18,
        "callback_query": {
            "id": "4382bfdwdsb323b2da",
            "from": U,
            "chat_instance": "-3541234567890123456",
            "data": "c:7f3a:2:verbal",
            "message": {"message_id": 50, "chat": C, "date": 0},
        },
    },
    "blocked": {
        "update_id": 19,
        "my_chat_member": {
            "chat": C,
            "from": U,
            "date": 1764000100,
            "old_chat_member": {"user": B, "status": "member"},
            "new_chat_member": {"user": B, "status": "kicked", "until_date": 0},
        },
    },
    "unblocked": {
        "update_id": 20,
        "my_chat_member": {
            "chat": C,
            "from": U,
            "date": 1764000200,
            "old_chat_member": {"user": B, "status": "kicked", "until_date": 0},
            "new_chat_member": {"user": B, "status": "member"},
        },
    },
    "reply": {"update_id": 26, "message": _message(text="yes", reply_to_message=_PROMPT)},
}
