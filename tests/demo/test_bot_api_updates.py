"""What phones do, compared with recorded updates, and how the bot is told: getUpdates and webhook."""

import asyncio
import io
import re

import aiohttp
import aiohttp.test_utils
import aiohttp.web
import pytest
import telegram
from PIL import Image
from telegram.error import (
    BadRequest,
    Conflict,
)

from tests.demo.clients import SAM, a_bot, a_picture, inline, raw_updates
from tests.recorded_updates import FX

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")  # raw calls are what is tested here
OPTIONAL = {"file_size", "reply_markup", "entities", "horizontal_accuracy", "username"}


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
    made["document_heic"] = (await sam.document(b"heic", "IMG_0042.HEIC", "image/heic")).update
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

    for kind, update in made.items():
        assert_same_shape(update, FX[kind], kind)


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
