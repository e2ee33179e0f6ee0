"""What is added to a report that is sent."""

from conversations.acts import AddToReport
from conversations.events import Edited, Location, Media, Text
from conversations.facts import ReportView
from conversations.flows.drafts import MOST_WORDS
from conversations.flows.filed import sent_options
from conversations.flows.media import keep_order, shows_people
from conversations.flows.place_step import pinned
from conversations.state import Piece
from conversations.talk import Talk


def added(talk: Talk, reference: str, event: Text | Media | Location) -> None:
    """[Add to it], and then what was to be added."""
    talk.set(writing=None)
    if add(talk, reference, event):
        talk.say("added", *sent_options(reference), reference=reference)


def add(talk: Talk, reference: str, event: Text | Media | Location) -> bool:
    """Words, a photo or a pin join a report that is sent. False when nothing could be added."""
    view = talk.facts.report(reference)
    if view is None or view.withdrawn:
        talk.say("refused-gone", reference=reference)
        return False
    match event:
        case Text():
            return _add_words(talk, view, event.message, event.words)
        case Location():
            return _add_words(talk, view, event.message, _place_in_words(talk, view, event))
        case Media():
            return _add_media(talk, view, event)


def _add_words(talk: Talk, view: ReportView, message: str, words: str, *, edited: bool = False) -> bool:
    if len(view.words) + len(words) > MOST_WORDS:
        talk.say("report-full", reference=view.reference)
        return False
    talk.act(AddToReport(view.reference, Piece(message, words), edited=edited))
    return True


def _place_in_words(talk: Talk, view: ReportView, pin: Location) -> str:
    """A pin as words; without its numbers where the shop is not to be named, as they may be the shop's."""
    name = pinned(pin, talk.facts).name
    return name if view.name_out else f"{name} ({pin.lat:.5f}, {pin.lon:.5f})"


def _add_media(talk: Talk, view: ReportView, media: Media) -> bool:
    worded = bool(media.caption.strip()) and _add_words(talk, view, media.message, media.caption)
    kind = talk.facts.scheme.category(view.category)
    pictured = shows_people(media)
    if pictured and kind and kind.keep_pictures_for_police:
        talk.say("photo-police")
    elif pictured and view.under_18 == "yes":
        talk.say("photo-under18")
    elif pictured and kind and (kind.people or kind.photo == "none"):
        # Nobody can be asked what it shows once the report is out.
        talk.say("photo-not-people")
    else:
        talk.act(keep_order(f"{view.draft}.{media.message}", view.draft, media, view.reference))
        return True
    return worded


def late_piece(talk: Talk, media: Media) -> bool:
    """A straggler of an album whose report is sent already joins it without a word."""
    sent, draft = talk.state.sent, talk.state.draft
    if sent is None or media.album is None or media.album not in sent.albums:
        return False
    if draft is not None and media.album in draft.albums:
        return False
    add(talk, sent.reference, media)
    return True


def edited(talk: Talk, event: Edited) -> bool:
    """A message of the report just sent was changed: the change is added, the first words stay."""
    sent = talk.state.sent
    if sent is None or event.message not in sent.messages or not event.words.strip():
        return False
    view = talk.facts.report(sent.reference)
    if view is not None and _add_words(talk, view, event.message, event.words, edited=True):
        talk.say("edited-sent", reference=sent.reference)
    return True
