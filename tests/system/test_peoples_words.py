"""Whatever people write arrives as they wrote it."""

import asyncio

from bot.demo.phone import Phone
from tests.system.town import STREET, Town, until

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


async def _there_and_back(town: Town, phone: Phone, words: str) -> None:
    await town.say(phone, words=words, then=())
    card = await phone.wait_until(
        lambda seen: seen.newest if seen.newest and "Send" in seen.newest.labels else None, 15
    )
    await phone.text("Send")
    reference = await until(lambda: next(iter(town.references(phone)), None))
    mail = await town.mail(reference, STREET)

    assert f'"{words}"' in card.text
    assert _in_the_mail(words) in _in_the_mail(mail.body("plain"))
    assert "<script>alert" not in mail.body("html")


async def test_words_arrive_as_written_and_come_back_unharmed(town: Town) -> None:
    """Each from a person of its own, all at once: every chat has a pace."""
    people = [town.member(800_000_000 + number) for number in range(len(HOSTILE))]

    await asyncio.gather(*(_there_and_back(town, *one) for one in zip(people, HOSTILE.values(), strict=True)))


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


async def test_the_card_shows_the_beginning_of_the_longest_message(town: Town) -> None:
    phone = town.member()

    await town.say(phone, words="long " * 800, then=())
    card = await phone.wait_until(
        lambda seen: seen.newest if seen.newest and "Send" in seen.newest.labels else None, 15
    )

    assert '"long long' in card.text
    assert len(card.text) <= 4096


async def test_words_of_two_long_messages_are_kept_together(town: Town) -> None:
    phone = town.member()

    reference = await town.report(phone, words="a" * 4000, then=("b" * 4000, "Send"))

    assert (
        town.value("SELECT words FROM report WHERE reference = ?", reference) == f"{'a' * 4000}\n{'b' * 4000}"
    )
