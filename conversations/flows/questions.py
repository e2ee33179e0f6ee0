"""What a person is being asked just now: the one place that knows where things stand."""

from datetime import datetime

from conversations.facts import Facts
from conversations.flows.card import card, change_menu, clock
from conversations.flows.drafts import category_of
from conversations.flows.joining import joining_question
from conversations.flows.place_step import distance_words
from conversations.flows.report_steps import STEPS
from conversations.form import next_step, option, options
from conversations.says import Option, Phrase, Say, Value, say
from conversations.state import Ask, Draft, State
from conversations.talk import Talk

# WhatsApp: a line of a list holds 24 characters.
LONGEST_LABEL = 24


def question_now(state: State, facts: Facts) -> Say | None:
    """The open question: an interruption first, then the form's, then the card; None when nothing is open."""
    if state.pending:
        return _asked(state.pending[0], state, facts)
    if state.writing:
        return _writing(state.writing)
    if state.joining:
        return joining_question(state, facts)
    if state.draft is not None:
        return _of_draft(state.draft, facts, state.language)
    return None


def _of_draft(draft: Draft, facts: Facts, language: str) -> Say:
    if step := next_step(STEPS, draft, facts):
        return step.ask(draft, facts, language)
    return change_menu(draft, facts) if draft.changing else card(draft, facts, language)


def go_on(talk: Talk) -> None:
    """Ask what is open, or say that nothing is."""
    asked = question_now(talk.state, talk.facts)
    if asked:
        talk.says.append(asked)
    elif talk.facts.member:
        talk.say("nothing-open", *menu())
    else:
        talk.say("nothing-open-stranger")


def say_and_go_on(talk: Talk, key: str) -> None:
    """Say something, and then what is open, or the two ways on where nothing is."""
    if question_now(talk.state, talk.facts) or talk.facts.member is None:
        talk.say(key)
        go_on(talk)
    else:
        talk.say(key, *menu())


def menu() -> tuple[Option, ...]:
    """The two buttons of somebody who has nothing open."""
    return options("-", "menu", "report", "help")


def back_to_it(talk: Talk) -> tuple[Option, ...]:
    """[Report now], or [Carry on] where something is open, under what interrupts nothing."""
    return (option("-", "menu", "on" if question_now(talk.state, talk.facts) else "report"),)


def draft_name(draft: Draft, facts: Facts, language: str) -> Phrase:
    """`graffiti, 14:10`, to tell an unsent report by."""
    kind = category_of(draft, facts)
    time = _clock_time(draft.started_at, facts)
    if kind is None:
        return Phrase("draft-name-no-kind", {"time": time})
    return Phrase("draft-name", {"kind": kind.short_label_in(language), "time": time})


def _clock_time(at: datetime, facts: Facts) -> Value:
    """`14:10` today, else with its day."""
    local, now = at.astimezone(facts.scheme.zone), facts.now.astimezone(facts.scheme.zone)
    return f"{local:%H:%M}" if local.date() == now.date() else clock(at.timestamp(), facts)


def _writing(what: str) -> Say:
    kind, _, about = what.partition(":")
    return say(f"writing-{kind}", option(about or "-", "writing", "stop"), reference=about)


def _asked(ask: Ask, state: State, facts: Facts) -> Say:
    subject = state.draft.id if state.draft else "-"
    match ask.kind:
        case "carry_on":
            name: Value = draft_name(state.draft, facts, state.language) if state.draft else ""
            return say("carry-on-ask", *options(subject, "carry_on", "on", "new"), draft=name)
        case "add_or_new":
            reference = ask.data[0]
            add = option(reference, "add_or_new", "add", Phrase("option-add", {"reference": reference}))
            return say("add-or-new-ask", add, option(reference, "add_or_new", "new"), reference=reference)
        case "outside":
            distance = distance_words(int(ask.data[0]))
            return say("outside-ask", *options(subject, "outside", "send", "change"), distance=distance)
        case "photo_facts":
            return say(
                "photo-facts-ask", *options(subject, "photo_facts", "use", "no"), facts=_seen(ask, facts)
            )
        case "which_end" | "did_you_mean":
            return _which(ask, subject)


def _seen(ask: Ask, facts: Facts) -> tuple[Value, ...]:
    """What a photo's own data says: where, when, or both."""
    seen: list[Value] = []
    if ask.places:
        seen.append(Phrase("place-pin-name", {"place": ask.places[0].name}))
    if ask.data:
        seen.append(clock(float(ask.data[0]), facts))
    return tuple(seen)


def _which(ask: Ask, subject: str) -> Say:
    labels = _labels([place.name for place in ask.places])
    buttons = [option(subject, ask.kind, str(index), label) for index, label in enumerate(labels)]
    if ask.kind == "did_you_mean":
        buttons.append(option(subject, ask.kind, "none"))
        return say("did-you-mean-ask", *buttons, words=ask.data[0])
    return say("which-end-ask", *buttons, place=ask.data[0]) if ask.data else say("which-ask", *buttons)


def _labels(names: list[str]) -> list[str]:
    """Names that fit a button; numbered where they would read the same."""
    labels = [_short(name, LONGEST_LABEL) for name in names]
    if len(set(labels)) == len(labels):
        return labels
    return [f"{number} {_short(name, LONGEST_LABEL - 2)}" for number, name in enumerate(names, start=1)]


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip(" ,") + "…"
