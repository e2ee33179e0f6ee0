"""A report being made: what people send goes into the form, and the next question comes out."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from conversations import urgency
from conversations.acts import ForgetMedia
from conversations.events import Location, Media, Text
from conversations.flows.danger import warn
from conversations.flows.drafts import category_of, is_blank, with_, with_words, words_of
from conversations.flows.media import take_media
from conversations.flows.place_step import place_meant, place_pinned, place_within
from conversations.flows.questions import go_on
from conversations.flows.report_steps import BY_NAME, STEPS
from conversations.flows.typed import is_small_talk, typed_option
from conversations.folding import tokens
from conversations.form import Answer, cleared, next_step
from conversations.says import Phrase
from conversations.state import Ask, Draft
from conversations.talk import Talk, short_id
from conversations.wording import LANGUAGES, label_of

NUDGE_AFTER = timedelta(minutes=30)
MOST_PENDING = 3

PLACE_ASKS = ("outside", "which_end", "did_you_mean")

# Questions that hold what people sent back until they are answered.
HOLDING_ASKS = ("carry_on", "add_or_new")

Content = Text | Location | Media


def start(talk: Talk, at: datetime, message: str, **known: Any) -> None:
    """Open a report. In danger comes first."""
    # A button's message is that of its prompt, which may be pressed on two days: the time is part of the id.
    draft_id = short_id(talk.facts.address, f"{message}@{at.timestamp()}")
    # No provider's clock may put a report, or its end, into the future.
    moment = min(at, talk.facts.now)
    started_at = known.pop("started_at", moment)
    talk.set(draft=Draft(id=draft_id, started_at=started_at, touched_at=moment, **known), writing=None)
    warn(talk)
    talk.wake(f"draft:{draft_id}", talk.facts.now, NUDGE_AFTER)


def touch(talk: Talk, at: datetime) -> None:
    """The draft is being worked on; the next half hour of silence is nudged again."""
    draft = _draft(talk)
    moment = max(draft.touched_at, min(at, talk.facts.now))
    talk.set_draft(touched_at=moment, nudged=False)
    if draft.nudged:
        talk.wake(f"draft:{draft.id}", talk.facts.now, NUDGE_AFTER)


def take(talk: Talk, event: Content, *, late: bool = False) -> None:
    """Put what a person sent into the open draft, whatever was asked, and go on.

    `late`: it was sent before the question that is open now, so that words are no answer to it.
    """
    touch(talk, event.at)
    talk.set_draft(changing=False)
    match event:
        case Text():
            _take_text(talk, event, late=late)
        case Location():
            apply_answer(talk, place_pinned(_draft(talk), event, talk.facts))
        case Media():
            take_media(talk, event)
    go_on(talk)


def _draft(talk: Talk) -> Draft:
    assert talk.state.draft is not None
    return talk.state.draft


def _take_text(talk: Talk, text: Text, *, late: bool) -> None:
    if urgency.is_urgent(text.words):
        # Never an answer to something else: whatever was asked stays open.
        _add_words(talk, text)
        warn(talk, text.words)
        return
    if is_stale_place_label(talk, text.words) or is_small_talk(text.words, talk.state.language):
        return
    answer = None if late else heard(talk, text)
    if answer:
        apply_answer(talk, answer)
        return
    asked = next_step(STEPS, _draft(talk), talk.facts)
    first = is_blank(_draft(talk)) or (asked is not None and asked.name == "words")
    _add_words(talk, text)
    if not late and (talk.state.pending or (asked and not first)):
        talk.say("kept-words")


def heard(talk: Talk, text: Text) -> Answer | None:
    """The words as an answer to what is being asked; None where they are none."""
    draft, facts = _draft(talk), talk.facts
    if draft.place is None and tokens(text.words) == _label("option-place-shop", talk.state.language):
        return BY_NAME["place"].accept(draft, "shop", facts, talk.state.language)
    if asks := [ask for ask in talk.state.pending if ask.kind in PLACE_ASKS]:
        return place_meant(draft, text, asks[0].places) or place_within(draft, text, asks[0], facts)
    step = None if talk.state.pending else next_step(STEPS, draft, facts)
    return step.hear(draft, text, facts, talk.state.language) if step else None


def _add_words(talk: Talk, text: Text) -> None:
    before = _draft(talk)
    draft = with_words(before, text.message, text.words)
    talk.set(draft=draft)
    if len(words_of(draft)) - len(words_of(before)) < len(text.words.strip()):
        talk.say("words-full")


def is_stale_place_label(talk: Talk, words: str) -> bool:
    """A button of the place question, pressed again from the keyboard that its answer has taken away."""
    said, draft = tokens(words), talk.state.draft
    if draft is not None and draft.place is None:
        return False
    if draft is not None and draft.place is not None and said and said == tokens(draft.place.name):
        return True
    keys = ("option-place-shop", "option-place-pin")
    return any(said == _label(key, language) for key in keys for language in LANGUAGES)


@lru_cache(maxsize=64)
def _label(key: str, language: str) -> list[str]:
    """The words of a button, as they would be typed."""
    return tokens(label_of(Phrase(key), language))


def tapped(talk: Talk, name: str, value: str) -> bool:
    """A button of one of the form's questions. False when that question is not open: an old button."""
    step = BY_NAME.get(name)
    if step is None or not step.open(_draft(talk), talk.facts) or holds_back(talk):
        return False
    answer = step.accept(_draft(talk), value, talk.facts, talk.state.language)
    if answer is None:
        return False
    apply_answer(talk, answer)
    touch(talk, talk.event.at)
    go_on(talk)
    return True


def holds_back(talk: Talk) -> bool:
    """Whether something waits for the person to say where it belongs."""
    return any(ask.kind in HOLDING_ASKS for ask in talk.state.pending)


def apply_answer(talk: Talk, answer: Answer) -> None:
    """Take the answer into the draft, say and order what follows from it."""
    before = _draft(talk)
    talk.set(draft=answer.draft)
    if answer.draft.place != before.place:
        # A place is an answer to every question about the place.
        talk.set(pending=tuple(ask for ask in talk.state.pending if ask.kind not in PLACE_ASKS))
    if answer.ask:
        interrupt(talk, answer.ask)
    talk.say_phrases(*answer.echo)
    talk.act(*answer.acts)


def interrupt(talk: Talk, ask: Ask) -> None:
    """Put a question before all others; one of a kind, and at most three. What holds something back stays."""
    others = tuple(one for one in talk.state.pending if one.kind != ask.kind)
    kept = tuple(one for one in others if one.kind in HOLDING_ASKS)
    rest = tuple(one for one in others if one.kind not in HOLDING_ASKS)
    talk.set(
        pending=((ask, *kept, *rest) if ask.kind in HOLDING_ASKS else (*kept, ask, *rest))[:MOST_PENDING]
    )


def clear(talk: Talk, name: str) -> None:
    """Take an answer back and ask it again; photos that go are removed here."""
    draft = cleared(STEPS, _draft(talk), name)
    if name == "photo" and draft.photos:
        talk.act(ForgetMedia(tuple(photo.id for photo in draft.photos)))
        draft = with_(draft, photos=(), albums=())
    talk.set(draft=with_(draft, changing=False))


def typed(talk: Talk, words: str) -> str | None:
    """The button that typed words stand for: of the open question, or [Send] ahead of what may be skipped."""
    if urgency.is_urgent(words):
        return None
    if data := typed_option(talk, words):
        return data
    draft = talk.state.draft
    if draft is None or tokens(words) != _label("option-card-send", talk.state.language):
        return None
    ready = category_of(draft, talk.facts) is not None and draft.place is not None
    return f"{draft.id}:card:send" if ready else None
