"""A report is on its way: who gets it, when they read, and whether it was late."""

from datetime import timedelta

from conversations.acts import ToldLate
from conversations.events import Filed
from conversations.form import options
from conversations.says import Option, Phrase, Value
from conversations.scheme import Category
from conversations.scheme_texts import said
from conversations.state import Draft, Sent
from conversations.talk import Talk

LATE_AFTER = timedelta(minutes=30)

# Messages of the report that an edit may still change.
MOST_MESSAGES = 20


def filed(talk: Talk, event: Filed) -> None:
    """Saved: who gets it and when they read."""
    draft = talk.state.draft
    if draft is None:
        return
    kind = talk.facts.scheme.category(draft.category or "")
    talk.set(draft=None, pending=(), sent=_sent(talk, draft, event.reference))
    about = talk.facts.scheme.about
    if event.test:
        values: dict[str, Value] = {
            "reference": event.reference,
            "non_urgent": about.non_urgent,
            "council": about.council_phone,
        }
        phrases = [Phrase("filed-test", values)]
    else:
        phrases = [_on_its_way(talk, event), *_closing(talk, kind, event)]
    talk.say_phrases(*phrases, options=sent_options(event.reference))
    talk.wake(f"late:{event.reference}", talk.facts.now, LATE_AFTER)


def _sent(talk: Talk, draft: Draft, reference: str) -> Sent:
    messages = [piece.message for piece in draft.words]
    typed = [
        message for message in (draft.place.message if draft.place else "", draft.answer_message) if message
    ]
    return Sent(
        reference,
        talk.event.at,
        draft.albums,
        tuple(dict.fromkeys((*messages, *typed)))[-MOST_MESSAGES:],
        tuple(photo.id for photo in draft.photos),
    )


def sent_options(reference: str) -> tuple[Option, ...]:
    """[Add to it] [Change kind] [Take it back]"""
    return options(reference, "sent", "add", "kind", "back")


def _on_its_way(talk: Talk, event: Filed) -> Phrase:
    scheme, language = talk.facts.scheme, talk.state.language
    recipients = [found for one in event.recipients if (found := scheme.recipient(one))]
    if not recipients:
        return Phrase("filed-plain", {"reference": event.reference})
    hours = recipients[0].hours
    values: dict[str, Value] = {
        "reference": event.reference,
        "recipients": and_list([said(one.spoken, language) for one in recipients]),
    }
    if hours is None:
        return Phrase("filed-any-hour", values)
    return Phrase("filed", {**values, "hours": said(hours.words, language)})


def _closing(talk: Talk, kind: Category | None, event: Filed) -> list[Phrase]:
    """What an urgent kind says out of hours, and what a crime is not."""
    if kind is None:
        return []
    about = talk.facts.scheme.about
    lines: list[Phrase] = []
    owner = talk.facts.scheme.recipient(event.recipients[0]) if event.recipients else None
    open_now = owner is None or owner.reads_at(talk.facts.now, talk.facts.scheme.zone, about.bank_holidays)
    if kind.urgent and not open_now:
        lines.append(Phrase("filed-cannot-wait", {"non_urgent": about.non_urgent}))
    if kind.crime:
        lines.append(Phrase("filed-no-crime-report", {"non_urgent": about.non_urgent}))
    return lines


def and_list(names: list[str]) -> Value:
    """`a, b and c`, joined by the locale."""
    joined: Value = names[0] if names else ""
    for place, name in enumerate(names[1:], start=2):
        key = "list-and" if place == len(names) else "list-comma"
        joined = Phrase(key, {"first": joined, "last": name})
    return joined


def woke_late(talk: Talk, reference: str) -> None:
    """Half an hour, or a refusal, and the owner does not have it: the reporter hears once."""
    view = talk.facts.report(reference)
    if view is None or view.test or view.withdrawn or view.late_told or view.owner_accepted_at is not None:
        return
    kind = talk.facts.scheme.category(view.category)
    owner = talk.facts.scheme.recipient(kind.owner) if kind else None
    if owner is None:
        return
    talk.act(ToldLate(reference))
    name = said(owner.spoken, talk.state.language)
    talk.say("late", reference=reference, owner=name, non_urgent=talk.facts.scheme.about.non_urgent)
