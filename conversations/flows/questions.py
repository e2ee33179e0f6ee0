"""What a person is being asked just now: the one place that knows where things stand."""

from conversations.facts import Facts
from conversations.flows.card import card, change_menu, clock
from conversations.flows.report_steps import STEPS, category_of
from conversations.folding import tokens
from conversations.form import next_step, option

from conversations.says import Option, Phrase, Say, Value, say
from conversations.state import Ask, Draft, State
from conversations.talk import Talk
from conversations.wording import label_of


def question_now(state: State, facts: Facts) -> Say | None:
    """The open question: an interruption first, then the form's, then the card; None when nothing is open."""
    if state.pending:
        return _asked(state.pending[0], state, facts)
    if state.writing:
        return _writing(state.writing)
    if state.draft is not None:
        return _of_draft(state.draft, facts, state.language)
    return None


def _of_draft(draft: Draft, facts: Facts, language: str) -> Say:
    if step := next_step(STEPS, draft, facts):
        return step.ask(draft, facts, language)
    return change_menu(draft, facts, language) if draft.changing else card(draft, facts, language)


def go_on(talk: Talk) -> None:
    """Ask what is open, or say that nothing is."""
    asked = question_now(talk.state, talk.facts)
    if asked:
        talk.says.append(asked)
    elif talk.facts.member:
        talk.say("nothing-open", *menu())


def menu() -> tuple[Option, ...]:
    """The two buttons of somebody who has nothing open."""
    return option("-", "menu", "report"), option("-", "menu", "help")


def typed_option(talk: Talk, words: str) -> str | None:
    """The data of the open question's button that the words mean: its exact label, else its number."""
    asked = question_now(talk.state, talk.facts)
    if asked is None or len(words) > 60:
        return None
    said = tokens(words)
    if not said:
        return None
    for one in asked.options:
        if tokens(label_of(one.label, talk.state.language)) == said:
            return one.data
    number = words.strip()
    if asked.wants_place or not (number.isascii() and number.isdigit() and len(number) < 3):
        return None
    index = int(number) - 1
    return asked.options[index].data if 0 <= index < len(asked.options) else None


def draft_name(draft: Draft, facts: Facts, language: str) -> tuple[Value, ...]:
    """`graffiti, 14:10`, to tell an unsent report by."""
    kind = category_of(draft, facts)
    label: Value = kind.label_in(language) if kind else Phrase("draft-no-kind")
    return (label, clock(draft.started_at.timestamp(), facts))


def _writing(what: str) -> Say:
    kind, _, about = what.partition(":")
    return say(f"writing-{kind}", option(about or "-", "writing", "stop"), reference=about)


def _asked(ask: Ask, state: State, facts: Facts) -> Say:
    subject = state.draft.id if state.draft else "-"
    match ask.kind:
        case "carry_on":
            name = draft_name(state.draft, facts, state.language) if state.draft else ()
            return say("carry-on-ask", *_options(subject, "carry_on", "on", "new"), draft=name)
        case "add_or_new":
            reference = ask.data[0]
            add = option(reference, "add_or_new", "add", Phrase("option-add", {"reference": reference}))
            return say("add-or-new-ask", add, option(reference, "add_or_new", "new"), reference=reference)
        case "outside":
            options = _options(subject, "outside", "send", "change")
            metres = int(ask.data[0])
            if metres < 1000:
                return say("outside-ask", *options, metres=metres)
            return say("outside-ask-far", *options, km=f"{metres / 1000:.1f}")
        case "photo_facts":
            return say("photo-facts-ask", *_options(subject, "photo_facts", "use", "no"), facts=_seen(ask, facts))
        case "which_end" | "did_you_mean":
            return _which(ask, subject)


def _options(subject: str, step: str, *values: str) -> tuple[Option, ...]:
    return tuple(option(subject, step, value) for value in values)


def _seen(ask: Ask, facts: Facts) -> tuple[Value, ...]:
    """What a photo's own data says: where, when, or both."""
    seen: list[Value] = []
    if ask.places:
        seen.append(Phrase("place-pin-name", {"place": ask.places[0].name}))
    if ask.data:
        seen.append(clock(float(ask.data[0]), facts))
    return tuple(seen)


def _which(ask: Ask, subject: str) -> Say:
    options = [
        option(subject, ask.kind, str(index), place.name) for index, place in enumerate(ask.places)
    ]
    if ask.kind == "did_you_mean":
        options.append(option(subject, ask.kind, "none"))
        return say("did-you-mean-ask", *options, words=ask.data[0])
    return say("which-ask", *options, place=ask.data[0])


