"""The dialogue: what happened goes in, and the new state, what to say and what to do come out.

Pure, and total: no event in any state makes it raise. The order of this module is the order of the rules:
commands, buttons, the way in, what was promised ("the next words are ..."), the open report, a new one.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from conversations import urgency
from conversations.acts import MarkBlocked
from conversations.events import (
    Back,
    Blocked,
    Choice,
    Command,
    Done,
    Edited,
    Enrolled,
    Event,
    FetchFailed,
    Fetched,
    Filed,
    Found,
    Location,
    Media,
    Refused,
    Text,
    Unreadable,
    Woke,
)
from conversations.facts import Facts
from conversations.flows import enrol, follow_up, help, interrupts, privacy, report, reports, sending
from conversations.flows.questions import go_on, menu, question_now
from conversations.flows.report_steps import BY_NAME
from conversations.folding import tokens
from conversations.says import Phrase, Say
from conversations.state import State
from conversations.talk import Talk, Transition

ALBUM_SILENCE_S = 1.5
DOUBLE_TAP = timedelta(seconds=5)

# Whole messages that mean a command; everything else is what somebody saw.
SPOKEN_COMMANDS = {
    "report": "report", "reports": "reports", "help": "help", "privacy": "privacy", "discard": "discard",
    "menu": "menu", "start": "start",
}  # fmt: skip
SMALL_TALK = frozenset(
    "hi hello hey thanks thank you cheers ok okay yes no good morning afternoon evening bye test".split()
)


def advance(state: State, event: Event, facts: Facts) -> Transition:
    """One step of a conversation. Never raises; an answer nobody expects gets the question again."""
    talk = Talk(state, facts, event)
    match event:
        case Text() | Location() | Media() | Command() | Choice() | Edited() | Unreadable():
            sending.drop_if_gone(talk, event.at)
            _person(talk, event)
        case Blocked():
            talk.act(MarkBlocked(blocked=True))
        case Back():
            talk.act(MarkBlocked(blocked=False))
        case Woke():
            _time(talk, event)
        case _:
            _outcome(talk, event)
    _close_place(talk)
    if isinstance(event, Media) and event.album:
        _answer_once(talk, event.album)
    return talk.transition()


def _person(talk: Talk, event: Event) -> None:
    match event:
        case Choice():
            _choice(talk, event)
        case Edited():
            if not (talk.facts.member and (report.edited(talk, event) or follow_up.edited(talk, event))):
                # Nothing of an edit that fits nowhere is kept, and nobody waits for an answer to it.
                return
        case Command() if event.name in ("privacy", "help"):
            _command(talk, event)
        case _ if enrol.take(talk, event):
            return
        case Command():
            _command(talk, event)
        case Unreadable():
            talk.say("unreadable")
            go_on(talk)
        case Text(words=words) if not words.strip():
            go_on(talk)
        case Text() if command := _spoken(event.words):
            _command(talk, Command(at=event.at, message=event.message, name=command))
        case Text() | Location() | Media():
            _content(talk, event)


def _spoken(words: str) -> str | None:
    return SPOKEN_COMMANDS.get(words.strip().casefold().rstrip(".!")) if len(words) < 20 else None


# Commands


def _menu(talk: Talk) -> None:
    member = talk.facts.member
    if question_now(talk.state, talk.facts):
        go_on(talk)
    elif member:
        talk.say("menu", *menu(), business=member.business)
    else:
        enrol.stranger(talk)


def _report(talk: Talk) -> None:
    if talk.state.draft is None:
        sending.new_report(talk)
    else:
        interrupts.hold(talk, "carry_on", None)


def _discard(talk: Talk) -> None:
    if talk.state.draft is not None:
        sending.discard(talk)
    else:
        talk.set(writing=None, pending=())
        talk.say("nothing-to-discard", *menu()[:1])


def _members_only(do: Callable[[Talk], None]) -> Callable[[Talk], None]:
    def command(talk: Talk) -> None:
        do(talk) if talk.facts.member else enrol.stranger(talk)

    return command


COMMANDS: dict[str, Callable[[Talk], None]] = {
    "start": _menu,
    "menu": _menu,
    "report": _members_only(_report),
    "reports": _members_only(reports.show),
    "discard": _members_only(_discard),
    "cancel": _members_only(_discard),
    "privacy": privacy.show,
    "help": help.show,
}


def _command(talk: Talk, event: Command) -> None:
    do = COMMANDS.get(event.name)
    if do is None:
        talk.say("command-unknown", *menu())
        return
    do(talk)


# Buttons


def _choice(talk: Talk, event: Choice) -> None:
    subject, _, rest = event.data.partition(":")
    step, _, value = rest.partition(":")
    if not _chosen(talk, subject, step, value):
        _old_button(talk, event, subject, step)


def _chosen(talk: Talk, subject: str, step: str, value: str) -> bool:
    draft = talk.state.draft
    match step:
        case "join":
            return enrol.tapped(talk, value)
        case "privacy":
            return privacy.tapped(talk, value)
        case _ if talk.facts.member is None:
            return False
        case "menu":
            return _menu_tapped(talk, value)
        case "reports":
            return reports.tapped(talk, value)
        case "writing" if talk.state.writing:
            talk.set(writing=None)
            talk.say("writing-stopped")
            go_on(talk)
            return True
        case "sent":
            return follow_up.tapped(talk, subject, value)
        case "discarded":
            return value == "back" and sending.bring_back(talk, subject)
        case "add_or_new":
            return interrupts.answered(talk, step, value)
        case _ if draft is None or subject != draft.id:
            return False
        case "carry_on" | "outside" | "which_end" | "did_you_mean" | "photo_facts":
            return interrupts.answered(talk, step, value)
        case "nudge":
            return sending.nudge_tapped(talk, value)
        case "card":
            return sending.card_tapped(talk, value)
        case "change":
            return sending.change_tapped(talk, value)
        case _:
            talk.set_draft(touched_at=max(draft.touched_at, talk.event.at), nudged=False)
            return report.tapped(talk, step, value)


def _menu_tapped(talk: Talk, value: str) -> bool:
    match value:
        case "report":
            _report(talk)
        case "help":
            help.show(talk)
        case _:
            return False
    return True


def _old_button(talk: Talk, event: Choice, subject: str, step: str) -> None:
    """A button that fits no more: where things stand, and nothing changes."""
    if talk.facts.member is None:
        if talk.state.joining:
            enrol.ask(talk)
        else:
            enrol.stranger(talk)
        return
    draft = talk.state.draft
    answered = draft is not None and draft.id == subject and step in BY_NAME
    if draft and answered and event.at - draft.touched_at < DOUBLE_TAP:
        # The second of two quick taps; the first one's answer is on its way.
        return
    sent = talk.facts.report_of_draft(subject)
    if sent:
        talk.say("sent-already", *follow_up.sent_options(sent.reference), reference=sent.reference)
        return
    talk.say("old-button")
    go_on(talk)


# Words, photos and pins


def _content(talk: Talk, event: Text | Location | Media) -> None:
    urgent = urgency.is_urgent(event.words if isinstance(event, Text) else getattr(event, "caption", ""))
    if isinstance(event, Text) and (data := report.typed(talk, event.words)):
        _choice(talk, Choice(at=event.at, message=event.message, data=data))
    elif talk.state.writing and not urgent:
        _written(talk, event, talk.state.writing)
    elif isinstance(event, Media) and talk.state.draft is None and follow_up.late_piece(talk, event):
        return
    elif talk.state.draft is not None:
        _into_draft(talk, event, urgent)
    elif isinstance(event, Text) and not urgent and _is_small_talk(event.words):
        talk.say("small-talk", *menu())
    elif (reference := follow_up.just_sent(talk)) and not urgent:
        interrupts.hold(talk, "add_or_new", event, (reference,))
    else:
        talk.set(pending=())
        report.start(talk, event.at, event.message)
        report.take(talk, event)


def _into_draft(talk: Talk, event: Text | Location | Media, urgent: bool) -> None:
    draft = talk.state.draft
    assert draft is not None
    waiting = any(ask.kind == "carry_on" for ask in talk.state.pending)
    if waiting or event.at - draft.touched_at > report.NUDGE_AFTER:
        if urgent:
            talk.say_phrases(report.danger_line(talk))
        interrupts.hold(talk, "carry_on", event)
        return
    report.take(talk, event)


def _written(talk: Talk, event: Text | Location | Media, what: str) -> None:
    kind, _, about = what.partition(":")
    if kind == "add":
        follow_up.added(talk, about, event)
    elif isinstance(event, Text):
        privacy.complained(talk, event)
    else:
        talk.say("words-please")
        go_on(talk)


def _is_small_talk(words: str) -> bool:
    said = tokens(words)
    return len(said) <= 3 and all(word in SMALL_TALK for word in said)


# Time, and what acts and slow things answered


def _time(talk: Talk, event: Woke) -> None:
    what, _, about = event.subject.partition(":")
    match what:
        case "draft":
            sending.draft_woke(talk, about)
        case "discarded":
            sending.discarded_woke(talk, about)
        case "late":
            follow_up.woke_late(talk, about)


def _outcome(talk: Talk, event: Event) -> None:
    match event:
        case Filed() if event.reference.startswith("C-"):
            privacy.complaint_filed(talk, event)
        case Filed() if talk.state.draft is not None:
            follow_up.filed(talk, event)
        case Enrolled():
            enrol.enrolled(talk, event)
        case Refused(why="code"):
            enrol.refused(talk, event)
        case Refused(why="suspended"):
            sending.suspended(talk)
        case Refused():
            why, _, reference = event.why.partition(":")
            follow_up.refused(talk, Refused(at=event.at, why=why), reference)
        case Done():
            follow_up.done(talk, event)
        case Fetched():
            report.fetched(talk, event)
        case FetchFailed():
            report.fetch_failed(talk, event)
        case Found():
            report.found(talk, event)


# What holds for every turn


def _close_place(talk: Talk) -> None:
    """When the place question is answered or gone, what the channel put up for it goes too."""
    if not talk.says:
        return
    if talk.says[-1].wants_place:
        talk.set(place_open=True)
        return
    if not talk.state.place_open:
        return
    asked = question_now(talk.state, talk.facts)
    if asked is not None and asked.wants_place:
        return
    talk.set(place_open=False)
    for index, one in enumerate(talk.says):
        if not one.options:
            talk.says[index] = msgspec.structs.replace(one, settles_place=True)
            # What settles it goes out by itself, so it comes first.
            talk.says.insert(0, talk.says.pop(index))
            return
    talk.says.insert(0, Say(text=(Phrase("place-closed"),), settles_place=True))


def _answer_once(talk: Talk, album: str) -> None:
    """An album is many messages and one answer: the last one's, when no more come."""
    talk.says[:] = [
        msgspec.structs.replace(one, collapse=f"album:{album}", delay_s=ALBUM_SILENCE_S) for one in talk.says
    ]


__all__ = ["Transition", "advance"]
