"""The facts of a report as columns and values: `report.csv`, and the last lines of the plain text."""

import csv
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.mails.osgb import grid_point
from dispatch.mails.report import MailPhoto, News, ReportMail, one_line

# Spreadsheets run a cell that begins so as a formula (OWASP, "CSV Injection"); a plain number is only a
# number.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def iso(at: datetime, time_zone: str) -> str:
    """ISO 8601 to the second with the town's UTC offset: 2026-11-24T09:12:00+00:00."""
    return at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def report_facts(mail: ReportMail) -> dict[str, str]:
    """Every fact of the report by its column; `mail` as shown. Unknown ones are empty, `uprn` always."""
    return {
        "reference": mail.reference,
        "status": mail.status,
        "category_id": mail.category_id,
        "category": mail.category,
        "urgent": _yes_no(mail.urgent),
        "test": _yes_no(mail.test),
        "nsir_type": mail.nsir_type,
        "nsir_class": mail.nsir_class,
        "police_uk": mail.police_uk,
        **_where(mail),
        "seen_at": iso(mail.seen_at, mail.time_zone),
        "seen_at_source": mail.seen_at_source,
        "seen_note": mail.seen_note,
        "received_at": iso(mail.received_at, mail.time_zone),
        "time_zone": mail.time_zone,
        "looks_under_18": mail.looks_under_18,
        "question": mail.question,
        "answer": mail.answer,
        "words": mail.words,
        "words_language": mail.language if mail.words else "",
        **photo_facts(mail.photos, mail.time_zone),
        "photos_to_follow": str(mail.missing_photos),
        "other_media": str(mail.other_media),
        "business": mail.business,
        "business_address": mail.business_address,
        "business_phone": mail.business_phone or "",
        "recipient": mail.recipient,
        "role": mail.role,
        "owner": mail.owner,
        "would_go_to" if mail.test else "also_sent_to": "; ".join(mail.also_sent_to),
        "lawful_basis": mail.lawful_basis,
        "deletion": mail.deletion,
    }


def news_facts(mail: ReportMail, news: News) -> dict[str, str]:
    """What a later mail adds, by column; both as shown."""
    facts = {"reference": mail.reference, "news": news.kind.value}
    if news.at:
        facts["at"] = iso(news.at, mail.time_zone)
    if news.words:
        facts |= {"words": news.words, "words_language": news.language}
    if news.photos:
        facts |= photo_facts(news.photos, mail.time_zone)
    return facts


def photo_facts(photos: tuple[MailPhoto, ...], time_zone: str) -> dict[str, str]:
    """Number, digests and times of the photos; several in one cell are kept apart by "; "."""
    taken = [
        f"{photo.taken_point.lat:.6f} {photo.taken_point.lon:.6f}" for photo in photos if photo.taken_point
    ]
    return {
        "photos": str(len(photos)),
        "photo_names": "; ".join(photo.name for photo in photos),
        "photo_sizes": "; ".join(f"{photo.width}x{photo.height}" for photo in photos),
        "photo_sha256": "; ".join(photo.file_sha256 for photo in photos),
        "photo_received_sha256": "; ".join(photo.sha256 for photo in photos),
        "photo_received_at": "; ".join(iso(photo.provider_at, time_zone) for photo in photos),
        "photo_taken_at": "; ".join(iso(photo.taken_at, time_zone) for photo in photos if photo.taken_at),
        "photo_taken_place": "; ".join(taken),
    }


def report_csv(facts: dict[str, str]) -> bytes:
    """One header row and one row, as RFC 4180 wants it: CRLF, quotes where needed; UTF-8."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(facts)
    rows.writerow([guarded(value) for value in facts.values()])
    return out.getvalue().encode()


def fact_lines(facts: dict[str, str]) -> str:
    """The facts as `key: value` lines, one line each."""
    return "\n".join(f"{key}: {one_line(value)}".rstrip() for key, value in facts.items())


def guarded(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _where(mail: ReportMail) -> dict[str, str]:
    point = mail.point
    grid = grid_point(point.lat, point.lon) if point else None
    return {
        "place": mail.place,
        "postcode": mail.postcode,
        "latitude": f"{point.lat:.6f}" if point else "",
        "longitude": f"{point.lon:.6f}" if point else "",
        "pin": mail.pin,
        "easting": str(grid.easting) if grid else "",
        "northing": str(grid.northing) if grid else "",
        "uprn": "",
    }


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
