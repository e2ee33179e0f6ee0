"""Files in Telegram's cloud: ids, paths, and what it does to a photo."""

import io
import secrets
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, ImageOps

from bot.demo.limits import Json

SIDES = (90, 320, 800, 1280)  # Telegram's sizes s, m, x, y: the longest side in pixels

_KINDS = {  # kind: (how a file_id begins, how a file_unique_id begins, folder, default suffix)
    "photo": ("AgACAgQAAxkBAA", "AQAD", "photos", ".jpg"),
    "document": ("BQACAgQAAxkBAA", "AgAD", "documents", ""),
    "voice": ("AwACAgQAAxkBAA", "AgAD", "voice", ".oga"),
    "video": ("BAACAgQAAxkBAA", "AgAD", "videos", ".mp4"),
    "sticker": ("CAACAgQAAxkBAA", "AgAD", "stickers", ".webp"),
}


@dataclass(frozen=True)
class StoredFile:
    """One file as the bot can fetch it."""

    file_id: str
    unique_id: str
    path: str
    content: bytes
    size: int
    mime: str

    def handle(self) -> Json:
        """The three fields that every kind of attachment begins with."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


class FileStore:
    """Everything that was ever sent, by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(
        self, kind: str, content: bytes, *, mime: str, name: str = "", size: int | None = None
    ) -> StoredFile:
        """Store one file. `size` may claim more bytes than there are, for tests of the download limit."""
        id_start, unique_start, folder, suffix = _KINDS[kind]
        number = len(self._by_id) + 1
        stored = StoredFile(
            file_id=id_start + secrets.token_urlsafe(42),
            unique_id=unique_start + secrets.token_urlsafe(8),
            path=f"{folder}/file_{number}{PurePath(name).suffix.lower() or suffix}",
            content=content,
            size=len(content) if size is None else size,
            mime=mime,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file that this handle names, or None."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file behind a download link, or None."""
        return self._by_path.get(path)

    def keep_photo(self, picture: bytes) -> list[Json]:
        """Store a photo in Telegram's sizes; the list that stands in the message, smallest first."""
        sizes = []
        for width, height, content in photo_sizes(picture):
            stored = self.keep("photo", content, mime="image/jpeg")
            handle = stored.handle()
            size = handle.pop("file_size")
            sizes.append({**handle, "width": width, "height": height, "file_size": size})
        return sizes


def photo_sizes(picture: bytes) -> list[tuple[int, int, bytes]]:
    """Width, height and JPEG bytes of each size. As in Telegram, nothing of the EXIF block survives."""
    with Image.open(io.BytesIO(picture)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    longest = max(upright.size)
    sides = [side for side in SIDES if side < longest] + [min(longest, SIDES[-1])]
    return [_resized(upright, side) for side in sorted(set(sides))]


def _resized(picture: Image.Image, side: int) -> tuple[int, int, bytes]:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=87)
    return small.width, small.height, out.getvalue()
