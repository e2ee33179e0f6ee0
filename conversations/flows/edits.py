"""A message that was changed after it was sent."""

import msgspec

from conversations.events import Edited, Event, Media, Text
from conversations.flows.danger import warn
from conversations.flows.drafts import with_, with_words
from conversations.flows.place_step import place_typed
from conversations.flows.questions import go_on
from conversations.flows.report import apply_answer
from conversations.flows.typed import is_small_talk
from conversations.state import Draft, Piece
from conversations.talk import Talk


def edited(talk: Talk, event: Edited) -> bool:
    """The change goes where the message went: what waits, or the draft. False when it is in neither."""
    if _in_what_waits(talk, event):
        go_on(talk)
        return True
    draft = talk.state.draft
    if draft is None or draft.of or not _in_draft(talk, draft, event):
        return False
    talk.say("edited-draft")
    warn(talk, event.words)
    go_on(talk)
    return True


def _in_what_waits(talk: Talk, event: Edited) -> bool:
    if all(getattr(held, "message", "") != event.message for ask in talk.state.pending for held in ask.held):
        return False
    talk.set(
        pending=tuple(
            msgspec.structs.replace(ask, held=tuple(_changed(held, event) for held in ask.held))
            for ask in talk.state.pending
        )
    )
    return True


def _changed(held: Event, event: Edited) -> Event:
    match held:
        case Text() if held.message == event.message:
            return msgspec.structs.replace(held, words=event.words)
        case Media() if held.message == event.message:
            return msgspec.structs.replace(held, caption=event.words)
    return held


def _in_draft(talk: Talk, draft: Draft, event: Edited) -> bool:
    words = event.words.strip()
    if draft.place is not None and draft.place.message == event.message != "":
        return _place(talk, draft, event)
    if draft.answer_message == event.message and draft.answer:
        talk.set_draft(answer=" ".join(words.split())[:60])
        return True
    if any(piece.message == event.message for piece in draft.words):
        pieces = tuple(
            Piece(piece.message, words) if piece.message == event.message else piece for piece in draft.words
        )
        talk.set_draft(words=tuple(piece for piece in pieces if piece.words), shop_words_left=False)
        return True
    if words and any(photo.id == f"{draft.id}.{event.message}" for photo in draft.photos):
        # A photo that had no caption has one now.
        talk.set(draft=with_words(draft, event.message, words))
        return True
    return False


def _place(talk: Talk, draft: Draft, event: Edited) -> bool:
    """The place was typed in that message, and perhaps more than the place."""
    bare = with_(draft, words=tuple(piece for piece in draft.words if piece.message != event.message))
    answer = place_typed(bare, Text(at=event.at, message=event.message, words=event.words), talk.facts)
    if answer is None or is_small_talk(event.words, talk.state.language):
        return False
    apply_answer(talk, answer)
    return True
