"""Questions that interrupt, and what their answers do with the events that waited."""

from datetime import UTC, datetime

from conversations.events import Event, Location, Media, Text
from conversations.flows import follow_up
from conversations.flows.questions import go_on
from conversations.flows.report import interrupt, start, take, warn
from conversations.flows.report_steps import place_echo
from conversations.flows.sending import put_away
from conversations.form import option
from conversations.state import Ask
from conversations.talk import Talk

MOST_HELD = 20


def answered(talk: Talk, kind: str, value: str) -> bool:
    """A button of the interruption that is open. False when it is another's."""
    if not talk.state.pending or talk.state.pending[0].kind != kind:
        return False
    ask = talk.state.pending[0]
    match kind, value:
        case "carry_on", "on" | "new":
            _carry_on(talk, ask, value)
        case "add_or_new", "add" | "new":
            _add_or_new(talk, ask, value)
        case "outside", "send" | "change":
            _place_or_not(talk, ask, 0 if value == "send" else None)
        case "which_end", _ if value.isdigit() and int(value) < len(ask.places):
            _place_or_not(talk, ask, int(value))
        case "did_you_mean", "none":
            _settled(talk)
            go_on(talk)
        case "did_you_mean", _ if value.isdigit() and int(value) < len(ask.places):
            _place_or_not(talk, ask, int(value))
        case "photo_facts", "use" | "no":
            _photo_facts(talk, ask, value)
        case _:
            return False
    return True


def _settled(talk: Talk) -> None:
    talk.set(pending=talk.state.pending[1:])


def _carry_on(talk: Talk, ask: Ask, value: str) -> None:
    _settled(talk)
    if value == "on":
        talk.set_draft(touched_at=talk.event.at, nudged=False)
    else:
        old = talk.state.draft
        put_away(talk)
        if old and not old.of:
            talk.say("discarded-old", option(old.id, "discarded", "back"))
        _restart(talk, ask)
    _release(talk, ask.held)


def _restart(talk: Talk, ask: Ask) -> None:
    """A new report of what waited: its time is that of the first thing that waited."""
    away, since = talk.state.discarded, talk.state.discarded_at
    first: Event = ask.held[0] if ask.held else talk.event
    start(talk, first.at, getattr(first, "message", "0"))
    talk.set(discarded=away, discarded_at=since)


def _add_or_new(talk: Talk, ask: Ask, value: str) -> None:
    _settled(talk)
    if value == "new":
        _restart(talk, ask)
        _release(talk, ask.held)
        return
    for event in ask.held:
        if isinstance(event, Text | Media | Location):
            follow_up.add(talk, ask.data[0], event)
    talk.say("added", reference=ask.data[0])


def _release(talk: Talk, held: tuple[Event, ...]) -> None:
    """Let what waited into the draft, one after the other, and ask once."""
    for event in held:
        if isinstance(event, Text | Location | Media):
            said = len(talk.says)
            take(talk, event)
            # Each of them asks the next question; only the last one's still stands.
            if event is not held[-1]:
                talk.says[said:] = [one for one in talk.says[said:] if not one.options]
    if not held:
        go_on(talk)


def _place_or_not(talk: Talk, ask: Ask, index: int | None) -> None:
    _settled(talk)
    if index is not None:
        place = ask.places[index]
        talk.set_draft(place=place)
        talk.say_phrases(place_echo(place))
    go_on(talk)


def _photo_facts(talk: Talk, ask: Ask, value: str) -> None:
    _settled(talk)
    if value == "use":
        if ask.places:
            talk.set_draft(place=ask.places[0])
        if ask.data:
            talk.set_draft(photo_at=datetime.fromtimestamp(float(ask.data[0]), UTC))
    go_on(talk)


def hold(talk: Talk, kind: str, event: Event | None, data: tuple[str, ...] = ()) -> None:
    """Keep what came until the person says what it belongs to."""
    waiting = next((ask for ask in talk.state.pending if ask.kind == kind), None)
    held = (*(waiting.held if waiting else ()), *((event,) if event else ()))
    interrupt(talk, Ask(kind, data, held[:MOST_HELD]))  # type: ignore[arg-type]
    if len(held) > MOST_HELD:
        talk.say("held-full")
    go_on(talk)


__all__ = ["answered", "hold", "warn"]
