"""One report in a list: reference, kind, place, time and how far it got."""

from conversations.facts import ReportView
from conversations.flows.card import clock, shortened
from conversations.says import Phrase, Value
from conversations.talk import Talk

SHOWN_WORDS = 200


def report_line(view: ReportView, talk: Talk) -> Phrase:
    """`NT-7K4F · Graffiti · 14 Gold Street · today 10:31 · delivered 10:32`"""
    kind = talk.facts.scheme.category(view.category)
    parts: list[Value] = [
        view.reference,
        kind.short_label_in(talk.state.language) if kind else view.category,
        _place(view, talk),
        clock(view.filed_at.timestamp(), talk.facts),
        _status(view, talk),
    ]
    return Phrase("report-line", {"facts": tuple(part for part in parts if part)})


def words_line(view: ReportView) -> tuple[Phrase, ...]:
    """The words of one's own report, as far as they can be shown."""
    return (Phrase("card-words", {"words": shortened(view.words, SHOWN_WORDS)}),) if view.words else ()


def is_at_shop(view: ReportView, talk: Talk) -> bool:
    """Whether the report says that it is at the reporter's own shop."""
    member = talk.facts.member
    return member is not None and view.place == f"{member.business}, {member.address}"


def _place(view: ReportView, talk: Talk) -> Value:
    return Phrase("place-shop-name") if is_at_shop(view, talk) else view.place


def _status(view: ReportView, talk: Talk) -> Value:
    if view.withdrawn:
        return Phrase("status-withdrawn")
    if view.test:
        return Phrase("status-test")
    if view.status != "open":
        return Phrase(f"status-{view.status.replace('_', '-')}")
    if view.owner_accepted_at is None:
        return Phrase("status-on-its-way")
    return Phrase("status-delivered", {"time": clock(view.owner_accepted_at.timestamp(), talk.facts)})
