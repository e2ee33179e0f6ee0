"""What the Bot API refuses, in the words of the real server (tdlib/telegram-bot-api, Client.cpp)."""

import json
import re
from typing import Any

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_DATA = 64
MAX_INLINE_BUTTONS = 100
MAX_ROW = 8
MAX_COMMANDS = 100
MAX_DOWNLOAD = 20 * 2**20
MAX_ANSWER = 200

Json = dict[str, Any]

QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> Json:
        """The JSON that the real server sends with this refusal."""
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def bad_request(text: str) -> ApiError:
    """A 400 in the server's own form: its prefix, then the words."""
    return ApiError(400, f"Bad Request: {text}")


def utf16_length(text: str) -> int:
    """Telegram counts in UTF-16 units: most emoji count as two."""
    return len(text.encode("utf-16-le")) // 2


def checked_text(text: str) -> str:
    """A message's words, within the server's limits."""
    if not text:
        raise bad_request("message text is empty")
    if not text.strip():
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text


def checked_caption(text: str) -> str:
    """The words below a photo or file, within the server's limits."""
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text


def checked_markup(raw: str | None) -> Json | None:
    """The keyboard that a call carries, or None."""
    if not raw:
        return None
    try:
        markup = json.loads(raw)
    except ValueError:
        raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return {"inline_keyboard": _inline_rows(markup["inline_keyboard"])}
    if "keyboard" in markup:
        return {**markup, "keyboard": _reply_rows(markup["keyboard"])}
    return markup


def _inline_rows(rows: Any) -> list[list[Json]]:
    wrong = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    checked = [[_inline_button(button) for button in row] for row in _array_of_arrays(rows, wrong)]
    if any(len(row) > MAX_ROW for row in checked) or sum(map(len, checked)) > MAX_INLINE_BUTTONS:
        raise bad_request("reply markup is too long")
    return checked


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if "callback_data" in button:
        _check_data(button["callback_data"])
    elif not _INLINE_KINDS & button.keys():
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    return button


_INLINE_KINDS = {
    "url", "web_app", "login_url", "copy_text", "pay", "callback_game",
    "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat",
}  # fmt: skip


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")


def _reply_rows(rows: Any) -> list[list[Json]]:
    checked = _array_of_arrays(rows, 'field "keyboard" must be an Array of Arrays')
    return [[_reply_button(button) for button in row] for row in checked]


def _reply_button(button: Any) -> Json:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not button.get("text"):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    return button


def _array_of_arrays(rows: Any, wrong: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(wrong)
    return rows


def checked_commands(raw: str | None) -> list[Json]:
    """The list for the chat's menu."""
    try:
        commands = json.loads(raw or "[]")
    except ValueError:
        raise bad_request("can't parse commands JSON object") from None
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    return commands


def _check_command(command: Any) -> None:
    if not isinstance(command, dict) or not {"command", "description"} <= command.keys():
        raise bad_request("can't parse BotCommand: expected an Object")
    if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command["command"]):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"]) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def checked_secret(secret: str) -> str:
    """The webhook's secret token."""
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    return secret
