"""The HTML of every mail: valid, accessible, complete in the plain text, and fetching nothing."""

import re

from tests.dispatch.test_mails import Html, Read, each_mail, written


@each_mail
def test_the_html_is_well_formed_and_can_be_read_aloud(raw: bytes) -> None:
    html = Html(Read(raw).body("html"))

    assert html.named("html") == [{"lang": "en"}]
    assert len(html.named("h1")) == 1
    assert all(image["alt"] for image in html.named("img"))
    tables_of_facts = [table for table in html.named("table") if table.get("role") != "presentation"]
    assert len(tables_of_facts) == bool(html.named("th"))
    assert all(header["scope"] == "row" for header in html.named("th"))


@each_mail
def test_nothing_is_fetched_from_elsewhere(raw: bytes) -> None:
    html = Html(Read(raw).body("html"))

    assert all(str(image["src"]).startswith("cid:") for image in html.named("img"))
    assert {name for name, _ in html.tags}.isdisjoint({"link", "script", "iframe", "form"})
    assert "url(" not in Read(raw).body("html")


@each_mail
def test_all_that_the_html_shows_is_in_the_plain_text(raw: bytes) -> None:
    read = Read(raw)
    plain = " ".join(read.body("plain").replace("\n> ", "\n").split())

    missing = [text for text in Html(read.body("html")).texts if text not in plain]

    assert missing == []


@each_mail
def test_text_stands_out_from_its_background(raw: bytes) -> None:
    """WCAG 2.2, 1.4.3, for every element that names both colours; none names a background alone."""
    styles = [attrs.get("style") or "" for _, attrs in Html(Read(raw).body("html")).tags]
    pairs = [re.findall(r"(?:^|[; ])(background-color|color): ?#(\w{6})", style) for style in styles]
    both = [dict(pair) for pair in pairs if len(dict(pair)) == 2]

    assert both
    assert all("color" in dict(pair) for pair in pairs if pair)
    assert min(contrast(pair["color"], pair["background-color"]) for pair in both) >= 4.5


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_mail_is_readable_in_the_dark() -> None:
    assert "prefers-color-scheme: dark" in written().body("html")
