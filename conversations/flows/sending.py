"""The end of a draft: sent, changed once more, discarded, brought back, or gone by itself."""

from datetime import datetime, timedelta

import msgspec

from conversations import urgency
from conversations.acts import ChangeKind, FileReport, ForgetMedia
from conversations.flows.questions import draft_name, go_on
from conversations.flows.report import GONE_AFTER, NUDGE_AFTER, apply_answer, clear, start
from conversations.flows.report_steps import STEPS, PhotoShowsStep, photos_removed, words_of
from conversations.form import next_step, option
from conversations.state import Draft
from conversations.talk import Talk

BRING_BACK = timedelta(minutes=10)


def card_tapped(talk: Talk, value: str) -> bool:
    """[Send], [Change] or [Discard] on the card. False when the card is not what is open."""
    draft = talk.state.draft
    assert draft is not None
    match value:
        case "send":
            return send(talk)
        case "change" if next_step(STEPS, draft, talk.facts) is None:
            talk.set_draft(changing=True)
            go_on(talk)
            return True
        case "discard":
            discard(talk)
            return True
    return False


def change_tapped(talk: Talk, value: str) -> bool:
    """A line of the list of what can be changed: that answer is cleared and asked again."""
    draft = talk.state.draft
    assert draft is not None
    if not draft.changing:
        return False
    match value:
        case "back":
            talk.set_draft(changing=False)
        case "name_out" | "name_in":
            talk.set_draft(changing=False, name_out=value == "name_out", shop_words_left=False)
        case _ if any(step.name == value for step in STEPS):
            clear(talk, value)
        case _:
            return False
    go_on(talk)
    return True


def send(talk: Talk) -> bool:
    """File the draft, or the change of a kind. What may be skipped is; what may not is asked."""
    draft = talk.state.draft
    assert draft is not None
    if PhotoShowsStep().open(draft, talk.facts):
        removed = photos_removed(draft)
        apply_answer(talk, removed)
        talk.say("photo-delete-yours")
        draft = removed.draft
    if draft.category is None or draft.place is None or talk.facts.scheme.category(draft.category) is None:
        return False
    member = talk.facts.member
    if member is None or not member.active:
        suspended(talk)
        return True
    talk.set(pending=())
    if draft.of:
        talk.act(ChangeKind(draft.of, draft.category, draft.answer, draft.under_18))
    else:
        talk.act(FileReport(draft, urgency.is_urgent(words_of(draft)), talk.state.language))
    return True


def suspended(talk: Talk) -> None:
    """Nothing can be sent for this business just now; the draft stays."""
    about = talk.facts.scheme.about
    member = talk.facts.member
    talk.say(
        "suspended",
        business=member.business if member else "",
        bid=about.contact.phone,
        council=about.council_phone,
        non_urgent=about.non_urgent,
    )


def discard(talk: Talk) -> None:
    """Put the draft away for ten minutes, then for ever."""
    draft = talk.state.draft
    assert draft is not None
    at = talk.facts.now
    if draft.of:
        # A report that is sent has nothing to bring back.
        talk.set(draft=None, pending=())
        talk.say("change-kind-left", reference=draft.of)
        return
    talk.set(draft=None, pending=(), discarded=draft, discarded_at=at)
    talk.say("discarded")
    talk.say("discarded-offer", option(draft.id, "discarded", "back"))
    talk.wake(f"discarded:{draft.id}", at, BRING_BACK)


def bring_back(talk: Talk, subject: str) -> bool:
    """[Bring it back], within ten minutes. A draft opened since is put away in its place."""
    draft, since = talk.state.discarded, talk.state.discarded_at
    if draft is None or since is None or draft.id != subject or talk.facts.now - since > BRING_BACK:
        return False
    other = talk.state.draft
    talk.set(draft=msgspec.structs.replace(draft, touched_at=talk.event.at), discarded=None, discarded_at=None)
    if other is not None:
        talk.set(discarded=other, discarded_at=talk.facts.now, pending=())
        talk.wake(f"discarded:{other.id}", talk.facts.now, BRING_BACK)
    talk.wake(f"draft:{draft.id}", talk.facts.now, NUDGE_AFTER)
    talk.say("brought-back")
    go_on(talk)
    return True


def put_away(talk: Talk) -> None:
    """Make room for another report: the open draft can be brought back for ten minutes."""
    draft = talk.state.draft
    if draft is None:
        return
    if draft.of:
        talk.set(draft=None, pending=())
        return
    talk.set(draft=None, pending=(), discarded=draft, discarded_at=talk.facts.now)
    talk.wake(f"discarded:{draft.id}", talk.facts.now, BRING_BACK)


def drop_if_gone(talk: Talk, at: datetime) -> None:
    """A draft untouched for a day is gone, with its photos."""
    draft = talk.state.draft
    if draft is not None and at - draft.touched_at >= GONE_AFTER:
        forget(talk, draft)
        talk.set(draft=None, pending=())


def forget(talk: Talk, draft: Draft) -> None:
    """Remove a draft's photos; those of a report that was sent are the report's."""
    if draft.photos and not draft.of:
        talk.act(ForgetMedia(tuple(photo.id for photo in draft.photos)))


def draft_woke(talk: Talk, id: str) -> None:
    """Half an hour after the last touch: one nudge. A day after it: gone."""
    draft = talk.state.draft
    if draft is None or draft.id != id:
        return
    since = talk.facts.now - draft.touched_at
    if since >= GONE_AFTER:
        name = draft_name(draft, talk.facts, talk.state.language)
        drop_if_gone(talk, talk.facts.now)
        talk.say("draft-gone", draft=name)
    elif since >= NUDGE_AFTER and not draft.nudged:
        talk.set_draft(nudged=True)
        name = draft_name(draft, talk.facts, talk.state.language)
        options = (option(draft.id, "nudge", "on"), option(draft.id, "nudge", "discard"))
        talk.say("nudge", *options, draft=name)
        talk.wake(f"draft:{id}", draft.touched_at, GONE_AFTER)
    else:
        talk.wake(f"draft:{id}", draft.touched_at, GONE_AFTER if draft.nudged else NUDGE_AFTER)


def discarded_woke(talk: Talk, id: str) -> None:
    """Ten minutes after [Discard]: nothing can be brought back any more."""
    draft, since = talk.state.discarded, talk.state.discarded_at
    if draft is None or since is None or draft.id != id or talk.facts.now - since < BRING_BACK:
        return
    forget(talk, draft)
    talk.set(discarded=None, discarded_at=None)


def nudge_tapped(talk: Talk, value: str) -> bool:
    """[Carry on] or [Discard] under the nudge."""
    if value == "discard":
        discard(talk)
        return True
    if value != "on":
        return False
    talk.set_draft(touched_at=talk.event.at, nudged=False)
    go_on(talk)
    return True


def new_report(talk: Talk) -> None:
    """[Report now] or /report: the first question, or what to do with the report that is open."""
    if talk.state.draft is None:
        start(talk, talk.event.at, getattr(talk.event, "message", "0"))
    go_on(talk)
