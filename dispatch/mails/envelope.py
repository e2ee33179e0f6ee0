"""Who a mail is from and to, and its place in a thread: the headers that every mail of ours has."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime

from dispatch.mails.report import one_line

SUBJECT_LIMIT = 78  # characters; what a phone's list shows, and one line of RFC 5322

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")


def is_plain_address(text: str) -> bool:
    """Whether it is one bare address, which can neither end a header nor start another one."""
    return _ADDRESS.fullmatch(text) is not None


_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=/-]+@[A-Za-z0-9.-]+>")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of one mail.

    `message_id` has its angle brackets and is the same whenever the mail is sent again. A later mail of a
    thread names in `thread` the ids before it, the root first, and in `subject` the thread's subject as it
    was first sent: Outlook groups by it. `date` is aware. Raises ValueError for an address or an id that
    could end a line or start another address. The envelope sender is the transport's: see `Letter`.
    """

    sender: str
    sender_name: str
    to: str
    message_id: str
    date: datetime
    to_name: str = ""
    reply_to: str = ""
    thread: tuple[str, ...] = ()
    subject: str = ""

    def __post_init__(self) -> None:
        for address in (self.sender, self.to, *((self.reply_to,) if self.reply_to else ())):
            if not is_plain_address(address):
                raise ValueError("an address of the mail is not one plain address")
            _ascii_domain(address)
        for message_id in (self.message_id, *self.thread):
            if not _MESSAGE_ID.fullmatch(message_id):
                raise ValueError("a message id is <something@domain> in plain letters")

    def headers(self, subject: str) -> list[tuple[str, str | Address]]:
        """All headers but those of the content, with this subject cut to 78 characters."""
        headers: list[tuple[str, str | Address]] = [
            ("From", _mailbox(self.sender_name, self.sender)),
            ("To", _mailbox(self.to_name, self.to)),
            ("Subject", one_line(subject)[:SUBJECT_LIMIT]),
            ("Date", format_datetime(self.date)),
            ("Message-ID", self.message_id),
        ]
        if self.reply_to:
            headers.append(("Reply-To", _mailbox("", self.reply_to)))
        if self.thread:
            headers += [("In-Reply-To", self.thread[0]), ("References", " ".join(self.thread))]
        # RFC 3834, 5; the second is Exchange's own (MS-OXCMAIL), and keeps out-of-office answers away.
        return [*headers, ("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")]


def _mailbox(name: str, address: str) -> Address:
    return Address(one_line(name), address.rpartition("@")[0], _ascii_domain(address))


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode()  # UnicodeError is a ValueError
