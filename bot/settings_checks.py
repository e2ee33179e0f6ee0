"""Says what is wrong with a setting, and how to mend it."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from dispatch.mails.envelope import is_plain_address
from dispatch.transports.smtp_url import parse_smtp_url

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+|[^@<>\r\n]*<[^@\s<>]+@[^@\s<>]+>")


@dataclass(frozen=True)
class Mistake:
    """One wrong variable. `value` is None for a secret and for what is missing."""

    name: str
    value: str | None
    wrong: str
    mend: str

    def __str__(self) -> str:
        shown = self.name if self.value is None else f"{self.name}={self.value}"
        return f"{shown} {self.wrong}. {self.mend}"


class SettingsMistake(Exception):  # noqa: N818  what the operator made
    """The environment cannot be used. Its text is one line a mistake, for people."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def mistakes_of(wrong: ValidationError, model: type[BaseModel], prefix: str) -> list[Mistake]:
    """All that pydantic found, in words; never a secret's value."""
    found = []
    for error in wrong.errors(include_url=False, include_context=False):
        if error["type"] == "default_factory_not_called":
            # The default would have followed from a variable that is wrong itself.
            continue
        name = str(error["loc"][0]) if error["loc"] else ""
        field = model.model_fields[name]
        variable = f"{prefix}{name.upper()}"
        own = error["type"] == "value_error"
        found.append(
            Mistake(
                name=variable,
                value=str(error["input"]) if field.repr else None,
                wrong=error["msg"].removeprefix("Value error, ") if own else "is not possible here",
                mend=f"Write {field.description}, for example {variable}={_example(field.examples)}",
            )
        )
    return found


def _example(examples: list[object] | None) -> str:
    return str(examples[0]) if examples else "…"


def web_url(value: str) -> str:
    """An http or https address, without the slash at its end."""
    url = _split(value)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("is no web address")
    if url.query or url.fragment:
        raise ValueError("has a ? or # in it")
    return value.rstrip("/")


def api_root(value: str) -> str:
    """The root of a Bot API server: `/bot` is added by us."""
    if value.endswith("/bot"):
        raise ValueError("ends in /bot, which NTARS adds itself")
    return value


def database_url(value: str) -> str:
    """A database that SQLAlchemy and NTARS know."""
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("is no database that NTARS can use")
    return value


def photo_url(value: str) -> str:
    """A folder, as a path or a file URL."""
    if "://" in value and not value.startswith("file:///"):
        raise ValueError("is no folder")
    return value


def listen_address(value: str) -> str:
    """`host:port`; an IPv6 address stands in square brackets."""
    url = _split(f"//{value}")
    if not url.hostname or _port(url) is None or url.path or url.username:
        raise ValueError("is no address with a port")
    return value


def smtp_url(value: SecretStr) -> SecretStr:
    """`smtp://` (STARTTLS where offered) or `smtps://` (TLS from the start)."""
    try:
        parse_smtp_url(value.get_secret_value())
    except ValueError:
        # The reason is left out: it stands beside the value, which may hold a password.
        raise ValueError("is no address of a mail server") from None
    return value


def telegram_token(value: SecretStr) -> SecretStr:
    """Digits, a colon, and the rest."""
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("is no bot token")
    return value


def mail_address(value: str) -> str:
    """An address, alone or as `Name <address>`."""
    if not _ADDRESS.fullmatch(value.strip()) or not is_plain_address(parseaddr(value)[1]):
        raise ValueError("is no mail address")
    return value.strip()


def mail_pattern(value: str) -> str:
    """An address with `{token}` before the @."""
    address = value.strip()
    if "{token}" not in address.partition("@")[0]:
        raise ValueError("has no {token} before the @")
    if not is_plain_address(address.replace("{token}", "token")):
        raise ValueError("is no bare mail address")
    return address


def _split(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        raise ValueError("is no address") from None
    return url


def _port(url: SplitResult) -> int | None:
    return url.port if url.port and url.port <= 65535 else None
