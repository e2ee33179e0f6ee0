"""Writes the mail of an outbox row when it is sent, from what the database says then."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from conversations.gazetteer import Gazetteer
from conversations.scheme import Category, Recipient, Scheme
from dispatch.anonymity import street_of
from dispatch.forwards import MailOrder, NoticeOrder, ReportOrder
from dispatch.mails.compose import compose, compose_news, compose_notice, subject_of
from dispatch.mails.envelope import Envelope
from dispatch.mails.report import MailPhoto, News, NewsKind, Point, ReportMail
from dispatch.transport import GiveUp, Outbound
from dispatch.transports.email import Letter
from storage import deliveries, media, members, outbox, reports
from storage.database import Database
from storage.photos import PhotoStore

LANGUAGE_NAMES = {"en": "English", "ro": "Romanian", "pl": "Polish"}
SEEN_SAID = {"hour": "within the hour before", "today": "earlier that day", "before": "before that day"}
UNDER_18 = {"yes": "yes", "no": "no", "unsure": "not sure"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails come from, as the operator set it."""

    mail_from: str
    reply_address: str | None = None
    admin_email: str | None = None

    @classmethod
    def of(
        cls, mail_from: str | None, reply_address: str | None, admin_email: str | None, scheme: Scheme
    ) -> "Sender":
        """The operator's settings; where no sender is set, the admin is it, or else the BID."""
        return cls(mail_from or admin_email or scheme.about.contact.email, reply_address, admin_email)

    @property
    def address(self) -> str:
        """The bare address."""
        return parseaddr(self.mail_from)[1]

    @property
    def admin_address(self) -> str | None:
        """The bare address of who hears of trouble, where one is set."""
        return parseaddr(self.admin_email)[1] if self.admin_email else None

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.address.rpartition("@")[2] or "localhost"


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Turns an outbox row into a letter. Reads the database and the photo store, changes neither."""

    database: Database
    store: PhotoStore
    scheme: Callable[[], Scheme]
    gazetteer: Callable[[], Gazetteer]
    sender: Sender

    async def write(self, row: Outbound) -> Letter:
        """The letter of the row. Raises GiveUp when the row says nothing that can be read."""
        return await asyncio.to_thread(self._write, row)

    def _write(self, row: Outbound) -> Letter:
        try:
            order = msgspec.json.decode(row.payload, type=MailOrder)
        except msgspec.MsgspecError as error:
            raise GiveUp("the payload is no mail order") from error
        if isinstance(order, NoticeOrder):
            return self._notice(row, order)
        with self.database.read() as connection:
            return self._report(connection, row, order)

    def _notice(self, row: Outbound, order: NoticeOrder) -> Letter:
        scheme = self.scheme()
        to = self.sender.admin_address or scheme.about.contact.email
        envelope = self._envelope(row, to, scheme, subject=f"[{scheme.about.short_name}] {order.subject}")
        return Letter(self.sender.address, (to,), compose_notice(envelope.subject, order.lines, envelope))

    def _report(self, connection: Connection, row: Outbound, order: ReportOrder) -> Letter:
        scheme = self.scheme()
        delivery = deliveries.by_reference(connection, row.reference)
        report = reports.by_id(connection, order.report_id)
        _refuse_what_is_not_wanted(report, delivery, order)
        before = deliveries.thread_before(connection, delivery)
        reader = _Reading(connection, self.store, scheme, self.gazetteer(), report, delivery, row.created_at)
        mail = reader.mail(before, tried_at=outbox.first_tried_at(connection, row.id))
        thread = tuple(self._message_id(mail_before.reference) for mail_before in before)
        subject = reader.subject(mail) if before else ""
        envelope = self._envelope(row, delivery.address, scheme, thread=thread, subject=subject)
        if order.news is None:
            data = compose(mail, envelope)
        else:
            news = reader.news(order, before, tried_at=outbox.first_tried_at(connection, row.id))
            data = compose_news(mail, news, envelope)
        return Letter(self.sender.address, (delivery.address,), data, require_tls=reader.require_tls)

    def _envelope(self, row: Outbound, to: str, scheme: Scheme, **more: Any) -> Envelope:
        reply_to = self.sender.reply_address
        return Envelope(
            sender=self.sender.address,
            sender_name=scheme.about.short_name,
            to=to,
            message_id=self._message_id(row.reference),
            date=row.created_at,
            reply_to=reply_to.replace("{token}", row.reference) if reply_to else "",
            **more,
        )

    def _message_id(self, reference: str) -> str:
        return f"<{reference}@{self.sender.domain}>"


def _refuse_what_is_not_wanted(report: Row[Any], delivery: Row[Any], order: ReportOrder) -> None:
    """The last guard, for what an admin retries: a mail shows the report as it is now."""
    if order.news in (NewsKind.TAKEN_BACK, NewsKind.NOT_FOR_YOU):
        return
    if report.withdrawn_at is not None:
        raise GiveUp("the report was taken back")
    if not delivery.on_route:
        raise GiveUp("the report is not for this recipient any more")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One report as one of its recipients is to see it."""

    connection: Connection
    store: PhotoStore
    scheme: Scheme
    gazetteer: Gazetteer
    report: Row[Any]
    delivery: Row[Any]
    at: datetime

    @property
    def recipients(self) -> list[Recipient]:
        names = self.delivery.recipients.split(",")
        return [found for name in names if (found := self.scheme.recipient(name))]

    @property
    def require_tls(self) -> bool:
        return any(recipient.require_tls for recipient in self.recipients)

    def mail(self, before: list[Row[Any]], *, tried_at: datetime | None) -> ReportMail:
        """All facts of the report, with the photos that were here when the mail was first tried."""
        report, about = self.report, self.scheme.about
        kind = self.scheme.category(report.category)
        business = members.business(self.connection, report.business_id)
        everything = media.of_report(self.connection, report.id)
        pictures = [photo for photo in everything if photo.kind in media.PICTURES]
        route = kind.at_once(report.answer) if kind else ()
        owner = self.scheme.recipient(kind.owner) if kind else None
        mine = {recipient.id for recipient in self.recipients}
        others = [found.name for name in route if name not in mine and (found := self.scheme.recipient(name))]
        return ReportMail(
            reference=report.reference,
            scheme_name=about.name,
            short_name=about.short_name,
            time_zone=about.time_zone,
            category_id=report.category,
            category=kind.officer_name if kind else report.category,
            subject_place=business.address if report.place_kind == "shop" else _far_or_at(report),
            place=_place(report, business),
            postcode=business.postcode if report.place_kind == "shop" else "",
            point=Point(report.lat, report.lon) if report.lat is not None else None,
            pin=_pin(report),
            seen_at=report.seen_at,
            seen_at_source=report.seen_at_source,
            received_at=report.received_at,
            words=report.words,
            language=report.language,
            language_name=LANGUAGE_NAMES.get(report.language, report.language),
            seen_note=SEEN_SAID.get(report.seen_said or "", ""),
            looks_under_18=UNDER_18.get(report.under_18 or "", ""),
            **_question(kind, report.answer),
            photos=self._photos(pictures, None, tried_at),
            missing_photos=sum(photo.state == "waiting" for photo in pictures),
            other_media=len(everything) - len(pictures),
            business=business.name,
            business_address=f"{business.address}, {business.postcode}",
            business_phone=business.phone,
            business_area=self._business_area(business),
            name_kept_out=report.name_out,
            recipient=self.recipients[0].name if self.recipients else about.contact.name,
            role="owner" if self.delivery.owner else "copy",
            owner=owner.name if owner else "",
            also_sent_to=tuple(others),
            lawful_basis=self._lawful_basis(kind),
            deletion=self._deletion(),
            contact=about.contact.email,
            status=report.status,
            test=report.test,
            urgent=report.urgent or bool(kind and kind.urgent),
            nsir_type=(kind and kind.nsir_type) or "",
            nsir_class=(kind and kind.nsir_class) or "",
            police_uk=(kind and kind.police_uk) or "",
        )

    def subject(self, mail: ReportMail) -> str:
        """The thread's subject: of the kind that it began with, whatever the kind is now."""
        kind = self.scheme.category(self.delivery.category)
        return subject_of(replace(mail, category=kind.officer_name if kind else self.delivery.category))

    def news(self, order: ReportOrder, before: list[Row[Any]], *, tried_at: datetime | None) -> News:
        """What is new since the mails before this one."""
        was = self.scheme.category(order.was_category)
        words = reports.words_of_line(self.connection, order.line) if order.line else ""
        photos: tuple[MailPhoto, ...] = ()
        if order.news is NewsKind.PHOTOS_FOLLOW:
            since = max((mail.first_tried_at for mail in before if _shows_photos(mail)), default=None)
            everything = media.of_report(self.connection, self.report.id)
            photos = self._photos([one for one in everything if one.kind in media.PICTURES], since, tried_at)
        return News(
            kind=order.news or NewsKind.ADDED,
            photos=photos,
            words=words,
            language=self.report.language,
            language_name=LANGUAGE_NAMES.get(self.report.language, self.report.language),
            was_category=was.officer_name if was else order.was_category,
            at=self.at,
        )

    def _photos(
        self, photos: list[Row[Any]], since: datetime | None, until: datetime | None
    ) -> tuple[MailPhoto, ...]:
        """Those kept after `since` and not after `until`, with their bytes."""
        shown = []
        for number, photo in enumerate(photos, start=1):
            if not _kept_between(photo, since, until):
                continue
            try:
                jpeg = self.store.get(photo.name)
            except FileNotFoundError:
                # Removed between the read and now, by somebody who had the right to.
                continue
            shown.append(_mail_photo(photo, jpeg, f"{self.report.reference}-{number}.jpg", number))
        return tuple(shown)

    def _business_area(self, business: Row[Any]) -> str:
        """For "a member business in ...": its street, where that tells nothing more; empty otherwise."""
        if not self.report.name_out:
            return ""
        return street_of(self.connection, self.gazetteer, business.address) or ""

    def _lawful_basis(self, kind: Category | None) -> str:
        return self.scheme.privacy.lawful_bases.get(kind.lawful_basis, "") if kind else ""

    def _deletion(self) -> str:
        keep = self.scheme.retention
        return (
            f"Deletion due: photos {keep.photos_months} months after closing, "
            f"words {keep.words_months} months after closing."
        )


def _kept_between(photo: Row[Any], since: datetime | None, until: datetime | None) -> bool:
    if photo.state != "kept":
        return False
    return not (since and photo.kept_at <= since) and not (until and photo.kept_at > until)


def _shows_photos(mail: Row[Any]) -> bool:
    part = mail.part.partition(":")[0]
    return part in ("new", "photos") and mail.first_tried_at is not None


def _mail_photo(photo: Row[Any], jpeg: bytes, name: str, number: int) -> MailPhoto:
    point = Point(photo.exif_lat, photo.exif_lon) if photo.exif_lat is not None else None
    return MailPhoto(
        name=name,
        jpeg=jpeg,
        sha256=photo.received_sha256,
        width=photo.width,
        height=photo.height,
        alt=f"Photo {number} of what was reported",
        provider_at=photo.provider_at,
        taken_at=photo.exif_at,
        taken_point=point,
    )


def _far_or_at(report: Row[Any]) -> str:
    """The place's name, and how far from it a pin is that is near none."""
    if not report.place_off_m:
        return str(report.place)
    metres = report.place_off_m
    distance = f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres} m"
    return f"{distance} from {report.place}"


def _place(report: Row[Any], business: Row[Any]) -> str:
    match report.place_kind:
        case "shop":
            return f"At the shop: {business.name}, {business.address}"
        case "pin" if report.place_off_m:
            return _far_or_at(report)
        case "pin":
            return f"By {report.place}"
        case "typed":
            return f'"{report.place}" (as written; not on our map)' if report.lat is None else report.place
    return str(report.place)


def _pin(report: Row[Any]) -> str:
    if report.lat is None:
        return ""
    match report.place_kind:
        case "pin" if report.accuracy_m:
            return f"sent by the phone, good to about {report.accuracy_m:.0f} m"
        case "pin":
            return "set on the map by the reporter"
        case "shop":
            return "the shop's own place on the map"
    exact = f", good to about {report.accuracy_m:.0f} m" if report.accuracy_m else ""
    return f"the middle of the street or place{exact}, not the spot itself"


def _question(kind: Category | None, answer: str | None) -> Mapping[str, str]:
    if kind is None or kind.question is None or not answer:
        return {}
    known = kind.question.answer(answer)
    text = known.officer if known else answer
    if known and known.code:
        text = f"{text} ({known.code})"
    return {"question": kind.question.officer, "answer": text}
