"""The address of the mail relay, as one setting."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

_EXAMPLE = "Write it as smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org"
_ESCAPES = "If the password holds / ? # or @, write them as %2F %3F %23 %40."
_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 and RFC 8314


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over. `tls_from_start`: smtps; otherwise STARTTLS is used when offered."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls_from_start: bool = False

    @property
    def on_this_machine(self) -> bool:
        """True for localhost and loopback addresses: what goes there leaves no wire."""
        if self.host.casefold() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_smtp_url(url: str) -> Relay:
    """The relay of an `smtp://` or `smtps://` URL; user and password are percent-decoded.

    Raises ValueError with one sentence on what is wrong and how to write it; the password is never in it.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError(
            f"The SMTP URL has a port or host that cannot be read. {_ESCAPES} {_EXAMPLE}."
        ) from None
    if parts.scheme not in _PORTS:
        raise ValueError(f"The SMTP URL begins with neither smtp:// nor smtps://. {_EXAMPLE}.")
    if not parts.hostname:
        raise ValueError(f"The SMTP URL names no server. {_EXAMPLE}.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"The SMTP URL has something after the server. {_ESCAPES} {_EXAMPLE}.")
    user, password = _login(parts)
    return Relay(parts.hostname, port or _PORTS[parts.scheme], user, password, parts.scheme == "smtps")


def _login(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"The SMTP URL needs both a user and a password, or neither. {_EXAMPLE}.")
    return user, password
