"""Mails on reports, read back as a mail program reads them."""

import csv
import dataclasses
import email
import email.policy
import hashlib
import io
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.mails.compose import (
    PHOTO_LIMIT,
    PHOTOS_LIMIT,
    WORDINGS,
    compose,
    compose_news,
    compose_notice,
    subject_of,
)
from dispatch.mails.envelope import Envelope
from dispatch.mails.report import MailPhoto, News, NewsKind, Point, ReportMail

SEEN = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


def a_photo(number: int = 1, size: int = 2000) -> MailPhoto:
    return MailPhoto(
        name=f"NT-7K4F-{number}.jpg",
        jpeg=bytes([0xFF, 0xD8, number]) * (size // 3),
        sha256=f"{number:02x}" * 32,
        width=1600,
        height=1200,
        alt=f"Photo {number} from the reporter",
        provider_at=SEEN,
        taken_at=datetime(2026, 11, 24, 8, 55, tzinfo=UTC),
        taken_point=Point(52.239201, -0.890581),
    )


def a_mail(**changes: Any) -> ReportMail:
    mail = ReportMail(
        reference="NT-7K4F",
        scheme_name="Northampton Town Centre Anti-social Behaviour Reporting Scheme",
        short_name="NTARS",
        time_zone="Europe/London",
        category_id="graffiti",
        category="Graffiti",
        subject_place="14 Gold Street",
        place="14 Gold Street, Northampton",
        seen_at=SEEN,
        seen_at_source="message",
        received_at=SEEN,
        business="Abbey Books",
        business_address="12 Abington Street, Northampton",
        business_area="Abington Street",
        recipient="The council's street scene team",
        role="owner",
        owner="The council's street scene team",
        lawful_basis="UK GDPR Article 6(1)(ea): preventing crime.",
        deletion="We delete the photos 6 months after closing.",
        contact="info@bid.example",
        postcode="NN1 1NS",
        point=Point(52.23679, -0.89906),
        pin="a pin from the phone, within about 10 m",
        words="red tag on the shutter, came up overnight",
        question="Is it offensive or hateful?",
        answer="No",
        photos=(a_photo(),),
        business_phone="01604 555 0123",
        also_sent_to=("Business Crime Partnership",),
        nsir_type="Criminal damage",
        nsir_class="environmental",
        police_uk="Criminal damage and arson",
    )
    return dataclasses.replace(mail, **changes)


def an_envelope(**changes: Any) -> Envelope:
    envelope = Envelope(
        sender="reports@ntars.example",
        sender_name="NTARS Northampton",
        to="street@council.example",
        to_name="Street scene",
        reply_to="r+token@ntars.example",
        message_id="<NT-7K4F.1@ntars.example>",
        date=SEEN,
    )
    return dataclasses.replace(envelope, **changes)


class Read:
    """A mail as its reader has it."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert not [part.defects for part in message.walk() if part.defects]
        self.message = message

    def body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part
        content: str = part.get_content().replace("\r\n", "\n")
        return content

    def files(self) -> dict[str, bytes]:
        parts = [part for part in self.message.walk() if part.get_filename()]
        return {str(part.get_filename()): part.get_payload(decode=True) for part in parts}  # type: ignore[misc]

    def row(self) -> dict[str, str]:
        (row,) = csv.DictReader(io.StringIO(self.files()["report.csv"].decode(), newline=""))
        return row

    def facts(self) -> dict[str, str]:
        lines = self.body("plain").rstrip().split("\n\n")[-1].splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def everything(self) -> str:
        return "\n".join(
            [self.body("plain"), self.body("html"), *map(str, self.message.values()), *self.row().values()]
        )


def written(mail: ReportMail | None = None, **envelope: Any) -> Read:
    return Read(compose(mail or a_mail(), an_envelope(**envelope)))


class Html(HTMLParser):
    """Texts that are shown, tags and attributes; fails on a tag that is closed wrongly or not at all."""

    VOID = frozenset({"meta", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "body" in self.open:
            self.texts.append(" ".join(data.split()))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


EVERYTHING = a_mail(urgent=True, test=True, missing_photos=2, other_media=1, words="one\ntwo", language="ro")
NEWS = {
    NewsKind.CORRECTION: News(NewsKind.CORRECTION, was_category="Damage"),
    NewsKind.PHOTOS_FOLLOW: News(NewsKind.PHOTOS_FOLLOW, photos=(a_photo(2), a_photo(3))),
    NewsKind.ADDED: News(NewsKind.ADDED, words="it is gone", at=SEEN, photos=(a_photo(2),)),
    NewsKind.NOT_FOR_YOU: News(NewsKind.NOT_FOR_YOU),
    NewsKind.TAKEN_BACK: News(NewsKind.TAKEN_BACK),
}


def one_of_each() -> list[tuple[str, bytes]]:
    later = an_envelope(message_id="<NT-7K4F.2@ntars.example>", thread=("<NT-7K4F.1@ntars.example>",))
    news = [(kind.value, compose_news(a_mail(), NEWS[kind], later)) for kind in NewsKind]
    return [
        ("report", compose(a_mail(), an_envelope())),
        ("all", compose(EVERYTHING, an_envelope())),
        ("copy, name kept out", compose(a_mail(role="copy", name_kept_out=True), an_envelope())),
        *news,
    ]


each_mail = pytest.mark.parametrize(
    "raw", [raw for _, raw in one_of_each()], ids=[name for name, _ in one_of_each()]
)


def test_every_kind_of_mail_has_its_wording() -> None:
    assert set(WORDINGS) == {None, *NewsKind}


def test_the_headers_say_who_what_and_that_a_machine_wrote_it() -> None:
    message = written().message

    assert message["Subject"] == "[NTARS NT-7K4F] Graffiti, 14 Gold Street, Tue 24 Nov 09:12"
    assert message["From"] == "NTARS Northampton <reports@ntars.example>"
    assert message["To"] == "Street scene <street@council.example>"
    assert message["Reply-To"] == "r+token@ntars.example"
    assert message["Message-ID"] == "<NT-7K4F.1@ntars.example>"
    assert message["Date"] == "Tue, 24 Nov 2026 09:12:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["In-Reply-To"] is None


def test_a_later_mail_stays_in_the_thread_under_its_first_subject() -> None:
    first = subject_of(a_mail(category="Damage"))
    envelope = an_envelope(
        message_id="<3@ntars.example>", thread=("<1@ntars.example>", "<2@ntars.example>"), subject=first
    )

    message = Read(compose_news(a_mail(), NEWS[NewsKind.CORRECTION], envelope)).message

    assert message["Subject"] == "[NTARS NT-7K4F] Damage, 14 Gold Street, Tue 24 Nov 09:12"
    assert message["In-Reply-To"] == "<1@ntars.example>"
    assert message["References"] == "<1@ntars.example> <2@ntars.example>"


def test_a_long_id_is_never_folded_or_encoded() -> None:
    """The standard library makes encoded words of it, and no mail program finds the thread then."""
    root, this = f"<{'r' * 90}@ntars.example>", f"<{'t' * 90}@ntars.example>"

    raw = compose(a_mail(), an_envelope(message_id=this, thread=(root, "<2@ntars.example>")))

    assert f"\r\nMessage-ID: {this}\r\n".encode() in raw
    assert f"\r\nIn-Reply-To: {root}\r\nReferences: {root}\r\n <2@ntars.example>\r\n".encode() in raw


def test_an_address_beyond_ascii_is_written_as_mail_wants_it() -> None:
    message = written(to="józef@żółw.example").message

    assert message["To"] == "Street scene <józef@xn--w-uga1v8h.example>"


def test_the_same_mail_composed_again_has_the_same_bytes() -> None:
    assert compose(a_mail(), an_envelope()) == compose(a_mail(), an_envelope())


@given(st.text(max_size=120), st.text(max_size=120), st.booleans())
def test_a_subject_is_never_longer_than_78_and_keeps_reference_and_time(
    kind: str, place: str, test: bool
) -> None:
    subject = subject_of(a_mail(category=kind, subject_place=place, test=test))

    assert len(subject) <= 78
    assert subject.startswith("TEST [NTARS NT-7K4F] " if test else "[NTARS NT-7K4F] ")
    assert subject.endswith("Tue 24 Nov 09:12")
    assert subject.isprintable() or not (kind + place).isprintable()
    assert "\n" not in subject


def test_times_are_those_of_the_town() -> None:
    read = written(a_mail(seen_at=SUMMER))

    assert "Wed 1 Jul 2026, 23:30 BST" in read.body("plain")
    assert read.message["Subject"].endswith("Wed 1 Jul 23:30")
    assert read.row()["seen_at"] == "2026-07-01T23:30:00+01:00"


@each_mail
def test_no_line_is_too_long_and_all_are_ascii_and_end_in_crlf(raw: bytes) -> None:
    lines = raw.split(b"\r\n")

    assert raw.isascii()
    assert max(map(len, lines)) <= 76 + 100
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_the_plain_text_ends_in_the_facts_of_the_table() -> None:
    read = written(EVERYTHING)
    row = read.row()

    assert read.facts() == {key: " ".join(value.split()) for key, value in row.items()}
    assert row["easting"] == "475279"
    assert row["northing"] == "260415"
    assert row["uprn"] == ""
    assert row["words"] == "one\ntwo"
    assert row["seen_at_source"] == "message"
    (picture,) = (data for name, data in read.files().items() if name.endswith(".jpg"))
    assert row["photo_sha256"] == hashlib.sha256(picture).hexdigest()
    assert row["photo_received_sha256"] == "01" * 32


def test_the_table_has_one_header_row_and_crlf_lines() -> None:
    table = written().files()["report.csv"]

    assert table.count(b"\r\n") == 2
    assert table.startswith(b"reference,status,category_id,")


def test_photos_are_shown_in_place_and_can_be_saved() -> None:
    read = written(a_mail(photos=(a_photo(1), a_photo(2))))
    pictures = [part for part in read.message.walk() if part.get_content_type() == "image/jpeg"]

    shown = [str(image["src"]) for image in Html(read.body("html")).named("img")]

    assert shown == [f"cid:{part['Content-ID'][1:-1]}" for part in pictures]
    assert read.files()["NT-7K4F-2.jpg"] == a_photo(2).jpeg


def test_photos_beyond_the_limits_stay_behind_and_the_mail_says_so() -> None:
    large = a_photo(1, PHOTO_LIMIT + 3)
    fitting = tuple(a_photo(number, 1_900_000) for number in range(2, 6))

    read = written(a_mail(photos=(large, *fitting)))

    sent = [data for name, data in read.files().items() if name.endswith(".jpg")]
    assert sum(map(len, sent)) <= PHOTOS_LIMIT
    assert len(sent) == 3
    assert "2 photos are too large for e-mail" in read.body("plain")
    assert "2 photos are too large for e-mail" in read.body("html")
    assert read.row()["photos"] == "5"


def test_words_in_another_language_are_named_and_marked() -> None:
    read = written(a_mail(words="graffiti pe oblon", language="ro", language_name="Romanian"))

    assert "In the reporter's words in Romanian" in read.body("plain")
    (quote,) = [cell for cell in Html(read.body("html")).named("td") if "lang" in cell]
    assert (quote["lang"], quote["dir"]) == ("ro", "auto")


def test_before_go_live_the_mail_is_marked_and_names_who_would_have_got_it() -> None:
    read = written(a_mail(test=True, also_sent_to=("Street scene", "Crime Partnership")))
    says = (
        "This is not live yet and only the BID has it. "
        "It would have gone to Street scene and Crime Partnership."
    )

    assert read.message["Subject"].startswith("TEST [NTARS NT-7K4F]")
    assert read.body("plain").startswith(f"TEST. {says}")
    assert says in " ".join(Html(read.body("html")).texts)
    assert "Nobody else got this." in read.body("plain")
    assert read.row()["test"] == "yes"


def test_the_footer_says_who_why_how_long_and_what_not_to_do() -> None:
    plain = written().body("plain")

    assert "Also sent to Business Crime Partnership." in plain
    assert "Why you may hold it: UK GDPR Article 6(1)(ea): preventing crime." in plain
    assert "We delete the photos 6 months after closing." in plain
    assert "Do not tell anyone which business reported this." in plain
    assert "Write to info@bid.example." in plain


@pytest.mark.parametrize("kind", [NewsKind.NOT_FOR_YOU, NewsKind.TAKEN_BACK])
def test_who_should_not_have_it_is_told_to_delete_it_and_nothing_else(kind: NewsKind) -> None:
    read = Read(compose_news(a_mail(), NEWS[kind], an_envelope()))

    assert "NT-7K4F." in read.body("plain")
    assert "delete" in read.body("plain")
    assert "red tag" not in read.body("plain") + read.body("html")
    assert "Abbey Books" not in read.body("plain") + read.body("html")
    assert read.files() == {}


def test_a_notice_is_a_plain_mail() -> None:
    read = Read(
        compose_notice(
            "NT-7K4F has not reached the street team", ["We keep trying.", "a\r\nb"], an_envelope()
        )
    )

    assert read.message.get_content_type() == "text/plain"
    assert read.message["Subject"] == "NT-7K4F has not reached the street team"
    assert read.message.get_content().splitlines() == ["We keep trying.", "a b"]
