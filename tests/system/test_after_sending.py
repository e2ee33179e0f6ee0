"""A report that is sent: corrected, added to, edited, taken back, and what arrives late."""

from bot.demo.phone import Phone
from tests.system.town import (
    ASB,
    OUTREACH,
    PARTNERSHIP,
    STREET,
    Town,
    a_picture,
    everything_in,
    until,
)
from tests.system.wording import said

ROUTE = (STREET, ASB, PARTNERSHIP)


def _pictures(mail: object) -> int:
    names = {part.get_filename() for part in mail.message.walk() if part.get_content_type() == "image/jpeg"}  # type: ignore[attr-defined]
    return len({name for name in names if name})


async def _change_kind(town: Town, phone: Phone, reference: str, kind: str, *answers: str) -> None:
    await town.press(phone, f"{reference}:sent:kind")
    for line in (kind, *answers, "Send"):
        await phone.text(line)


async def test_a_changed_kind_is_told_to_who_stays_who_is_new_and_who_is_off(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone)
    for recipient in ROUTE:
        await town.mail(reference, recipient)
    await town.all_settled()

    await _change_kind(town, phone, reference, "Someone sleeping rough", "There now")
    stays = await town.mail(reference, ASB, 2)
    new = await town.mail(reference, OUTREACH)
    dropped = [await town.mail(reference, recipient, 2) for recipient in (STREET, PARTNERSHIP)]
    told = await phone.wait_for(said("kind-changed"), 20)

    assert "Correction" in stays.body("plain")
    assert stays.message["In-Reply-To"] == town.mailbox.to(ASB)[0].message["Message-ID"]
    assert "Rough sleeping" in new.subject
    for mail in dropped:
        assert f"Please delete {reference}" in mail.body("plain")
        assert "ough sleeping" not in mail.content.decode()
    assert "someone sleeping rough" in told.text.casefold()


async def test_a_kind_changed_before_the_mail_left_is_one_mail_to_whom_it_concerns(town: Town) -> None:
    await town.mailbox.stop()
    phone = town.member()
    reference = await town.report(phone)

    await _change_kind(town, phone, reference, "Someone sleeping rough", "There now")
    await until(lambda: town.value("SELECT category FROM report") == "sleeping_rough")
    await town.mailbox.start()
    await town.mail(reference, OUTREACH, timeout=20)
    await town.mail(reference, ASB, timeout=20)
    await town.all_settled(timeout=20)

    assert len(town.mailbox.messages) == 2
    assert all("Rough sleeping" in mail.subject for mail in town.mailbox.messages)


async def test_taken_back_before_the_mail_left_nobody_ever_hears_of_it(town: Town) -> None:
    await town.mailbox.stop()
    phone = town.member()
    reference = await town.report(phone)

    await town.press(phone, f"{reference}:sent:back")
    await until(lambda: town.value("SELECT withdrawn_at FROM report"))
    await town.mailbox.start()
    await town.all_settled(timeout=20)

    assert town.mailbox.messages == []


async def test_taken_back_after_the_mail_erases_words_and_photos_and_tells_who_has_it(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone, photo=a_picture(), words="a tag that says zebra")
    for recipient in ROUTE:
        await town.mail(reference, recipient)
    await town.all_settled()
    file = town.folder / "photos" / town.value("SELECT name FROM photo")
    assert file.exists()
    await phone.wait_for("Saved: ", 20)

    await town.press(phone, f"{reference}:sent:back")
    mails = [await town.mail(reference, recipient, 2) for recipient in ROUTE]
    await until(lambda: not file.exists(), "the photo's bytes are gone")
    await phone.wait_for("Taken back.", 20)

    for mail in mails:
        assert "taken back" in mail.body("plain").casefold()
        assert b"zebra" not in everything_in(mail)
    assert town.rows("SELECT words, status FROM report") == [("", "cancelled")]
    for (table,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        assert "zebra" not in str(town.rows(f"SELECT * FROM {table}")), table


async def test_taken_back_twice_is_said_once(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone)
    await town.mail(reference, STREET)
    await town.all_settled()

    await town.press(phone, f"{reference}:sent:back")
    await town.press(phone, f"{reference}:sent:back")
    await town.mail(reference, STREET, 2)
    await town.all_settled()

    assert len(town.mailbox.to(STREET)) == 2


async def test_words_added_later_follow_in_the_thread(town: Town) -> None:
    phone = town.member()
    reference = await town.report(phone)
    first = await town.mail(reference, STREET)
    await town.all_settled()

    await town.press(phone, f"{reference}:sent:add")
    await phone.text("the tag is on the next door too")
    later = await town.mail(reference, STREET, 2)
    await phone.wait_for(said("added"), 20)

    assert "the tag is on the next door too" in later.body("plain")
    assert later.message["In-Reply-To"] == first.message["Message-ID"]


async def test_a_message_edited_after_sending_is_added_to_the_report(town: Town) -> None:
    phone = town.member()
    await phone.text("/report")
    await phone.text("Graffiti")
    await phone.text("Market Square")
    await phone.text("No photo")
    words = await phone.text("red tag")
    await phone.text("No")
    await phone.text("Send")
    reference = await town.filed(phone)
    await town.mail(reference, STREET)
    await town.all_settled()

    await phone.edit(words, "red tag, two metres wide")
    later = await town.mail(reference, STREET, 2)

    assert "red tag, two metres wide" in later.body("plain")
    assert town.value("SELECT words FROM report") == "red tag\nred tag, two metres wide"
    assert town.value("SELECT count(*) FROM report_event WHERE what = 'words_changed'") == 1


async def test_an_album_is_answered_once_and_all_its_photos_are_in_the_mail(town: Town) -> None:
    phone = town.member()
    await phone.album([a_picture(colour) for colour in ("red", "green", "blue")], caption="graffiti")
    await phone.wait_for("Looks like")
    answers = [message for message in phone.messages if message.who == "bot"]
    for line in ("Graffiti", "Market Square", "No", "Send"):
        await phone.text(line)
    mail = await town.mail(await town.filed(phone), STREET)

    assert len(answers) == 1
    assert _pictures(mail) == 3


async def test_a_straggler_of_an_album_joins_the_report_that_is_sent(town: Town) -> None:
    phone = town.member()
    album = await phone.album([a_picture("red"), a_picture("green")], caption="graffiti")
    for line in ("Graffiti", "Market Square", "No", "Send"):
        await phone.text(line)
    reference = await town.filed(phone)
    await town.mail(reference, STREET)
    await town.all_settled()

    straggler = dict(album[0].payload) | {
        "message_id": 999_999,
        "photo": town.api.cloud.files.keep_photo(a_picture("blue")),
    }
    straggler.pop("caption")
    await phone.raw({"message": straggler})
    await until(lambda: town.value("SELECT count(*) FROM photo WHERE state = 'kept'") == 3)
    town.hurry()
    later = await town.mail(reference, STREET, 2)

    assert _pictures(later) == 1
    assert town.value("SELECT count(*) FROM photo WHERE report_id IS NOT NULL") == 3
    assert not any("New report" in message.labels for message in phone.messages)


async def test_a_slow_photo_holds_the_mail_back_and_no_longer(town: Town) -> None:
    phone = town.member()
    hold = town.api.faults.hold("getFile")
    reference = await town.report(phone, photo=a_picture())
    await hold.reached.wait()
    waiting = town.value("SELECT count(*) FROM outbox WHERE kind = 'email' AND state = 'due'")
    early = list(town.mailbox.messages)

    hold.release()
    mail = await town.mail(reference, STREET)

    assert waiting == 3
    assert early == []
    assert _pictures(mail) == 1


async def test_a_photo_that_is_later_than_two_minutes_follows(town: Town) -> None:
    phone = town.member()
    hold = town.api.faults.hold("getFile")
    reference = await town.report(phone, photo=a_picture())
    await hold.reached.wait()

    town.hurry()  # as after two minutes
    first = await town.mail(reference, STREET)
    await town.all_settled()
    hold.release()
    await until(lambda: town.value("SELECT count(*) FROM outbox WHERE dedupe LIKE '%:photos:%'") == 3)
    town.hurry()
    later = await town.mail(reference, STREET, 2)

    assert _pictures(first) == 0
    assert "photos_to_follow: 1" in first.body("plain")
    assert _pictures(later) == 1
    assert later.message["In-Reply-To"] == first.message["Message-ID"]
