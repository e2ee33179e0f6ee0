"""What follows when a row of the outbox is sent, or will never be; in the transaction that marks it."""

from collections.abc import Sequence

import msgspec

from dispatch import forwards
from dispatch.transport import Outbound
from dispatch.transports.fetch import FetchOrder, KeptPhoto
from dispatch.transports.timer import TimerOrder
from dispatch.verdicts import Failed, Later, Sent, Verdict
from storage import deliveries, media, outbox, people, reports
from storage.outbox import NewRow
from storage.tx import Tx


def mail_settled(tx: Tx, row: Outbound, verdict: Verdict) -> None:
    """Delivery truth: accepted or refused, in the report's history, and the reporter hears of a refusal."""
    match verdict:
        case Sent():
            state, reason, what = "accepted", None, "mail_accepted"
        case Failed():
            state, reason, what = "refused", verdict.reason, "mail_refused"
        case Later():
            forwards.put_back(tx, row.reference, tried=verdict.counts)
            return
        case _:
            return
    delivery = deliveries.settle(tx, row.reference, state, reason)
    if delivery is None:
        return
    reports.note(
        tx, delivery.report_id, what, by="service", recipients=delivery.recipients, part=delivery.part
    )
    if state == "refused" and delivery.owner and delivery.part.startswith("new"):
        _tell_reporter(tx, delivery.report_id)


def _tell_reporter(tx: Tx, report_id: int) -> None:
    """A timer that is due now: the engine says once that the owner does not have it."""
    report = reports.by_id(tx.connection, report_id)
    address = reports.address_of(tx.connection, report_id)
    if address is None:
        return
    subject = f"late:{report.reference}"
    row = NewRow(
        kind="timer",
        lane=f"timer:{address}:{subject}",
        dedupe=f"timer:{address}:{subject}:refused",
        payload=msgspec.json.encode(TimerOrder(address=address, subject=subject)).decode(),
        not_before=tx.now,
    )
    outbox.insert(tx, [row])


def fetch_settled(tx: Tx, row: Outbound, verdict: Verdict) -> None:
    """A photo that could not be fetched in all that time is not coming: no mail says that it follows."""
    if not isinstance(verdict, Failed):
        return
    order = msgspec.json.decode(row.payload, type=FetchOrder)
    photo = media.get(tx.connection, order.photo)
    if photo is not None and photo.state == "waiting":
        _keep(tx, KeptPhoto(photo=order.photo, kind=order.kind, why="gone"))


def chat_settled(tx: Tx, row: Outbound, verdict: Verdict) -> None:
    """A person who has blocked us is not tried again until they return.

    That, and a prompt that was in doubt twice, is nothing that an admin could mend: it is not left as failed.
    """
    if not isinstance(verdict, Failed):
        return
    if verdict.address_dead:
        people.mark_dead(tx, row.lane)
        outbox.cancel_lane_rows(tx, row.lane, [row.kind])
    if verdict.address_dead or verdict.reason.startswith("in doubt"):
        outbox.dismiss(tx, row.reference)


def keep_photos(tx: Tx, items: Sequence[KeptPhoto]) -> Sequence[None]:
    """The writer's handler for photos that arrived, or never will."""
    for kept in items:
        _keep(tx, kept)
    return [None] * len(items)


def _keep(tx: Tx, kept: KeptPhoto) -> None:
    photo = media.settle(
        tx,
        kept.photo,
        name=kept.name,
        why=kept.why,
        mime=kept.mime,
        width=kept.width,
        height=kept.height,
        size=kept.size,
        sha256=kept.sha256,
        received_sha256=kept.received_sha256,
        received_size=kept.received_size,
        received_format=kept.received_format,
        exif_at=kept.exif_at,
        exif_lat=kept.lat,
        exif_lon=kept.lon,
    )
    if photo is None or photo.report_id is None:
        return
    report = reports.by_id(tx.connection, photo.report_id)
    what = "photo_kept" if photo.state == "kept" else "photo_refused"
    reports.note(tx, report.id, what, by="service", photo=photo.id, sha256=photo.received_sha256)
    forwards.photo_settled(tx, report, photo)
