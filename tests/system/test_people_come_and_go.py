"""Blocking, limits, groups, and phones that may not report any more."""

from bot.demo.phone import Phone
from storage import members
from tests.system.town import PERSON, STREET, Town, until
from tests.system.wording import said

ADDRESS = f"telegram:{PERSON}"


def _from_a_group(phone: Phone, words: str) -> dict[str, object]:
    return {
        "message": {
            "message_id": 7, "from": phone.chat.user, "date": 1_795_000_000, "text": words,
            "chat": {"id": -1001234567890, "title": "Shop team", "type": "supergroup"},
        }
    }  # fmt: skip


async def test_somebody_who_blocked_the_bot_is_not_written_to_until_they_return(town: Town) -> None:
    phone = town.member()
    await phone.text("/report")
    await phone.wait_for("What have you seen?")

    await phone.block()
    await until(lambda: town.value("SELECT blocked_at FROM person"), "blocked")
    before = len(town.api.made("sendMessage"))
    town.age_draft(minutes=31)
    await until(lambda: town.value("SELECT count(*) FROM outbox WHERE kind = 'timer' AND state = 'sent'"))
    await phone.unblock()
    await until(lambda: not town.value("SELECT blocked_at FROM person"), "back")
    during = len(town.api.made("sendMessage")) - before
    await phone.text("/help")
    await phone.wait_for(said("help-bid"))

    assert during == 0
    assert not any(said("nudge") in message.text for message in phone.messages)


async def test_a_403_marks_the_person_and_takes_back_what_waits_for_them(town: Town) -> None:
    phone = town.member()
    town.api.faults.refuse("sendMessage", 403, "Forbidden: bot was blocked by the user")

    for words in ("/report", "Graffiti", "Market Square"):
        await phone.text(words)
    await until(lambda: town.value("SELECT blocked_at FROM person"), "marked")
    await town.all_settled("telegram")
    tries = len(town.api.made("sendMessage"))
    await phone.text("No photo")
    await phone.wait_for("Anything that helps")

    assert tries == 1
    assert town.value("SELECT count(*) FROM outbox WHERE state = 'cancelled' AND kind = 'telegram'") >= 1
    assert town.value("SELECT blocked_at FROM person") is None


async def test_a_429_is_obeyed_and_the_message_comes_once(town: Town) -> None:
    town.api.faults.too_many_requests("sendMessage", 2)
    phone = town.member()

    await phone.text("/report")
    refused = (await town.api.wait_for_call("sendMessage"))[0]
    await phone.wait_for("What have you seen?", 10)
    sent = town.api.made("sendMessage")

    assert len(sent) == 2
    assert sent[1].at - refused.at >= 2
    assert sum("What have you seen?" in message.text for message in phone.messages) == 1


async def test_a_group_is_told_once_and_left(town: Town) -> None:
    phone = town.member()

    await phone.raw(_from_a_group(phone, "/report"))
    await phone.raw(_from_a_group(phone, "graffiti at the market"))
    await town.api.wait_for_call("leaveChat")
    marker = await phone.text("/help")
    await town.api.wait_until_acknowledged(marker)

    told = town.api.made("sendMessage", lambda given: given.get("chat_id") == "-1001234567890")
    assert len(told) == 1
    assert said("private-chat-only") in told[0].parameters["text"]
    assert len(town.api.made("leaveChat")) == 1
    assert town.value("SELECT count(*) FROM person WHERE address LIKE '%-100%'") == 0


async def test_updates_of_unknown_kinds_do_nothing(town: Town) -> None:
    phone = town.member()

    await phone.raw({"brand_new_kind": {"x": 1}})
    await phone.raw({"channel_post": {"message_id": 7, "chat": {"id": -1009, "type": "channel"}, "date": 1}})
    await phone.raw({"poll": {"id": "1"}})
    asked = await phone.text("/report")
    await phone.wait_for("What have you seen?")
    await town.api.wait_until_acknowledged(asked)

    assert town.value("SELECT count(*) FROM dead_letter") == 0
    assert len([message for message in phone.messages if message.who == "bot"]) == 1


async def test_a_sticker_is_answered_with_the_question_that_is_open(town: Town) -> None:
    phone = town.member()
    await phone.text("/report")
    await phone.wait_for("What have you seen?")

    await phone.sticker()
    answer = await phone.wait_for(said("unreadable"))

    assert "What have you seen?" in answer.text


async def test_a_phone_that_the_bid_removed_cannot_report(town: Town) -> None:
    phone = town.member()
    await town.say(phone, then=())
    await until(lambda: town.rows("SELECT 1 FROM person"))
    with town.transaction() as tx:
        assert members.remove_member(tx, town.value("SELECT id FROM member"), by="test")

    await phone.text("Send")
    await phone.wait_for(said("stranger"), 15)

    assert town.value("SELECT count(*) FROM report") == 0
    assert town.mailbox.to(STREET) == []


async def test_a_strangers_words_are_not_kept(town: Town) -> None:
    town.add_shop()
    phone = town.stranger()

    await phone.text("a man with a red coat at number nine")
    answer = await phone.wait_for(said("stranger"))

    assert "In danger? Call 999" in answer.text
    for table in ("person", "outbox", "seen", "dead_letter"):
        assert "red coat" not in str(town.rows(f"SELECT * FROM {table}")), table
