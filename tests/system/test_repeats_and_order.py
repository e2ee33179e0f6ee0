"""What comes twice, late or all at once is answered once and in order."""

import asyncio

from tests.system.town import STREET, Town, until
from tests.system.wording import said

QUESTION = "What have you seen?"


def _count(town: Town, query: str) -> int:
    return int(town.value(query))


async def test_an_update_that_comes_three_times_is_answered_once(town: Town) -> None:
    phone = town.member()
    asked = await phone.text("/report")
    await phone.wait_for(QUESTION)

    town.api.deliver_twice(asked)
    town.api.deliver_twice(asked)
    await phone.text("/privacy")
    await phone.wait_for(said("privacy-requests"))

    assert sum(QUESTION in message.text for message in phone.messages) == 1


async def test_words_that_come_three_times_stand_in_the_report_once(town: Town) -> None:
    phone = town.member()
    await town.say(phone, words=None, answer=None, then=())
    words = await phone.text("red tag")
    await town.api.wait_until_acknowledged(words)

    town.api.deliver_twice(words)
    town.api.deliver_twice(words)
    await phone.text("No")
    await phone.text("Send")
    await town.filed(phone)

    assert town.value("SELECT words FROM report") == "red tag"


async def test_a_send_that_comes_three_times_files_one_report(town: Town) -> None:
    phone = town.member()
    await town.say(phone, then=())
    sent = await phone.text("Send")
    await until(lambda: town.references(phone))

    town.api.deliver_twice(sent)
    town.api.deliver_twice(sent)
    marker = await phone.text("/help")
    await town.api.wait_until_acknowledged(marker)

    assert len(town.references(phone)) == 1


async def test_two_taps_on_send_within_a_second_file_one_report(town: Town) -> None:
    phone = town.member()
    await town.say(phone, then=())
    card = await phone.wait_until(
        lambda seen: seen.newest if seen.newest and "Send" in seen.newest.labels else None, 15
    )
    data = next(button.data for row in card.buttons for button in row if button.text == "Send")
    assert data

    for tap in await asyncio.gather(phone.press(data, card), phone.press(data, card)):
        await town.api.wait_until_acknowledged(tap.update)
    await phone.wait_for("Saved: ")

    assert len(town.references(phone)) == 1
    assert sum("Saved: " in message.text for message in phone.messages) == 1
    assert len(await town.mails(town.references(phone)[0], STREET)) == 1


async def test_two_quick_taps_on_a_question_are_one_answer(town: Town) -> None:
    phone = town.member()
    await phone.text("/report")
    question = await phone.wait_for(QUESTION)
    data = next(button.data for row in question.buttons for button in row if button.text == "Graffiti")
    assert data

    await phone.press(data, question)
    await phone.press(data, question)
    await phone.wait_for("Where is it?")
    await phone.text("Market Square")
    await phone.wait_for("Add a photo?")

    assert not any(said("old-button") in message.text for message in phone.messages)


async def test_a_tap_on_yesterdays_keyboard_changes_nothing_and_says_where_things_stand(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone)
    draft = town.value("SELECT draft FROM report")
    await phone.wait_for("Saved: ", 15)
    await phone.text("/report")
    await phone.wait_for(QUESTION)

    await phone.press(f"{draft}:card:discard", 1)
    await phone.wait_for(QUESTION)
    await phone.press("zzzzz:category:begging", 1)
    await phone.wait_for(QUESTION)

    assert town.references(phone) == [reference]
    assert town.value("SELECT category FROM report") == "graffiti"


async def test_two_messages_of_one_second_keep_their_order(town: Town) -> None:
    phone = town.member()

    reference = await town.report(phone, words="first half", then=("second half", "Send"))

    assert town.value("SELECT words FROM report") == "first half\nsecond half"
    words = (await town.mail(reference, STREET)).body("plain")
    assert words.index("first half") < words.index("second half")


async def test_fifty_people_at_once_all_get_their_report_filed(town: Town) -> None:
    people = [town.member(800_000_000 + number) for number in range(50)]

    await asyncio.gather(*(town.say(phone, words=f"seen by {phone.chat.id}") for phone in people))
    await until(lambda: _count(town, "SELECT count(*) FROM report") == 50, "fifty reports", 30)
    mails = await town.mailbox.wait_for(STREET, 50, 30)

    assert len(mails) == 50
    for phone in people:
        assert sum(f"seen by {phone.chat.id}" in mail.body("plain") for mail in mails) == 1
