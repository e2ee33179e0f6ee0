"""Puts mails about reports into the outbox: the first to each recipient, and what follows in its thread."""

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Row

from conversations.scheme import Scheme
from dispatch.mails.report import NewsKind
from dispatch.routes import Stop, route
from storage import deliveries, media, outbox, reports
from storage.deliveries import Handover
from storage.outbox import NewRow, new_reference
from storage.tx import Tx

EMAIL = "email"
PHOTOS_WITHIN = timedelta(minutes=2)
PHOTOS_TOGETHER = timedelta(seconds=20)


class ReportOrder(msgspec.Struct, frozen=True, tag="report"):
    """The payload of a mail on a report. It is written when it is sent; this is what reading cannot tell."""

    report_id: int
    news: NewsKind | None = None
    line: int | None = None
    was_category: str = ""


class NoticeOrder(msgspec.Struct, frozen=True, tag="notice"):
    """The payload of a plain mail to the BID."""

    subject: str
    lines: tuple[str, ...]


MailOrder = ReportOrder | NoticeOrder


def forward(tx: Tx, report: Row[Any], scheme: Scheme) -> None:
    """Give the report to everyone on its route. It waits for its photos, for two minutes at the most."""
    for stop in route(scheme, report.category, report.answer, test=report.test):
        _first_mail(tx, report, stop, "new")


def _first_mail(tx: Tx, report: Row[Any], stop: Stop, part: str) -> None:
    wait = PHOTOS_WITHIN if media.waiting(tx.connection, report.id) else timedelta()
    _mail(tx, report, stop, part, ReportOrder(report.id), wait=wait)


def _mail(
    tx: Tx,
    report: Row[Any],
    stop: Stop,
    part: str,
    order: ReportOrder,
    *,
    category: str | None = None,
    wait: timedelta = timedelta(),
) -> None:
    reference = new_reference()
    handover = Handover(
        report.id, stop.recipients, stop.address, stop.owner, part, category or report.category, reference
    )
    if deliveries.queue(tx, handover):
        outbox.insert(
            tx,
            [
                NewRow(
                    kind=EMAIL,
                    lane=_lane(report, stop.address),
                    dedupe=f"{_lane(report, stop.address)}:{part}",
                    payload=_encoded(order),
                    not_before=tx.now + wait,
                    reference=reference,
                )
            ],
        )


def _lane(report: Row[Any], address: str) -> str:
    """The mails of one report to one address leave in order."""
    return f"{EMAIL}:{report.id}:{address.casefold()}"


def _encoded(order: MailOrder) -> str:
    return msgspec.json.encode(order).decode()


def photo_settled(tx: Tx, report: Row[Any], photo: Row[Any]) -> None:
    """A photo of a filed report is here, or never will be: mails that waited for it may go, others follow."""
    nothing_awaited = media.waiting(tx.connection, report.id) == 0
    for mail in deliveries.first_mails(tx.connection, report.id):
        if deliveries.never_tried(mail):
            if nothing_awaited:
                outbox.move_up(tx, tx.now, dedupe=mail.dedupe)
        elif (
            mail.state != "refused"
            and _came_too_late(photo, mail)
            and not deliveries.waits(tx.connection, report.id, mail.address, "photos:%")
        ):
            news = ReportOrder(report.id, NewsKind.PHOTOS_FOLLOW)
            part = f"photos:{photo.id}"
            _mail(tx, report, _stop(mail), part, news, category=mail.category, wait=PHOTOS_TOGETHER)


def _came_too_late(photo: Row[Any], mail: Row[Any]) -> bool:
    """Whether the first mail, once tried, does not show the photo: the same rule as in `letters`."""
    return photo.state == "kept" and (mail.first_tried_at is None or photo.kept_at > mail.first_tried_at)


def _stop(mail: Row[Any]) -> Stop:
    return Stop(mail.address, tuple(mail.recipients.split(",")), mail.owner)


def words_added(tx: Tx, report: Row[Any], line: int) -> None:
    """Tell everyone who has the report already; a mail that has not left says it anyway.

    `line` is the history's: the words themselves stand nowhere but in the report, so that they can go.
    """
    for mail in deliveries.first_mails(tx.connection, report.id):
        # Whoever refused the report has nothing to add it to.
        if mail.state != "refused" and not deliveries.never_tried(mail):
            order = ReportOrder(report.id, NewsKind.ADDED, line)
            _mail(tx, report, _stop(mail), f"added:{line}", order, category=mail.category)


def kind_changed(tx: Tx, report: Row[Any], scheme: Scheme, *, was: str, version: int) -> None:
    """Who stays on the route gets a correction, who is new the whole mail, who is off it is told so."""
    now = route(scheme, report.category, report.answer, test=report.test)
    stops = {stop.address.casefold(): stop for stop in now}
    for mail in deliveries.first_mails(tx.connection, report.id):
        stop = stops.pop(mail.address.casefold(), None)
        if stop is None:
            _off_the_route(tx, report, mail, version)
        elif deliveries.never_tried(mail):
            deliveries.reassign(
                tx, mail.id, recipients=stop.recipients, owner=stop.owner, category=report.category
            )
        else:
            deliveries.reassign(
                tx, mail.id, recipients=stop.recipients, owner=stop.owner, category=mail.category
            )
            order = ReportOrder(report.id, NewsKind.CORRECTION, was_category=was)
            _mail(tx, report, stop, f"correction:{version}", order, category=mail.category)
    for stop in stops.values():
        _first_mail(tx, report, stop, f"new:{version}")


def _off_the_route(tx: Tx, report: Row[Any], mail: Row[Any], version: int) -> None:
    if not _called_back(tx, report, mail):
        order = ReportOrder(report.id, NewsKind.NOT_FOR_YOU)
        _mail(tx, report, _stop(mail), f"not_for_you:{version}", order, category=mail.category)
        # It is no longer theirs: nothing later on the report goes there.
        deliveries.retire(tx, mail.id)


def withdrawn(tx: Tx, report: Row[Any]) -> None:
    """A mail that has not left does not; who has the report is told that it is taken back."""
    for mail in deliveries.first_mails(tx.connection, report.id):
        if not _called_back(tx, report, mail):
            order = ReportOrder(report.id, NewsKind.TAKEN_BACK)
            _mail(tx, report, _stop(mail), "taken_back", order, category=mail.category)


def _called_back(tx: Tx, report: Row[Any], mail: Row[Any]) -> bool:
    """Nothing that waits for this address leaves; returns whether it certainly never had the report."""
    for waiting in deliveries.unsent(tx.connection, report.id, mail.address):
        if not _is_farewell(waiting):
            deliveries.call_back(tx, waiting)
    return deliveries.never_tried(mail)


def _is_farewell(mail: Row[Any]) -> bool:
    """Whether the mail asks an address to delete what it has, which holds whatever becomes of the report."""
    return str(mail.part).partition(":")[0] in ("not_for_you", "taken_back")


def put_back(tx: Tx, reference: str, *, tried: bool) -> None:
    """A mail that was on its way is due again: what was decided meanwhile holds for it too.

    `tried` counts as an attempt; otherwise it is as if it had never set out.
    """
    mail = deliveries.find(tx.connection, reference)
    if mail is None:
        return
    report = reports.by_id(tx.connection, mail.report_id)
    unsent = deliveries.unsent(tx.connection, report.id, mail.address)
    first = mail.part.startswith("new")
    if _is_farewell(mail):
        return
    if not mail.on_route or report.withdrawn_at is not None:
        # Who certainly never had it need not hear that it is not theirs, or taken back.
        everything = first and not tried
        for waiting in unsent:
            if everything or waiting.reference == reference:
                deliveries.call_back(tx, waiting)
    elif first and not tried:
        # It shows the report as it is when it leaves, so that what followed it has nothing left to say.
        for waiting in unsent:
            if waiting.reference != reference:
                deliveries.call_back(tx, waiting)
        deliveries.reassign(
            tx, mail.id, recipients=_stop(mail).recipients, owner=mail.owner, category=report.category
        )


def tell_bid(tx: Tx, key: str, subject: str, *lines: str) -> None:
    """A plain mail to the BID, once for each `key`."""
    outbox.insert(
        tx,
        [
            NewRow(
                kind=EMAIL,
                lane=f"{EMAIL}:bid:{key}",
                dedupe=f"{EMAIL}:bid:{key}",
                payload=_encoded(NoticeOrder(subject, lines)),
                not_before=tx.now,
            )
        ],
    )
