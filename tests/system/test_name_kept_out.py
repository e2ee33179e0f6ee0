"""A shop that is not to be named stands in no byte of any mail."""

import pytest

from tests.system.town import (
    ASB,
    PARTNERSHIP,
    SHOP_ADDRESS,
    SHOP_POSTCODE,
    STREET,
    Town,
    a_picture,
    everything_in,
    until,
)
from tests.system.wording import label

SECRETS = [
    "abbey",
    "books",
    "12 abington",
    SHOP_POSTCODE.lower(),
    "496 1234",
    "4961234",
    "52.2376",
    "-0.8955",
]


async def _nameless(town: Town, place: str) -> str:
    phone = town.member()
    await town.say(phone, place=place, photo=a_picture(), words="red tag", then=(label("card-change"),))
    await phone.text(label("change-name_out"))
    await phone.text("Send")
    return await town.filed(phone)


def _check(town: Town, reference: str) -> None:
    for recipient in (STREET, ASB, PARTNERSHIP):
        for mail in town.mailbox.to(recipient):
            assert reference in mail.subject
            everything = everything_in(mail).lower()
            for secret in SECRETS:
                assert secret.encode() not in everything, (recipient, secret)


async def test_at_our_shop_becomes_the_town_centre_where_few_are_on_the_street(town: Town) -> None:
    reference = await _nameless(town, "At our shop")

    mail = await town.mail(reference, STREET)
    await town.all_settled()

    assert "Northampton town centre" in mail.subject
    assert "Abington" not in mail.content.decode()
    _check(town, reference)


async def test_at_our_shop_becomes_its_street_where_three_are_on_it(town: Town) -> None:
    town.add_shop("Tea Room", "40 Abington Street", "NN1 2AN")
    town.add_shop("Shoes", "51a Abington Street", "NN1 2AP")

    reference = await _nameless(town, "At our shop")
    mail = await town.mail(reference, STREET)
    await town.all_settled()

    assert "Abington Street" in mail.subject
    assert "a member business in Abington Street" in mail.body("plain")
    _check(town, reference)


async def test_a_place_elsewhere_stays_and_says_nothing_of_the_shop(town: Town) -> None:
    reference = await _nameless(town, "Market Square")

    mail = await town.mail(reference, STREET)
    await town.all_settled()

    assert "Market Square" in mail.subject
    assert "a member business in the town centre" in mail.body("plain")
    _check(town, reference)


async def test_words_with_the_shops_name_are_asked_about_and_taken_out(town: Town) -> None:
    phone = town.member()
    words = "drunk man outside Abbey Books, 12 Abington Street"
    await town.say(phone, kind="Street drinking", words=words, answer="1", then=())
    asked = await phone.wait_for('Your words say "Abbey Books"', 20)
    labels = asked.labels
    await phone.text(label("shopwords-out"))
    await phone.text("Send")
    reference = await town.filed(phone)
    mail = await town.mail(reference, ASB)

    assert labels == [label("shopwords-out"), label("shopwords-leave")]
    assert "drunk man outside our shop" in mail.body("plain")
    assert SHOP_ADDRESS in mail.body("plain")  # named as the reporter, though not in the words


@pytest.mark.parametrize("later", ["sent:add", "sent:back"])
async def test_later_mails_of_the_thread_keep_the_secret(town: Town, later: str) -> None:
    reference = await _nameless(town, "At our shop")
    await town.mail(reference, STREET)
    await town.all_settled()
    phone = town.stranger()

    await town.press(phone, f"{reference}:{later}")
    if later == "sent:add":
        await phone.text("one more tag")
    await town.mail(reference, STREET, 2)
    await until(lambda: len(town.mailbox.messages) == 6)

    _check(town, reference)
