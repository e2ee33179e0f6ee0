"""Reports as commands show them: plain values for JSON, lines for people. Never who holds the phone."""

import json
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row

from admin_cli.opened import zone_of
from admin_cli.output import columns, one_line, printable, when
from conversations.scheme import Scheme
from storage import deliveries, media, reports

Values = dict[str, Any]

STATES = {
    "queued": "on its way",
    "accepted": "taken by the server",
    "refused": "refused",
    "cancelled": "called back",
}


def listed(connection: Connection, scheme: Scheme | None) -> list[Values]:
    """Every report, oldest first."""
    return [_values(row, business, photos, scheme) for row, business, photos in reports.listed(connection)]


def detailed(connection: Connection, reference: str, scheme: Scheme | None) -> Values | None:
    """One report with its history, mails and photos; None when there is none of that reference."""
    found = reports.listed_one(connection, reference)
    if found is None:
        return None
    row, business, photos = found
    zone = zone_of(scheme)
    return {
        **_values(row, business, photos, scheme),
        "answer": row.answer,
        "under_18": row.under_18,
        "name_kept_out": row.name_out,
        "seen_at": _local(row.seen_at, zone),
        "seen_at_source": row.seen_at_source,
        "received_at": _local(row.received_at, zone),
        "status_at": _local(row.status_at, zone),
        "history": [_event(event, zone) for event in reports.history(connection, row.id)],
        "deliveries": [_delivery(mail, scheme, zone) for mail in deliveries.of_report(connection, row.id)],
        "media": [_photo(photo, zone) for photo in media.of_report(connection, row.id)],
    }


def _values(row: Row[Any], business: str, photos: int, scheme: Scheme | None) -> Values:
    category = scheme.category(row.category) if scheme else None
    return {
        "reference": row.reference,
        "category": row.category,
        "kind": category.officer_name if category else row.category,
        "status": row.status,
        "filed_at": _local(row.filed_at, zone_of(scheme)),
        "place": row.place,
        "photos": photos,
        "business": business,
        "test": row.test,
        "lat": row.lat,
        "lon": row.lon,
        "words": row.words,
        "urgent": row.urgent,
        "withdrawn": row.withdrawn_at is not None,
    }


def _event(event: Row[Any], zone: tzinfo) -> Values:
    return {
        "at": _local(event.at, zone),
        "what": event.what,
        "by": event.by,
        "detail": json.loads(event.detail),
    }


def _delivery(mail: Row[Any], scheme: Scheme | None, zone: tzinfo) -> Values:
    ids = mail.recipients.split(",")
    return {
        "recipients": ids,
        "names": [_recipient(one, scheme) for one in ids],
        "address": mail.address,
        "owner": mail.owner,
        "part": mail.part,
        "state": mail.state,
        "at": _local(mail.settled_at, zone),
        "reason": mail.reason,
    }


def _recipient(name: str, scheme: Scheme | None) -> str:
    if name == "bid" and scheme:
        return scheme.about.contact.name
    known = scheme.recipient(name) if scheme else None
    return known.name if known else name


def _photo(photo: Row[Any], zone: tzinfo) -> Values:
    return {
        "kind": photo.kind,
        "state": photo.state,
        "reason": photo.reason,
        "taken_in_at": _local(photo.provider_at, zone),
        "kept_at": _local(photo.kept_at, zone),
        "mime": photo.mime,
        "width": photo.width,
        "height": photo.height,
        "size": photo.size,
        "sha256": photo.sha256,
        "received_sha256": photo.received_sha256,
        "received_size": photo.received_size,
    }


def _local(moment: datetime | None, zone: tzinfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None


def status_words(report: Values) -> str:
    """The status with what else matters in a list."""
    marks = [mark for mark in ("test", "urgent", "withdrawn") if report[mark]]
    return ", ".join([report["status"].replace("_", " "), *marks])


def in_words(report: Values) -> str:
    """All of a detailed report, for people."""
    parts = [
        f"{report['reference']}  {report['kind']}, {one_line(report['place'])}",
        _facts(report),
        _section("History", [_event_line(event) for event in report["history"]]),
        _section("Who got it", [_delivery_line(mail) for mail in report["deliveries"]]),
        _section("Photos and recordings", [_photo_line(photo) for photo in report["media"]]),
    ]
    return "\n\n".join(part for part in parts if part)


def _facts(report: Values) -> str:
    rows = [
        ("Status", f"{status_words(report)}, since {when(report['status_at'])}"),
        ("Filed", when(report["filed_at"])),
        ("Seen", f"{when(report['seen_at'])} (by the {report['seen_at_source']})"),
        ("Business", report["business"] + (", name kept out" if report["name_kept_out"] else "")),
    ]
    if report["lat"] is not None:
        rows.append(("Point", f"{report['lat']:.5f},{report['lon']:.5f}"))
    if report["answer"]:
        rows.append(("Answer", report["answer"]))
    if report["under_18"]:
        rows.append(("Under 18", report["under_18"]))
    if report["words"]:
        rows.append(("Words", " / ".join(printable(report["words"]).splitlines())))
    return columns(rows)


def _section(title: str, rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return f"{title}: none"
    return f"{title}\n{columns(rows, indent='  ')}"


def _event_line(event: Values) -> tuple[str, ...]:
    detail = ", ".join(f"{name} {value}" for name, value in event["detail"].items())
    return when(event["at"]), event["what"].replace("_", " "), event["by"], detail


def _delivery_line(mail: Values) -> tuple[str, ...]:
    role = "owner" if mail["owner"] else "copy"
    state = STATES[mail["state"]]
    names = ", ".join(mail["names"])
    return when(mail["at"]), state, mail["part"], role, mail["address"], names, mail["reason"] or ""


def _photo_line(photo: Values) -> tuple[str, ...]:
    size = f"{photo['width']}x{photo['height']}" if photo["width"] else ""
    digest = f"sha256 {photo['sha256']}" if photo["sha256"] else photo["reason"] or ""
    return photo["kind"].replace("_", " "), photo["state"], size, digest
