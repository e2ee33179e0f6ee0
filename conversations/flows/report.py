"""A report being made: what people send goes into the form, and the next question comes out."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from conversations import urgency
from conversations.acts import ForgetMedia, KeepMedia
from conversations.events import Edited, FetchFailed, Fetched, Found, Location, Media, Text
from conversations.flows.questions import go_on, question_now, typed_option
from conversations.flows.report_steps import (
    BY_NAME,
    MOST_PHOTOS,
    STEPS,
    category_of,
    place_pinned,
    place_typed,
    with_words,
    words_of,
)
from conversations.folding import tokens
from conversations.form import Answer, Hint, cleared, next_step
from conversations.says import Phrase, Say
from conversations.state import Ask, Draft, PhotoNote, Piece, Place
from conversations.talk import Talk, short_id
from conversations.wording import LANGUAGES, label_of

NUDGE_AFTER = timedelta(minutes=30)
GONE_AFTER = timedelta(hours=24)
PHOTO_TIME_DIFFERS = timedelta(minutes=10)
MOST_PENDING = 3

_PLACE_ASKS = ("outside", "which_end", "did_you_mean")

Content = Text | Location | Media


def start(talk: Talk, at: datetime, message: str, **known: Any) -> None:
    """Open a report. In danger comes first."""
    draft = Draft(id=short_id(talk.facts.address, message), started_at=at, touched_at=at, **known)
    talk.set(draft=draft, writing=None, discarded=None, discarded_at=None)
    warn(talk)
    talk.wake(f"draft:{draft.id}", talk.facts.now, NUDGE_AFTER)


def danger_line(talk: Talk) -> Phrase:
    return Phrase("danger", {"emergency": talk.facts.scheme.about.emergency})


def warn(talk: Talk, words: str = "") -> None:
    """The 999 line: before the first question of a draft, and once more when later words are urgent."""
    draft = talk.state.draft
    assert draft is not None
    urgent = urgency.is_urgent(words)
    if draft.warned and (draft.warned_again or not urgent):
        return
    talk.set_draft(warned=True, warned_again=draft.warned_again or urgent)
    line = Say(text=(danger_line(talk),))
    if line not in talk.says:
        talk.says.insert(0, line)


def take(talk: Talk, event: Content) -> None:
    """Put what a person sent into the open draft, whatever was asked, and go on."""
    draft = talk.state.draft
    assert draft is not None
    talk.set_draft(touched_at=max(draft.touched_at, event.at), nudged=False)
    match event:
        case Text():
            _take_text(talk, event)
        case Location():
            _apply(talk, place_pinned(_draft(talk), event, talk.facts))
        case Media():
            take_media(talk, event)
    go_on(talk)


def _draft(talk: Talk) -> Draft:
    assert talk.state.draft is not None
    return talk.state.draft


def _take_text(talk: Talk, text: Text) -> None:
    if urgency.is_urgent(text.words):
        # Never an answer to something else: whatever was asked stays open.
        _add_words(talk, text)
        warn(talk, text.words)
        return
    if _is_old_place_label(talk, text.words):
        return
    step = None if talk.state.pending else next_step(STEPS, _draft(talk), talk.facts)
    answer = step.hear(_draft(talk), text, talk.facts) if step else None
    if answer is None and any(ask.kind in _PLACE_ASKS for ask in talk.state.pending):
        answer = place_typed(_draft(talk), text, talk.facts)
    if answer is None:
        _add_words(talk, text)
        asked = step is not None and step.name not in ("category", "words")
        if asked:
            talk.say("kept-words")
        return
    _apply(talk, answer)


def _add_words(talk: Talk, text: Text) -> None:
    before = _draft(talk)
    draft = with_words(before, text.message, text.words)
    talk.set(draft=draft)
    if len(words_of(draft)) - len(words_of(before)) < len(text.words.strip()):
        talk.say("words-full")


def _is_old_place_label(talk: Talk, words: str) -> bool:
    """A button of the place question, pressed again from the keyboard that its answer has taken away."""
    if _draft(talk).place is None:
        return False
    said = tokens(words)
    labels = (
        label_of(Phrase(f"option-place-{value}"), language)
        for value in ("shop", "pin")
        for language in LANGUAGES
    )
    return any(said == tokens(label) for label in labels)


def tapped(talk: Talk, name: str, value: str) -> bool:
    """A button of one of the form's questions. False when that question is not open: an old button."""
    step = BY_NAME.get(name)
    draft = _draft(talk)
    if step is None or not step.open(draft, talk.facts):
        return False
    answer = step.accept(draft, value, talk.facts, talk.state.language)
    if answer is None:
        return False
    _apply(talk, answer)
    go_on(talk)
    return True


def _apply(talk: Talk, answer: Answer | Hint) -> None:
    if isinstance(answer, Hint):
        talk.say_phrases(answer.phrase)
        return
    before = _draft(talk)
    talk.set(draft=answer.draft)
    if answer.draft.place != before.place:
        # A place is an answer to every question about the place.
        talk.set(pending=tuple(ask for ask in talk.state.pending if ask.kind not in _PLACE_ASKS))
    if answer.ask:
        interrupt(talk, answer.ask)
    talk.say_phrases(*answer.echo)
    talk.act(*answer.acts)


apply_answer = _apply


def interrupt(talk: Talk, ask: Ask) -> None:
    """Put a question before all others; one of a kind, and at most three."""
    others = tuple(one for one in talk.state.pending if one.kind != ask.kind)
    talk.set(pending=(ask, *others)[:MOST_PENDING])


def take_media(talk: Talk, media: Media) -> None:
    """A photo or recording joins the draft, where its kind and the law allow it."""
    if media.caption:
        caption = Text(at=media.at, message=media.message, words=media.caption)
        _add_words(talk, caption)
        warn(talk, media.caption)
    refusal = _refusal(_draft(talk), media, talk)
    if refusal:
        talk.say(refusal, most=MOST_PHOTOS)
        return
    draft = _draft(talk)
    if any(photo.unique == media.unique for photo in draft.photos):
        talk.say("photo-got")
        return
    note = PhotoNote(f"{draft.id}.{media.message}", "photo" if is_picture(media) else "other", media.unique)
    albums = draft.albums if media.album in (None, *draft.albums) else (*draft.albums, media.album)
    talk.set_draft(photos=(*draft.photos, note), albums=albums)
    talk.act(keep_order(note.id, draft.id, media))
    talk.say("photo-got" if note.kind == "photo" else "recording-got")


def is_picture(media: Media) -> bool:
    return media.kind in ("photo", "image_file")


def keep_order(id: str, draft: str, media: Media, reference: str | None = None) -> KeepMedia:
    return KeepMedia(
        id=id,
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
    if is_picture(media) and kind and kind.keep_pictures_for_police:
        return "photo-police"
    if is_picture(media) and draft.under_18 == "yes":
        return "photo-under18"
    same = [photo for photo in draft.photos if (photo.kind == "photo") == is_picture(media)]
    known = any(photo.unique == media.unique for photo in same)
    return "photo-enough" if len(same) >= MOST_PHOTOS and not known else None


def clear(talk: Talk, name: str) -> None:
    """Take an answer back and ask it again; photos that go are removed here."""
    draft = cleared(STEPS, _draft(talk), name)
    if name == "photo" and draft.photos:
        talk.act(ForgetMedia(tuple(photo.id for photo in draft.photos)))
        draft = msgspec.structs.replace(draft, photos=(), albums=())
    talk.set(draft=msgspec.structs.replace(draft, changing=False))


def edited(talk: Talk, event: Edited) -> bool:
    """A message of the draft was changed: its words are replaced. False when it is no message of the draft."""
    draft = talk.state.draft
    if draft is None:
        return False
    if draft.place and draft.place.kind == "typed" and draft.place.message == event.message:
        text = Text(at=event.at, message=event.message, words=event.words)
        if answer := place_typed(draft, text, talk.facts):
            _apply(talk, answer)
            go_on(talk)
            return True
    if all(piece.message != event.message for piece in draft.words):
        return False
    pieces = tuple(
        Piece(piece.message, event.words.strip()) if piece.message == event.message else piece
        for piece in draft.words
    )
    talk.set_draft(words=tuple(piece for piece in pieces if piece.words), shop_words_left=False)
    talk.say("edited-draft")
    warn(talk, event.words)
    go_on(talk)
    return True


def fetched(talk: Talk, event: Fetched) -> None:
    """A picture's own data says where or when it was taken: offered as answers, never taken unasked."""
    draft = talk.state.draft
    if draft is None or all(photo.id != event.photo for photo in draft.photos):
        return
    places: tuple[Place, ...] = ()
    if draft.place is None and event.lat is not None and event.lon is not None:
        pin = Location(at=event.at, message=event.photo, lat=event.lat, lon=event.lon)
        place = place_pinned(draft, pin, talk.facts)
        places = (place.draft.place,) if place.draft.place else ()
    data: tuple[str, ...] = ()
    if event.exif_at and draft.photo_at is None and draft.when is None:
        early = draft.started_at - event.exif_at
        if PHOTO_TIME_DIFFERS < early < timedelta(days=30):
            data = (str(event.exif_at.timestamp()),)
    if places or data:
        interrupt(talk, Ask("photo_facts", data, places=places))
        go_on(talk)


def fetch_failed(talk: Talk, event: FetchFailed) -> None:
    """A picture could not be kept: it goes from the draft, and the person hears what to do instead."""
    draft = talk.state.draft
    if draft is not None and any(photo.id == event.photo for photo in draft.photos):
        talk.set_draft(photos=tuple(photo for photo in draft.photos if photo.id != event.photo))
    talk.say(f"fetch-{event.why.replace('_', '-')}")
    if draft is not None:
        go_on(talk)


def found(talk: Talk, event: Found) -> None:
    """What the geocoder makes of a typed place: asked, if it still matters."""
    draft = talk.state.draft
    if draft is None or draft.id != event.subject or draft.place is None or not event.hits:
        return
    if draft.place.kind != "typed" or draft.place.name != event.query:
        return
    places = tuple(
        Place("known", hit.name, hit.lat, hit.lon, message=draft.place.message) for hit in event.hits[:3]
    )
    interrupt(talk, Ask("did_you_mean", (event.query,), places=places))
    go_on(talk)


def typed(talk: Talk, words: str) -> str | None:
    """The button that typed words stand for: of the open question, or [Send] ahead of what may be skipped."""
    if urgency.is_urgent(words):
        return None
    if data := typed_option(talk, words):
        return data
    draft = talk.state.draft
    if draft is None or tokens(words) != tokens(label_of(Phrase("option-card-send"), talk.state.language)):
        return None
    ready = category_of(draft, talk.facts) is not None and draft.place is not None
    return f"{draft.id}:card:send" if ready else None


__all__ = [
    "Content", "apply_answer", "clear", "danger_line", "edited", "fetch_failed", "fetched", "found", "interrupt",
    "is_picture", "keep_order", "question_now", "start", "take", "take_media", "tapped", "typed", "warn",
]  # fmt: skip
