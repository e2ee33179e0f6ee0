"""Files that cannot be kept are refused kindly; the report goes on without them."""

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable

from bot.demo.phone import Phone
from tests.system.town import STREET, Town, a_picture, until
from tests.system.wording import said


def _bomb() -> bytes:
    """A PNG of a few hundred bytes that claims to be 60,000 pixels wide and high."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


async def _big(phone: Phone) -> None:
    await phone.document(b"\xff\xd8\xff", "big.jpg", "image/jpeg", size=25 * 2**20)


async def _no_picture(phone: Phone) -> None:
    await phone.document(b"just words, called a picture", "words.jpg", "image/jpeg")


async def _bombed(phone: Phone) -> None:
    await phone.document(_bomb(), "bomb.png", "image/png")


async def _refused(town: Town, phone: Phone, send: Callable[[Phone], Awaitable[None]], answer: str) -> None:
    for words in ("/report", "Graffiti", "Market Square"):
        await phone.text(words)
    await phone.wait_for("Add a photo?")

    await send(phone)
    refusal = await phone.wait_for(answer, 10)
    labels = refusal.labels
    for words in ("No photo", "red tag", "No", "Send"):
        await phone.text(words)
    reference = await until(lambda: next(iter(town.references(phone)), None))
    mail = await town.mail(reference, STREET)

    assert labels == ["No photo"]
    assert not [part for part in mail.message.walk() if part.get_content_type() == "image/jpeg"]
    assert "photos: 0" in mail.body("plain")
    assert "photos_to_follow: 0" in mail.body("plain")


async def test_a_file_that_cannot_be_kept_is_refused_and_the_report_goes_on(town: Town) -> None:
    """All at once, because each chat has a pace of its own: 25 MB, no picture, a bomb."""
    cases = [
        (_big, said("fetch-too-big")),
        (_no_picture, said("fetch-not-a-picture")),
        (_bombed, said("fetch-bomb")),
    ]
    people = [town.member(800_000_000 + number) for number in range(len(cases))]

    await asyncio.gather(
        *(_refused(town, phone, send, answer) for phone, (send, answer) in zip(people, cases, strict=True))
    )


async def test_a_bad_picture_beside_a_good_one_costs_only_itself(town: Town) -> None:
    phone = town.member()
    for words in ("/report", "Graffiti", "Market Square"):
        await phone.text(words)
    await phone.photo(a_picture())
    await _no_picture(phone)
    for words in ("red tag", "No", "Send"):
        await phone.text(words)

    await phone.wait_for(said("fetch-not-a-picture"), 20)
    reference = await until(lambda: next(iter(town.references(phone)), None))
    mail = await town.mail(reference, STREET)

    assert "photos: 1" in mail.body("plain")
    assert "photos_to_follow: 0" in mail.body("plain")
