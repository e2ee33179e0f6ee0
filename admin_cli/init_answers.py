"""Checks the answers of `ntars init`, live where that can be done."""

import urllib.error
import urllib.request
from collections.abc import Callable

import click
from pydantic import SecretStr, TypeAdapter, ValidationError

from admin_cli.kinds import NAME, Words
from admin_cli.mail import try_login
from admin_cli.telegram import ask_name
from bot import settings_checks
from conversations.scheme_texts import Email
from dispatch.transports.smtp_url import parse_smtp_url
from dispatch.transports.smtp_verdicts import AUTH_REFUSED

PATIENCE_S = 3.0

_email: TypeAdapter[str] = TypeAdapter(Email)


class Wrong(Exception):  # noqa: N818  what the admin typed
    """The answer cannot be used, or (not `certain`) could not be tried; the text is a sentence."""

    def __init__(self, sentence: str, *, certain: bool = True) -> None:
        super().__init__(sentence)
        self.certain = certain


Check = Callable[[str], str]


def name(value: str) -> str:
    """A name on one line."""
    return _words(NAME, value)


def short_name(value: str) -> str:
    """A name that leaves room in a subject."""
    return _words(Words("short name", 20), value)


def _words(kind: Words, value: str) -> str:
    try:
        return kind.convert(value, None, None)
    except click.UsageError as error:
        raise Wrong(error.message) from None


def email(value: str) -> str:
    """A bare e-mail address."""
    try:
        return _email.validate_python(value.strip())
    except ValidationError:
        raise Wrong(f'"{value}" is no e-mail address; write it like name@example.org.') from None


def mail_from(value: str) -> str:
    """An address, with a name or without."""
    return _setting(settings_checks.mail_address, value, "write it like NTARS <reports@bid.example>")


def token(api_url: str) -> Check:
    """A token that Telegram knows."""

    def check(value: str) -> str:
        found = value.strip()
        _setting(
            lambda text: settings_checks.telegram_token(SecretStr(text)),
            found,
            "copy it from BotFather",
            secret=True,
        )
        answer = ask_name(found, api_url)
        if answer.refused:
            raise Wrong(f"Telegram does not know this token: {answer.why}.")
        if answer.name is None:
            raise Wrong(f"Telegram could not be asked: {answer.why}.", certain=False)
        click.echo(f"   Telegram says: this is @{answer.name}.", err=True)
        return found

    return check


def smtp_url(value: str) -> str:
    """A mail server that lets us in."""
    # .env would take what follows a dollar sign for the name of a variable.
    found = value.strip().replace("$", "%24")
    try:
        parse_smtp_url(found)
    except ValueError as error:
        raise Wrong(str(error)) from None
    login = try_login(found)
    if login.trouble:
        raise Wrong(
            f"Mail cannot leave there: {login.trouble}.", certain=login.trouble.startswith(AUTH_REFUSED)
        )
    safe = "safely" if login.encrypted else "but WITHOUT TLS, which recipients may ask for"
    click.echo(f"   The mail server lets us in, {safe}.", err=True)
    return found


def public_url(value: str) -> str:
    """A web address; that nobody answers there yet is only said."""
    found = _setting(settings_checks.web_url, value.strip(), "write it like https://ntars.example.org")
    request = urllib.request.Request(f"{found}/healthz")  # noqa: S310  checked just now
    try:
        urllib.request.urlopen(request, timeout=PATIENCE_S).close()  # noqa: S310
    except urllib.error.HTTPError:
        pass
    except OSError:
        click.echo("   Nobody answers there yet. That is fine until the service runs behind it.", err=True)
    return found


def _setting(check: Callable[[str], object], value: str, mend: str, *, secret: bool = False) -> str:
    try:
        result = check(value)
    except ValueError as error:
        shown = "The answer" if secret else f'"{value}"'
        raise Wrong(f"{shown} {error}; {mend}.") from None
    return result if isinstance(result, str) else value
