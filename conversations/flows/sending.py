"""The end of a draft: sent, changed once more, discarded, or brought back."""

from datetime import timedelta

from conversations import urgency
from conversations.acts import ChangeKind, FileReport, ForgetMedia
from conversations.flows.drafts import with_, words_of
from conversations.flows.photo_steps import PhotoShowsStep, unclear_removed
from conversations.flows.questions import go_on
from conversations.flows.report import NUDGE_AFTER, apply_answer, clear, holds_back, touch
from conversations.flows.report_steps import BY_NAME, STEPS
from conversations.form import next_step, option
from conversations.state import Draft
from conversations.talk import Talk

BRING_BACK = timedelta(minutes=10)

# Questions that [Send] does not pass over; photos unasked about are removed instead.
_MUST = ("category", "place", "under18", "shopwords")


def card_tapped(talk: Talk, value: str) -> bool:
    """[Send], [Change] or [Discard] on the card. False when the card is not what is open."""
    draft = talk.state.draft
    assert draft is not None
    if holds_back(talk):
        return False
    match value:
        case "send":
            return send(talk)
        case "change" if next_step(STEPS, draft, talk.facts) is None and not draft.of:
            touch(talk, talk.event.at)
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
    if not draft.changing or holds_back(talk):
        return False
    match value:
        case "back":
            talk.set_draft(changing=False)
        case "name_out" | "name_in":
            talk.set_draft(changing=False, name_out=value == "name_out", shop_words_left=False)
        case _ if value in BY_NAME:
            clear(talk, value)
        case _:
            return False
    touch(talk, talk.event.at)
    go_on(talk)
    return True


def send(talk: Talk) -> bool:
    """File the draft, or the change of a kind. What may be skipped is; what may not is asked."""
    draft = talk.state.draft
    assert draft is not None
    if any(BY_NAME[name].open(draft, talk.facts) for name in _MUST):
        talk.say("not-yet")
        go_on(talk)
        return True
    if PhotoShowsStep().open(draft, talk.facts):
        removed = unclear_removed(draft)
        apply_answer(talk, removed)
        draft = removed.draft
    member = talk.facts.member
    if member is None or not member.active:
        suspended(talk)
        return True
    talk.set(pending=())
    if draft.of:
        _change_kind(talk, draft)
    else:
        talk.act(FileReport(draft, urgency.is_urgent(words_of(draft)), talk.state.language))
    return True


def _change_kind(talk: Talk, draft: Draft) -> None:
    assert draft.of is not None
    assert draft.category is not None
    view = talk.facts.report(draft.of)
    kept = {photo.id for photo in draft.photos}
    gone = tuple(photo for photo in (view.photos if view else ()) if photo not in kept)
    if gone:
        # The new kind's rules hold before anything leaves under it.
        talk.act(ForgetMedia(gone))
    talk.act(ChangeKind(draft.of, draft.category, draft.answer, draft.under_18))


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
    put_away(talk)
    talk.set(writing=None)
    if draft.of:
        # A report that is sent has nothing to bring back.
        talk.say("change-kind-left", reference=draft.of)
        return
    talk.say("discarded")
    talk.say("discarded-offer", option(draft.id, "discarded", "back"))


def put_away(talk: Talk) -> None:
    """Make room: the open draft can be brought back for ten minutes, one put away before it no more."""
    draft, older = talk.state.draft, talk.state.discarded
    talk.set(draft=None, pending=())
    if draft is None or draft.of:
        return
    if older is not None:
        forget(talk, older)
    talk.set(discarded=with_(draft, changing=False), discarded_at=talk.facts.now)
    talk.wake(f"discarded:{draft.id}", talk.facts.now, BRING_BACK)


def bring_back(talk: Talk, subject: str) -> bool:
    """[Bring it back], within ten minutes. A draft opened since is put away in its place."""
    draft, since = talk.state.discarded, talk.state.discarded_at
    if draft is None or since is None or draft.id != subject or talk.facts.now - since > BRING_BACK:
        return False
    if holds_back(talk):
        return False
    talk.set(discarded=None, discarded_at=None)
    put_away(talk)
    talk.set(draft=with_(draft, touched_at=talk.facts.now, nudged=False), writing=None)
    talk.wake(f"draft:{draft.id}", talk.facts.now, NUDGE_AFTER)
    talk.say("brought-back")
    go_on(talk)
    return True


def forget(talk: Talk, draft: Draft) -> None:
    """Remove a draft's photos; those of a report that was sent are the report's."""
    if draft.photos and not draft.of:
        talk.act(ForgetMedia(tuple(photo.id for photo in draft.photos)))
