"""A message that cannot be handled is kept, and costs nobody else anything."""

import json

from tests.system.town import BID, STREET, Town, until
from tests.system.wording import said

BROKEN = {"message": {"message_id": 1}}


async def test_a_broken_update_spoils_none_of_its_batch(town: Town) -> None:
    before, after = town.member(800_000_001), town.member(800_000_002)
    hold = town.api.faults.hold("getUpdates")
    await before.text("/help")
    await hold.reached.wait()

    await town.say(before)
    await before.raw(BROKEN)
    await town.say(after)
    hold.release()
    await until(lambda: town.references(before) and town.references(after))

    kept = town.rows("SELECT channel, body FROM dead_letter")
    assert [channel for channel, _ in kept] == ["telegram"]
    assert json.loads(kept[0][1])["message"] == BROKEN["message"]


async def test_a_conversation_that_cannot_be_read_is_kept_as_a_dead_letter_and_the_person_is_told(
    town: Town,
) -> None:
    unlucky, neighbour = town.member(800_000_001), town.member(800_000_002)
    await unlucky.text("/report")
    await unlucky.wait_for("What have you seen?")
    town.change("UPDATE person SET state = 'not even JSON' WHERE address = 'telegram:800000001'")

    await unlucky.text("graffiti on the wall")
    await town.say(neighbour)
    told = await unlucky.wait_for(said("something-broke"))
    reference = await until(lambda: next(iter(town.references(neighbour)), None))

    letter = town.rows("SELECT body, error, replayed_at FROM dead_letter")
    assert "kept" in told.text
    assert len(letter) == 1
    assert "graffiti on the wall" in letter[0][0]
    assert letter[0][1]
    assert letter[0][2] is None
    assert len(await town.mails(reference, STREET)) == 1


async def test_the_bid_hears_of_broken_messages_once_a_day(town: Town) -> None:
    unlucky = town.member()
    await unlucky.text("/report")
    await unlucky.wait_for("What have you seen?")
    town.change("UPDATE person SET state = 'not even JSON'")

    await unlucky.text("one")
    await unlucky.text("two")
    await until(lambda: town.value("SELECT count(*) FROM dead_letter") == 2)
    await town.mailbox.wait_for(BID)
    await town.all_settled()

    mails = town.mailbox.to(BID)
    assert len(mails) == 1
    assert "ntars replay" in mails[0].body("plain")
    assert b"graffiti" not in mails[0].content


async def test_a_dead_letter_can_be_replayed_once_the_fault_is_mended(town: Town) -> None:
    unlucky = town.member()
    await unlucky.text("/report")
    await unlucky.wait_for("What have you seen?")
    good = town.value("SELECT state FROM person")
    town.change("UPDATE person SET state = 'not even JSON'")
    await unlucky.text("Graffiti")
    await unlucky.wait_for(said("something-broke"))
    town.change("UPDATE person SET state = ?", good)

    told = await town.ntars("replay", "--all")
    await unlucky.wait_for("Where is it?")

    assert "taken in" in told
    assert town.value("SELECT count(*) FROM dead_letter WHERE replayed_at IS NULL") == 0


async def test_a_replayed_message_is_taken_in_once_however_often_it_is_replayed(town: Town) -> None:
    unlucky = town.member()
    await town.say(unlucky, then=())
    await until(lambda: '"answer":"no"' in (town.value("SELECT state FROM person") or ""))
    good = town.value("SELECT state FROM person")
    town.change("UPDATE person SET state = 'not even JSON'")
    sent = await unlucky.text("Send")
    await town.api.wait_until_acknowledged(sent)
    town.change("UPDATE person SET state = ?", good)

    await town.ntars("replay", "--all")
    again = await town.ntars("replay", "--all")

    assert len(town.references(unlucky)) == 1
    assert "Nothing waits" in again
