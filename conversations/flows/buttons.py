"""A button was pressed: whose it is, and what happens when it is nobody's any more."""

from collections.abc import Callable
from datetime import timedelta

from conversations.flows import (
    enrol,
    follow_up,
    interrupts,
    left_alone,
    privacy,
    report,
    reports,
    sending,
    still,
)
from conversations.flows import (
    help as helping,
)
from conversations.flows.filed import sent_options
from conversations.flows.questions import go_on, question_now, say_and_go_on
from conversations.talk import Talk

DOUBLE_TAP = timedelta(seconds=5)
LONGEST_DATA = 64

# Open to strangers too.
_ANYBODY: dict[str, Callable[[Talk, str], bool]] = {"join": enrol.tapped, "privacy": privacy.tapped}

_MEMBERS: dict[str, Callable[[Talk, str], bool]] = {"reports": reports.tapped, "still": still.tapped}

_DRAFTS: dict[str, Callable[[Talk, str], bool]] = {
    "nudge": left_alone.nudge_tapped,
    "card": sending.card_tapped,
    "change": sending.change_tapped,
}

_INTERRUPTIONS = ("add_or_new", "carry_on", "did_you_mean", "outside", "photo_facts", "which_end")


def parts(data: str) -> tuple[str, str, str]:
    """Subject, step and value; empty where a client sends what none of our buttons carries."""
    if len(data) > LONGEST_DATA or not (data.isascii() and data.isprintable()):
        return "", "", ""
    subject, _, rest = data.partition(":")
    step, _, value = rest.partition(":")
    return subject, step, value


def pressed(talk: Talk, subject: str, step: str, value: str) -> bool:
    """Do what the button says. False when it fits nothing that is open: an old one."""
    draft = talk.state.draft
    if step == "menu":
        return _menu(talk, value)
    if step == "writing":
        return _stop_writing(talk, value)
    if do := _ANYBODY.get(step):
        return do(talk, value)
    if talk.facts.member is None:
        return False
    if do := _MEMBERS.get(step):
        return do(talk, value)
    if step == "sent":
        return follow_up.tapped(talk, subject, value)
    if step == "discarded":
        return value == "back" and sending.bring_back(talk, subject)
    if step == "add_or_new":
        ask = interrupts.waits(talk, step)
        return ask is not None and ask.data[0] == subject and interrupts.answered(talk, step, value)
    if draft is None or subject != draft.id:
        return False
    if step in _INTERRUPTIONS:
        return interrupts.answered(talk, step, value)
    if do := _DRAFTS.get(step):
        return do(talk, value)
    return report.tapped(talk, step, value)


def _menu(talk: Talk, value: str) -> bool:
    match value:
        case "help":
            helping.show(talk)
        case "deaf":
            helping.deaf(talk)
        case "bid":
            helping.bid(talk)
        case "on" if talk.facts.member or talk.state.joining or talk.state.writing:
            go_on(talk)
        case _:
            return False
    return True


def _stop_writing(talk: Talk, value: str) -> bool:
    if not talk.state.writing or value != "stop":
        return False
    talk.set(writing=None)
    talk.say("writing-stopped")
    if talk.state.draft or talk.state.pending or talk.state.joining:
        go_on(talk)
    return True


def old(talk: Talk, subject: str) -> None:
    """A button that fits no more: where things stand, and nothing changes."""
    if talk.facts.member is None and not talk.state.writing:
        if talk.state.joining:
            enrol.ask(talk)
        else:
            enrol.stranger(talk)
        return
    sent = talk.facts.report_of_draft(subject) if subject else None
    if sent is not None:
        busy = question_now(talk.state, talk.facts) is not None
        talk.say("sent-already", *(() if busy else sent_options(sent.reference)), reference=sent.reference)
        if busy:
            go_on(talk)
        return
    say_and_go_on(talk, "old-button")
