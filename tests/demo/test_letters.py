"""Received mails as the page shows them."""

import email
from email.message import EmailMessage
from email.policy import SMTP

from bot.demo import letters
from bot.demo.mailbox import Received

PICTURE = b"\xff\xd8\xff\xe0 a picture"


def received(*, head="<head><title>x</title></head>", html=True):
    message = EmailMessage()
    message["From"] = "NTARS <reports@ntars.example>"
    message["To"] = "asb@council.example"
    message["Subject"] = "[NTARS NT-7K4F] Graffiti"
    message["In-Reply-To"] = "<first@ntars.example>"
    message.set_content("Graffiti, with <angles>")
    if html:
        page = f'<html>{head}<body><img alt="" src="cid:photo.1@ntars"><img src="cid:none"></body></html>'
        message.add_alternative(page, subtype="html")
        message.get_payload()[1].add_related(PICTURE, "image", "jpeg", cid="<photo.1@ntars>")
    message.add_attachment("a,b\n", subtype="csv", filename="report.csv")
    parsed = email.message_from_bytes(message.as_bytes(policy=SMTP), policy=SMTP)
    return Received("reports@ntars.example", ["asb@council.example"], parsed, bytes(message), 1_764_000_000.0)


def test_pictures_in_the_html_come_from_the_mail_itself():
    mail = received()

    page = letters.html_page(7, mail)

    index = next(number for number, part in enumerate(letters.parts(mail)) if part["Content-ID"])
    assert f'src="/mail/7/part/{index}"' in page
    assert 'src="cid:none"' in page
    assert letters.parts(mail)[index].get_payload(decode=True) == PICTURE


def test_links_in_the_html_open_beside_the_demo():
    assert '<head><base target="_blank">' in letters.html_page(0, received())
    assert letters.html_page(0, received(head="")).startswith('<base target="_blank">')


def test_a_mail_without_html_is_shown_as_text():
    assert letters.html_page(0, received(html=False)) == "<pre>Graffiti, with &lt;angles&gt;\n</pre>"


def test_attachments_are_everything_but_the_two_texts():
    opened = letters.opened(7, received())

    assert [(part["name"], part["type"], part["inline"]) for part in opened["attachments"]] == [
        ("photo.1@ntars", "image/jpeg", True),
        ("report.csv", "text/csv", False),
    ]
    assert opened["plain"] == "Graffiti, with <angles>\n"
    assert (opened["photos"], opened["reply"], opened["html"]) == (1, True, True)
    assert ["Subject", "[NTARS NT-7K4F] Graffiti"] in opened["headers"]
