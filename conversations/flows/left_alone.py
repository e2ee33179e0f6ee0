"""A draft left alone: nudged once, and gone after a day."""

from datetime import datetime, timedelta

from conversations.flows.interrupts import answered, instead, waits
from conversations.flows.questions import draft_name, go_on
from conversations.flows.report import NUDGE_AFTER, touch
from conversations.flows.sending import BRING_BACK, discard, forget
from conversations.form import options
from conversations.talk import Talk

GONE_AFTER = timedelta(hours=24)


def drop_if_gone(talk: Talk, at: datetime) -> None:
    """A draft untouched for a day is gone, with its photos. What waited behind it is a report of its own."""
    draft = talk.state.draft
    if draft is None or at - draft.touched_at < GONE_AFTER:
        return
    ask = waits(talk, "carry_on")
    if not draft.of:
        talk.say("draft-gone", draft=draft_name(draft, talk.facts, talk.state.language))
        forget(talk, draft)
    talk.set(draft=None, pending=())
    if ask and ask.held:
        instead(talk, ask)


def woke(talk: Talk, draft_id: str) -> None:
    """Half an hour after the last touch: one nudge. A day after it: gone."""
    draft = talk.state.draft
    if draft is None or draft.id != draft_id:
        return
    since = talk.facts.now - draft.touched_at
    if since >= GONE_AFTER:
        drop_if_gone(talk, talk.facts.now)
    elif since >= NUDGE_AFTER and not draft.nudged:
        talk.set_draft(nudged=True)
        talk.wake(f"draft:{draft_id}", draft.touched_at, GONE_AFTER)
        if not draft.of and not waits(talk, "carry_on"):
            name = draft_name(draft, talk.facts, talk.state.language)
            talk.say("nudge", *options(draft.id, "nudge", "on", "discard"), draft=name)
    else:
        talk.wake(f"draft:{draft_id}", draft.touched_at, GONE_AFTER if draft.nudged else NUDGE_AFTER)


def nudge_tapped(talk: Talk, value: str) -> bool:
    """[Carry on] or [Discard] under the nudge."""
    if value not in ("on", "discard"):
        return False
    if waits(talk, "carry_on"):
        return answered(talk, "carry_on", "on" if value == "on" else "new")
    if value == "discard":
        discard(talk)
        return True
    touch(talk, talk.event.at)
    go_on(talk)
    return True


def discarded_woke(talk: Talk, draft_id: str) -> None:
    """Ten minutes after [Discard]: nothing can be brought back any more."""
    draft, since = talk.state.discarded, talk.state.discarded_at
    if draft is None or since is None or draft.id != draft_id or talk.facts.now - since < BRING_BACK:
        return
    forget(talk, draft)
    talk.set(discarded=None, discarded_at=None)
