"""Bytes of a MIME message: parts joined by hand, the headers of the message through the standard library.

`EmailMessage` would do all of it at 600 mails a second, and most of that time goes into encoding bodies
line by line in Python. `binascii` does the same in C.
"""

import binascii
import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SAME_IN_MANY = frozenset({"From", "To", "Auto-Submitted", "X-Auto-Response-Suppress"})
_IDS = frozenset({"Message-ID", "In-Reply-To", "References"})
_BASE64_LINE = 57  # bytes that make one line of 76 characters (RFC 2045, 6.8)


def text_part(subtype: str, text: str) -> bytes:
    """A part of UTF-8 text, quoted-printable, so that no line is longer than 76 bytes and all are ASCII."""
    body = binascii.b2a_qp(text.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n")
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + body


def file_part(content_type: str, data: bytes, *, name: str, content_id: str | None = None) -> bytes:
    """A part with a file: shown in place when it has a content id (without angle brackets), else attached.

    Raises ValueError for a name with anything but ASCII letters, digits, dot, dash and underscore.
    """
    if not _FILE_NAME.fullmatch(name):
        raise ValueError("a file name in a mail has only letters, digits, dots, dashes and underscores")
    disposition = "inline" if content_id else "attachment"
    head = (
        f'Content-Type: {content_type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: {disposition}; filename="{name}"\r\n'
    )
    if content_id:
        head += f"Content-ID: <{content_id}>\r\n"
    return head.encode("ascii") + b"\r\n" + _base64_lines(data)


def multipart(subtype: str, parts: Sequence[bytes], *, boundary: str) -> bytes:
    """The parts as one. No encoded body can hold the "=_" of a boundary (RFC 2045, 6.7)."""
    mark = f"=_{boundary}"
    head = f'Content-Type: multipart/{subtype}; boundary="{mark}"\r\n\r\n'.encode()
    line = f"--{mark}\r\n".encode()
    return head + b"".join(line + part + b"\r\n" for part in parts) + f"--{mark}--\r\n".encode()


def message(headers: Sequence[tuple[str, str | Address]], body: bytes) -> bytes:
    """A whole message: `body` is a part with its own content headers.

    The standard library folds and encodes each header, and refuses a line end in a value with ValueError.
    """
    utf8 = any(isinstance(value, Address) and not value.username.isascii() for _, value in headers)
    lines = [
        (_kept_header if name in _SAME_IN_MANY else _header)(name, str(value), utf8=utf8)
        for name, value in headers
    ]
    return b"".join(lines) + b"MIME-Version: 1.0\r\n" + body


def _header(name: str, value: str, *, utf8: bool) -> bytes:
    if name in _IDS:
        # The standard library (3.11) folds a long id into encoded words, and the thread falls apart.
        folded = "\r\n ".join(value.split())
        return f"{name}: {folded}\r\n".encode("ascii")
    policy = SMTPUTF8 if utf8 else SMTP
    return policy.fold_binary(*policy.header_store_parse(name, value))


_kept_header = lru_cache(maxsize=256)(_header)  # parsing an address takes longer than all of a mail's text


def _base64_lines(data: bytes) -> bytes:
    return b"".join(
        binascii.b2a_base64(data[start : start + _BASE64_LINE], newline=False) + b"\r\n"
        for start in range(0, len(data), _BASE64_LINE)
    )
