"""Add a photo, and does it show only the place."""

from collections.abc import Callable

import msgspec

from conversations.acts import Act, ForgetMedia
from conversations.facts import Facts
from conversations.flows.drafts import MOST_PHOTOS, category_of, shows_pictures, with_
from conversations.form import Answer, Step, option, options
from conversations.says import Phrase, Say, say
from conversations.state import Draft, PhotoNote


class PhotoStep(Step):
    """Add a photo? Only things and places are ever asked for."""

    name = "photo"
    clears = {"photos_done": False}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        wanted = kind is not None and kind.photo == "wanted"
        return wanted and not shows_pictures(draft) and not draft.photos_done

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        return say("photo-ask", option(draft.id, self.name, "none"), most=MOST_PHOTOS)

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        return Answer(with_(draft, photos_done=True)) if value == "none" else None


class PhotoShowsStep(Step):
    """A picture came with a kind that wants none: does it show only the place?"""

    name = "shows"
    clears = {}  # noqa: RUF012

    def open(self, draft: Draft, facts: Facts) -> bool:
        kind = category_of(draft, facts)
        wanted = kind is None or (kind.photo != "none" and not kind.people)
        return not wanted and any(_in_doubt(photo) for photo in draft.photos)

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        return say("photo-shows", *options(draft.id, self.name, "place", "remove"))

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        match value:
            case "place":
                photos = tuple(msgspec.structs.replace(photo, only_place=True) for photo in draft.photos)
                return Answer(with_(draft, photos=photos))
            case "remove":
                return removed(draft, _in_doubt)
        return None


def _in_doubt(photo: PhotoNote) -> bool:
    return photo.kind != "other" and not photo.only_place


def unclear_removed(draft: Draft) -> Answer:
    """The draft without the pictures of which nobody said what they show."""
    return removed(draft, _in_doubt)


def pictures_removed(draft: Draft) -> Answer:
    """The draft without its pictures; what is not a picture stays."""
    return removed(draft, lambda photo: photo.kind != "other")


def removed(draft: Draft, goes: Callable[[PhotoNote], bool]) -> Answer:
    """The draft without some of its photos, and what to say and do of that."""
    gone = tuple(photo.id for photo in draft.photos if goes(photo))
    left = tuple(photo for photo in draft.photos if not goes(photo))
    said = Phrase("photo-removed-later" if draft.of else "photo-removed")
    # Those of a report that is sent are the report's until the change of its kind is sent too.
    acts: tuple[Act, ...] = () if draft.of else (ForgetMedia(gone),)
    return Answer(with_(draft, photos=left, photos_done=True), (said,), acts)
