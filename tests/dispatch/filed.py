"""A filed report with its mails in the outbox, and hands that do what the runner and the fetcher do."""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from bot.demo.town import live_copy
from bot.settings import shipped_scheme
from conversations.acts import KeepMedia
from conversations.facts import MemberView, ReportView
from conversations.gazetteer import Gazetteer
from conversations.scheme import Scheme, parse
from conversations.state import Draft, PhotoNote, Piece, Place
from dispatch import forwards, settling
from dispatch.letters import LetterWriter, Sender
from dispatch.transport import Outbound
from dispatch.transports.fetch import KeptPhoto
from dispatch.verdicts import Later, Sent
from storage import claims, media, members, reports
from storage.claims import Claimed
from storage.database import Database
from storage.photos import FolderStore
from storage.reports import Filing
from storage.tables import Delivery, Outbox, Photo, table
from tests.hand_clock import HandClock

_outbox, _delivery, _photo = table(Outbox), table(Delivery), table(Photo)

STREET, ASB, OUTREACH = "street@council.example", "asb@council.example", "outreach@council.example"
PARTNERSHIP, BID = "partnership@police.example", "info@northamptonbid.example"
SHOP = "Abbey Books"
MARKET_SQUARE = Place("known", "Market Square", 52.2378, -0.8962)
ADDRESS = "telegram:700100200"


@cache
def scheme() -> Scheme:
    """The shipped scheme, live."""
    return parse(live_copy(shipped_scheme().read_text("utf-8")))


@cache
def gazetteer() -> Gazetteer:
    """The shipped scheme's places."""
    return Gazetteer(scheme().area)


@dataclass
class Desk:
    """One report, from its filing to its last mail. `clock` stands still until a test moves it."""

    database: Database
    clock: HandClock
    folder: Path
    member: MemberView = field(init=False)
    report: Row[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.store = FolderStore(self.folder / "photos")
        self.member = self.a_member()

    def a_member(
        self, business: str = SHOP, address: str = "12 Abington Street", who: str = ADDRESS
    ) -> MemberView:
        with self.database.write(self.clock()) as tx:
            shop = members.add_business(
                tx, name=business, address=address, postcode="NN1 2AJ", kind="levy", by="test",
                phone="01604 496 1234", point=(52.23761, -0.89557),
            )  # fmt: skip
            members.enrol(tx, address=who, code=members.code_of(tx, shop, by="test"), notice_version="1")
            return members.members_of(tx, [who])[who]

    def file(
        self,
        *,
        category: str = "graffiti",
        answer: str | None = "no",
        place: Place = MARKET_SQUARE,
        words: str = "red tag on the shutter",
        photos: tuple[str, ...] = (),
        test: bool = False,
        **draft: Any,
    ) -> Row[Any]:
        """File a report and put its mails into the outbox; `photos` are announced and still on their way."""
        now = self.clock()
        notes = tuple(PhotoNote(photo, "photo", photo) for photo in photos)
        filing = Filing(
            draft=Draft(
                id="d1", started_at=now, touched_at=now, category=category, answer=answer, place=place,
                words=(Piece("1", words),) if words else (), photos=notes, **draft,
            ),
            member=self.member, place=place, prefix="NT", language="en", urgent=False, test=test,
        )  # fmt: skip
        with self.database.write(now) as tx:
            for photo in photos:
                self._announce(tx, photo, None)
            self.report = reports.file_report(tx, filing)
            forwards.forward(tx, self.report, scheme())
        return self.report

    def _announce(self, tx: Any, photo: str, report_id: int | None) -> None:
        order = KeepMedia(photo, "d1", "photo", "handle", self.clock().timestamp())
        media.announce(tx, order, address=ADDRESS, report_id=report_id)

    def announce(self, photo: str) -> None:
        """One more photo of the filed report is on its way."""
        with self.database.write(self.clock()) as tx:
            self._announce(tx, photo, self.report.id)

    def arrives(self, photo: str, jpeg: bytes = b"\xff\xd8\xff picture", why: str | None = None) -> None:
        """The photo's bytes are here, or never will be."""
        name = None if why else f"2026/11/{photo}.jpg"
        if name:
            self.store.put(name, jpeg + photo.encode())
        kept = KeptPhoto(
            photo=photo, kind="photo", name=name, why=why, mime="image/jpeg", width=4, height=3, size=9,
            sha256="0" * 64, received_sha256="1" * 64, received_size=9, received_format="JPEG",
        )  # fmt: skip
        with self.database.write(self.clock()) as tx:
            settling.keep_photos(tx, [kept])

    def due(self) -> list[Claimed]:
        """The mails that may leave now, claimed."""
        with self.database.write(self.clock()) as tx:
            return claims.claim(tx, {"email": 50}, waiting_kinds=["email"], by="test", until=self.clock())

    def settle(self, row: Claimed) -> None:
        """The relay took it."""
        with self.database.write(self.clock()) as tx:
            claims.mark_sent(tx, row.id, "queued")
            settling.mail_settled(tx, outbound(row), Sent("queued"))

    def comes_back(self, row: Claimed, *, tried: bool) -> None:
        """The relay asked to come again (`tried`), or was away."""
        now = self.clock()
        with self.database.write(now) as tx:
            claims.mark_later(tx, row.id, now, "later", counts_as_attempt=tried)
            settling.mail_settled(tx, outbound(row), Later(now, "later", counts=tried))

    async def send_due(self) -> list[EmailMessage]:
        """Write and send everything that may leave now; the mails in the order in which they left."""
        sent = []
        while rows := self.due():
            for row in rows:
                sent.append(await self.letter(row))
                self.settle(row)
        return sent

    async def letter(self, row: Claimed) -> EmailMessage:
        """What the row says at this moment."""
        return parsed((await self.writer().write(outbound(row))).data)

    def writer(self) -> LetterWriter:
        return LetterWriter(self.database, self.store, scheme, gazetteer, Sender("ntars@bid.example"))

    def waiting(self) -> list[tuple[str, str]]:
        """Part and address of every mail that has not been tried, in order."""
        query = (
            select(_delivery.c.part, _delivery.c.address)
            .join(_outbox, _outbox.c.reference == _delivery.c.reference)
            .where(_outbox.c.state == "due", _outbox.c.attempts == 0)
            .order_by(_delivery.c.id)
        )
        with self.database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def now(self) -> Row[Any]:
        """The report as it is."""
        with self.database.read() as connection:
            return reports.by_id(connection, self.report.id)

    def view(self) -> ReportView:
        """The report as its reporter sees it."""
        with self.database.read() as connection:
            found = reports.view(connection, self.report.reference, self.member.member_id)
        assert found
        return found

    def change_kind(self, category: str, answer: str | None = None) -> None:
        was = self.now()
        with self.database.write(self.clock()) as tx:
            reports.change_kind(tx, was, category=category, answer=answer, under_18=None)
            now = reports.by_id(tx.connection, was.id)
            forwards.kind_changed(tx, now, scheme(), was=was.category, version=now.version)

    def take_back(self) -> None:
        with self.database.write(self.clock()) as tx:
            reports.withdraw(tx, self.now_in(tx))
            media.remove(tx, [photo.id for photo in media.of_report(tx.connection, self.report.id)])
            forwards.withdrawn(tx, self.now_in(tx))

    def now_in(self, tx: Any) -> Row[Any]:
        return reports.by_id(tx.connection, self.report.id)

    def add_words(self, words: str) -> None:
        with self.database.write(self.clock()) as tx:
            report = self.now_in(tx)
            line = reports.add_words(tx, report, words, edited=False)
            forwards.words_added(tx, report, line)


def outbound(row: Claimed) -> Outbound:
    """The row as a transport sees it."""
    return Outbound(
        row.id, row.kind, row.lane, row.reference, row.payload, row.attempts, row.created_at, row.not_before
    )


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=SMTP)


def pictures(mail: EmailMessage) -> list[str]:
    """File names of the pictures, each once."""
    names = [part.get_filename() for part in mail.walk() if part.get_content_type() == "image/jpeg"]
    return sorted({name for name in names if name})


def text(mail: EmailMessage) -> str:
    """The plain part."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def sent_to(mails: list[EmailMessage], address: str) -> list[EmailMessage]:
    return [mail for mail in mails if address in str(mail["To"])]
