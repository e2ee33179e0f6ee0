"""One service a SQLite database: a lock on a file beside it, which the system drops when the process ends."""

import fcntl
import os
from pathlib import Path
from typing import Self


class AlreadyServing(Exception):  # noqa: N818  said to the admin as it is
    """Another `ntars serve` has this data folder."""


class OnePen:
    """Holds the lock of the folder that the database is in, from `take` to `drop`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "serving.lock"
        self._file: int | None = None

    def take(self) -> Self:
        """Raises AlreadyServing when another process holds it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise AlreadyServing(str(self._path)) from None
        self._file = file
        return self

    def drop(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
