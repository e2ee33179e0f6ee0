"""Carries out the engine's orders, at once and in order, in the transaction of the intake."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from conversations import acts
from conversations.events import Complained, Done, Enrolled, Event, Filed, Refused
from conversations.flows.shop_words import without_shop
from conversations.state import Place
from dispatch import forwards
from dispatch.anonymity import street_of
from dispatch.routes import recipients_of
from dispatch.transports.fetch import FetchOrder
from dispatch.transports.geocode import GeocodeOrder
from dispatch.transports.timer import TimerOrder
from storage import complaints, deliveries, media, members, outbox, people, reports
from storage.facts import TxFacts
from storage.outbox import NewRow
from storage.reports import Filing, TooLate

LOOK_UP_WITHIN = timedelta(minutes=5)


def carry_out(act: acts.Act, facts: TxFacts) -> Event | None:
    """Do what the engine orders; what it has to hear of it comes back as the next event."""
    match act:
        case acts.Wake():
            _wake(act, facts)
        case acts.KeepMedia():
            _keep_media(act, facts)
        case acts.ForgetMedia():
            media.remove(facts.tx, act.ids)
        case acts.LookUp():
            _look_up(act, facts)
        case acts.Enrol() | acts.NamePhone() | acts.Leave():
            return _membership(act, facts)
        case acts.FileReport():
            return _file(act, facts)
        case acts.AddToReport() | acts.ChangeKind() | acts.Withdraw() | acts.ToldLate():
            return _to_report(act, facts)
        case acts.Complain():
            return _complain(act, facts)
        case acts.SendData():
            _send_data(facts)
    return None


def _put_out(
    facts: TxFacts, kind: str, lane: str, dedupe: str, payload: Any, at: datetime, **more: Any
) -> None:
    text = msgspec.json.encode(payload).decode()
    row = NewRow(kind=kind, lane=lane, dedupe=dedupe, payload=text, not_before=at, **more)
    outbox.insert(facts.tx, [row])


def _wake(act: acts.Wake, facts: TxFacts) -> None:
    lane = f"timer:{facts.address}:{act.subject}"
    order = TimerOrder(address=facts.address, subject=act.subject)
    _put_out(facts, "timer", lane, f"{lane}:{act.at:.0f}", order, datetime.fromtimestamp(act.at, UTC))


def _keep_media(act: acts.KeepMedia, facts: TxFacts) -> None:
    report = reports.by_reference(facts.tx.connection, act.reference) if act.reference else None
    # A straggler of an album may come while its report is being filed.
    report = report or reports.by_draft(facts.tx.connection, act.draft)
    if report is not None and report.withdrawn_at is not None:
        return
    if not media.announce(facts.tx, act, address=facts.address, report_id=report.id if report else None):
        return
    if report:
        reports.note(facts.tx, report.id, "photo_added", by="reporter", photo=act.id)
    order = FetchOrder(
        photo=act.id,
        address=facts.address,
        channel=facts.address.partition(":")[0],
        handle=act.handle,
        kind=act.kind,
        size=act.size,
        mime=act.mime,
    )
    _put_out(facts, "fetch", f"fetch:{act.id}", f"fetch:{act.id}", order, facts.now)


def _look_up(act: acts.LookUp, facts: TxFacts) -> None:
    corners = facts.scheme.area.boundary
    lats, lons = [corner.lat for corner in corners], [corner.lon for corner in corners]
    order = GeocodeOrder(
        address=facts.address,
        subject=act.subject,
        query=act.query,
        lat=sum(lats) / len(lats),
        lon=sum(lons) / len(lons),
        bounds=(min(lats), min(lons), max(lats), max(lons)),
    )
    # A key outlives its row's payload, and these are people's words.
    key = f"geocode:{hashlib.sha256(f'{facts.address}:{act.subject}:{act.query}'.encode()).hexdigest()}"
    _put_out(facts, "geocode", key, key, order, facts.now, not_after=facts.now + LOOK_UP_WITHIN)


def _membership(act: acts.Enrol | acts.NamePhone | acts.Leave, facts: TxFacts) -> Event | None:
    tx, address = facts.tx, facts.address
    outcome: Event | None = None
    match act:
        case acts.Enrol():
            version = facts.scheme.privacy.notice_version
            business = members.enrol(tx, address=address, code=act.code, notice_version=version)
            if business is None:
                return Refused(at=facts.now, why="code")
            outcome = Enrolled(at=facts.now, business=business)
        case acts.NamePhone():
            members.name_phone(tx, address=address, name=act.name)
        case acts.Leave():
            if act.erase and facts.member:
                _take_back_all(facts)
            members.leave(tx, address=address, erase=act.erase)
            if act.erase:
                media.forget_sender(tx, address)
    facts.renew_member()
    return outcome


def _take_back_all(facts: TxFacts) -> None:
    """Whatever can still be taken back is, when somebody leaves and deletes."""
    assert facts.member is not None
    for row in reports.open_of_phone(facts.tx.connection, facts.member.member_id):
        try:
            _withdraw(facts, row)
        except TooLate:
            # Somebody has acted on it, or a day has passed: it stays with those who have it.
            continue


def _file(act: acts.FileReport, facts: TxFacts) -> Event:
    member, draft = facts.member, act.draft
    if member is None or not member.active:
        return Refused(at=facts.now, why="suspended")
    assert draft.category is not None
    assert draft.place is not None
    known = reports.by_draft(facts.tx.connection, draft.id)
    place = _place_without_shop(facts) if draft.name_out and draft.place.kind == "shop" else draft.place
    report = known or reports.file_report(
        facts.tx,
        Filing(
            draft=draft,
            member=member,
            place=place,
            prefix=facts.scheme.about.reference_prefix,
            language=act.language,
            urgent=act.urgent,
            test=not facts.scheme.about.live,
        ),
    )
    if known is None:
        forwards.forward(facts.tx, report, facts.scheme)
    recipients = recipients_of(facts.scheme, report.category, report.answer)
    return Filed(at=facts.now, reference=report.reference, recipients=recipients, test=report.test)


def _place_without_shop(facts: TxFacts) -> Place:
    """The place of a shop that is not to be named: its street, or the town centre where few are on it."""
    assert facts.member is not None
    street = street_of(facts.tx.connection, facts.gazetteer, facts.member.address)
    return Place("known", street or facts.scheme.area.town_centre_name["en"])


def _to_report(
    act: acts.AddToReport | acts.ChangeKind | acts.Withdraw | acts.ToldLate, facts: TxFacts
) -> Event | None:
    report = reports.by_reference(facts.tx.connection, act.reference)
    if report is None or facts.member is None or report.member_id != facts.member.member_id:
        return Refused(at=facts.now, why=f"gone:{act.reference}")
    try:
        match act:
            case acts.AddToReport():
                _add(act, facts, report)
            case acts.ChangeKind():
                _change_kind(act, facts, report)
                return Done(at=facts.now, act=f"changed:{act.reference}")
            case acts.Withdraw():
                _withdraw(facts, report)
                return Done(at=facts.now, act=f"withdrawn:{act.reference}")
            case acts.ToldLate():
                _told_late(facts, report)
    except TooLate as late:
        return Refused(at=facts.now, why=f"{late.why}:{act.reference}")
    return None


def _add(act: acts.AddToReport, facts: TxFacts, report: Any) -> None:
    if report.withdrawn_at is not None:
        raise TooLate("gone")
    words = act.piece.words
    if report.name_out:
        # Nobody asks about words that are added: what would name the shop is taken out.
        words = without_shop(words, facts)
    line = reports.add_words(facts.tx, report, words, edited=act.edited)
    forwards.words_added(facts.tx, report, line)


def _change_kind(act: acts.ChangeKind, facts: TxFacts, report: Any) -> None:
    was = report.category
    reports.change_kind(facts.tx, report, category=act.category, answer=act.answer, under_18=act.under_18)
    now = reports.by_id(facts.tx.connection, report.id)
    forwards.kind_changed(facts.tx, now, facts.scheme, was=was, version=now.version)


def _withdraw(facts: TxFacts, report: Any) -> None:
    reports.withdraw(facts.tx, report)
    people.forget_said(facts.tx, facts.address)
    media.remove(facts.tx, [photo.id for photo in media.of_report(facts.tx.connection, report.id)])
    forwards.withdrawn(facts.tx, reports.by_id(facts.tx.connection, report.id))


def _told_late(facts: TxFacts, report: Any) -> None:
    reports.told_late(facts.tx, report)
    mails = deliveries.of_report(facts.tx.connection, report.id)
    refusals = [mail.reason for mail in mails if mail.owner and mail.state == "refused"]
    state = "The mail server has not taken it yet. We keep trying."
    if refusals:
        state = f"It was refused and is not tried again by itself: {refusals[-1]}"
    forwards.tell_bid(
        facts.tx,
        f"late:{report.reference}",
        f"{report.reference} has not reached its recipient",
        state,
        "The reporter has been told.",
        f"See what is the matter: ntars report show {report.reference}",
    )


def _complain(act: acts.Complain, facts: TxFacts) -> Event:
    number = complaints.file_complaint(facts.tx, address=facts.address, words=act.words)
    forwards.tell_bid(
        facts.tx,
        f"complaint:{number}",
        f"Data protection complaint {number}",
        f"A person complained in the chat about how their data is looked after. Its number is {number}.",
        act.words,
        "Acknowledged in the chat. Answer within 30 days (DPA 2018 s.164A).",
    )
    return Complained(at=facts.now, number=number)


def _send_data(facts: TxFacts) -> None:
    member = facts.member
    if member is None:
        return
    forwards.tell_bid(
        facts.tx,
        f"data:{member.member_id}:{facts.now:%Y-%m-%d}",
        "Somebody asks for their data",
        f"Phone {member.member_id} of {member.business} (see ntars member list) asks for what is held.",
        "Answer within one month (UK GDPR Article 15).",
    )
