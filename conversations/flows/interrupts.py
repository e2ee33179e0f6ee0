"""Questions that interrupt, and what their answers do with the events that waited."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from conversations import urgency
from conversations.events import Event, Fetched, Found, Location, Media, Text
from conversations.flows import additions
from conversations.flows.danger import danger_line
from conversations.flows.media import own_data
from conversations.flows.place_step import place_echo
from conversations.flows.questions import go_on
from conversations.flows.report import NUDGE_AFTER, Content, holds_back, interrupt, start, take, touch
from conversations.flows.sending import put_away
from conversations.form import option
from conversations.state import Ask, Place
from conversations.talk import Talk

MOST_HELD = 20
HELD_FOR = timedelta(hours=24)


def hold(talk: Talk, kind: Literal["carry_on", "add_or_new"], event: Content | None, *data: str) -> None:
    """Keep what came until the person says what it belongs to."""
    waiting = waits(talk, kind)
    held = (*(waiting.held if waiting else ()), *((event,) if event else ()))
    interrupt(talk, Ask(kind, waiting.data if waiting else data, held=held[:MOST_HELD]))
    if len(held) > MOST_HELD:
        talk.say("held-full")
    if kind == "add_or_new" and waiting is None:
        talk.wake(f"held:{data[0]}", talk.facts.now, NUDGE_AFTER)
    go_on(talk)


def held_woke(talk: Talk, reference: str) -> None:
    """What waits to be told where it belongs is asked about once more, and gone after a day."""
    ask = waits(talk, "add_or_new")
    if ask is None or not ask.held or ask.data[:1] != (reference,):
        return
    since = ask.held[0].at
    if talk.facts.now - since >= HELD_FOR:
        talk.set(pending=tuple(one for one in talk.state.pending if one is not ask))
        talk.say("held-gone")
        return
    go_on(talk)
    talk.wake(f"held:{reference}", since, HELD_FOR)


def waits(talk: Talk, kind: str) -> Ask | None:
    """The question of that kind that is open."""
    return next((ask for ask in talk.state.pending if ask.kind == kind), None)


def forget_old(talk: Talk, at: datetime) -> None:
    """What has waited for a day is gone, as a draft would be."""
    ask = waits(talk, "add_or_new")
    if ask and ask.held and at - ask.held[0].at >= HELD_FOR:
        talk.set(pending=())


def answered(talk: Talk, kind: str, value: str) -> bool:
    """A button of the interruption that is open. False when it is another's."""
    if not talk.state.pending or talk.state.pending[0].kind != kind:
        return False
    ask = talk.state.pending[0]
    match kind, value:
        case "carry_on", "on":
            _settle(talk)
            touch(talk, talk.event.at)
            _release(talk, ask.held)
        case (("carry_on" | "add_or_new"), "new"):
            instead(talk, ask)
        case "add_or_new", "add":
            _add(talk, ask)
        case ("outside", "send") | ("outside" | "did_you_mean", "change" | "none"):
            _place(talk, ask.places[0] if value == "send" else None)
        case (("which_end" | "did_you_mean"), _) if value.isascii() and value.isdigit() and len(value) == 1:
            return int(value) < len(ask.places) and _place(talk, ask.places[int(value)])
        case "photo_facts", "use" | "no":
            _photo_facts(talk, ask, value)
        case _:
            return False
    return True


def _settle(talk: Talk) -> None:
    talk.set(pending=talk.state.pending[1:])


def instead(talk: Talk, ask: Ask | None, event: Content | None = None) -> None:
    """A new report of what waited, in place of the one that is open; its time is that of the first thing."""
    old = talk.state.draft
    put_away(talk)
    if old is not None and not old.of:
        talk.say("discarded-old", option(old.id, "discarded", "back"))
    held = (*(ask.held if ask else ()), *((event,) if event else ()))
    first: Event = held[0] if held else talk.event
    start(talk, first.at, getattr(first, "message", "0"))
    _release(talk, held)


def _release(talk: Talk, held: tuple[Event, ...]) -> None:
    """Let what waited into the draft, one after the other, and ask once."""
    for event in held:
        if isinstance(event, Text | Location | Media):
            before = list(talk.says)
            take(talk, event, late=event is not talk.event)
            # Each of them asks the next question; only the last one's still stands.
            if event is not held[-1]:
                talk.says[:] = [one for one in talk.says if one in before or not one.options]
    if not held:
        go_on(talk)


def _add(talk: Talk, ask: Ask) -> None:
    view = talk.facts.report(ask.data[0])
    if view is None or view.withdrawn:
        # It is gone meanwhile; what waited for it is not lost with it.
        talk.say("refused-gone", reference=ask.data[0])
        instead(talk, ask)
        return
    _settle(talk)
    for event in ask.held:
        if isinstance(event, Text | Media | Location):
            additions.add(talk, ask.data[0], event)
    if talk.acts:
        talk.say("added", reference=ask.data[0])


def _place(talk: Talk, place: Place | None) -> bool:
    _settle(talk)
    if place is not None:
        talk.set_draft(place=place)
        talk.say_phrases(place_echo(place))
    go_on(talk)
    return True


def _photo_facts(talk: Talk, ask: Ask, value: str) -> None:
    _settle(talk)
    if value == "use":
        if ask.places:
            talk.set_draft(place=ask.places[0])
        if ask.data:
            talk.set_draft(photo_at=datetime.fromtimestamp(float(ask.data[0]), UTC))
    go_on(talk)


def fetched(talk: Talk, event: Fetched) -> None:
    """A picture's own data says where or when it was taken: offered as answers, never taken unasked."""
    places, data = own_data(talk, event)
    if (places or data) and not holds_back(talk):
        interrupt(talk, Ask("photo_facts", data, places=places))
        go_on(talk)


def found(talk: Talk, event: Found) -> None:
    """What the geocoder makes of a typed place: asked, if it still matters."""
    draft = talk.state.draft
    if draft is None or draft.id != event.subject or draft.place is None or not event.hits:
        return
    if draft.place.kind != "typed" or draft.place.name != event.query or holds_back(talk):
        return
    message = draft.place.message
    places = tuple(Place("known", hit.name[:80], hit.lat, hit.lon, message=message) for hit in event.hits)
    interrupt(talk, Ask("did_you_mean", (event.query,), places=places))
    go_on(talk)


def say_if_urgent(talk: Talk, event: Content) -> None:
    """The 999 line at once, though the words themselves have to wait."""
    words = event.words if isinstance(event, Text) else getattr(event, "caption", "")
    if urgency.is_urgent(words):
        talk.say_phrases(danger_line(talk))
