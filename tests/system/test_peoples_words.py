"""Whatever people write arrives as they wrote it."""

import pytest

from tests.system.town import STREET, Town

HOSTILE = {
    "emoji": "rats 🐀🐀 by the bins 👩‍👩‍👧",
    "right to left": "زجاج مكسور عند الباب",
    "html": "<b>bold</b> <script>alert(1)</script> & &amp; <a href='x'>",
    "markdown": "*stars* _lines_ `ticks` [link](http://example.org) ~no~ |bar|",
    "a formula": '=HYPERLINK("http://example.org","x")',
}


def _in_the_mail(body: str) -> str:
    """The mail's text without its line ends, quotes marks and indents, which a mail may put in."""
    return "".join(body.split())


@pytest.mark.parametrize("words", HOSTILE.values(), ids=list(HOSTILE))
async def test_words_arrive_as_written_and_come_back_unharmed(town: Town, words: str) -> None:
    phone = town.member()

    await town.say(phone, words=words, then=())
    await phone.wait_until(lambda seen: seen.newest and "Send" in seen.newest.labels, 15)
    card = phone.newest
    await phone.text("Send")
    await phone.wait_for("Saved: ")
    mail = await town.mail(town.references(phone)[0], STREET)

    assert card
    assert f'"{words}"' in card.text
    assert _in_the_mail(words) in _in_the_mail(mail.body("plain"))
    assert "<script>alert" not in mail.body("html")


async def test_what_cannot_be_printed_is_left_out_and_nothing_else(town: Town) -> None:
    phone = town.member()

    reference = await town.report(phone, words="before\x00after \x07bell")
    mail = await town.mail(reference, STREET)

    assert "beforeafter bell" in mail.body("plain")
    assert b"\x00" not in mail.content


async def test_the_longest_message_arrives_whole(town: Town) -> None:
    words = " ".join(f"word{number:04d}" for number in range(455))[:4096]
    phone = town.member()

    reference = await town.report(phone, words=words)
    mail = await town.mail(reference, STREET)

    assert len(words) == 4094
    assert _in_the_mail(words) in _in_the_mail(mail.body("plain"))
    await phone.wait_for("Saved: ", 15)
    card = next(message for message in phone.messages if "word0000" in message.text and message.who == "bot")
    assert len(card.text) <= 4096


async def test_words_of_two_long_messages_are_kept_together(town: Town) -> None:
    phone = town.member()

    reference = await town.report(phone, words="a" * 4000, then=("b" * 4000, "Send"))

    assert town.value("SELECT words FROM report WHERE reference = ?", reference) == f"{'a' * 4000}\n{'b' * 4000}"
