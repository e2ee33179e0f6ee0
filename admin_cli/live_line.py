"""Changes one line of the scheme file, `live = false`, and not a byte more."""

import os
import re
import tempfile
from pathlib import Path

from conversations.scheme import SchemeMistakes, parse

_LINE = re.compile(rb"(?m)^([ \t]*(?:scheme[ \t]*\.[ \t]*)?live[ \t]*=[ \t]*)false\b")


class NoSuchLine(ValueError):  # noqa: N818  said to the admin in words
    """The file has no line `live = false` that makes it live."""


def make_live(path: Path) -> None:
    """Write the file anew with that line changed, all at once: who reads it finds the old or the new one.

    Raises NoSuchLine, or OSError when the folder cannot be written; the file is then as it was.
    """
    real = path.resolve()
    _replace(real, live(real.read_bytes()))


def live(before: bytes) -> bytes:
    """The text with the line changed. Raises NoSuchLine."""
    for line in _LINE.finditer(before):
        after = before[: line.end(1)] + b"true" + before[line.end() :]
        try:
            # The same words may stand in another table, or inside a text.
            if parse(after.decode()).about.live:
                return after
        except SchemeMistakes:
            continue
    raise NoSuchLine


def _replace(path: Path, content: bytes) -> None:
    status = path.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(status.st_mode & 0o7777)
        if os.geteuid() == 0:
            os.chown(fresh, status.st_uid, status.st_gid)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
