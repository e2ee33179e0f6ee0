"""Mails on reports, as bytes ready to be sent."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatch.mails import mime
from dispatch.mails.envelope import SUBJECT_LIMIT, Envelope
from dispatch.mails.facts import fact_lines, news_facts, report_csv, report_facts
from dispatch.mails.layout import render
from dispatch.mails.osgb import grid_point
from dispatch.mails.report import MailPhoto, News, NewsKind, ReportMail, one_line

PHOTO_LIMIT = 2_000_000  # bytes of one photo
PHOTOS_LIMIT = 7_000_000  # bytes of all photos before encoding; many gateways stop at 10 MB after it


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of mail is written: its template, and whether it carries every fact and `report.csv`."""

    template: str
    carries_all: bool


WORDINGS: Mapping[NewsKind | None, Wording] = {
    None: Wording("report.j2", carries_all=True),
    NewsKind.CORRECTION: Wording("correction.j2", carries_all=True),
    NewsKind.PHOTOS_FOLLOW: Wording("photos_follow.j2", carries_all=False),
    NewsKind.ADDED: Wording("added.j2", carries_all=False),
    NewsKind.NOT_FOR_YOU: Wording("not_for_you.j2", carries_all=False),
    NewsKind.TAKEN_BACK: Wording("taken_back.j2", carries_all=False),
}


def compose(mail: ReportMail, envelope: Envelope) -> bytes:
    """The first mail on a report to one recipient, or the whole mail to a new one. CRLF line ends, all ASCII.

    Photos over `PHOTO_LIMIT`, and those that would bring the mail over `PHOTOS_LIMIT`, are left out; the
    mail says so.
    """
    shown = mail.as_shown()
    return _write(shown, None, shown.photos, envelope)


def compose_news(mail: ReportMail, news: News, envelope: Envelope) -> bytes:
    """A later mail in the thread of a report, for whom `mail` was first written. As `compose`."""
    shown = mail.as_shown()
    news_shown = news.as_shown(name_kept_out=shown.name_kept_out)
    return _write(shown, news_shown, news_shown.photos, envelope)


def compose_notice(subject: str, lines: Sequence[str], envelope: Envelope) -> bytes:
    """A plain mail to the BID: one paragraph for each of `lines`. The subject is cut to 78 characters."""
    text = "\n".join(one_line(line) for line in lines) + "\n"
    return mime.message(envelope.headers(envelope.subject or subject), mime.text_part("plain", text))


def subject_of(mail: ReportMail) -> str:
    """`[NTARS NT-7K4F] Graffiti, 14 Gold Street, Tue 24 Nov 09:12`, at most 78 characters, without a name.

    The reference and the time always stand in full; the place is shortened first, then the kind. Whoever
    sends later mails keeps what was sent first: a report whose kind changed has the subject of its first
    mail.
    """
    return _subject(mail.as_shown())


def _subject(shown: ReportMail) -> str:
    head = f"{'TEST ' if shown.test else ''}[{shown.short_name} {shown.reference}] "
    seen = shown.seen_at.astimezone(ZoneInfo(shown.time_zone))
    tail = f"{seen:%a} {seen.day} {seen:%b %H:%M}"
    room = SUBJECT_LIMIT - len(head) - len(tail) - len(", , ")
    category = _shortened(shown.category, max(room - min(len(shown.subject_place), 12), 8))
    place = _shortened(shown.subject_place, room - len(category))
    return (head + ", ".join(part for part in (category, place, tail) if part))[:SUBJECT_LIMIT]


def _shortened(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    return f"{text[: room - 1].rstrip(' ,')}…" if room >= 4 else ""


def _write(mail: ReportMail, news: News | None, photos: tuple[MailPhoto, ...], envelope: Envelope) -> bytes:
    wording = WORDINGS[news.kind if news else None]
    # Made from the id and nothing else, so that a mail sent again has the same bytes.
    boundary = f"{zlib.crc32(envelope.message_id.encode()):08x}"
    domain = envelope.message_id[1:-1].partition("@")[2]
    subject = envelope.subject or _subject(mail)
    fitting = _fitting(photos)
    pictures = [(f"photo{n}.{boundary}@{domain}", photo) for n, photo in enumerate(fitting, start=1)]
    facts = report_facts(mail) if wording.carries_all else {}
    lines = facts | (news_facts(mail, news) if news else {})

    context = {
        "mail": mail,
        "news": news,
        "photos": pictures,
        "left_out": len(photos) - len(fitting),
        "grid": grid_point(mail.point.lat, mail.point.lon) if mail.point else None,
        "fact_lines": fact_lines(lines),
        "subject": subject,
    }
    shown_html, shown_text = render(wording.template, mail.time_zone, context)
    html = mime.text_part("html", shown_html)
    if fitting:
        html = mime.multipart("related", [html, *map(_picture, pictures)], boundary=f"r.{boundary}")
    body = mime.multipart(
        "alternative", [mime.text_part("plain", shown_text), html], boundary=f"a.{boundary}"
    )
    if facts:
        table = mime.file_part("text/csv; charset=utf-8", report_csv(facts), name="report.csv")
        body = mime.multipart("mixed", [body, table], boundary=f"m.{boundary}")
    headers = envelope.headers(subject)
    if mail.urgent and facts:
        # Shown in the list of Outlook (RFC 4021, 2.1.54) and of others, which show no banner there.
        headers += [("Importance", "high"), ("X-Priority", "1")]
    return mime.message(headers, body)


def _picture(picture: tuple[str, MailPhoto]) -> bytes:
    cid, photo = picture
    return mime.file_part("image/jpeg", photo.jpeg, name=photo.name, content_id=cid)


def _fitting(photos: tuple[MailPhoto, ...]) -> list[MailPhoto]:
    fitting, total = [], 0
    for photo in photos:
        if len(photo.jpeg) <= PHOTO_LIMIT and total + len(photo.jpeg) <= PHOTOS_LIMIT:
            fitting.append(photo)
            total += len(photo.jpeg)
    return fitting
