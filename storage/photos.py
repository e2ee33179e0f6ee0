"""Keeps the bytes of photos, voice notes and videos: in a folder, or later in other stores, by name."""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNFINISHED = ".part"


class StoreFull(OSError):  # noqa: N818  names the state of the store
    """Nothing more fits: the disk or the quota is full. Every other OSError is another fault of the store."""


class PhotoStore(Protocol):
    """Bytes by name. Names are relative and plain, like `2026/11/<sha256>.jpg`; any other raises ValueError.

    All methods are synchronous and thread-safe, and raise OSError when the store cannot be used.
    """

    def put(self, name: str, data: bytes) -> None:
        """Keep `data`, on disk when this returns. A name that is taken already keeps what it has."""
        ...

    def get(self, name: str) -> bytes:
        """What was put. Raises FileNotFoundError."""
        ...

    def delete(self, name: str) -> None:
        """Forget it; no error if it is not there."""
        ...

    def names(self) -> Iterator[str]:
        """Every name that is kept, in a stable order."""
        ...

    def delete_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half-written before `before` (aware); returns how many."""
        ...


class FolderStore:
    """A photo store in a folder, which is made by the first `put`. Only its owner can read what is in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes) -> None:
        """Write beside the final name, flush to disk, then rename, so that a crash leaves all or nothing."""
        path = self._path(name)
        with _full_told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                _write(path, data)
            self._flush_folders(path)

    def get(self, name: str) -> bytes:
        """The bytes put under `name`. Raises FileNotFoundError."""
        return self._path(name).read_bytes()

    def delete(self, name: str) -> None:
        """Remove the file and flush its folder, so that no crash brings an erased photo back."""
        path = self._path(name)
        try:
            path.unlink()
        except FileNotFoundError:
            return
        _flush(path.parent)

    def names(self) -> Iterator[str]:
        """Every name, in a stable order, without what is half-written or was when a process died."""
        for folder, folders, files in os.walk(self.root):
            folders.sort()
            for file in sorted(files):
                name = (Path(folder) / file).relative_to(self.root).as_posix()
                if _NAME.fullmatch(name):
                    yield name

    def delete_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half-written before `before` (aware); returns how many."""
        old = [p for p in self.root.rglob(f".*{_UNFINISHED}") if p.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or len(name) > 200:
            raise ValueError(f"not a name for the photo store: {name!r}")
        return self.root / name

    def _flush_folders(self, path: Path) -> None:
        """Up to the folder that holds the root, because a new folder is an entry of its parent."""
        for folder in path.parents:
            _flush(folder)
            if folder == self.root.parent:
                return


def open_store(place: str | Path) -> PhotoStore:
    """The store at `place`: a folder's path or `file:///…`. Raises ValueError for any other kind of URL."""
    text = str(place)
    url = urlsplit(text)
    if url.scheme == "file" and url.netloc in ("", "localhost") and url.path.startswith("/"):
        return FolderStore(Path(unquote(url.path)))
    if "://" in text or url.scheme == "file" or not text:
        raise ValueError(
            f'Photos cannot be kept at "{url.scheme}://{url.hostname or ""}" yet: only folders can be used. '
            "Set NTARS_PHOTO_URL to a folder's path, for example /var/lib/ntars/photos, or leave it empty."
        )
    return FolderStore(Path(text))


@contextmanager
def _full_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(error.errno, error.strerror, error.filename) from error
        raise


def _write(path: Path, data: bytes) -> None:
    # The leading dot keeps it out of names(), the random part out of another writer's way.
    unfinished = path.parent / f".{secrets.token_hex(8)}{_UNFINISHED}"
    try:
        with open(unfinished, "xb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _flush(folder: Path) -> None:
    """Make renames and removals in `folder` survive a power cut; fsync of a file alone does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
