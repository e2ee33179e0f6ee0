"""The Bot API's methods: what each does to the cloud, what it answers, what it refuses."""

from collections.abc import Callable
from typing import Any

from bot.demo import limits
from bot.demo.chats import Chat, ChatMessage, same_markup
from bot.demo.cloud import Cloud
from bot.demo.limits import ApiError, Json, bad_request
from bot.demo.parameters import Parameters
from bot.demo.wording import entities_in, parsed

DELETABLE_FOR = 48 * 3600.0  # seconds

Method = Callable[[Cloud, Parameters], Any]


def get_me(cloud: Cloud, _: Parameters) -> Json:
    return cloud.me


def send_message(cloud: Cloud, given: Parameters) -> Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat = _open_chat(cloud, given)
    text, entities = parsed(given.get("text", ""), given.get("parse_mode", ""))
    content: Json = {"text": limits.checked_text(text)}
    if entities := entities or entities_in(text):
        content["entities"] = entities
    return _say(cloud, chat, given, content, markup)


def send_photo(cloud: Cloud, given: Parameters) -> Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat = _open_chat(cloud, given)
    upload = given.upload("photo")
    known = cloud.files.by_id(given.get("photo", ""))
    if upload is None and known is None:
        raise bad_request("there is no photo in the request")
    try:
        sizes = cloud.files.keep_photo(upload.content if upload else known.content if known else b"")
    except OSError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    return _say(cloud, chat, given, {"photo": sizes, **_caption(given)}, markup)


def send_document(cloud: Cloud, given: Parameters) -> Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat = _open_chat(cloud, given)
    upload = given.upload("document")
    stored = cloud.files.by_id(given.get("document", ""))
    if upload is not None:
        stored = cloud.files.keep("document", upload.content, mime=upload.mime, name=upload.name)
    if stored is None:
        raise bad_request("there is no document in the request")
    name = upload.name if upload else stored.path.rpartition("/")[2]
    document = {"file_name": name, "mime_type": stored.mime, **stored.handle()}
    return _say(cloud, chat, given, {"document": document, **_caption(given)}, markup)


def edit_message_text(cloud: Cloud, given: Parameters) -> bool | Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat, message = _own_message(cloud, given)
    text, entities = parsed(given.get("text", ""), given.get("parse_mode", ""))
    limits.checked_text(text)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    _check_modified(message, text == message.payload["text"], markup)
    cloud.edit(chat, message, {"text": text, "entities": entities or entities_in(text)}, _shown(markup))
    return message.as_json()


def edit_message_caption(cloud: Cloud, given: Parameters) -> bool | Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat, message = _own_message(cloud, given)
    caption = _caption(given).get("caption", "")
    _check_modified(message, caption == message.payload.get("caption", ""), markup)
    cloud.edit(chat, message, {"caption": caption}, _shown(markup))
    return message.as_json()


def edit_message_reply_markup(cloud: Cloud, given: Parameters) -> bool | Json:
    markup = limits.checked_markup(given.get("reply_markup"))
    chat, message = _own_message(cloud, given)
    _check_modified(message, True, markup)
    cloud.edit(chat, message, {}, _shown(markup))
    return message.as_json()


def delete_message(cloud: Cloud, given: Parameters) -> bool:
    chat = _known_chat(cloud, given)
    message = chat.message(given.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if cloud.clock() - message.at > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    cloud.delete(chat, message)
    return True


def answer_callback_query(cloud: Cloud, given: Parameters) -> bool:
    text = given.get("text", "")
    if limits.utf16_length(text) > limits.MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if not cloud.answer_tap(given.get("callback_query_id", ""), text, alert=given.flag("show_alert")):
        raise bad_request(limits.QUERY_TOO_OLD)
    return True


def get_file(cloud: Cloud, given: Parameters) -> Json:
    if not given.get("file_id"):
        raise bad_request("file_id not specified")
    stored = cloud.files.by_id(given["file_id"])
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > limits.MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.handle(), "file_path": stored.path}


def set_my_commands(cloud: Cloud, given: Parameters) -> bool:
    commands = limits.checked_commands(given.get("commands"))
    cloud.settings[_commands_key(given)] = commands
    return True


def delete_my_commands(cloud: Cloud, given: Parameters) -> bool:
    cloud.settings.pop(_commands_key(given), None)
    return True


def get_my_commands(cloud: Cloud, given: Parameters) -> Any:
    return cloud.settings.get(_commands_key(given), [])


def _commands_key(given: Parameters) -> str:
    scope = given.decoded("scope", "BotCommandScope") or {"type": "default"}
    return f"commands {scope['type']} {given.get('language_code', '')}".strip()


def _setting(name: str, field: str) -> tuple[Method, Method]:
    """The pair of methods that keeps one text of the bot's profile, by language."""

    def put(cloud: Cloud, given: Parameters) -> bool:
        cloud.settings[f"{name} {given.get('language_code', '')}".strip()] = given.get(field, "")
        return True

    def get(cloud: Cloud, given: Parameters) -> Json:
        return {field: cloud.settings.get(f"{name} {given.get('language_code', '')}".strip(), "")}

    return put, get


def set_chat_menu_button(cloud: Cloud, given: Parameters) -> bool:
    cloud.settings["menu button"] = given.decoded("menu_button", "menu button") or {"type": "default"}
    return True


def get_chat_menu_button(cloud: Cloud, _: Parameters) -> Any:
    return cloud.settings.get("menu button", {"type": "default"})


def send_chat_action(cloud: Cloud, given: Parameters) -> bool:
    _open_chat(cloud, given)
    if given.get("action") not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


_CHAT_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


def get_chat(cloud: Cloud, given: Parameters) -> Json:
    return _known_chat(cloud, given).as_json()


def leave_chat(cloud: Cloud, given: Parameters) -> bool:
    if given.integer("chat_id") > 0:
        raise bad_request("chat not found")  # nobody leaves a private chat
    return True


def _known_chat(cloud: Cloud, given: Parameters) -> Chat:
    if not given.get("chat_id"):
        raise bad_request("chat_id is empty")
    chat = cloud.chats.get(given.integer("chat_id"))
    if chat is None or not chat.started:
        raise bad_request("chat not found")
    return chat


def _open_chat(cloud: Cloud, given: Parameters) -> Chat:
    chat = _known_chat(cloud, given)
    if chat.deactivated:
        raise ApiError(403, "Forbidden: user is deactivated")
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def _own_message(cloud: Cloud, given: Parameters) -> tuple[Chat, ChatMessage]:
    chat = _open_chat(cloud, given)
    message = chat.message(given.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.who != "bot" or (message.markup and "keyboard" in message.markup):
        raise bad_request("message can't be edited")  # not ours, or it carries a reply keyboard
    return chat, message


def _check_modified(message: ChatMessage, same_words: bool, markup: Json | None) -> None:
    if same_words and same_markup(message.markup, markup):
        raise bad_request(limits.NOT_MODIFIED)


def _shown(markup: Json | None) -> Json | None:
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup if markup and any(markup["inline_keyboard"]) else None


def _caption(given: Parameters) -> Json:
    caption, entities = parsed(given.get("caption", ""), given.get("parse_mode", ""))
    limits.checked_caption(caption)
    content: Json = {"caption": caption} if caption else {}
    return {**content, "caption_entities": entities} if entities else content


def _say(cloud: Cloud, chat: Chat, given: Parameters, content: Json, markup: Json | None) -> Json:
    content.update(_quoted(chat, given))
    return cloud.bot_says(chat, content, markup, silent=given.flag("disable_notification")).as_json()


def _quoted(chat: Chat, given: Parameters) -> Json:
    wanted = given.decoded("reply_parameters", "reply parameters")
    if not wanted:
        return {}
    message = chat.message(int(wanted.get("message_id", 0)))
    if message is None and not wanted.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return {"reply_to_message": message.as_json()} if message else {}


_SET_DESCRIPTION, _GET_DESCRIPTION = _setting("description", "description")
_SET_SHORT, _GET_SHORT = _setting("short description", "short_description")
_SET_NAME, _GET_NAME = _setting("name", "name")

METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "setmycommands": set_my_commands,
    "deletemycommands": delete_my_commands,
    "getmycommands": get_my_commands,
    "setmydescription": _SET_DESCRIPTION,
    "getmydescription": _GET_DESCRIPTION,
    "setmyshortdescription": _SET_SHORT,
    "getmyshortdescription": _GET_SHORT,
    "setmyname": _SET_NAME,
    "getmyname": _GET_NAME,
    "setchatmenubutton": set_chat_menu_button,
    "getchatmenubutton": get_chat_menu_button,
    "sendchataction": send_chat_action,
    "getchat": get_chat,
    "leavechat": leave_chat,
}
