"""A report that is sent: its kind changed, taken back, made once more."""

from conversations.acts import Withdraw
from conversations.events import Done
from conversations.facts import ReportView
from conversations.flows.filed import LATE_AFTER, sent_options
from conversations.flows.place_step import at_shop, place_phrase
from conversations.flows.questions import go_on
from conversations.flows.report import start
from conversations.flows.report_lines import is_at_shop, report_line, words_line
from conversations.form import option
from conversations.scheme_texts import said
from conversations.state import PhotoNote, Piece, Place
from conversations.talk import Talk


def tapped(talk: Talk, reference: str, value: str) -> bool:
    """A button under a report that is sent."""
    if value == "again":
        return again(talk, reference)
    view = talk.facts.report(reference)
    if view is None:
        return False
    if view.withdrawn:
        talk.say("withdrawn-already", reference=reference)
        return True
    match value:
        case "add" | "note":
            talk.set(writing=f"add:{reference}", writing_at=talk.event.at)
            go_on(talk)
        case "kind":
            change_kind(talk, view)
        case "back":
            talk.act(Withdraw(reference))
        case "show":
            lines = (report_line(view, talk), *words_line(view))
            talk.say_phrases(*lines, options=(*sent_options(reference), option(reference, "sent", "again")))
        case _:
            return False
    return True


def _busy(talk: Talk) -> bool:
    """A report that is open, or something that waits for an answer, comes first."""
    if talk.state.draft is None and not talk.state.pending:
        return False
    talk.say("finish-first")
    go_on(talk)
    return True


def change_kind(talk: Talk, view: ReportView) -> None:
    """Another kind, same reference: the new kind's questions are asked before anything leaves."""
    if view.acted:
        refused(talk, "acted", view.reference)
        return
    if _busy(talk):
        return
    start(
        talk,
        talk.event.at,
        f"kind/{view.reference}/{talk.message}",
        of=view.reference,
        started_at=view.filed_at,
        place=at_shop(talk.facts) if is_at_shop(view, talk) else Place("typed", view.place),
        photos=tuple(PhotoNote(photo, "photo", photo) for photo in view.photos),
        photos_done=True,
        words=(Piece("", view.words),) if view.words else (),
        words_done=True,
        guess_off=True,
        under_18=view.under_18,
        shop_words_left=True,
        warned=True,
    )
    go_on(talk)


def again(talk: Talk, reference: str) -> bool:
    """The same kind at the same place: a new report with two answers filled in. One's own, or the shop's."""
    listed = (view for view in talk.facts.shop_reports() if view.reference == reference)
    view = talk.facts.report(reference) or next(listed, None)
    if view is None:
        return False
    if _busy(talk):
        return True
    message = f"again/{view.reference}/{talk.message}"
    place = _place_again(talk, view)
    start(talk, talk.event.at, message, category=view.category, place=place)
    kind = talk.facts.scheme.category(view.category)
    if kind:
        talk.say("again-echo", facts=(kind.label_in(talk.state.language), place_phrase(place)))
    go_on(talk)
    return True


def _place_again(talk: Talk, view: ReportView) -> Place:
    if is_at_shop(view, talk):
        return at_shop(talk.facts)
    if known := talk.facts.gazetteer.resolve(view.place).place:
        return Place("known", view.place, known.point.lat, known.point.lon, float(known.precision_m))
    return Place("typed", view.place)


def done(talk: Talk, event: Done) -> None:
    """What a change of a sent report led to. `act` is `changed:NT-7K4F` or `withdrawn:NT-7K4F`."""
    what, _, reference = event.act.partition(":")
    _close_change(talk, reference)
    view = talk.facts.report(reference)
    kind = talk.facts.scheme.category(view.category) if view else None
    language = talk.state.language
    if what == "changed":
        label = kind.short_label_in(language) if kind else ""
        # The new owner has half an hour of its own.
        talk.wake(f"late:{reference}", talk.facts.now, LATE_AFTER)
        talk.say("kind-changed", *sent_options(reference), reference=reference, kind=label)
    elif what == "withdrawn":
        _forget_sent(talk, reference)
        owner = talk.facts.scheme.recipient(kind.owner) if kind else None
        test = owner is None or view is None or view.test
        name = said(owner.spoken, language) if owner else ""
        talk.say("withdrawn-test" if test else "withdrawn", owner=name, reference=reference)


def _forget_sent(talk: Talk, reference: str) -> None:
    """Nothing that comes now can belong to a report that is taken back."""
    state = talk.state
    if state.sent and state.sent.reference == reference:
        talk.set(sent=None)
    if state.writing == f"add:{reference}":
        talk.set(writing=None)
    talk.set(pending=tuple(ask for ask in state.pending if ask.data[:1] != (reference,)))


def refused(talk: Talk, why: str, reference: str) -> None:
    """Too late to change or take back: what can be done instead."""
    _close_change(talk, reference)
    if why not in ("acted", "late"):
        talk.say("refused-gone", reference=reference)
        return
    talk.say(f"refused-{why}", option(reference, "sent", "note"), reference=reference)


def _close_change(talk: Talk, reference: str) -> None:
    draft = talk.state.draft
    if draft is not None and draft.of == reference:
        talk.set(draft=None, pending=())
