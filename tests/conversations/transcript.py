"""Reads and plays transcripts: conversations as data, one file each, in the notation of the dialogues.

# a remark
: member Abbey Books          what holds from here on: a member, not live, suspended, geocoder, at 23:10,
                              acted NT-7K42, delivered NT-7K42, status NT-7K42 planned, withdrawn K7M4QX2P,
                              colleague graffiti "Gold Street"
> photo "bags by the market"  what the person does: words, [Button], /command, photo, file, voice, video,
                              album 3 "caption", pin 52.1,-0.9, sticker, edit 3 "words", blocks, returns
& [Send]                      the same, a second after the last
~ found "the words" "A place" what a slow thing answers: found, fetched 52.1,-0.9 09:00, failed gone
@ 31m                         time passes, and timers run out
< Looks like dumped rubbish?  what is said
< [Dumped rubbish] [Something else]
! FileReport(...)             what is ordered; timers are left out
( nothing is said )           for silence where a person did something
"""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
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
    Fetched,
    FetchFailed,
    Found,
    Hit,
    Location,
    Media,
    MediaKind,
    Text,
    Unreadable,
)
from conversations.facts import ReportView
from conversations.says import Say
from conversations.wording import label_of, phrase
from tests.conversations.world import SHOPS, World

FOLDER = Path(__file__).parent / "transcripts"
SILENCE = "( nothing is said )"
BETWEEN = timedelta(seconds=20)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
KINDS: dict[str, MediaKind] = {
    "photo": "photo",
    "album": "photo",
    "file": "image_file",
    "voice": "voice",
    "video": "video",
}


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
            if line[:1] in ("<", "!", "("):
                continue
            out.append(line)
            before, rest = len(self.world.done), line[1:].strip()
            match line[:1]:
                case ":":
                    self._given(rest)
                case ">" | "&":
                    if line[0] == "&":
                        self.world.now -= BETWEEN - timedelta(seconds=1)
                    out.extend(self._heard(list(self._events(rest))) or [SILENCE])
                    out.extend(self._ordered(before))
                    self.world.now += BETWEEN
                case "~":
                    out.extend((*self._heard([self._answered(rest)]), *self._ordered(before)))
                case "@":
                    out.extend(self._said([self.world.pass_time(_time(rest))]))
                    out.extend(self._ordered(before))
        return out

    def _heard(self, events: list[Event]) -> list[str]:
        return list(self._said([self.world.hear(event) for event in events]))

    def _given(self, what: str) -> None:
        word, *rest = shlex.split(what)
        world = self.world
        match word, rest:
            case "member", _:
                world.member = next(shop for shop in SHOPS.values() if shop.business == " ".join(rest))
            case "not", ["live"]:
                world.live = False
            case "geocoder", []:
                world.geocoder = True
            case "suspended", []:
                assert world.member
                world.member = replace(world.member, active=False)
            case "at", [clock]:
                hour, minute = map(int, clock.split(":"))
                world.now = world.now.replace(hour=hour, minute=minute)
            case "withdrawn", [code]:
                world.withdrawn_codes.add(code)
            case "acted", [reference]:
                world.reports[reference] = replace(world.reports[reference], acted=True)
            case "status", [reference, status]:
                world.reports[reference] = replace(world.reports[reference], status=status)
            case "delivered", [reference]:
                view = replace(world.reports[reference], owner_accepted_at=world.now)
                world.reports[reference] = view
            case "colleague", [kind, place]:
                reference = f"NT-9X{23 + len(world.others)}"
                view = ReportView(reference, kind, "open", place, world.now, False, f"other{reference}")
                world.others[reference] = view
            case _:
                raise ValueError(what)

    def _events(self, done: str) -> Iterator[Event]:
        self.message += 1
        at, message = self.world.now, str(self.message)
        word, _, rest = done.partition(" ")
        if done.startswith("["):
            yield Choice(at=at, message=message, data=self.buttons.get(done.strip("[]"), done))
        elif done.startswith("/"):
            yield Command(at=at, message=message, name=word[1:], rest=rest)
        elif word == "pin":
            lat, lon = map(float, rest.split(","))
            yield Location(at=at, message=message, lat=lat, lon=lon, accuracy_m=12)
        elif word in KINDS:
            yield from self._media(word, rest)
        elif word == "sticker":
            yield Unreadable(at=at, message=message, what="sticker")
        elif word == "edit":
            number, words = shlex.split(rest)
            yield Edited(at=at, message=number, words=words)
        elif word in ("blocks", "returns"):
            yield Blocked(at=at) if word == "blocks" else Back(at=at)
        else:
            yield Text(at=at, message=message, words=done.replace("\\n", "\n"))

    def _media(self, word: str, rest: str) -> Iterator[Event]:
        parts = shlex.split(rest)
        count = int(parts.pop(0)) if word == "album" else 1
        name = next((part.removeprefix("of:") for part in parts if part.startswith("of:")), None)
        captions = [part for part in parts if not part.startswith("of:")]
        album = name or (f"album{self.message}" if word == "album" else None)
        for number in range(count):
            message = str(self.message)
            yield Media(
                at=self.world.now,
                message=message,
                kind=KINDS[word],
                handle=f"file{message}",
                unique=f"unique{message}",
                caption=captions[0] if captions and number == 0 else "",
                album=album,
            )
            if number + 1 < count:
                self.message += 1

    def _answered(self, what: str) -> Event:
        word, *rest = shlex.split(what)
        draft = self.world.state.draft
        subject = draft.id if draft else "-"
        photo = draft.photos[-1].id if draft and draft.photos else "-"
        at = self.world.now
        match word:
            case "found":
                hits = tuple(Hit(name, 52.2376, -0.8962) for name in rest[1:])
                return Found(at=at, subject=subject, query=rest[0], hits=hits)
            case "failed":
                return FetchFailed(at=at, photo=photo, why=rest[0])
            case "fetched":
                pins = [tuple(map(float, part.split(","))) for part in rest if "," in part]
                clocks = [part.split(":") for part in rest if ":" in part]
                taken = [at.replace(hour=int(hour), minute=int(minute)) for hour, minute in clocks]
                lat, lon = pins[0] if pins else (None, None)
                return Fetched(at=at, photo=photo, exif_at=taken[0] if taken else None, lat=lat, lon=lon)
        raise ValueError(what)

    def _said(self, turns: list[list[Say]]) -> Iterator[str]:
        """Answers to an album are collapsed as the outbox does it: the last turn's stand."""
        last = {one.collapse: number for number, turn in enumerate(turns) for one in turn if one.collapse}
        for number, turn in enumerate(turns):
            for one in turn:
                if one.collapse is None or last[one.collapse] == number:
                    yield from self._one(one)

    def _one(self, one: Say) -> Iterator[str]:
        for part in one.text:
            yield from (f"< {line}" for line in phrase(part, "en").split("\n"))
        if one.options:
            labels = [(label_of(option.label, "en"), option.data) for option in one.options]
            self.buttons |= dict(labels)
            yield "< " + " ".join(f"[{label}]" for label, _ in labels)

    def _ordered(self, before: int) -> Iterator[str]:
        for act in self.world.done[before:]:
            if not isinstance(act, acts.Wake):
                yield f"! {_brief(act)}"


def _brief(act: acts.Act) -> str:
    match act:
        case acts.FileReport(draft=draft):
            assert draft.place
            facts = [f"{draft.category}, {draft.place.kind} {draft.place.name!r}"]
            facts += [f"{len(draft.photos)} photos"] if draft.photos else []
            facts += [f"answer={draft.answer}"] if draft.answer else []
            facts += [f"under_18={draft.under_18}"] if draft.under_18 else []
            facts += [f"when={draft.when}"] if draft.when else []
            facts += ["name_out"] if draft.name_out else []
            facts += ["urgent"] if act.urgent else []
            return f"FileReport({', '.join(facts)})"
        case acts.KeepMedia():
            return f"KeepMedia({act.kind}{', ' + act.reference if act.reference else ''})"
        case acts.ForgetMedia():
            return f"ForgetMedia({len(act.ids)})"
        case acts.LookUp():
            return f"LookUp({act.query!r})"
        case acts.AddToReport():
            return f"AddToReport({act.reference}, {act.piece.words!r}{', edited' if act.edited else ''})"
    return repr(act)


def _time(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([smhd])", text)
    assert found, text
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def played(path: Path) -> list[str]:
    """The lines of a transcript's file, and how they go today."""
    return Player().play(path.read_text("utf-8").splitlines())


def rewrite() -> int:
    """Write every transcript as it goes today; the diff is what gets reviewed."""
    paths = sorted(FOLDER.glob("*.txt"))
    for path in paths:
        path.write_text("\n".join(played(path)) + "\n", "utf-8")
    return len(paths)


if __name__ == "__main__":
    sys.stdout.write(f"{rewrite()} transcripts written at {datetime.now(UTC):%H:%M}\n")
