"""A received mail as the demo page shows it: HTML with its pictures, plain text, attachments, headers."""

import html
import re
from email.message import EmailMessage

from bot.demo.limits import Json
from bot.demo.mailbox import Received

_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)
_HEAD = '<base target="_blank">'  # the buttons in a mail open the officer's page beside the demo


def summary(number: int, mail: Received) -> Json:
    """What a list of mails shows."""
    return {
        "id": number,
        "to": mail.rcpt_tos,
        "from": str(mail.message["From"] or mail.mail_from),
        "subject": mail.subject,
        "at": mail.received_at,
        "reply": bool(mail.message["In-Reply-To"]),
        "photos": sum(part["type"].startswith("image/") for part in _attached(mail)),
        "size": len(mail.content),
    }


def opened(number: int, mail: Received) -> Json:
    """Everything behind the tabs but the HTML, which has an address of its own."""
    return {
        **summary(number, mail),
        "plain": mail.body("plain"),
        "html": bool(mail.body("html")),
        "headers": [[name, str(value)] for name, value in mail.message.items()],
        "attachments": [{**part, "url": part_url(number, part["index"])} for part in _attached(mail)],
    }


def part_url(number: int, index: int) -> str:
    """Where a part of a mail can be fetched from the page's server."""
    return f"/mail/{number}/part/{index}"


def html_page(number: int, mail: Received) -> str:
    """The HTML part, its pictures taken from the mail itself."""
    body = mail.body("html")
    if not body:
        return f"<pre>{html.escape(mail.body('plain'))}</pre>"
    places = {
        str(part["Content-ID"]).strip("<> "): part_url(number, index)
        for index, part in enumerate(parts(mail))
        if part["Content-ID"]
    }
    shown = _CID.sub(lambda found: places.get(found[1], found[0]), body)
    with_base, changed = re.subn(r"(<head[^>]*>)", rf"\1{_HEAD}", shown, count=1, flags=re.IGNORECASE)
    return with_base if changed else _HEAD + shown


def parts(mail: Received) -> list[EmailMessage]:
    """All leaves of the mail, in order: the numbers in `part_url` count these."""
    return [part for part in mail.message.walk() if not part.is_multipart()]


def _attached(mail: Received) -> list[Json]:
    body_parts = {id(mail.message.get_body(("plain",))), id(mail.message.get_body(("html",)))}
    return [
        {
            "index": index,
            "name": part.get_filename() or str(part["Content-ID"] or "part").strip("<> "),
            "type": part.get_content_type(),
            "size": len(part.get_payload(decode=True) or b""),
            "inline": part.get_content_disposition() != "attachment",
        }
        for index, part in enumerate(parts(mail))
        if id(part) not in body_parts
    ]
