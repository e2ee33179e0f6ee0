"""What people write, and what they asked to keep out, does no harm in a mail."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.mails.compose import compose_news
from dispatch.mails.report import NewsKind
from tests.dispatch.test_mails import NEWS, Html, Read, a_mail, an_envelope, written


@pytest.mark.parametrize("words", ['=HYPERLINK("x")', "+44 1604", "-cmd|' /C calc'!A0", "@SUM(A1)"])
def test_a_cell_is_never_a_formula(words: str) -> None:
    row = written(a_mail(words=words)).row()

    assert row["words"] == f"'{words}"
    assert row["longitude"] == "-0.899060"


NASTY = (
    "\x00 </td><script>alert(1)</script> 🙂 שלום \u202egnirts \u2028 \r\n"
    "Bcc: x@y.example \ud800 {{ mail }} &amp;"
)


def test_any_words_are_shown_as_they_were_written() -> None:
    read = written(a_mail(words=NASTY))
    html = Html(read.body("html"))

    assert html.named("script") == []
    assert "</td><script>alert(1)</script> 🙂 שלום gnirts" in html.texts
    assert "Bcc: x@y.example  {{ mail }} &amp;" in read.body("plain")
    assert read.message["Bcc"] is None


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_no_words_break_a_mail(words: str) -> None:
    read = written(a_mail(words=words, place=words, subject_place=words, category=words, business=words))

    Html(read.body("html"))
    assert len(list(read.row())) == len(read.facts())


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\u2028Bcc: a@b.example", "x\x00"]
)
def test_no_text_can_add_a_header(evil: str) -> None:
    mail = a_mail(category=evil, subject_place=evil, scheme_name=evil, short_name=evil)

    message = written(mail, sender_name=evil, to_name=evil, subject=evil).message

    assert message["Bcc"] is None
    assert message.get_all("To") == [message["To"]]


@pytest.mark.parametrize(
    "change",
    [
        {"to": "a@b.example\r\nBcc: c@d.example"},
        {"to": "a@b.example, c@d.example"},
        {"to": "nobody"},
        {"sender": "a@b.example>"},
        {"reply_to": "a b@c.example"},
        {"message_id": "<a@b>\r\nX: y"},
        {"message_id": "a@b"},
        {"thread": ("<a@b> <c@d",)},
    ],
)
def test_an_address_or_id_that_could_add_a_header_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"plain"):
        an_envelope(**change)


TELLING = [
    "Abbey Books",
    "12 Abington",
    "555 0123",
    "52.2367",
    "0.8990",
    "475279",
    "52.2392",
    "NN1 1NS",
    "10 m",
]


@pytest.mark.parametrize("place", ["12 Abington Street", "At ABBEY BOOKS", "by Gold Street"])
def test_a_name_kept_out_is_nowhere_in_the_mail(place: str) -> None:
    mail = a_mail(name_kept_out=True, place=place, subject_place=place)
    read = written(mail)
    news = Read(compose_news(mail, NEWS[NewsKind.ADDED], an_envelope()))

    assert "a member business in Abington Street" in read.body("plain")
    for told in (
        read.everything(),
        news.body("plain"),
        news.body("html"),
        news.raw.decode(),
        read.raw.decode(),
    ):
        assert [tell for tell in TELLING if tell.casefold() in told.casefold()] == []
