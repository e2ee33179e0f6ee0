"""Reads and plays transcripts: conversations as data, one file each, in the notation of the dialogues.

    : member Abbey Books          what holds before it begins (member, not live, geocoder)
    > photo "bags by the market"  what the person does: words, [Button], /command, photo, file, album 3 "caption",
                                  pin 52.1,-0.9, voice, sticker, edit 3 "words", block, back
    @ 31m                         time passes, and timers run out
    < Looks like dumped rubbish?  what is said
    < [Dumped rubbish] [Something else]
    ! FileReport(...)             what is ordered; timers and downloads are left out
"""

import re
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversations import acts
from conversations.events import (
    Back,
    Blocked,
    Choice,
    Command,
    Edited,
    Event,
    Found,
    Hit,
    Location,
    Media,
    Text,
    Unreadable,
)
from conversations.says import Say
from conversations.wording import label_of, phrase
from tests.conversations.world import SHOPS, World

FOLDER = Path(__file__).parent / "transcripts"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Player:
    """Plays the lines of one transcript and writes down what really happens."""

    def __init__(self) -> None:
        self.world = World()
        self.message = 0
        self.buttons: dict[str, str] = {}

    def play(self, lines: list[str]) -> list[str]:
        """The transcript as it goes today."""
        out: list[str] = []
        for line in lines:
            if line[:1] in ("<", "!"):
                continue
            out.append(line)
            if line.startswith(":"):
                self._given(line[1:].strip())
            elif line.startswith(">"):
                before = len(self.world.done)
                says = [say for event in self._events(line[1:].strip()) for say in self.world.hear(event)]
                out.extend((*self._said(says), *self._ordered(before)))
                self.world.now += timedelta(seconds=20)
            elif line.startswith("@"):
                before = len(self.world.done)
                out.extend(self._said(self.world.pass_time(_time(line[1:].strip()))))
                out.extend(self._ordered(before))
        return out

    def _given(self, what: str) -> None:
        if what.startswith("member"):
            name = what.removeprefix("member").strip()
            self.world.member = next(shop for shop in SHOPS.values() if shop.business == name)
        elif what == "not live":
            self.world.live = False
        elif what == "geocoder":
            self.world.geocoder = True
        elif what == "suspended":
            assert self.world.member
            from dataclasses import replace

            self.world.member = replace(self.world.member, active=False)
        elif what.startswith("acted"):
            from dataclasses import replace

            reference = what.split()[1]
            self.world.reports[reference] = replace(self.world.reports[reference], acted=True)
        elif what.startswith("delivered"):
            from dataclasses import replace

            reference = what.split()[1]
            self.world.reports[reference] = replace(
                self.world.reports[reference], owner_accepted_at=self.world.now
            )
        else:
            raise ValueError(what)

    def _events(self, done: str) -> Iterator[Event]:
        self.message += 1
        at, message = self.world.now, str(self.message)
        word, _, rest = done.partition(" ")
        if done.startswith("["):
            label = done.strip("[]")
            yield Choice(at=at, message=message, data=self.buttons.get(label, f"gone:category:{label}"))
        elif done.startswith("/"):
            yield Command(at=at, message=message, name=word[1:], rest=rest)
        elif word == "pin":
            lat, lon = map(float, rest.split(","))
            yield Location(at=at, message=message, lat=lat, lon=lon, accuracy_m=12)
        elif word in ("photo", "file", "voice", "video", "album"):
            yield from self._media(word, rest)
        elif word == "sticker":
            yield Unreadable(at=at, message=message, what="sticker")
        elif word == "edit":
            number, words = shlex.split(rest)
            yield Edited(at=at, message=number, words=words)
        elif word == "block":
            yield Blocked(at=at)
        elif word == "back":
            yield Back(at=at)
        elif word == "found":
            draft = self.world.state.draft
            query, *names = shlex.split(rest)
            hits = tuple(Hit(name, 52.2376, -0.8962) for name in names)
            yield Found(at=at, subject=draft.id if draft else "-", query=query, hits=hits)
        else:
            yield Text(at=at, message=message, words=done)

    def _media(self, word: str, rest: str) -> Iterator[Event]:
        parts = shlex.split(rest)
        count = int(parts.pop(0)) if word == "album" else 1
        caption = parts[0] if parts else ""
        kind = {"photo": "photo", "album": "photo", "file": "image_file", "voice": "voice", "video": "video"}
        for number in range(count):
            message = str(self.message)
            yield Media(
                at=self.world.now,
                message=message,
                kind=kind[word],  # type: ignore[arg-type]
                handle=f"file{message}",
                unique=f"unique{message}",
                caption=caption if number == 0 else "",
                album=f"album{self.message - number}" if word == "album" else None,
            )
            if number + 1 < count:
                self.message += 1

    def _said(self, says: list[Say]) -> Iterator[str]:
        """Album answers are collapsed as the outbox does it: the last one stands."""
        last = {say.collapse: index for index, say in enumerate(says) if say.collapse}
        for index, say in enumerate(says):
            if say.collapse and says[last[say.collapse]].collapse == say.collapse and index < last[say.collapse] - 1:
                continue
            for part in say.text:
                yield from (f"< {line}" for line in phrase(part, "en").split("\n"))
            if say.options:
                labels = [(label_of(one.label, "en"), one.data) for one in say.options]
                self.buttons |= dict(labels)
                yield "< " + " ".join(f"[{label}]" for label, _ in labels)

    def _ordered(self, before: int) -> Iterator[str]:
        for act in self.world.done[before:]:
            if not isinstance(act, acts.Wake):
                yield f"! {_brief(act)}"


def _brief(act: acts.Act) -> str:
    match act:
        case acts.FileReport(draft=draft):
            place = draft.place.name if draft.place else None
            return f"FileReport({draft.category}, {place!r}, {len(draft.photos)} photos, urgent={act.urgent})"
        case acts.KeepMedia():
            return f"KeepMedia({act.kind}{', ' + act.reference if act.reference else ''})"
        case acts.ForgetMedia():
            return f"ForgetMedia({len(act.ids)})"
        case acts.LookUp():
            return f"LookUp({act.query!r})"
        case acts.AddToReport():
            return f"AddToReport({act.reference}, {act.piece.words!r}, edited={act.edited})"
    return repr(act)


def _time(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([smhd])", text)
    assert found, text
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def rewrite() -> None:
    """Write every transcript as it goes today; the diff is what gets reviewed."""
    for path in sorted(FOLDER.glob("*.txt")):
        lines = Player().play(path.read_text("utf-8").splitlines())
        path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    rewrite()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.txt')))} transcripts written at {datetime.now(UTC):%H:%M}\n")
