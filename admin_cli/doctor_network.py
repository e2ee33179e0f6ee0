"""The doctor's look at what is elsewhere: the running service, Telegram, the mail server, the geocoder."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from admin_cli.findings import Finding
from admin_cli.mail import try_login
from admin_cli.telegram import ask_name
from bot.one_pen import AlreadyServing, OnePen
from bot.settings import Settings
from conversations.scheme import Scheme

PATIENCE_S = 3.0


def examine(settings: Settings, scheme: Scheme | None) -> Iterator[Finding]:
    """What is the matter out there; one after the other, a few seconds each at most."""
    yield from _telegram(settings)
    yield from _mail(settings, scheme)
    yield from _service(settings)
    yield from _geocoder(settings)


def _telegram(settings: Settings) -> Iterator[Finding]:
    if settings.telegram_token is None:
        yield Finding(
            "W013",
            "Telegram is off: NTARS_TELEGRAM_TOKEN is empty.",
            "Get one from https://t.me/BotFather and put it into .env: ntars init",
        )
        return
    answer = ask_name(settings.telegram_token.get_secret_value(), settings.telegram_api_url)
    if answer.refused:
        yield Finding(
            "E014",
            f"Telegram does not know the bot: {answer.why}.",
            "Copy NTARS_TELEGRAM_TOKEN anew from https://t.me/BotFather into .env",
        )
    elif answer.name is None:
        yield Finding(
            "W015",
            f"Telegram does not answer: {answer.why}.",
            f"Is the network up: curl -I {settings.telegram_api_url}",
        )


def _mail(settings: Settings, scheme: Scheme | None) -> Iterator[Finding]:
    if settings.smtp_url is None:
        yield Finding(
            "W016",
            "Mail is off: NTARS_SMTP_URL is empty; reports wait until it is set.",
            "Set it: ntars init",
        )
        return
    login = try_login(settings.smtp_url.get_secret_value())
    if login.trouble:
        yield Finding("E017", f"Mail cannot leave: {login.trouble}.", "Mend NTARS_SMTP_URL in .env")
    elif not login.encrypted and scheme and any(one.require_tls for one in scheme.recipients):
        yield Finding(
            "E018",
            "The mail server offers no TLS, and recipients of the scheme ask for it; their mails wait.",
            "Use one that does, such as smtps:// in NTARS_SMTP_URL",
        )


def _service(settings: Settings) -> Iterator[Finding]:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  what is listened on
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{settings.port}/healthz"
    health = _health(url)
    if health is None:
        if _is_held(settings):
            yield Finding(
                "E022",
                f"The service runs, and does not answer at {url}.",
                "Its log: journalctl -u 'ntars*' -n 50",
            )
        else:
            yield Finding(
                "W021", f"The service is not running: nobody answers at {url}.", "Start it: ntars serve"
            )
        return
    if health.get("database") not in (None, "keeps"):
        yield Finding("E022", f"The service can keep nothing: {health['database']}.", "Its disk: df -h")
    for name, way in (health.get("in") or {}).items():
        if way.get("error"):
            yield Finding(
                "E022", f"The service hears nothing from {name}: {way['error']}.", f"Look at it: curl {url}"
            )
    if health.get("healthy") is None:
        yield Finding(
            "E022",
            f"What answers at {url} is not NTARS.",
            "Who listens there: ss -ltnp; or change NTARS_LISTEN",
        )


def _health(url: str) -> dict[str, Any] | None:
    """What the service says of itself; empty when something else answers, None when nobody does."""
    # A proxy has no business between us and our own port.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PATIENCE_S) as answer:
            body = answer.read(2**20)
    except urllib.error.HTTPError as error:
        body = error.read(2**20)
    except OSError:
        return None
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _is_held(settings: Settings) -> bool:
    if not settings.on_sqlite or not settings.database_folder.exists():
        return False
    pen = OnePen(settings.database_folder)
    try:
        pen.take().drop()
    except AlreadyServing:
        return True
    except OSError:
        return False
    return False


def _geocoder(settings: Settings) -> Iterator[Finding]:
    if settings.geocoder_url is None:
        yield Finding(
            "W023",
            "The geocoder is off: streets that the scheme file does not know are kept as words.",
            "If you have one, put it into .env: NTARS_GEOCODER_URL=https://nominatim.example.org",
        )
        return
    request = urllib.request.Request(f"{settings.geocoder_url}/status")  # noqa: S310  http only: settings
    request.add_header("User-Agent", "NTARS doctor")
    try:
        urllib.request.urlopen(request, timeout=PATIENCE_S).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code < 500:
            return
        yield _silent(settings.geocoder_url, f"it answers {error.code}")
    except OSError as error:
        yield _silent(settings.geocoder_url, str(getattr(error, "reason", None) or error))


def _silent(url: str, why: str) -> Finding:
    return Finding("W024", f"The geocoder does not answer: {why}.", f"Look at it: curl -I {url}")
