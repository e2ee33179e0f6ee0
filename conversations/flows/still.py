"""Still working there? Asked every 90 days, so that a phone that left its shop stops reporting for it."""

from datetime import timedelta

from conversations.acts import ForgetMedia, Leave
from conversations.form import options
from conversations.says import say
from conversations.state import State
from conversations.talk import Talk

ASK_EVERY = timedelta(days=90)
PAUSE_AFTER = timedelta(days=14)


def arm(talk: Talk) -> None:
    """Ask in 90 days."""
    talk.wake("still", talk.facts.now, ASK_EVERY)


def woke(talk: Talk) -> None:
    """The 90 days are over."""
    if talk.facts.member is None or talk.state.still_asked_at is not None:
        return
    talk.set(still_asked_at=talk.facts.now)
    _ask(talk)


def _ask(talk: Talk) -> None:
    member = talk.facts.member
    talk.says.append(
        say("still-ask", *options("-", "still", "yes", "no"), business=member.business if member else "")
    )


def is_paused(talk: Talk) -> bool:
    """Whether the question has waited for so long that the phone reports for nobody until it is answered."""
    asked = talk.state.still_asked_at
    return asked is not None and talk.facts.member is not None and talk.facts.now - asked >= PAUSE_AFTER


def ask_first(talk: Talk) -> None:
    """Of a phone that is paused: nothing is taken before it has answered."""
    talk.say("still-first")
    _ask(talk)


def tapped(talk: Talk, value: str) -> bool:
    """[Yes] or [I've left]. False when nobody asked."""
    member = talk.facts.member
    if talk.state.still_asked_at is None or member is None or value not in ("yes", "no"):
        return False
    talk.set(still_asked_at=None)
    if value == "yes":
        arm(talk)
        talk.say("still-yes")
    else:
        # Who left the shop asks for nothing to be erased: their reports stay with those who have them.
        left(talk, Leave(erase=False))
    return True


def left(talk: Talk, order: Leave) -> None:
    """The phone reports for nobody any more; what was not sent goes, with its photos."""
    member, state = talk.facts.member, talk.state
    drafts = [draft for draft in (state.draft, state.discarded) if draft is not None and not draft.of]
    if photos := tuple(photo.id for draft in drafts for photo in draft.photos):
        talk.act(ForgetMedia(photos))
    talk.act(order)
    talk.state = State(
        language=state.language,
        wrong_codes=state.wrong_codes,
        place_open=state.place_open,
        prompt=state.prompt,
        tapped=state.tapped,
        tapped_at=state.tapped_at,
    )
    talk.say("left", business=member.business if member else "")
