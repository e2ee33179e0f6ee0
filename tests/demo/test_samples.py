"""What the demo's phones can send."""

import io
import struct
import zlib

import pytest
from PIL import Image

from bot.demo import samples

GPS = 0x8825


@pytest.mark.parametrize("one", samples.SAMPLES, ids=lambda one: one.id)
def test_a_sample_is_a_plain_jpeg(one):
    picture = Image.open(io.BytesIO(one.jpeg()))

    assert (picture.format, picture.size) == ("JPEG", samples.SIZE)
    assert not picture.getexif()


def test_a_sample_sent_as_a_file_carries_the_cameras_place_and_time():
    picture = Image.open(io.BytesIO(samples.sample("bags").jpeg((52.23735, -0.8947))))

    gps = picture.getexif().get_ifd(GPS)
    degrees, minutes, seconds = map(float, gps[2])
    assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(52.23735, abs=1e-5)
    assert (gps[1], gps[3]) == ("N", "W")
    assert picture.getexif().get_ifd(0x8769)[0x9003].startswith("2026:11:24")


def test_a_voice_note_is_an_ogg_stream_whose_pages_are_sound():
    note = samples.voice_note(2)

    pages = note.split(b"OggS")[1:]
    assert len(pages) == 4
    assert b"OpusHead" in pages[0]
    for page in pages:
        whole = bytearray(b"OggS" + page)
        (written,) = struct.unpack("<I", whole[22:26])
        whole[22:26] = bytes(4)
        assert written == reflected_crc(whole)
    assert pages[-1][1] == 4  # the flag of the last page


def reflected_crc(page):
    """The same sum by another way: zlib's CRC on mirrored bits, without its two inversions."""
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in page)
    start = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{start:032b}"[::-1], 2)
