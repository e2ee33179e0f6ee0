"""Files that cannot be kept are refused kindly; the report goes on without them."""

import struct
import zlib

import pytest

from bot.demo.phone import Phone
from tests.system.town import STREET, Town, a_picture


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


@pytest.mark.parametrize(
    ("send", "answer"),
    [(_big, "over 20 MB"), (_no_picture, "isn't a picture I can open"), (_bombed, "too large to open")],
    ids=["a file of 25 MB", "no picture", "a bomb"],
)
async def test_a_file_that_cannot_be_kept_is_refused_and_the_report_goes_on(
    town: Town, send: object, answer: str
) -> None:
    phone = town.member()
    for words in ("/report", "Graffiti", "Market Square"):
        await phone.text(words)
    await phone.wait_for("Add a photo?")

    await send(phone)  # type: ignore[operator]
    refusal = await phone.wait_for(answer, 10)
    asked = await phone.wait_until(
        lambda seen: seen.newest if seen.newest and seen.newest.labels else None
    )
    await phone.text("No photo")
    for words in ("red tag", "No", "Send"):
        await phone.text(words)
    await phone.wait_for("Saved: ", 15)
    mail = await town.mail(town.references(phone)[0], STREET)

    assert "No photo" in refusal.labels + asked.labels
    assert not [part for part in mail.message.walk() if part.get_content_type() == "image/jpeg"]
    assert "photos: 0" in mail.body("plain")
    assert "photos_to_follow: 0" in mail.body("plain")


async def test_a_bad_picture_beside_a_good_one_costs_only_itself(town: Town) -> None:
    phone = town.member()
    for words in ("/report", "Graffiti", "Market Square"):
        await phone.text(words)
    await phone.photo(a_picture())
    await _no_picture(phone)
    for words in ("red tag", "No", "Send"):
        await phone.text(words)

    await phone.wait_for("isn't a picture", 20)
    await phone.wait_for("Saved: ", 20)
    mail = await town.mail(town.references(phone)[0], STREET)

    assert "photos: 1" in mail.body("plain")
    assert "photos_to_follow: 0" in mail.body("plain")
