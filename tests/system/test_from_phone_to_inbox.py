"""The whole line: what a person does on the phone, and what lands in the inboxes."""

from email.message import Message

from bot.demo.mailbox import Received
from tests.system.town import (
    ASB,
    FIRST_NAME,
    OUTREACH,
    PARTNERSHIP,
    PERSON,
    SHOP,
    STREET,
    USERNAME,
    Town,
    a_picture,
    everything_in,
    reference_in,
    until,
)


def _pictures(mail: Received) -> list[Message]:
    return [part for part in mail.message.walk() if part.get_content_type() == "image/jpeg"]


async def test_a_guided_report_with_pin_and_photo_reaches_its_owner_and_all_copies(town: Town) -> None:
    phone = await town.join()
    await phone.tap("Report now")
    await phone.wait_for("In danger? Call 999")
    await phone.tap("Graffiti")
    await phone.wait_for("Where is it?")
    await phone.pin(52.23679, -0.89906, accuracy=12)
    await phone.wait_for("By Gold Street.")
    await phone.wait_for("Add a photo?")
    await phone.photo(a_picture())
    await phone.wait_for("Anything that helps find or fix it?")
    await phone.text("red tag on the shutter, came up overnight")
    await phone.wait_for("Is it offensive or hateful?")
    await phone.tap("No")
    card = await phone.wait_for("by Gold Street")
    await phone.tap("Send")
    saved = await phone.wait_for("Saved: ")

    reference = reference_in(saved)
    assert "1 photo" in card.text
    assert "the Business Crime Partnership" in saved.text
    for recipient in (STREET, ASB, PARTNERSHIP):
        mail = await town.mail(reference, recipient)
        assert len(_pictures(mail)) >= 1, recipient
        assert "red tag on the shutter, came up overnight" in mail.body("plain")
        assert SHOP in mail.body("plain")
    assert town.mailbox.to(OUTREACH) == []


async def test_no_mail_names_the_person(town: Town) -> None:
    phone = town.member()

    reference = await town.report(phone, photo=a_picture())

    for recipient in (STREET, ASB, PARTNERSHIP):
        bytes_ = everything_in(await town.mail(reference, recipient))
        for secret in (FIRST_NAME, USERNAME, str(PERSON), "telegram:"):
            assert secret.encode() not in bytes_, (recipient, secret)


async def test_reports_says_delivered_only_once_the_owners_server_took_it(town: Town) -> None:
    town.mailbox.faults.reply("RCPT", "451 4.3.0 Try again", address=STREET, times=None)
    phone = town.member()
    reference = await town.report(phone)
    await town.mail(reference, ASB)
    await until(lambda: town.value("SELECT 1 FROM outbox WHERE error LIKE '451%'"), "refusal noted")

    await phone.wait_for("Saved: ", 10)
    await phone.text("/reports")
    before = await phone.wait_for(reference)
    town.mailbox.faults.clear()
    town.hurry()
    await town.mail(reference, STREET)
    await until(
        lambda: town.value("SELECT 1 FROM delivery WHERE address = ? AND state = 'accepted'", STREET),
        "the street team's server took it",
    )
    await phone.text("/reports")
    after = await phone.wait_for(reference)

    assert "on its way" in before.text
    assert "delivered" in after.text


async def test_the_shortest_report_takes_five_actions(town: Town) -> None:
    phone = town.member()
    before = len(town.api.updates)

    await phone.photo(a_picture(), caption="bags dumped by the market again, rats")
    await phone.wait_for("Looks like")
    await phone.tap("Dumped rubbish")
    await phone.wait_for("Where? Near Market Square?")
    await phone.tap("Market Square")
    await phone.wait_for("How much is it?")
    await phone.tap("Car boot")
    card = await phone.wait_for("a car boot full")
    await phone.tap("Send")
    reference = reference_in(await phone.wait_for("Saved: "))

    mail = await town.mail(reference, STREET)
    assert len(town.api.updates) - before == 5
    assert "Market Square" in card.text
    assert "bags dumped by the market again, rats" in mail.body("plain")
    assert len(_pictures(mail)) >= 1
