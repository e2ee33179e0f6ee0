"""The Bot API stand-in against python-telegram-bot's own client, and against recorded updates."""

import asyncio
import io
import json
import re
from datetime import timedelta

import aiohttp
import aiohttp.test_utils
import aiohttp.web
import pytest
import telegram
from PIL import Image
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.demo.bot_api import BotApi
from bot.demo.limits import checked_markup
from tests.demo.fixtures import RECORDED

SAM = 700100200
pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")  # raw calls are what is tested here
OPTIONAL = {"file_size", "reply_markup", "entities", "horizontal_accuracy", "username"}


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 1_764_000_000.0

    def __call__(self):
        return self.now


def a_picture(width=2000, height=1500, *, exif=True):
    """A JPEG with a place in its EXIF block."""
    picture = Image.new("RGB", (width, height), "tomato")
    block = Image.Exif()
    block[0x010F] = "Maker"
    block.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", **({"exif": block} if exif else {}))
    return out.getvalue()


@pytest.fixture
async def clock():
    return Clock()


@pytest.fixture
async def api(clock):
    async with BotApi(clock=clock, webhook_delay=0.01) as api:
        yield api


@pytest.fixture
async def bot(api):
    bot = a_bot(api)
    async with bot:
        yield bot


@pytest.fixture
async def sam(api):
    phone = api.phone(SAM)
    await phone.start("Ab3-xyz_9")
    return phone


def a_bot(api, token=None):
    return telegram.Bot(token or api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")


def inline(*rows):
    return telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in rows]
    )


async def raw_updates(bot, offset=0, **given):
    return await bot.do_api_request("getUpdates", api_kwargs={"offset": offset, **given})


# What the person does reaches the bot as the real server would tell it


async def every_act(api):
    """One update of each recorded kind, made by a phone."""
    sam = api.phone(SAM)
    made = {"start": (await sam.start("Ab3-xyz_9")).update}
    text = await sam.text("Two youths threw stock & left <ran>")
    made["text"] = text.update
    made["photo"] = (await sam.photo(a_picture(), "broken door")).update
    album = await sam.album([a_picture(90, 60)] * 2, "both")
    made["album_1"], made["album_2"] = (message.update for message in album)
    made["document"] = (await sam.document(b"heic", "IMG_0042.HEIC", "image/heic")).update
    made["location"] = (await sam.pin(51.507351, -0.127758)).update
    made["venue"] = (await sam.venue(51.51, -0.13, "Corner Shop", "1 High St, London")).update
    made["voice"] = (await sam.voice(b"OggS")).update
    made["video"] = (await sam.video(b"film", size=31_000_000)).update
    made["contact"] = (await sam.contact()).update
    made["sticker"] = (await sam.sticker()).update
    made["edited"] = (await sam.edit(text, "Three youths threw stock")).update
    async with a_bot(api) as bot:
        prompt = await bot.send_message(
            SAM, "What happened?", reply_markup=inline([("Verbal abuse", "c:1:v")])
        )
        made["tap"] = (await sam.tap("Verbal abuse")).update
        made["reply"] = (await sam.text("yes", reply_to=prompt.message_id)).update
        await bot.delete_message(SAM, prompt.message_id)
        made["tap_old_message"] = (await sam.press("c:1:v", prompt.message_id)).update
    await sam.block()
    made["blocked"] = api.updates[-1]
    await sam.unblock()
    made["unblocked"] = api.updates[-1]
    return made


async def test_what_a_phone_does_has_the_shape_of_recorded_updates(api):
    made = await every_act(api)

    assert made.keys() == RECORDED.keys()
    for kind, recorded in RECORDED.items():
        assert_same_shape(made[kind], recorded, kind)


def assert_same_shape(made, recorded, where):
    if isinstance(recorded, dict):
        assert recorded.keys() - made.keys() == set(), where
        assert made.keys() - recorded.keys() <= OPTIONAL, where
        for key, value in recorded.items():
            assert_same_shape(made[key], value, f"{where}.{key}")
    elif isinstance(recorded, list):
        for item in made:
            assert_same_shape(item, recorded[0], where)
    else:
        assert type(made) is type(recorded), where


async def test_python_telegram_bot_reads_all_of_it_and_finds_nothing_unknown(api, bot):
    made = await every_act(api)

    for update in made.values():
        read = telegram.Update.de_json(update, bot)
        assert not read.api_kwargs
        assert read.message is None or not read.message.api_kwargs


async def test_a_photo_comes_in_several_sizes_without_exif_and_a_document_keeps_it(api, bot, sam):
    picture = a_picture(3000, 2250)

    photo = await sam.photo(picture)
    document = await sam.document(picture, "door.jpg", "image/jpeg")

    sizes = photo.payload["photo"]
    assert [size["width"] for size in sizes] == [90, 320, 800, 1280]
    largest = await (await bot.get_file(sizes[-1]["file_id"])).download_as_bytearray()
    assert len(largest) == sizes[-1]["file_size"]
    assert not Image.open(io.BytesIO(largest)).getexif()
    kept = await (await bot.get_file(document.file_id)).download_as_bytearray()
    assert bytes(kept) == picture


async def test_ids_of_files_look_like_telegrams(sam):
    photo = (await sam.photo(a_picture(90, 90))).payload["photo"][0]

    assert re.fullmatch(r"AgAC[\w-]{60,}", photo["file_id"])
    assert re.fullmatch(r"AQAD[\w-]{11}", photo["file_unique_id"])


async def test_more_words_than_a_message_holds_are_sent_as_two(sam):
    await sam.text("\N{TRIANGULAR RULER}" * 2049)

    assert [len(message.text) for message in sam.messages[-2:]] == [2048, 1]


async def test_nobody_writes_to_a_bot_that_they_blocked_but_start_takes_the_block_back(api, bot, sam):
    await sam.block()

    with pytest.raises(PermissionError):
        await sam.text("hello?")
    await sam.start()
    kinds = [update.keys() - {"update_id"} for update in api.updates[-3:]]
    assert kinds == [{"my_chat_member"}, {"my_chat_member"}, {"message"}]


# getUpdates


async def test_an_offset_confirms_and_drops_what_is_below_it(api, bot, sam):
    await sam.text("two")
    await sam.text("three")

    first = await raw_updates(bot)
    again = await raw_updates(bot)
    rest = await raw_updates(bot, first[1]["update_id"])

    assert [update["message"]["text"] for update in first] == ["/start Ab3-xyz_9", "two", "three"]
    assert again == first
    assert rest == first[1:]
    assert await raw_updates(bot) == first[1:]
    assert api.acknowledged == [first[0]["update_id"]]


async def test_a_negative_offset_keeps_only_the_last(bot, sam):
    await sam.text("two")

    assert [update["message"]["text"] for update in await raw_updates(bot, -1)] == ["two"]
    assert len(await raw_updates(bot)) == 1


async def test_a_limit_is_kept(bot, sam):
    await sam.text("two")

    assert len(await raw_updates(bot, limit=1)) == 1


async def test_a_long_poll_answers_as_soon_as_something_comes(api, bot):
    poll = asyncio.create_task(raw_updates(bot, timeout=4))
    await api.wait_for_call_begun("getUpdates")

    await api.phone(SAM).text("hello")

    assert [update["message"]["text"] for update in await poll] == ["hello"]


async def test_the_second_of_two_pollers_ends_the_first_with_a_conflict(api, bot):
    async with a_bot(api) as other:
        first = asyncio.create_task(raw_updates(bot, timeout=4))
        await api.wait_for_call_begun("getUpdates")
        second = asyncio.create_task(raw_updates(other, timeout=4))

        with pytest.raises(Conflict, match=r"(?i)terminated by other getupdates request"):
            await first
        await api.phone(SAM).text("for the second")
        assert len(await second) == 1


async def test_what_was_asked_for_stays_asked_for(api, bot, sam):
    await raw_updates(bot, allowed_updates=["callback_query"])

    await sam.text("not wanted")
    assert len(await raw_updates(bot)) == 1  # what was queued before still comes
    await raw_updates(bot, allowed_updates=[])
    await sam.text("wanted again")
    assert len(await raw_updates(bot)) == 2


async def test_a_tap_waits_150_seconds_and_everything_else_a_day(api, bot, sam, clock):
    prompt = await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))
    await sam.tap("This", prompt.message_id)
    await sam.text("words")

    clock.now += 151
    assert [list(update)[1] for update in await raw_updates(bot)] == ["message", "message"]
    clock.now += 24 * 3600
    assert await raw_updates(bot) == []


async def test_an_update_can_be_delivered_twice(api, bot, sam):
    words = await sam.text("once")
    updates = await raw_updates(bot)
    assert await raw_updates(bot, updates[-1]["update_id"] + 1) == []

    api.deliver_twice(words)

    assert await raw_updates(bot, updates[-1]["update_id"] + 1) == [words.update]
    assert await raw_updates(bot, updates[-1]["update_id"] + 1) == []


async def test_any_object_can_come_as_an_update(bot, sam):
    await sam.raw({"brand_new_kind": {"x": 1}})

    assert (await raw_updates(bot))[-1]["brand_new_kind"] == {"x": 1}


# The webhook


@pytest.fixture
async def receiver():
    receiver = Receiver()
    async with aiohttp.test_utils.TestServer(receiver.app) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


class Receiver:
    """A webhook that answers what it is told to."""

    def __init__(self):
        self.app = aiohttp.web.Application()
        self.app.router.add_post("/hook", self.take)
        self.got = asyncio.Queue()
        self.answers = []
        self.gates = {}

    async def take(self, request):
        update = await request.json()
        kind = next(key for key in update if key != "update_id")
        await self.got.put((update, request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        if gate := self.gates.get(kind):
            await gate.wait()
        return self.answers.pop(0) if self.answers else aiohttp.web.Response()

    async def next(self):
        return await asyncio.wait_for(self.got.get(), 3)


async def test_a_webhook_gets_updates_with_its_secret(api, bot, sam, receiver):
    await bot.set_webhook(receiver.url, secret_token="s3cret-_", allowed_updates=["message"])

    update, secret = await receiver.next()

    assert (update["message"]["text"], secret) == ("/start Ab3-xyz_9", "s3cret-_")
    await api.wait_until_acknowledged(update)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.allowed_updates) == (receiver.url, 0, ("message",))


async def test_a_refused_update_comes_again_before_the_next_of_its_chat(api, bot, sam, receiver):
    receiver.answers = [aiohttp.web.Response(status=500), aiohttp.web.Response(status=503)]
    await sam.text("second")
    await bot.set_webhook(receiver.url)

    texts = [(await receiver.next())[0]["message"]["text"] for _ in range(4)]

    assert texts == ["/start Ab3-xyz_9"] * 3 + ["second"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


async def test_a_slow_message_does_not_hold_up_a_tap_of_the_same_person(bot, sam, receiver):
    gate = receiver.gates["message"] = asyncio.Event()
    prompt = await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))
    await sam.tap("This", prompt.message_id)
    await bot.set_webhook(receiver.url)

    kinds = {next(key for key in (await receiver.next())[0] if key != "update_id") for _ in range(2)}

    assert kinds == {"message", "callback_query"}
    gate.set()


async def test_a_webhook_that_asks_for_time_gets_it(api, bot, sam, receiver):
    receiver.answers = [aiohttp.web.Response(status=503, headers={"Retry-After": "3600"})]
    await bot.set_webhook(receiver.url)
    await receiver.next()
    await api.delivery.attempts.beyond(0, 3)

    assert receiver.got.empty()
    assert (await bot.get_webhook_info()).pending_update_count == 1


async def test_the_answer_to_a_webhook_may_carry_a_method(bot, sam, receiver):
    body = {"method": "sendMessage", "chat_id": SAM, "text": "from the answer"}
    receiver.answers = [aiohttp.web.json_response(body)]
    await bot.set_webhook(receiver.url)

    await sam.wait_for("from the answer")


async def test_polling_and_a_webhook_exclude_each_other(api, bot, receiver):
    poll = asyncio.create_task(raw_updates(bot, timeout=4))
    await api.wait_for_call_begun("getUpdates")
    async with a_bot(api) as other:
        await other.set_webhook(receiver.url)

    with pytest.raises(Conflict, match=r"(?i)terminated by setwebhook request"):
        await poll
    with pytest.raises(Conflict, match=r"(?i)can.t use getupdates method while webhook is active"):
        await raw_updates(bot)
    await bot.delete_webhook()
    assert await raw_updates(bot) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"url": "ftp://x"}, "invalid webhook url specified"),
        ({"url": "http://x", "secret_token": "no spaces"}, "secret token contains unallowed characters"),
        ({"url": "http://x", "secret_token": "s" * 257}, "secret token is too long"),
    ],
)
async def test_a_bad_webhook_is_refused(bot, given, error):
    with pytest.raises(BadRequest, match=f"(?i){error}"):
        await bot.do_api_request("setWebhook", api_kwargs=given)


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


# Waiting


async def test_waiting_finds_each_message_once_and_in_any_order_within_a_turn(bot, sam):
    await bot.send_message(SAM, "By Gold Street.")
    await bot.send_message(SAM, "Add a photo?")
    assert (await sam.wait_for("Add a photo")).text == "Add a photo?"
    assert (await sam.wait_for("Gold Street")).text == "By Gold Street."

    await sam.text("no")
    waiting = asyncio.create_task(sam.wait_for("Add a photo"))
    sent = await bot.send_message(SAM, "Add a photo, please?")

    assert (await waiting).id == sent.message_id


async def test_waiting_in_vain_shows_the_chat(bot, sam):
    await bot.send_message(SAM, "What?", reply_markup=inline([("This", "this")]))

    with pytest.raises(AssertionError, match=re.escape("< What? [This]")):
        await sam.wait_for("Where?", timeout=0.01)


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


# Faults, and what python-telegram-bot makes of them (CHANNELS.md, part B)


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")  # PTB warns while it raises RetryAfter
async def test_too_many_requests(api, bot, sam):
    api.faults.too_many_requests("sendMessage", retry_after=7)
    api.faults.too_many_requests("sendMessage", retry_after=None)

    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(SAM, "hello")
    assert caught.value._retry_after == timedelta(seconds=7)
    with pytest.raises(NetworkError, match="Too Many Requests"):
        await bot.send_message(SAM, "hello")
    assert (await bot.send_message(SAM, "hello")).text == "hello"


async def test_an_html_error_of_the_web_server_before_it(api, bot, sam):
    api.faults.server_error("sendMessage", 502)

    with pytest.raises(NetworkError):
        await bot.send_message(SAM, "hello")

    assert sam.newest is None


@pytest.mark.parametrize(("after_acting", "arrived"), [(False, 0), (True, 1)])
async def test_hanging_up_before_answering(api, bot, sam, after_acting, arrived):
    api.faults.hang_up("sendMessage", after_acting=after_acting)

    with pytest.raises(NetworkError) as caught:
        await bot.send_message(SAM, "hello")

    assert type(caught.value.__cause__).__name__ in ("RemoteProtocolError", "ReadError")
    assert len([message for message in sam.messages if message.who == "bot"]) == arrived
    assert api.made("sendMessage")[0].answer is None


async def test_a_slow_answer_times_out_and_the_message_has_arrived(api, bot, sam):
    gate = api.faults.hold("sendMessage", after_acting=True)

    with pytest.raises(TimedOut):
        await bot.send_message(SAM, "hello", read_timeout=0.05)

    assert gate.reached.is_set()
    assert sam.newest.text == "hello"


async def test_a_held_call_goes_on_when_it_is_let_go(api, bot, sam):
    gate = api.faults.hold("sendMessage")
    sending = asyncio.create_task(bot.send_message(SAM, "hello"))
    await asyncio.wait_for(gate.reached.wait(), 3)
    assert sam.newest is None

    gate.release()

    assert (await sending).text == "hello"


async def test_a_refused_connection_and_its_return(api, bot, sam):
    await api.refuse()
    with pytest.raises(NetworkError) as caught:
        await bot.send_message(SAM, "hello")
    assert type(caught.value.__cause__).__name__ == "ConnectError"

    await api.accept()

    assert (await bot.send_message(SAM, "hello")).text == "hello"


async def test_a_fault_for_one_chat_leaves_the_others_alone(api, bot, sam):
    await api.phone(2).start()
    api.faults.refuse(
        "sendMessage",
        403,
        "Forbidden: user is deactivated",
        when=lambda given: given["chat_id"] == str(SAM),
    )

    assert await bot.send_message(2, "hello")
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(SAM, "hello")


async def test_odd_answers_of_a_proxy(api, bot, sam):
    api.faults.answer("sendMessage", 200, "<html>log in to the Wi-Fi</html>")
    api.faults.answer("sendMessage", 404, "<html>not here</html>")

    with pytest.raises(telegram.error.TelegramError):
        await bot.send_message(SAM, "hello")
    with pytest.raises(InvalidToken):
        await bot.send_message(SAM, "hello")


async def test_the_ledger_keeps_every_call(api, bot, sam, clock):
    await bot.send_message(SAM, "hello", disable_notification=True)

    (call,) = await api.wait_for_call("sendMessage")

    assert (call.method, call.parameters["text"], call.at, call.ok) == (
        "sendMessage",
        "hello",
        clock.now,
        True,
    )
    assert call.parameters["disable_notification"] == "true"
