"""The phone as a test sees it: waiting for words."""

import asyncio
import re

import pytest

from tests.demo.clients import SAM, inline

pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")  # raw calls are what is tested here


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
