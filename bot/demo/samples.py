"""Things to send from a demo phone: photos drawn here, and a voice note of silence."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE = (1600, 1200)

_GPS = 0x8825
_MAKE, _TAKEN_AT, _EXIF = 0x010F, 0x9003, 0x8769


@dataclass(frozen=True)
class Sample:
    """A photo that the demo can send."""

    id: str
    title: str
    draw: Callable[[ImageDraw.ImageDraw], None]

    def jpeg(self, place: tuple[float, float] | None = None) -> bytes:
        """The picture; with a place it carries the EXIF block of a phone's camera."""
        picture = Image.new("RGB", SIZE, "#b9c4cc")
        self.draw(ImageDraw.Draw(picture))
        out = io.BytesIO()
        if place is None:
            picture.save(out, "JPEG", quality=88)
        else:
            picture.save(out, "JPEG", quality=88, exif=_camera_block(*place))
        return out.getvalue()


def _street(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle([0, 0, 1600, 900], fill="#c9b8a4")
    for row in range(9):
        for brick in range(-1, 11):
            left = brick * 160 + (80 if row % 2 else 0)
            draw.rectangle(
                [left, row * 100, left + 154, row * 100 + 94],
                fill="#b08968" if (brick + row) % 3 else "#a57f5f",
            )
    draw.rectangle([0, 900, 1600, 1200], fill="#8d8f92")
    for slab in range(0, 1600, 200):
        draw.line([slab, 900, slab - 120, 1200], fill="#7b7d80", width=5)


def _shutter(draw: ImageDraw.ImageDraw) -> None:
    _street(draw)
    draw.rectangle([300, 180, 1300, 900], fill="#8a9299")
    for slat in range(180, 900, 36):
        draw.line([300, slat, 1300, slat], fill="#6f777e", width=8)
    tag = [(420, 640), (520, 360), (600, 640), (700, 340), (760, 620), (880, 380), (900, 640), (1040, 360)]
    draw.line([*tag, (1180, 560)], fill="#c1121f", width=38, joint="curve")
    draw.line([(400, 720), (1200, 690)], fill="#c1121f", width=30)


def _bags(draw: ImageDraw.ImageDraw) -> None:
    _street(draw)
    for left, top, width, height in [(420, 690, 330, 360), (690, 740, 300, 330), (930, 670, 340, 390)]:
        draw.ellipse([left, top, left + width, top + height], fill="#2b2d31")
        draw.polygon(
            [
                (left + width // 2 - 40, top + 24),
                (left + width // 2, top - 60),
                (left + width // 2 + 44, top + 24),
            ],
            fill="#2b2d31",
        )
        draw.arc(
            [left + 40, top + 40, left + width - 80, top + height - 60], 190, 260, fill="#54585f", width=14
        )
    draw.rectangle([1260, 840, 1420, 1040], fill="#c49a6c", outline="#9c7748", width=6)


def _window(draw: ImageDraw.ImageDraw) -> None:
    _street(draw)
    draw.rectangle([380, 160, 1220, 880], fill="#3c4a57", outline="#e8e4da", width=30)
    centre = (840, 470)
    for end in [(410, 200), (600, 860), (1190, 260), (1180, 820), (800, 190), (430, 640), (1000, 850)]:
        draw.line([centre, end], fill="#dfe8ef", width=6)
    draw.polygon([(800, 380), (890, 420), (930, 510), (850, 560), (770, 500)], fill="#11161b")


def _doorway(draw: ImageDraw.ImageDraw) -> None:
    _street(draw)
    draw.rectangle([520, 140, 1080, 920], fill="#4b3f38")
    draw.rectangle([560, 180, 1040, 900], fill="#5d4c42")
    draw.rectangle([460, 930, 1140, 1010], fill="#52796f")
    draw.ellipse([430, 900, 640, 1030], fill="#84a98c")
    draw.rectangle([1160, 900, 1250, 1020], fill="#d9ae6b")


SAMPLES = (
    Sample("shutter", "Red tag on a shutter", _shutter),
    Sample("bags", "Bags dumped on the pavement", _bags),
    Sample("window", "Broken shop window", _window),
    Sample("doorway", "Bedding in a doorway", _doorway),
)


def sample(name: str) -> Sample:
    """The sample of that id."""
    return next(one for one in SAMPLES if one.id == name)


def _camera_block(lat: float, lon: float) -> Image.Exif:
    block = Image.Exif()
    block[_MAKE] = "NTARS demo camera"
    block.get_ifd(_EXIF)[_TAKEN_AT] = "2026:11:24 10:31:00"
    gps = block.get_ifd(_GPS)
    gps[1], gps[2] = ("N" if lat >= 0 else "S"), _degrees(lat)
    gps[3], gps[4] = ("E" if lon >= 0 else "W"), _degrees(lon)
    return block


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(abs(value) * 3600, 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, round(seconds, 3)


_SILENCE = b"\xf8\xff\xfe"  # one Opus frame, 20 ms
_SERIAL = 0x4E54


def voice_note(seconds: int = 3) -> bytes:
    """An Ogg Opus file of silence, as short as a voice note can be while players still play it."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 5) + b"NTARS" + struct.pack("<I", 0)
    pages = [_page(0, 0, 2, [head]), _page(1, 0, 0, [tags])]
    for second in range(seconds):
        last = 4 if second == seconds - 1 else 0
        pages.append(_page(second + 2, (second + 1) * 48_000, last, [_SILENCE] * 50))
    return b"".join(pages)


def _page(number: int, position: int, flags: int, packets: list[bytes]) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    start = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, _SERIAL, number, 0)
    page = bytearray(start + bytes([len(sizes)]) + sizes + b"".join(packets))
    page[22:26] = struct.pack("<I", _checksum(page))
    return bytes(page)


def _checksum(page: bytes | bytearray) -> int:
    """Ogg's CRC-32: the usual polynomial, but not reflected."""
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = ((checksum << 1) ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return checksum
