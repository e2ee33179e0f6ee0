"""Cleans pictures: whatever a phone sent becomes a small upright JPEG that says nothing but what it shows.

Everything here is synchronous and thread-safe. A 12-megapixel photo takes a few tenths of a second, so
callers use a worker thread.
"""

import hashlib
import io
import math
import re
import warnings
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import pi_heif  # type: ignore[import-untyped]

# Imported for what they register: without them the first picture pays for loading every plugin Pillow has.
from PIL import AvifImagePlugin, Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
MAX_RECEIVED = 20 * 2**20  # bytes; Telegram hands out no larger file
MAX_PIXELS = 50_000_000  # a 48-megapixel phone passes; 150 MB of memory while it is worked on
MAX_SIDE = 2000  # pixels: a number plate across the street is still readable
MAX_JPEG = 2_000_000  # bytes; what a mail takes (DIALOGUES.md)

_PLUGINS = (AvifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

# Pillow raises only beyond twice its limit and warns below that. The process's filters are set once, here,
# because warnings.catch_warnings() is not thread-safe; _open() measures again, whatever the filters say.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Refusal(Exception):  # noqa: N818  a verdict on a picture, not a fault of ours
    """A picture that is not kept. `why` goes into the event `FetchFailed` and chooses the sentence."""

    why = "not_a_picture"


class NotAPicture(Refusal):
    """Not one of our formats by its content, or broken: truncated, garbage, unreadable."""


class TooManyPixels(Refusal):
    """More pixels than a phone takes: a decompression bomb, whatever it weighs."""

    why = "bomb"


class TooBig(Refusal):
    """More than MAX_RECEIVED bytes."""

    why = "too_big"


@dataclass(frozen=True, slots=True)
class Picture:
    """A cleaned picture, and what the bytes as received said.

    `jpeg` is RGB, upright, at most MAX_SIDE pixels on its longer side and MAX_JPEG bytes, without metadata.
    `exif_at` is always aware. `exif_point` is (latitude, longitude) in degrees, WGS 84.
    """

    jpeg: bytes
    width: int
    height: int
    sha256: str
    received_sha256: str
    received_size: int
    received_format: str
    exif_at: datetime | None
    exif_point: tuple[float, float] | None


def clean(received: bytes, *, zone: tzinfo) -> Picture:
    """Decode, turn upright, shrink and re-encode a JPEG, PNG, WEBP, HEIF or AVIF.

    Of an animation the first frame is kept. `zone` is where a camera's clock is believed to stand when its
    EXIF time says no offset. Raises NotAPicture, TooManyPixels or TooBig, and nothing else, for any bytes.
    """
    if len(received) > MAX_RECEIVED:
        raise TooBig(f"{len(received)} bytes; the limit is {MAX_RECEIVED}")
    try:
        return _clean(received, zone)
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise TooManyPixels(type(error).__name__) from error
    except Exception as error:
        # Decoders meet hostile bytes with OSError, SyntaxError, ValueError, struct.error, KeyError, EOFError,
        # RuntimeError and whatever the next release adds; all of them mean the same.
        raise NotAPicture(type(error).__name__) from error


def _clean(received: bytes, zone: tzinfo) -> Picture:
    with Image.open(io.BytesIO(received), formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise TooManyPixels(f"{width} x {height}")
        orientation, at, point = _exif(picture, zone)
        received_format = "JPEG" if picture.format == "MPO" else str(picture.format)
        small = _small(picture)
    upright = small.transpose(_TURNS[orientation]) if orientation in _TURNS else small
    jpeg, (width, height) = _encode(upright)
    return Picture(
        jpeg=jpeg,
        width=width,
        height=height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        received_sha256=hashlib.sha256(received).hexdigest(),
        received_size=len(received),
        received_format=received_format,
        exif_at=at,
        exif_point=point,
    )


def _small(picture: Image.Image) -> Image.Image:
    ratio = min(1.0, MAX_SIDE / max(picture.size))
    # Lets the JPEG decoder itself skip pixels. Only the true target size does it; a square keeps them all.
    picture.draft("RGB", (math.ceil(picture.width * ratio), math.ceil(picture.height * ratio)))
    picture.load()
    if picture.mode in ("L", "LA", "RGB", "RGBA"):  # before the copy: a 48-megapixel one is 150 MB more
        _shrink(picture)
    flat = _rgb(picture)
    _shrink(flat)
    return flat


def _shrink(picture: Image.Image) -> None:
    # LANCZOS takes half as long again, and after a JPEG decoder's own halving nobody can tell them apart.
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC)


def _rgb(picture: Image.Image) -> Image.Image:
    """An RGB copy on white, with nothing in `info`: Pillow writes a JPEG comment it finds there."""
    if picture.mode.startswith("I"):  # 16-bit grey, which convert() would clip to white
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    flat = picture.convert("RGB")
    flat.info = {}
    return flat


def _encode(picture: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """A JPEG of at most MAX_JPEG, and its size: at lower quality if need be, smaller as the last resort."""
    while True:
        for quality in (85, 75, 65, 50, 35):
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality)
            if out.tell() <= MAX_JPEG:
                return out.getvalue(), picture.size
        picture = picture.reduce(2)


_TURNS = {  # EXIF 2.32, tag 0x0112: what undoes each orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _exif(picture: Image.Image, zone: tzinfo) -> tuple[int, datetime | None, tuple[float, float] | None]:
    """Orientation, time and place; each missing where the EXIF block is: a picture is kept without them."""
    try:
        exif = picture.getexif()
        orientation = exif.get(0x0112, 1)
        detail, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    except Exception:  # noqa: BLE001  Pillow's EXIF reader meets garbage with anything
        return 1, None, None
    return orientation if isinstance(orientation, int) else 1, _exif_at(detail, zone), _exif_point(gps)


def _exif_at(detail: dict[int, Any], zone: tzinfo) -> datetime | None:
    written, offset = detail.get(0x9003), detail.get(0x9011)  # DateTimeOriginal, OffsetTimeOriginal
    if not isinstance(written, str):
        return None
    stamp = written.strip("\0 ")
    try:
        naive = datetime.strptime(stamp, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  the zone follows
    except ValueError:
        return None
    if not 2000 <= naive.year < 2100:  # a clock that was never set says 1970 or 1980
        return None
    if isinstance(offset, str) and re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", said := offset.strip("\0 ")):
        return datetime.strptime(stamp + said, "%Y:%m:%d %H:%M:%S%z")
    return naive.replace(tzinfo=zone)


def _exif_point(gps: dict[int, Any]) -> tuple[float, float] | None:
    try:
        lat = _degrees(gps[2], negative=gps[1] == "S")
        lon = _degrees(gps[4], negative=gps[3] == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180):  # false for NaN too
        return None
    if lat == 0 and lon == 0:  # what phones write before the first fix
        return None
    return lat, lon


def _degrees(parts: Any, *, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value
