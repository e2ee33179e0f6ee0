"""The Bot API stand-in against python-telegram-bot's own client: methods and their errors."""

import json
import re

import aiohttp
import aiohttp.test_utils
import aiohttp.web
import pytest
import telegram
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
)

from bot.demo.limits import checked_markup
from tests.demo.clients import SAM, a_bot, a_picture, inline, raw_updates

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")  # raw calls are what is tested here


# Sending


async def test_a_message_arrives_with_its_buttons_and_silence(bot, sam):
    sent = await bot.send_message(
        SAM,
        "What have you seen?",
        reply_markup=inline([("Graffiti", "k:g"), ("Damage", "k:d")], [("More…", "k:more")]),
        disable_notification=True,
    )

    shown = await sam.wait_for("What have you seen?")
    assert shown.id == sent.message_id
    assert shown.labels == ["Graffiti", "Damage", "More…"]
    assert [len(row) for row in shown.buttons] == [2, 1]
    assert (shown.who, shown.silent, shown.edited) == ("bot", True, False)
    assert sent.from_user.username == "ntars_demo_bot"


TOO_LONG_DATA = {"inline_keyboard": [[{"text": "x", "callback_data": "é" * 33}]]}
CROWDED = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 9]}
TOO_MANY = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]] * 101}
DEAD_BUTTON = {"inline_keyboard": [[{"text": "x"}]]}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": ""}, "Message text is empty"),
        ({"text": " \n"}, "Text must be non-empty"),
        ({"text": "x" * 4097}, "Message is too long"),
        ({"text": "\N{TRIANGULAR RULER}" * 2049}, "Message is too long"),
        ({"text": "x", "reply_markup": TOO_LONG_DATA}, "Button_data_invalid"),
        ({"text": "x", "reply_markup": CROWDED}, "Reply markup is too long"),
        ({"text": "x", "reply_markup": TOO_MANY}, "Reply markup is too long"),
        ({"text": "x", "reply_markup": DEAD_BUTTON}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [{}]}}, "must be an Array of Arrays"),
        ({"text": "x", "reply_markup": {"keyboard": "x"}}, "must be an Array of Arrays"),
        ({"text": "x", "chat_id": 1}, "Chat not found"),
        ({"text": "x", "chat_id": ""}, "Chat_id is empty"),
        ({"text": "x", "reply_parameters": {"message_id": 9}}, "Message to be replied not found"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "Can't find end tag corresponding to start tag"),
        ({"text": "<x>x", "parse_mode": "HTML"}, "Unsupported start tag"),
    ],
)
async def test_what_the_server_would_refuse_is_refused_in_its_words(bot, sam, given, error):
    with pytest.raises(BadRequest, match=f"(?i){re.escape(error)}"):
        await bot.do_api_request("sendMessage", api_kwargs={"chat_id": SAM, **given})

    assert sam.newest is None


def test_the_largest_keyboard_that_is_allowed_passes():
    button = {"text": "x", "callback_data": "é" * 32}

    assert checked_markup(json.dumps({"inline_keyboard": [[button] * 8] * 12 + [[button] * 4]}))


async def test_html_becomes_words_and_entities(bot, sam):
    sent = await bot.send_message(SAM, "<b>In danger?</b> Call 999 &amp; wait", parse_mode="HTML")

    assert sent.text == "In danger? Call 999 & wait"
    assert [(entity.type, entity.offset, entity.length) for entity in sent.entities] == [("bold", 0, 10)]


async def test_nobody_who_blocked_the_bot_or_left_telegram_can_be_written_to(bot, sam):
    await sam.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(SAM, "hello")

    await sam.unblock()
    sam.chat.deactivated = True
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(SAM, "hello")


async def test_somebody_who_never_wrote_is_no_chat(api, bot):
    api.phone(2)

    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(2, "hello")


async def test_pictures_and_files_arrive(bot, sam):
    photo = await bot.send_photo(SAM, a_picture(90, 60), caption="hot spots")
    await bot.send_photo(SAM, photo.photo[-1].file_id)
    document = await bot.send_document(SAM, b"a,b\n", filename="report.csv", caption="rows")

    assert (photo.caption, photo.photo[-1].width) == ("hot spots", 90)
    assert (document.document.file_name, document.document.file_size) == ("report.csv", 4)
    assert [message.kind for message in sam.messages[1:]] == ["photo", "photo", "document"]
    with pytest.raises(BadRequest, match="There is no document in the request"):
        await bot.do_api_request("sendDocument", api_kwargs={"chat_id": SAM})
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(SAM, b"no picture")


async def test_json_and_query_parameters_are_read_like_forms(api, sam):
    async with aiohttp.ClientSession() as session:
        url = f"{api.url}/bot{api.token}/SENDMESSAGE"
        by_json = await session.post(url, json={"chat_id": SAM, "text": "by json"})
        by_query = await session.get(url, params={"chat_id": SAM, "text": "by query"})

    assert (by_json.status, by_query.status) == (200, 200)
    assert [message.text for message in sam.messages[1:]] == ["by json", "by query"]


# Changing and taking back


async def test_an_edit_changes_words_and_takes_the_buttons_away(bot, sam):
    sent = await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))

    await bot.edit_message_text("What? ✓ This", SAM, sent.message_id)

    shown = sam.newest
    assert (shown.text, shown.labels, shown.edited) == ("What? ✓ This", [], True)


async def test_taking_only_the_buttons_away_leaves_the_words(bot, sam):
    sent = await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))

    await bot.edit_message_reply_markup(SAM, sent.message_id)

    assert (sam.newest.text, sam.newest.labels) == ("What?", [])
    with pytest.raises(BadRequest, match=r"(?i)message is not modified: specified new message content"):
        await bot.edit_message_reply_markup(SAM, sent.message_id)


async def test_an_edit_that_changes_nothing_or_finds_nothing_is_refused(bot, sam):
    sent = await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("What?", SAM, sent.message_id, reply_markup=inline([("This", "this")]))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", SAM, 9)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", SAM, sam.messages[0].id)
    with pytest.raises(BadRequest, match="Inline keyboard expected"):
        await bot.do_api_request(
            "editMessageReplyMarkup",
            api_kwargs={
                "chat_id": SAM,
                "message_id": sent.message_id,
                "reply_markup": {"remove_keyboard": True},
            },
        )


async def test_a_message_with_a_reply_keyboard_cannot_be_edited(bot, sam):
    keyboard = telegram.ReplyKeyboardMarkup([["At our shop"]])
    sent = await bot.send_message(SAM, "Where is it?", reply_markup=keyboard)

    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("Where is it? ✓", SAM, sent.message_id)


async def test_a_message_can_be_deleted_once_and_only_within_two_days(bot, sam, clock):
    sent = await bot.send_message(SAM, "secret")
    old = await bot.send_message(SAM, "old")

    await bot.delete_message(SAM, sent.message_id)

    assert "secret" not in [message.text for message in sam.messages]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(SAM, sent.message_id)
    clock.now += 49 * 3600
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await bot.delete_message(SAM, old.message_id)


# Buttons and keyboards


async def test_a_tap_spins_until_it_is_answered_once(bot, sam):
    await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))
    tap = await sam.tap("This")

    await bot.answer_callback_query(tap.id, "Got it")

    assert await tap.answer() == "Got it"
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired"):
        await bot.answer_callback_query(tap.id)


async def test_a_tap_is_too_old_after_150_seconds(bot, sam, clock):
    await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))
    tap = await sam.tap("This")

    clock.now += 151

    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(tap.id)


async def test_a_button_is_found_by_words_or_data_the_newest_first(bot, sam):
    first = await bot.send_message(SAM, "One", reply_markup=inline([("Yes", "1:yes")]))
    second = await bot.send_message(SAM, "Two", reply_markup=inline([("Yes", "2:yes")]))

    assert (await sam.tap("Yes")).data == "2:yes"
    assert (await sam.tap("1:yes")).update["callback_query"]["message"]["message_id"] == first.message_id
    assert (await sam.tap("Yes", first.message_id)).data == "1:yes"
    with pytest.raises(LookupError, match="No button 'No'"):
        await sam.tap("No", second.message_id)


async def test_a_reply_keyboard_stays_until_it_is_removed_and_its_buttons_are_messages(bot, sam):
    keyboard = telegram.ReplyKeyboardMarkup(
        [[telegram.KeyboardButton("Send my location", request_location=True)], ["At our shop"]]
    )
    await bot.send_message(SAM, "Where is it?", reply_markup=keyboard)
    sam.position = (52.24, -0.9)

    words = await sam.tap("At our shop")
    pin = await sam.tap("Send my location")

    assert words.text == "At our shop"
    assert pin.payload["location"] == {"latitude": 52.24, "longitude": -0.9, "horizontal_accuracy": 12.0}
    assert [key.text for row in sam.reply_keyboard for key in row] == ["Send my location", "At our shop"]
    await bot.send_message(SAM, "By Gold Street.", reply_markup=telegram.ReplyKeyboardRemove())
    assert sam.reply_keyboard is None


async def test_a_one_time_keyboard_goes_after_one_use(bot, sam):
    keyboard = telegram.ReplyKeyboardMarkup([["Yes"]], one_time_keyboard=True)
    await bot.send_message(SAM, "Still there?", reply_markup=keyboard)

    await sam.tap("Yes")

    assert sam.reply_keyboard is None


async def test_the_bot_hears_nothing_of_links_and_copies(bot, sam):
    markup = telegram.InlineKeyboardMarkup(
        [
            [telegram.InlineKeyboardButton("Map", url="https://example.org/")],
            [telegram.InlineKeyboardButton("Copy", copy_text=telegram.CopyTextButton("NT-7K4F"))],
        ]
    )
    await bot.send_message(SAM, "Saved", reply_markup=markup)
    await raw_updates(bot)

    assert await sam.tap("Map") is None
    assert await sam.tap("Copy") is None

    assert (sam.opened, sam.clipboard) == (["https://example.org/"], "NT-7K4F")
    assert len(await raw_updates(bot)) == 1


# Files


async def test_a_file_beyond_20_megabytes_is_too_big(bot, sam):
    film = await sam.video(b"film", size=20 * 2**20 + 1)

    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(film.file_id)
    with pytest.raises(BadRequest, match="Wrong file_id or the file is temporarily unavailable"):
        await bot.get_file("AgACnone")


async def test_a_link_to_no_file_is_not_found(api):
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{api.url}/file/bot{api.token}/photos/file_9.jpg")

    assert (answer.status, (await answer.json())["ok"]) == (404, False)


# The profile


async def test_settings_are_kept_by_language(api, bot):
    await bot.set_my_commands([telegram.BotCommand("report", "Report something")])
    await bot.set_my_commands([telegram.BotCommand("report", "Zgłoś")], language_code="pl")
    await bot.set_my_description("Reports for shops", language_code="en")
    await bot.set_my_short_description("Reports")
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())

    assert [command.description for command in await bot.get_my_commands()] == ["Report something"]
    assert [command.description for command in await bot.get_my_commands(language_code="pl")] == ["Zgłoś"]
    assert (await bot.get_my_description("en")).description == "Reports for shops"
    assert (await bot.get_my_short_description()).short_description == "Reports"
    assert (await bot.get_chat_menu_button()).type == "commands"
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await bot.do_api_request(
            "setMyCommands", api_kwargs={"commands": [{"command": "Bad Name", "description": "x"}]}
        )


async def test_small_things_are_answered(api, bot, sam):
    assert (await bot.get_me()).username == api.username
    assert await bot.send_chat_action(SAM, "typing")
    assert await bot.leave_chat(-1001234567890)
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(SAM, "dancing")


async def test_a_wrong_token_is_unauthorised_and_a_wrong_method_not_found(api, bot):
    async with aiohttp.ClientSession() as session:
        wrong = await session.get(f"{api.url}/bot1:wrong/getMe")
        unknown = await session.get(f"{api.url}/bot{api.token}/getRich")

    assert (wrong.status, await wrong.json()) == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )
    assert (unknown.status, (await unknown.json())["description"]) == (404, "Not Found: method not found")
    with pytest.raises(InvalidToken):
        await a_bot(api, "1:wrong").__aenter__()  # calls getMe, and closes its connection again
