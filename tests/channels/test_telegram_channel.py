"""Sending, downloading and the small courtesies, against a Bot API that really listens."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram import setup
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.verdicts import verdict
from bot.demo.bot_api import BotApi
from bot.demo.cloud import Tap
from conversations.says import Option, Say, say
from conversations.wording import bundle, label_of
from dispatch.pictures import TooBig
from dispatch.transport import GiveUp, InDoubt, Transport, TryLater
from tests.channels.telegram_world import Pauses, a_row

QUESTION = say("words-ask", Option("d1:words:skip", "Skip"))
SAM = 700100200

Answer = tuple[int, Any]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        for number in range(SAM, SAM + 5):
            await running.phone(number).start()
        yield running


class References:
    """Which message an earlier row became."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        self.names: list[str] = []

    async def __call__(self, reference: str) -> tuple[str, str] | None:
        number = self.numbers.get(reference)
        return (number, a_row(QUESTION).payload) if number else None

    async def named(self, name: str) -> None:
        self.names.append(name)


@pytest.fixture
def references() -> References:
    return References()


@pytest.fixture
async def channel(api: BotApi, references: References) -> AsyncIterator[TelegramChannel]:
    opened = TelegramChannel(api.token, api.url + "/", references, clock=lambda: 0.0, pause=Pauses())
    yield opened
    await opened.close()


# Sending


async def test_a_row_becomes_a_message_with_a_receipt(api: BotApi, channel: TelegramChannel) -> None:
    receipt = await channel.send(a_row(QUESTION))

    shown = api.phone(SAM).newest
    assert shown
    assert shown.text == "Anything that helps find or fix it?"
    assert shown.labels == ["Skip"]
    assert receipt.provider_id == str(shown.id)


async def test_what_people_wrote_is_sent_as_they_wrote_it(api: BotApi, channel: TelegramChannel) -> None:
    words = "<b>left</b> & *ran* _off_ [to](http://x.example)"

    await channel.send(a_row(say("card-words", words=words)))

    (call,) = api.made("sendMessage")
    assert "parse_mode" not in call.parameters
    assert call.parameters["text"] == f'"{words}"'


async def test_a_silent_message_makes_no_sound(api: BotApi, channel: TelegramChannel) -> None:
    await channel.send(a_row(Say(text=QUESTION.text, silent=True)))

    shown = api.phone(SAM).newest
    assert shown
    assert shown.silent


async def test_the_question_just_answered_loses_its_buttons(
    api: BotApi, channel: TelegramChannel, references: References
) -> None:
    first = await channel.send(a_row(QUESTION))
    references.numbers["q1"] = first.provider_id or ""

    await channel.send(a_row(say("photo-got"), also_edit="q1"))
    await channel.settled()

    question = next(one for one in api.phone(SAM).messages if str(one.id) == first.provider_id)
    assert question.labels == []
    assert [call.method for call in api.calls] == ["sendMessage", "sendMessage", "editMessageReplyMarkup"]


async def test_the_question_just_answered_shows_the_button_that_was_pressed(
    api: BotApi, channel: TelegramChannel, references: References
) -> None:
    first = await channel.send(a_row(QUESTION))
    references.numbers["q1"] = first.provider_id or ""
    pressed = QUESTION.options[0]

    await channel.send(a_row(say("photo-got"), also_edit="q1", chosen=pressed.data))
    await channel.settled()

    question = next(one for one in api.phone(SAM).messages if str(one.id) == first.provider_id)
    assert question.labels == []
    assert question.text.endswith(f"\n✓ {label_of(pressed.label, 'en')}")


@pytest.mark.parametrize("number", [None, "999999", "no number"])
async def test_an_edit_that_cannot_be_made_harms_nothing(
    api: BotApi, channel: TelegramChannel, references: References, number: str | None
) -> None:
    if number:
        references.numbers["q1"] = number

    receipt = await channel.send(a_row(QUESTION, also_edit="q1"))
    await channel.settled()

    assert receipt.provider_id


@pytest.mark.parametrize("lane", ["x", "", "12:3"])
async def test_a_row_with_no_telegram_address_is_given_up(channel: TelegramChannel, lane: str) -> None:
    with pytest.raises(GiveUp):
        await channel.send(a_row(QUESTION, chat=lane))


async def test_a_row_that_holds_no_turn_is_given_up(channel: TelegramChannel) -> None:
    row = a_row(QUESTION)
    object.__setattr__(row, "payload", "{}")

    with pytest.raises(GiveUp):
        await channel.send(row)


async def test_a_blocked_bot_finds_the_address_dead(api: BotApi, channel: TelegramChannel) -> None:
    api.phone(SAM).chat.blocked = True

    with pytest.raises(GiveUp) as refusal:
        await channel.send(a_row(QUESTION))

    assert refusal.value.address_dead


async def test_a_chat_that_nobody_knows_is_dead(channel: TelegramChannel) -> None:
    with pytest.raises(GiveUp) as refusal:
        await channel.send(a_row(QUESTION, chat=42))

    assert refusal.value.address_dead


# The table of verdicts, answer by answer


def refused(status: int, words: str, **parameters: Any) -> Answer:
    body = {"ok": False, "error_code": status, "description": words}
    return status, {**body, "parameters": parameters} if parameters else body


TABLE: list[tuple[str, Answer, type[Exception], dict[str, Any]]] = [
    ("429", refused(429, "Too Many Requests: retry after 7", retry_after=7), TryLater,
     {"after": timedelta(seconds=7), "whole_kind": False}),
    ("429 without a time", refused(429, "Too Many Requests"), TryLater, {"after": timedelta(seconds=5)}),
    ("403 blocked", refused(403, "Forbidden: bot was blocked by the user"), GiveUp, {"address_dead": True}),
    ("403 gone", refused(403, "Forbidden: user is deactivated"), GiveUp, {"address_dead": True}),
    ("400 no chat", refused(400, "Bad Request: chat not found"), GiveUp, {"address_dead": True}),
    ("400", refused(400, "Bad Request: BUTTON_DATA_INVALID"), GiveUp,
     {"address_dead": False, "reason": "Button_data_invalid"}),
    ("400 migrated", refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100), GiveUp,
     {"address_dead": False}),
    ("401", refused(401, "Unauthorized"), TryLater, {"whole_kind": True, "after": timedelta(seconds=60)}),
    ("404 of a proxy", (404, "<html>Not Found</html>"), TryLater, {"whole_kind": True}),
    ("409", refused(409, "Conflict: terminated by other getUpdates request"), TryLater,
     {"after": timedelta(seconds=10), "whole_kind": False}),
    ("413", (413, "<html>Request Entity Too Large</html>"), GiveUp, {"address_dead": False}),
    ("413 in JSON", refused(413, "Request Entity Too Large"), GiveUp, {"address_dead": False}),
    ("500", refused(500, "Internal Server Error"), InDoubt, {}),
    ("502", (502, "<html>Bad Gateway</html>"), InDoubt, {}),
    ("200 that is no JSON", (200, "<html>all is well</html>"), InDoubt, {}),
    ("200 without a result", (200, {"ok": False}), InDoubt, {}),
    ("200 with an odd result", (200, {"ok": True, "result": {"message_id": 1}}), InDoubt, {}),
    ("200 with true", (200, {"ok": True, "result": True}), InDoubt, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind", "says"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
async def test_each_answer_has_its_verdict(
    api: BotApi, channel: TelegramChannel, answer: Answer, kind: type[Exception], says: dict[str, Any]
) -> None:
    api.faults.answer("sendMessage", *answer)

    with pytest.raises(kind) as refusal:
        await channel.send(a_row(QUESTION))

    assert {name: getattr(refusal.value, name) for name in says} == says
    assert "<html>" not in str(refusal.value)


async def test_a_dropped_connection_leaves_it_in_doubt(api: BotApi, channel: TelegramChannel) -> None:
    api.faults.hang_up("sendMessage", after_acting=True)

    with pytest.raises(InDoubt):
        await channel.send(a_row(QUESTION))


async def test_nobody_listening_is_a_fault_of_the_kind(api: BotApi, channel: TelegramChannel) -> None:
    await api.refuse()

    with pytest.raises(TryLater) as refusal:
        await channel.send(a_row(QUESTION))

    assert refusal.value.whole_kind


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (httpx.ReadTimeout("late"), InDoubt),
        (httpx.WriteTimeout("late"), InDoubt),
        (httpx.ConnectTimeout("late"), TryLater),
        (httpx.ConnectError("no such name"), TryLater),
    ],
)
@pytest.mark.parametrize("error", [TimedOut, NetworkError])
def test_a_time_out_is_in_doubt_unless_there_was_no_connection(
    error: type[NetworkError], cause: Exception, expected: type[Exception]
) -> None:
    broken = error("late")
    broken.__cause__ = cause

    found = verdict(broken)

    assert isinstance(found, expected)
    assert getattr(found, "whole_kind", True)


def test_a_full_pool_is_no_fault_of_the_kind() -> None:
    found = verdict(TimedOut("Pool timeout: ... Request was *not* sent to Telegram."))

    assert isinstance(found, TryLater)
    assert not found.whole_kind


async def test_three_chats_refused_in_a_row_pause_the_kind(api: BotApi, channel: TelegramChannel) -> None:
    api.faults.too_many_requests("sendMessage", 3, times=4)

    pauses = [await _limit(channel, chat) for chat in (SAM, SAM, SAM + 1, SAM + 2)]

    assert [one.whole_kind for one in pauses] == [False, False, False, True]


async def test_one_chat_served_between_ends_the_row(api: BotApi, channel: TelegramChannel) -> None:
    for _ in range(3):
        api.faults.too_many_requests("sendMessage", 3, times=2)
        pauses = [await _limit(channel, chat) for chat in (SAM, SAM + 1)]
        api.faults.clear()
        await channel.send(a_row(QUESTION, chat=SAM + 2))

        assert not any(one.whole_kind for one in pauses)


async def _limit(channel: TelegramChannel, chat: int) -> TryLater:
    with pytest.raises(TryLater) as refusal:
        await channel.send(a_row(QUESTION, chat=chat))
    assert refusal.value.after == timedelta(seconds=3)
    return refusal.value


async def test_our_own_pace_waits_a_second_and_gives_back_what_takes_longer(
    api: BotApi, references: References
) -> None:
    pauses = Pauses()
    channel = TelegramChannel(api.token, api.url, references, clock=lambda: 0.0, pause=pauses)

    for _ in range(4):
        await channel.send(a_row(QUESTION))
    with pytest.raises(TryLater) as refusal:
        await channel.send(a_row(QUESTION))
    await channel.close()

    assert pauses.seconds == [1]
    assert refusal.value.after == timedelta(seconds=2)
    assert len(api.made("sendMessage")) == 4


# Downloads


async def test_a_photo_is_downloaded(api: BotApi, channel: TelegramChannel) -> None:
    stored = api.cloud.files.keep("document", b"bytes" * 1000, mime="image/jpeg", name="a b.jpg")

    assert await channel.download(stored.file_id) == b"bytes" * 1000


async def test_a_file_over_twenty_megabytes_is_too_big(api: BotApi, channel: TelegramChannel) -> None:
    stored = api.cloud.files.keep("document", b"x", mime="image/jpeg", size=20 * 2**20 + 1)

    with pytest.raises(TooBig):
        await channel.download(stored.file_id)


async def test_a_handle_that_nobody_knows_is_gone(channel: TelegramChannel) -> None:
    with pytest.raises(GiveUp):
        await channel.download("AgACnobody")


@pytest.mark.parametrize("answer", [(502, "<html>"), (200, {"ok": False}), (200, {"ok": True, "result": {}})])
async def test_a_download_that_breaks_off_is_tried_later(
    api: BotApi, channel: TelegramChannel, answer: Answer
) -> None:
    api.faults.answer("getFile", *answer)

    with pytest.raises(TryLater):
        await channel.download("AgAC")


Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def lying_server(serve_file: Serve) -> tuple[web.AppRunner, str]:
    """A Bot API that names a small file and then serves whatever `serve_file` does."""

    async def get_file(request: web.Request) -> web.Response:
        result = {"file_id": "a", "file_unique_id": "b", "file_size": 10, "file_path": "photos/a.jpg"}
        return web.json_response({"ok": True, "result": result})

    app = web.Application()
    app.router.add_post("/bot1:T/getFile", get_file)
    app.router.add_get("/file/bot1:T/photos/a.jpg", serve_file)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    return runner, f"http://{host}:{port}"


async def test_a_file_that_grows_while_it_comes_is_stopped(references: References) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 2**20)
        except ConnectionResetError:
            return answer

    runner, url = await lying_server(endless)
    channel = TelegramChannel("1:T", url, references)

    with pytest.raises(TooBig):
        await channel.download("a")

    await channel.close()
    await runner.cleanup()


@pytest.mark.parametrize("status", [404, 429, 500])
async def test_a_link_that_does_not_work_is_tried_later(references: References, status: int) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    runner, url = await lying_server(refuse)
    channel = TelegramChannel("1:T", url, references)

    with pytest.raises(TryLater) as refusal:
        await channel.download("a")

    await channel.close()
    await runner.cleanup()
    assert "1:T" not in str(refusal.value)


# Courtesies


async def test_a_tap_is_answered_once_and_an_old_one_harms_nothing(
    api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(a_row(QUESTION))
    tap = await api.phone(SAM).tap("Skip")
    assert isinstance(tap, Tap)

    await channel.answer_tap(tap.id)
    await channel.answer_tap(tap.id)
    await channel.answer_tap("never was")

    assert tap.answered


@pytest.mark.parametrize("answer", [(200, {"ok": False}), (200, "<html>"), (502, "<html>"), (200, {})])
async def test_courtesies_survive_any_answer(api: BotApi, channel: TelegramChannel, answer: Answer) -> None:
    api.faults.answer("*", *answer, times=None)

    await channel.answer_tap("1")
    await channel.leave(-5)

    assert [call.method for call in api.calls] == ["answerCallbackQuery", "sendMessage", "leaveChat"]


async def test_courtesies_survive_a_dead_network_and_a_closed_channel(
    api: BotApi, channel: TelegramChannel
) -> None:
    await api.refuse()
    await channel.answer_tap("1")
    await channel.close()

    await channel.answer_tap("1")
    await channel.leave(-5)

    assert api.calls == []


async def test_a_group_is_told_once_and_left(api: BotApi, channel: TelegramChannel) -> None:
    await channel.leave(-100123)
    await channel.leave(-100123)

    assert [call.method for call in api.calls] == ["sendMessage", "leaveChat"]


async def test_preparing_learns_the_name_and_puts_up_the_menu(
    api: BotApi, channel: TelegramChannel, references: References
) -> None:
    await channel.prepare(references.named)

    assert references.names == [api.username]
    assert channel.bot_id == api.token.partition(":")[0]
    for key in ("commands all_private_chats", "commands all_private_chats en"):
        names = [command["command"] for command in api.cloud.settings[key]]
        assert names == ["report", "reports", "help", "privacy", "discard"]
    assert api.cloud.settings["menu button"] == {"type": "commands"}


async def test_preparing_tries_until_telegram_is_there(api: BotApi, references: References) -> None:
    pauses = Pauses()
    channel = TelegramChannel(api.token, api.url, references, pause=pauses)
    api.faults.server_error("getMe", times=3)
    api.faults.answer("getMe", 200, {"ok": False})
    api.faults.answer("setMyCommands", 200, "<html>login</html>")

    await channel.prepare(references.named)
    await channel.close()

    assert len(pauses.seconds) == 5
    assert references.names == [api.username]


def test_the_channel_is_a_transport(channel: TelegramChannel) -> None:
    transport: Transport = channel

    assert transport


def test_the_words_of_the_menu_are_in_the_locale_file() -> None:
    keys = [*(f"command-{name}" for name in setup.COMMANDS), "private-chat-only"]

    assert [key for key in keys if not bundle("en").has_message(key)] == []


def test_the_menu_fits_telegram() -> None:
    assert all(1 <= len(command.description) <= 256 for command in setup.menu("en"))


async def test_neither_token_nor_words_reach_the_logs(
    api: BotApi, channel: TelegramChannel, references: References, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api.faults.answer("sendMessage", 200, "<html>red tag on the shutter</html>")

    with pytest.raises(InDoubt):
        await channel.send(a_row(say("card-words", words="red tag on the shutter")))
    await channel.prepare(references.named)
    await channel.answer_tap("1")

    logged = caplog.text
    assert api.token not in logged
    assert "shutter" not in logged
