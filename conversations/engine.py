"""The dialogue: what happened goes in, and the new state, what to say and what to do come out.

Pure, and total: no event in any state makes it raise. The order of this module is the order of the rules:
commands, buttons, the way in, what was promised ("the next words are ..."), the open report, a new one.
"""

from collections.abc import Callable
from datetime import timedelta

from conversations import urgency
from conversations.acts import MarkBlocked
from conversations.events import (
    Back,
    Blocked,
    Choice,
    Command,
    Complained,
    Done,
    Edited,
    Enrolled,
    Event,
    Fetched,
    FetchFailed,
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
from conversations.flows import (
    additions,
    buttons,
    edits,
    enrol,
    filed,
    follow_up,
    interrupts,
    left_alone,
    media,
    privacy,
    report,
    reports,
    sending,
    still,
)
from conversations.flows import (
    help as helping,
)
from conversations.flows.clean import clean
from conversations.flows.drafts import is_blank
from conversations.flows.questions import go_on, menu, question_now, say_and_go_on
from conversations.flows.turn import close_turn
from conversations.flows.typed import command_spoken, is_small_talk, typed_option
from conversations.state import State
from conversations.talk import Talk, Transition

__all__ = ["Transition", "advance"]

WRITING_FOR = timedelta(minutes=30)
JUST_SENT = timedelta(minutes=10)


def advance(state: State, event: Event, facts: Facts) -> Transition:
    """One step of a conversation. Never raises; an answer nobody expects gets the question again."""
    talk = Talk(state, facts, clean(event))
    match talk.event:
        case Text() | Location() | Media() | Command() | Choice() | Edited() | Unreadable() as done:
            if not isinstance(done, Choice):
                talk.set(tapped=None, tapped_at=None)
            if not (isinstance(done, Choice) and _is_second_tap(talk, done)):
                left_alone.drop_if_gone(talk, min(done.at, facts.now))
                _forget_promises(talk)
                _person(talk, done)
        case Blocked():
            talk.act(MarkBlocked(blocked=True))
        case Back():
            talk.act(MarkBlocked(blocked=False))
        case Woke() as woke:
            _time(talk, woke)
        case outcome:
            _outcome(talk, outcome)
    close_turn(talk)
    return talk.transition()


def _is_second_tap(talk: Talk, tap: Choice) -> bool:
    """Two quick taps on one button are one: nothing is said or done twice."""
    state = talk.state
    quick = state.tapped_at is not None and abs(tap.at - state.tapped_at) < buttons.DOUBLE_TAP
    talk.set(tapped=tap.data[: buttons.LONGEST_DATA], tapped_at=tap.at)
    return quick and state.tapped == tap.data


def _forget_promises(talk: Talk) -> None:
    """What was to be written next, or held back, and never came: the next words are something else."""
    since = talk.state.writing_at
    if talk.state.writing and (since is None or talk.event.at - since > WRITING_FOR):
        talk.set(writing=None, writing_at=None)
    interrupts.forget_old(talk, talk.event.at)


def _person(talk: Talk, event: Event) -> None:
    match event:
        case Choice():
            _choice(talk, event)
        case Edited():
            # Nothing of an edit that fits nowhere is kept, and nobody waits for an answer to it.
            if talk.facts.member and not edits.edited(talk, event):
                additions.edited(talk, event)
        case Command() if event.name in ("privacy", "help"):
            _command(talk, event)
        case _ if talk.facts.member is None and not talk.state.joining and _of_a_stranger(talk, event):
            return
        case _ if enrol.take(talk, event):
            return
        case Command():
            _command(talk, event)
        case Unreadable():
            say_and_go_on(talk, "unreadable")
        case Text(words=words) if not words.strip():
            go_on(talk)
        case Text() if command := command_spoken(event.words, talk.state.language):
            _command(talk, Command(at=event.at, message=event.message, name=command))
        case Text() | Location() | Media():
            _content(talk, event)


def _of_a_stranger(talk: Talk, event: Event) -> bool:
    """A complaint and its buttons are open to everybody. False for all else."""
    if isinstance(event, Text) and not urgency.is_urgent(event.words):
        if data := typed_option(talk, event.words):
            _choice(talk, Choice(at=event.at, message=event.message, data=data))
            return True
        if talk.state.writing and event.words.strip():
            privacy.complained(talk, event)
            return True
    if talk.state.writing and isinstance(event, Media | Location | Unreadable):
        talk.say("words-please")
        go_on(talk)
        return True
    return False


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
    """A new report, or what to do with the one that is open, or with what waits."""
    talk.set(writing=None)
    draft = talk.state.draft
    if interrupts.waits(talk, "add_or_new"):
        interrupts.answered(talk, "add_or_new", "new")
    elif draft is not None and draft.of:
        sending.discard(talk)
        _report(talk)
    elif draft is None:
        report.start(talk, talk.event.at, talk.message)
        go_on(talk)
    elif is_blank(draft):
        go_on(talk)
    else:
        interrupts.hold(talk, "carry_on", None)


def _discard(talk: Talk) -> None:
    if interrupts.waits(talk, "carry_on"):
        # What waited is a report of its own.
        interrupts.answered(talk, "carry_on", "new")
    elif talk.state.draft is not None:
        sending.discard(talk)
    else:
        talk.set(writing=None, pending=())
        talk.say("nothing-to-discard", *menu()[:1])


def _members_only(do: Callable[[Talk], None]) -> Callable[[Talk], None]:
    def command(talk: Talk) -> None:
        if talk.facts.member is None:
            enrol.stranger(talk)
        elif still.is_paused(talk):
            still.ask_first(talk)
        else:
            do(talk)

    return command


COMMANDS: dict[str, Callable[[Talk], None]] = {
    "start": _menu,
    "menu": _menu,
    "report": _members_only(_report),
    "reports": _members_only(reports.show),
    "discard": _members_only(_discard),
    "cancel": _members_only(_discard),
    "privacy": privacy.show,
    "help": helping.show,
}


def _command(talk: Talk, event: Command) -> None:
    do = COMMANDS.get(event.name)
    if do is not None:
        do(talk)
    else:
        say_and_go_on(talk, "command-unknown")


# Buttons


def _choice(talk: Talk, event: Choice) -> None:
    subject, step, value = buttons.parts(event.data)
    if step == "menu" and talk.facts.member and value == "report":
        COMMANDS["report"](talk)
    elif not buttons.pressed(talk, subject, step, value):
        buttons.old(talk, subject)


# Words, photos and pins


def _content(talk: Talk, event: Text | Location | Media) -> None:
    words = event.words if isinstance(event, Text) else getattr(event, "caption", "")
    urgent = urgency.is_urgent(words)
    draft = talk.state.draft
    if isinstance(event, Media) and additions.late_piece(talk, event):
        return
    if still.is_paused(talk):
        interrupts.say_if_urgent(talk, event)
        still.ask_first(talk)
    elif isinstance(event, Text) and (data := report.typed(talk, event.words)):
        _choice(talk, Choice(at=event.at, message=event.message, data=data))
    elif talk.state.writing and not urgent:
        _written(talk, event, talk.state.writing)
    elif draft is not None:
        _into_draft(talk, event)
    elif isinstance(event, Text) and not urgent and _says_nothing(talk, event.words):
        go_on(talk) if question_now(talk.state, talk.facts) else talk.say("small-talk", *menu())
    elif (waiting := interrupts.waits(talk, "add_or_new")) and not urgent:
        interrupts.hold(talk, "add_or_new", event)
    elif waiting or urgent:
        # Danger is a report of its own, and what waited goes with it.
        interrupts.instead(talk, waiting, event)
    elif talk.state.sent and event.at - talk.state.sent.at <= JUST_SENT:
        interrupts.hold(talk, "add_or_new", event, talk.state.sent.reference)
    else:
        interrupts.instead(talk, None, event)


def _says_nothing(talk: Talk, words: str) -> bool:
    return is_small_talk(words, talk.state.language) or report.is_stale_place_label(talk, words)


def _into_draft(talk: Talk, event: Text | Location | Media) -> None:
    draft = talk.state.draft
    assert draft is not None
    alone = event.at - draft.touched_at > report.NUDGE_AFTER
    if draft.of and alone:
        sending.discard(talk)
        _content(talk, event)
    elif draft.of:
        _while_changing_kind(talk, event, draft.of)
    elif alone or interrupts.waits(talk, "carry_on"):
        interrupts.say_if_urgent(talk, event)
        interrupts.hold(talk, "carry_on", event)
    else:
        report.take(talk, event)


def _while_changing_kind(talk: Talk, event: Text | Location | Media, reference: str) -> None:
    """A kind's name or a typed answer is taken; all else is added to the report whose kind is changing."""
    if isinstance(event, Text) and not urgency.is_urgent(event.words) and report.heard(talk, event):
        report.take(talk, event)
    elif isinstance(event, Text) and is_small_talk(event.words, talk.state.language):
        go_on(talk)
    else:
        interrupts.say_if_urgent(talk, event)
        if additions.add(talk, reference, event):
            talk.say("added", reference=reference)
        go_on(talk)


def _written(talk: Talk, event: Text | Location | Media, what: str) -> None:
    kind, _, about = what.partition(":")
    if kind == "add":
        additions.added(talk, about, event)
    elif isinstance(event, Text):
        privacy.complained(talk, event)
    else:
        talk.say("words-please")
        go_on(talk)


# Time, and what acts and slow things answered


def _time(talk: Talk, event: Woke) -> None:
    what, _, about = event.subject.partition(":")
    match what:
        case "draft":
            left_alone.woke(talk, about)
        case "discarded":
            left_alone.discarded_woke(talk, about)
        case "late":
            filed.woke_late(talk, about)
        case "held":
            interrupts.held_woke(talk, about)
        case "still":
            still.woke(talk)


def _outcome(talk: Talk, event: Event) -> None:
    match event:
        case Complained():
            privacy.complaint_filed(talk, event)
        case Filed():
            filed.filed(talk, event)
        case Enrolled():
            enrol.enrolled(talk)
        case Refused(why="code"):
            enrol.refused(talk)
        case Refused(why="suspended"):
            sending.suspended(talk)
        case Refused():
            why, _, reference = event.why.partition(":")
            follow_up.refused(talk, why, reference)
        case Done():
            follow_up.done(talk, event)
        case Fetched():
            interrupts.fetched(talk, event)
        case FetchFailed():
            if media.fetch_failed(talk, event):
                go_on(talk)
        case Found():
            interrupts.found(talk, event)
