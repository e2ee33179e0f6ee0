"""Photos and recordings of a report that is being made, and what becomes of them later."""

from datetime import timedelta
from typing import Literal

from conversations.acts import KeepMedia
from conversations.events import Fetched, FetchFailed, Location, Media
from conversations.flows.danger import warn
from conversations.flows.drafts import MOST_PHOTOS, category_of, with_words
from conversations.flows.place_step import place_pinned
from conversations.state import Draft, PhotoNote, Place
from conversations.talk import Talk

PHOTO_TIME_DIFFERS = timedelta(minutes=10)
PHOTO_TIME_TOO_OLD = timedelta(days=30)
FAILURES = ("too-big", "not-a-picture", "bomb", "gone")


def take_media(talk: Talk, media: Media) -> None:
    """A photo or recording joins the draft, where its kind and the law allow it."""
    draft = talk.state.draft
    assert draft is not None
    if media.caption.strip():
        draft = with_words(draft, media.message, media.caption)
        talk.set(draft=draft)
    warn(talk, media.caption)
    if refusal := _refusal(draft, media, talk):
        talk.say(refusal, most=MOST_PHOTOS)
        return
    kind = _kind_of(media)
    talk.say("recording-got" if kind == "other" else "photo-got")
    if any(photo.unique == media.unique for photo in draft.photos):
        return
    note = PhotoNote(f"{draft.id}.{media.message}", kind, media.unique)
    albums = draft.albums if media.album in (None, *draft.albums) else (*draft.albums, media.album)
    talk.set_draft(photos=(*draft.photos, note), albums=albums)
    talk.act(keep_order(note.id, draft.id, media))


def _kind_of(media: Media) -> Literal["photo", "video", "other"]:
    if media.kind in ("photo", "image_file"):
        return "photo"
    return "video" if media.kind == "video" else "other"


def shows_people(media: Media) -> bool:
    """Whether it is a picture or a video, on which people could be seen."""
    return _kind_of(media) != "other"


def keep_order(photo: str, draft: str, media: Media, reference: str | None = None) -> KeepMedia:
    """The order to fetch it and keep it."""
    return KeepMedia(
        id=photo,
        draft=draft,
        kind=media.kind,
        handle=media.handle,
        provider_at=media.at.timestamp(),
        size=media.size,
        mime=media.mime,
        reference=reference,
    )


def _refusal(draft: Draft, media: Media, talk: Talk) -> str | None:
    kind = category_of(draft, talk.facts)
    if shows_people(media) and kind and kind.keep_pictures_for_police:
        return "photo-police"
    if shows_people(media) and draft.under_18 == "yes":
        return "photo-under18"
    same = [photo for photo in draft.photos if (photo.kind == "other") != shows_people(media)]
    known = any(photo.unique == media.unique for photo in same)
    return "photo-enough" if len(same) >= MOST_PHOTOS and not known else None


def fetch_failed(talk: Talk, event: FetchFailed) -> bool:
    """A picture could not be kept: it goes from the draft, and the person hears what to do instead.

    False when the picture is none of the draft's, nor of the report just sent: removed since, or discarded.
    """
    draft, sent = talk.state.draft, talk.state.sent
    why = event.why.replace("_", "-")
    key = f"fetch-{why if why in FAILURES else 'gone'}"
    if draft is not None and any(photo.id == event.photo for photo in draft.photos):
        talk.set_draft(photos=tuple(photo for photo in draft.photos if photo.id != event.photo))
        talk.say(key)
        return True
    if sent is not None and event.photo in sent.photos:
        talk.say(key)
    return False


def own_data(talk: Talk, event: Fetched) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """Where and when a picture of the draft says it was taken, as far as that is news."""
    draft = talk.state.draft
    if draft is None or all(photo.id != event.photo for photo in draft.photos):
        return (), ()
    places: tuple[Place, ...] = ()
    if draft.place is None and event.lat is not None and event.lon is not None:
        pin = Location(at=event.at, message=event.photo, lat=event.lat, lon=event.lon)
        placed = place_pinned(draft, pin, talk.facts).draft.place
        places = (placed,) if placed else ()
    seen = event.exif_at
    if seen is None or seen.tzinfo is None or draft.photo_at is not None or draft.when is not None:
        return places, ()
    if PHOTO_TIME_DIFFERS < draft.started_at - seen < PHOTO_TIME_TOO_OLD:
        return places, (str(seen.timestamp()),)
    return places, ()
