"""The scheme in force: read from its file, and read again when the file changes."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings, SettingsMistake, scheme_source
from conversations.gazetteer import Gazetteer
from conversations.scheme import Scheme, SchemeMistakes, parse

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Town:
    """A scheme and the places that it knows."""

    scheme: Scheme
    gazetteer: Gazetteer


class SchemeFile:
    """Gives the town as its file has it. `ntars go-live` and an admin's editor work beside a running service.

    A file that has become wrong changes nothing: the last good one stays in force, and the log says so.
    Raises SchemeMistakes when the very first reading fails.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        text, self._path = scheme_source(settings)
        self._stamp = self._stamp_now()
        self._looked_at = time.monotonic()
        self.town = _town(text)

    def current(self) -> Town:
        """The town; at most a second behind its file. Cheap enough for every batch."""
        if self._path is not None and time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._read_again()
        return self.town

    def _read_again(self) -> None:
        try:
            text, _ = scheme_source(self._settings)
            self.town = _town(text)
        except (SettingsMistake, SchemeMistakes) as error:
            log.error("the changed scheme file cannot be used", extra={"error": type(error).__name__})
        else:
            log.info("the scheme file was read again")

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            stat = Path(self._path).stat() if self._path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat else None


def _town(text: str) -> Town:
    scheme = parse(text)
    return Town(scheme, Gazetteer(scheme.area))
