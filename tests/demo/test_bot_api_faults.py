"""The stand-in's faults, and what python-telegram-bot makes of them (CHANNELS.md, part B)."""

import asyncio
from datetime import timedelta

import pytest
import telegram
from telegram.error import (
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from tests.demo.clients import SAM

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")  # raw calls are what is tested here


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
