"""A report that is sent: said to be so, added to, corrected, taken back, or late."""

from datetime import timedelta

from conversations.acts import AddToReport, ToldLate, Withdraw
from conversations.events import Done, Edited, Filed, Location, Media, Refused, Text
from conversations.facts import ReportView
from conversations.flows.questions import go_on
from conversations.flows.report import is_picture, keep_order, start
from conversations.flows.report_steps import place_phrase
from conversations.form import option
from conversations.says import Option, Phrase, Value
from conversations.scheme import Category
from conversations.state import PhotoNote, Piece, Place, Sent
from conversations.talk import Talk, short_id

JUST_SENT = timedelta(minutes=10)
LATE_AFTER = timedelta(minutes=30)


def filed(talk: Talk, event: Filed) -> None:
    """Saved: who gets it and when they read."""
    draft = talk.state.draft
    assert draft is not None
    assert draft.category is not None
    kind = talk.facts.scheme.category(draft.category)
    messages = tuple(piece.message for piece in draft.words)[-20:]
    talk.set(
        draft=None,
        pending=(),
        sent=Sent(event.reference, talk.event.at, draft.albums, messages),
    )
    about = talk.facts.scheme.about
    if event.test:
        phrases = [
            Phrase(
                "filed-test",
                {
                    "reference": event.reference,
                    "non_urgent": about.non_urgent,
                    "council": about.council_phone,
                },
            )
        ]
    else:
        phrases = [_on_its_way(talk, event), *_closing(talk, kind, event)]
    talk.say_phrases(*phrases, options=sent_options(event.reference))
    talk.wake(f"late:{event.reference}", talk.facts.now, LATE_AFTER)


def sent_options(reference: str) -> tuple[Option, ...]:
    return tuple(option(reference, "sent", value) for value in ("add", "kind", "back"))


def _on_its_way(talk: Talk, event: Filed) -> Phrase:
    scheme = talk.facts.scheme
    recipients = [found for id in event.recipients if (found := scheme.recipient(id))]
    language = talk.state.language
    names: list[Value] = [said_in(one.spoken, language) for one in recipients]
    hours = recipients[0].hours if recipients else None
    return Phrase(
        "filed" if hours else "filed-any-hour",
        {
            "reference": event.reference,
            "recipients": and_list(names),
            "hours": said_in(hours.words, language) if hours else "",
        },
    )


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


def and_list(names: list[Value]) -> Value:
    """`a, b and c`, joined by the locale."""
    if not names:
        return ""
    said: Value = names[0]
    for place, name in enumerate(names[1:], start=2):
        key = "list-and" if place == len(names) else "list-comma"
        said = Phrase(key, {"first": said, "last": name})
    return said


def said_in(texts: object, language: str) -> str:
    from conversations.scheme_texts import said

    return said(texts, language)  # type: ignore[arg-type]


def tapped(talk: Talk, reference: str, value: str) -> bool:
    """A button under a report that is sent."""
    view = talk.facts.report(reference)
    if view is None:
        return False
    if view.withdrawn:
        talk.say("withdrawn-already", reference=reference)
        return True
    match value:
        case "add" | "note":
            talk.set(writing=f"add:{reference}")
            go_on(talk)
        case "kind":
            change_kind(talk, view)
        case "back":
            talk.act(Withdraw(reference))
        case "again":
            again(talk, view)
        case "show":
            talk.say_phrases(report_line(view, talk), options=(*sent_options(reference), again_option(view)))
        case _:
            return False
    return True


def again_option(view: ReportView) -> Option:
    return option(view.reference, "sent", "again")


def report_line(view: ReportView, talk: Talk) -> Phrase:
    """One report in a list: reference, kind, place, time and how far it got."""
    from conversations.flows.card import clock

    kind = talk.facts.scheme.category(view.category)
    parts: list[Value] = [
        view.reference,
        kind.label_in(talk.state.language) if kind else view.category,
        view.place,
        clock(view.filed_at.timestamp(), talk.facts),
        _status(view, talk),
    ]
    return Phrase("report-line", {"facts": tuple(parts)})


def _status(view: ReportView, talk: Talk) -> Value:
    from conversations.flows.card import clock

    if view.withdrawn:
        return Phrase("status-withdrawn")
    if view.test:
        return Phrase("status-test")
    if view.status == "open":
        if view.owner_accepted_at is None:
            return Phrase("status-on-its-way")
        return Phrase(
            "status-delivered", {"time": clock(view.owner_accepted_at.timestamp(), talk.facts)}
        )
    return Phrase(f"status-{view.status.replace('_', '-')}")


def change_kind(talk: Talk, view: ReportView) -> None:
    """Another kind, same reference: the new kind's questions are asked before anything leaves."""
    if view.acted:
        refused(talk, Refused(at=talk.event.at, why="acted"), view.reference)
        return
    if talk.state.draft is not None:
        talk.say("finish-first")
        go_on(talk)
        return
    message = getattr(talk.event, "message", "0")
    photos = tuple(PhotoNote(id, "photo", id) for id in view.photos)
    words = (Piece("", view.words),) if view.words else ()
    start(
        talk,
        talk.event.at,
        f"kind/{view.reference}/{message}",
        of=view.reference,
        place=Place("typed", view.place),
        photos=photos,
        photos_done=True,
        words=words,
        words_done=True,
        guess_off=True,
        shop_words_left=True,
        warned=True,
    )
    go_on(talk)


def again(talk: Talk, view: ReportView) -> None:
    """The same kind at the same place: a new report with two answers filled in."""
    if talk.state.draft is not None:
        talk.say("finish-first")
        go_on(talk)
        return
    message = getattr(talk.event, "message", "0")
    known = talk.facts.gazetteer.resolve(view.place).place
    point = (known.point.lat, known.point.lon) if known else (None, None)
    place = Place("known" if known else "typed", view.place, *point)
    start(talk, talk.event.at, f"again/{view.reference}/{message}", category=view.category, place=place)
    go_on(talk)


def add(talk: Talk, reference: str, event: Text | Media | Location) -> None:
    """Words, a photo or a pin join a report that is sent."""
    match event:
        case Text():
            talk.act(AddToReport(reference, Piece(event.message, event.words)))
        case Location():
            from conversations.flows.report import place_pinned
            from conversations.state import Draft

            draft = Draft(id="", started_at=event.at, touched_at=event.at)
            placed = place_pinned(draft, event, talk.facts)
            place = placed.draft.place or (placed.ask.places[0] if placed.ask else None)
            if place:
                words = f"{place.name} ({event.lat:.5f}, {event.lon:.5f})"
                talk.act(AddToReport(reference, Piece(event.message, words)))
        case Media():
            add_media(talk, reference, event)


def add_media(talk: Talk, reference: str, media: Media) -> None:
    view = talk.facts.report(reference)
    kind = talk.facts.scheme.category(view.category) if view else None
    if media.caption:
        talk.act(AddToReport(reference, Piece(media.message, media.caption)))
    if is_picture(media) and kind and kind.keep_pictures_for_police:
        talk.say("photo-police")
    elif is_picture(media) and view and view.under_18 == "yes":
        talk.say("photo-under18")
    elif is_picture(media) and kind and (kind.people or kind.photo == "none"):
        # Nobody can be asked what it shows once the report is out.
        talk.say("photo-not-people")
    elif view:
        id = f"{view.draft}.{media.message}"
        talk.act(keep_order(id, view.draft, media, reference))


def added(talk: Talk, reference: str, event: Text | Media | Location) -> None:
    """[Add to it], and then what was to be added."""
    talk.set(writing=None)
    add(talk, reference, event)
    talk.say("added", option(reference, "sent", "add"), reference=reference)


def late_piece(talk: Talk, media: Media) -> bool:
    """A straggler of an album whose report is sent already joins it without a word."""
    sent = talk.state.sent
    if sent is None or media.album is None or media.album not in sent.albums:
        return False
    add_media(talk, sent.reference, media)
    return True


def edited(talk: Talk, event: Edited) -> bool:
    """A message of the report just sent was changed: the change is added, the first words stay."""
    sent = talk.state.sent
    if sent is None or event.message not in sent.messages:
        return False
    talk.act(AddToReport(sent.reference, Piece(event.message, event.words), edited=True))
    talk.say("edited-sent", reference=sent.reference)
    return True


def done(talk: Talk, event: Done) -> None:
    """What a change of a sent report led to. `act` is `changed:NT-7K4F` or `withdrawn:NT-7K4F`."""
    what, _, reference = event.act.partition(":")
    if what == "changed":
        view = talk.facts.report(reference)
        kind = talk.facts.scheme.category(view.category) if view else None
        label = kind.label_in(talk.state.language) if kind else ""
        talk.set(draft=None, pending=())
        talk.say("kind-changed", *sent_options(reference), reference=reference, kind=label)
    elif what == "withdrawn":
        talk.set(sent=None)
        view = talk.facts.report(reference)
        kind = talk.facts.scheme.category(view.category) if view else None
        owner = talk.facts.scheme.recipient(kind.owner) if kind else None
        name = said_in(owner.spoken, talk.state.language) if owner else ""
        talk.say("withdrawn-test" if view and view.test else "withdrawn", owner=name, reference=reference)


def refused(talk: Talk, event: Refused, reference: str) -> None:
    """Too late to change or take back: what can be done instead."""
    draft = talk.state.draft
    if draft is not None and draft.of == reference:
        talk.set(draft=None, pending=())
    talk.say(f"refused-{event.why}", option(reference, "sent", "note"), reference=reference)


def woke_late(talk: Talk, reference: str) -> None:
    """Half an hour, or a refusal, and the owner does not have it: the reporter hears once."""
    view = talk.facts.report(reference)
    if view is None or view.withdrawn or view.late_told or view.owner_accepted_at is not None:
        return
    kind = talk.facts.scheme.category(view.category)
    owner = talk.facts.scheme.recipient(kind.owner) if kind and not view.test else None
    name: Value = said_in(owner.spoken, talk.state.language) if owner else Phrase("the-bid")
    talk.act(ToldLate(reference))
    talk.say(
        "late", reference=reference, owner=name, non_urgent=talk.facts.scheme.about.non_urgent
    )


def just_sent(talk: Talk) -> str | None:
    """The report to which photos and words of the next ten minutes may belong."""
    sent = talk.state.sent
    return sent.reference if sent and talk.event.at - sent.at <= JUST_SENT else None


__all__ = [
    "add", "added", "done", "edited", "filed", "just_sent", "late_piece", "place_phrase", "refused",
    "report_line", "short_id", "tapped", "woke_late",
]  # fmt: skip
