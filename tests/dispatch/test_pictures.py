import base64
import hashlib
import io
import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dispatch.pictures import (
    MAX_JPEG,
    MAX_RECEIVED,
    MAX_SIDE,
    NotAPicture,
    Picture,
    Refusal,
    TooBig,
    TooManyPixels,
    clean,
)

# Pillow warns of the garbage that these tests feed it, and goes on.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

LONDON = ZoneInfo("Europe/London")

# 64 x 48, left half blue, right half red, with orientation 6, a place and a time.
# Made with pillow-heif: pi-heif only decodes.
HEIC = base64.b64decode(
    """
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
    ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAEQAAgAAAAACMAABAAAAAAAAANwAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA
    AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA
    kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq
    5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh
    cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA
    AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAShtZGF0AAAAQCgBr1jm9Oq///MwPkfsdp/8jc/V/+Kr6/9ROuv8
    YSVpX20a3jnVS0ADmfJApW/cZBIIz3jdbo0/RVXDYdgsNqgAAAAGRXhpZgAATU0AKgAAAAgAAwESAAMAAAABAAYAAIdpAAQAAAAB
    AAAAMoglAAQAAAABAAAAbAAAAAAAApADAAIAAAAUAAAAUJARAAIAAAAHAAAAZAAAAAAyMDI2OjExOjI0IDEwOjMxOjAwACswMDow
    MAAAAAQAAQACAAAAAk4AAAAAAgAFAAAAAwAAAKIAAwACAAAAAlcAAAAABAAFAAAAAwAAALoAAAAAAAAANAAAAAEAAAAOAAAAAQAA
    AA8AAAABAAAAAAAAAAEAAAA1AAAAAQAAACoAAAAB
    """
)


def a_picture(
    form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **saving: Any
) -> bytes:
    """Left third blue, the rest red."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, 0, size[0] // 3, size[1]))
    out = io.BytesIO()
    picture.convert(mode).save(out, form, **saving)
    return out.getvalue()


def exif(
    *,
    gps: dict[int, Any] | None = None,
    orientation: int | None = None,
    at: str | None = None,
    offset: str | None = None,
) -> Image.Exif:
    block = Image.Exif()
    if orientation:
        block[0x0112] = orientation
    if gps:
        block[0x8825] = gps
    block[0x8769] = {tag: text for tag, text in ((0x9003, at), (0x9011, offset)) if text is not None}
    return block


def gps(lat: Any, lon: Any, north: str = "N", east: str = "E") -> dict[int, Any]:
    return {1: north, 2: lat, 3: east, 4: lon}


def cleaned(received: bytes) -> Picture:
    return clean(received, zone=LONDON)


def shown(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.jpeg))


def colour(picture: Picture, x: float, y: float) -> str:
    pixel = shown(picture).getpixel((int(x * (picture.width - 1)), int(y * (picture.height - 1))))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > 180 and pixel[2] < 80 else "blue" if pixel[2] > 180 and pixel[0] < 80 else "?"


def segments(jpeg: bytes) -> Iterator[int]:
    """The markers up to the pixels."""
    at = 2
    while jpeg[at + 1] != 0xDA:
        yield jpeg[at + 1]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])


# What is kept


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_becomes_a_jpeg_with_the_facts_of_what_was_received(form: str) -> None:
    received = a_picture(form)

    picture = cleaned(received)

    assert (picture.width, picture.height, picture.received_format) == (60, 40, form)
    assert shown(picture).format == "JPEG"
    assert shown(picture).mode == "RGB"
    assert picture.received_size == len(received)
    assert picture.received_sha256 == hashlib.sha256(received).hexdigest()
    assert picture.sha256 == hashlib.sha256(picture.jpeg).hexdigest()
    assert (colour(picture, 0.1, 0.5), colour(picture, 0.9, 0.5)) == ("blue", "red")


def test_an_iphones_heic_is_upright_and_keeps_its_place_and_time() -> None:
    picture = cleaned(HEIC)

    assert (picture.width, picture.height, picture.received_format) == (48, 64, "HEIF")
    assert (colour(picture, 0.5, 0.1), colour(picture, 0.5, 0.9)) == ("blue", "red")
    assert picture.exif_at == datetime(2026, 11, 24, 10, 31, tzinfo=UTC)
    assert picture.exif_point == pytest.approx((52.2375, -0.895))


@pytest.mark.parametrize("form", ["JPEG", "AVIF"])
@pytest.mark.parametrize(
    ("orientation", "blue_at"),
    [
        (1, (0.1, 0.5)),
        (2, (0.9, 0.5)),
        (3, (0.9, 0.5)),
        (4, (0.1, 0.5)),
        (5, (0.5, 0.1)),
        (6, (0.5, 0.1)),
        (7, (0.5, 0.9)),
        (8, (0.5, 0.9)),
    ],
)
def test_a_picture_is_turned_as_its_exif_says(
    form: str, orientation: int, blue_at: tuple[float, float]
) -> None:
    picture = cleaned(a_picture(form, exif=exif(orientation=orientation)))

    assert (picture.width, picture.height) == ((60, 40) if orientation < 5 else (40, 60))
    assert colour(picture, *blue_at) == "blue"
    assert colour(picture, 1 - blue_at[0], 1 - blue_at[1]) == "red"


def test_a_large_picture_is_at_most_2000_pixels_on_its_longer_side() -> None:
    wide, tall = cleaned(a_picture(size=(4032, 3024))), cleaned(a_picture("PNG", size=(300, 4100)))

    assert (wide.width, wide.height) == (2000, 1500)
    assert (tall.width, tall.height) == (146, 2000)


def test_a_small_picture_is_not_blown_up() -> None:
    assert (cleaned(a_picture(size=(1, 1))).width, cleaned(a_picture(size=(1999, 3))).width) == (1, 1999)


@pytest.mark.parametrize("mode", ["RGB", "1"])  # noise of all colours; black and white, the worst for a JPEG
def test_even_noise_stays_below_two_megabytes(mode: str) -> None:
    noise = Image.frombytes(mode, (MAX_SIDE, MAX_SIDE), os.urandom(MAX_SIDE * MAX_SIDE * 3))
    out = io.BytesIO()
    noise.save(out, "PNG", compress_level=0)

    picture = cleaned(out.getvalue())

    assert len(picture.jpeg) <= MAX_JPEG
    assert shown(picture).size == (picture.width, picture.height)


def test_nothing_but_pixels_is_left() -> None:
    block = exif(at="2026:11:24 10:31:00", gps=gps((52, 14, 15), (0, 53, 42), east="W"))
    block[0x010E] = "SECRET description"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    received = a_picture(
        exif=block, xmp=b"<x:xmpmeta>SECRET xmp</x:xmpmeta>", icc_profile=profile, comment=b"SECRET comment"
    )
    iptc = b"Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x12\x1c\x02\x78\0\x0dSECRET caption"
    thumbnail = b"JFXX\0\x10" + b"SECRET thumbnail"
    for marker, body in ((0xED, iptc), (0xE0, thumbnail)):
        received = received[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + received[2:]
    received += b"SECRET after the end"
    assert received.count(b"SECRET") == 6

    picture = cleaned(received)

    assert picture.exif_point == pytest.approx((52.2375, -0.895))
    assert set(segments(picture.jpeg)) == {
        0xE0,
        0xDB,
        0xC0,
        0xC4,
    }  # JFIF, tables, size: no APP1, APP2, APP13, COM
    assert picture.jpeg.count(b"\xff\xe0") == 1
    assert picture.jpeg.endswith(b"\xff\xd9")
    for trace in (b"SECRET", b"Exif", b"http:", b"ICC", b"8BIM", b"GPS", b"2026"):
        assert trace not in picture.jpeg


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_nothing_is_left_of_another_formats_metadata_either(form: str) -> None:
    block = exif(gps=gps((52, 14, 15), (0, 53, 42), east="W"))
    block[0x010E] = "SECRET description"

    picture = cleaned(a_picture(form, exif=block, xmp=b"SECRET xmp"))

    assert picture.exif_point == pytest.approx((52.2375, -0.895))
    assert b"SECRET" not in picture.jpeg
    assert b"Exif" not in picture.jpeg


def test_transparency_becomes_white_and_shows_nothing_hidden() -> None:
    hidden = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    palette = hidden.convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    for picture in (hidden, hidden.convert("LA"), palette):
        out = io.BytesIO()
        picture.save(out, "PNG")

        assert shown(cleaned(out.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    out = io.BytesIO()
    Image.new("I;16", (10, 10), 40_000).save(out, "PNG")

    assert shown(cleaned(out.getvalue())).getpixel((5, 5)) == (156, 156, 156)


def test_a_printers_jpeg_in_cmyk_is_kept_as_rgb() -> None:
    picture = cleaned(a_picture(mode="CMYK"))

    assert colour(picture, 0.9, 0.5) == "red"


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (30, 20), name) for name in ("blue", "red", "red")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    assert colour(cleaned(out.getvalue()), 0.5, 0.5) == "blue"


def test_a_phones_jpeg_with_a_second_picture_inside_is_a_jpeg() -> None:
    out = io.BytesIO()
    picture = Image.new("RGB", (30, 20), "blue")
    picture.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (30, 20), "red")])

    kept = cleaned(out.getvalue())

    assert kept.received_format == "JPEG"
    assert colour(kept, 0.5, 0.5) == "blue"


def test_a_picture_with_an_archive_behind_it_is_only_a_picture() -> None:
    assert b"PK\x03\x04" not in cleaned(a_picture() + b"PK\x03\x04 and the rest of an archive").jpeg


def test_many_threads_get_the_same_result() -> None:
    received = a_picture(size=(900, 700), exif=exif(orientation=6))

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(cleaned, [received] * 32))

    assert results == {cleaned(received)}


# What is refused


def a_png_of(width: int, height: int) -> bytes:
    """A valid, tiny PNG that unfolds to width x height black pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = zlib.compress(bytes(1 + (width + 7) // 8) * height, 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (12_000, 12_000), (50_001, 1_000)])
@pytest.mark.parametrize("heed", ["error", "ignore"])
def test_a_bomb_is_refused_whatever_becomes_of_pillows_warning(width: int, height: int, heed: Any) -> None:
    bomb = a_png_of(width, height)
    assert len(bomb) < 50_000

    with warnings.catch_warnings():
        warnings.simplefilter(heed)
        with pytest.raises(TooManyPixels) as refusal:
            cleaned(bomb)

    assert refusal.value.why == "bomb"


def test_a_48_megapixel_picture_is_no_bomb() -> None:
    assert cleaned(a_png_of(8_000, 6_000)).width == 2000


def test_more_bytes_than_telegram_hands_out_are_refused_unread() -> None:
    with pytest.raises(TooBig) as refusal:
        cleaned(a_picture() + bytes(MAX_RECEIVED))

    assert refusal.value.why == "too_big"


NOT_PICTURES = {
    "nothing": b"",
    "zeros": bytes(5000),
    "words": b"a drunk man by the market",
    "a bare gif header": b"GIF89a",
    "a gif": a_picture("GIF"),
    "a tiff": a_picture("TIFF"),
    "a bmp": a_picture("BMP"),
    "an icon": a_picture("ICO"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a pdf": b"%PDF-1.7\n1 0 obj",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html after a jpeg's first bytes": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "a png that promises 2 GB": b"\x89PNG\r\n\x1a\n\x7f\xff\xff\xffIHDR",
    "an empty heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "an empty avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
    "an empty webp": b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0",
    "a video": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100),
}


@pytest.mark.parametrize("received", NOT_PICTURES.values(), ids=NOT_PICTURES.keys())
def test_what_is_no_picture_by_its_content_is_refused(received: bytes) -> None:
    with pytest.raises(NotAPicture) as refusal:
        cleaned(received)

    assert refusal.value.why == "not_a_picture"


WHOLE = {form: a_picture(form, (200, 150)) for form in ("JPEG", "PNG", "WEBP", "AVIF")} | {"HEIF": HEIC}


@pytest.mark.parametrize("received", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9])
def test_a_truncated_picture_is_refused(received: bytes, kept: float) -> None:
    with pytest.raises(NotAPicture):
        cleaned(received[: int(len(received) * kept)])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_bytes_raise_anything_but_a_refusal(data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from([*WHOLE.values(), JPEG_WITH_EXIF])))
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(broken) - 1), st.integers(0, 255)), max_size=12)
    ):
        broken[at] = value
    end = data.draw(st.integers(0, len(broken)) | st.none())
    try:
        picture = cleaned(bytes(broken[:end]) + data.draw(st.binary(max_size=20)))
    except Refusal as refusal:
        event(refusal.why)
    else:
        assert max(picture.width, picture.height) <= MAX_SIDE


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF    WEBPVP8X", b"\0\0\0 ftypheic"]
    ),
    st.binary(max_size=300),
)
def test_no_garbage_raises_anything_but_a_refusal(magic: bytes, garbage: bytes) -> None:
    with pytest.raises(Refusal):
        cleaned(magic + garbage)


# What the EXIF block says


@pytest.mark.parametrize(
    ("at", "offset", "expected"),
    [
        ("2026:11:24 10:31:00", None, datetime(2026, 11, 24, 10, 31, tzinfo=UTC)),
        ("2026:07:24 10:31:00", None, datetime(2026, 7, 24, 9, 31, tzinfo=UTC)),
        ("2026:07:24 10:31:00", "+01:00", datetime(2026, 7, 24, 9, 31, tzinfo=UTC)),
        ("2026:07:24 10:31:00", "-03:30", datetime(2026, 7, 24, 14, 1, tzinfo=UTC)),
        ("2026:07:24 10:31:00", "soon", datetime(2026, 7, 24, 9, 31, tzinfo=UTC)),
        ("2026:07:24 10:31:00", "+99:99", datetime(2026, 7, 24, 9, 31, tzinfo=UTC)),
        ("0000:00:00 00:00:00", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("9999:12:31 23:59:59", "-14:00", None),
        ("yesterday", None, None),
        ("    :  :     :  :  ", None, None),
    ],
)
def test_the_time_is_aware_and_uses_the_offset_where_there_is_one(
    at: str, offset: str | None, expected: datetime | None
) -> None:
    picture = cleaned(a_picture(exif=exif(at=at, offset=offset)))

    assert picture.exif_at == expected
    assert picture.exif_at is None or picture.exif_at.tzinfo is not None


def test_the_zone_is_the_one_that_is_passed() -> None:
    received = a_picture(exif=exif(at="2026:11:24 10:31:00"))

    picture = clean(received, zone=timezone(timedelta(hours=5)))

    assert picture.exif_at == datetime(2026, 11, 24, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (gps((52.0, 14.0, 15.0), (0.0, 53.0, 42.0), east="W"), (52.2375, -0.895)),
        (gps((33.0, 51.0, 0.0), (151.0, 12.0, 0.0), north="S"), (-33.85, 151.2)),
        (gps((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), None),
        (gps((91.0, 0.0, 0.0), (0.0, 53.0, 42.0)), None),
        (gps((52.0, 0.0, 0.0), (181.0, 0.0, 0.0)), None),
        (gps((52.0, 14.0), (0.0, 53.0, 42.0)), None),
        (gps(52.0, 0.9), None),
        ({1: "N", 2: (52.0, 14.0, 15.0)}, None),
        ({1: "N"}, None),
    ],
)
def test_the_place_is_taken_only_when_it_can_be_one(
    block: dict[int, Any], expected: tuple[float, float] | None
) -> None:
    point = cleaned(a_picture(exif=exif(gps=block))).exif_point

    assert point == (None if expected is None else pytest.approx(expected))


def test_a_picture_whose_exif_is_garbage_is_kept_without_it() -> None:
    for garbage in (
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0" + bytes(range(256)),
        b"Exif\0\0MM",
    ):
        picture = cleaned(a_picture(exif=garbage))

        assert (picture.width, picture.height, picture.exif_at, picture.exif_point) == (60, 40, None, None)


def test_a_place_of_nought_over_nought_is_none() -> None:
    whole = a_picture(exif=exif(gps=gps((52.0, 14.0, 15.0), (0.0, 53.0, 42.0))))
    assert whole.count(fifty_two := struct.pack(">II", 52, 1)) == 1

    assert cleaned(whole.replace(fifty_two, bytes(8))).exif_point is None


JPEG_WITH_EXIF = a_picture(
    exif=exif(at="2026:11:24 10:31:00", offset="+00:00", gps=gps((52.0, 14.0, 15.0), (0.0, 53.0, 42.0))),
    size=(16, 16),
)
