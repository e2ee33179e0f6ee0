"""Tries the mail relay for real: logs in, or hands test mails over."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from admin_cli.opened import Opened
from conversations.scheme import Category, Recipient, Scheme
from dispatch.letters import Sender
from dispatch.mails.compose import compose_notice
from dispatch.mails.envelope import Envelope
from dispatch.transport import GiveUp, InDoubt, TryLater
from dispatch.transports.email import EmailTransport, Letter
from dispatch.transports.smtp_pool import Pool
from dispatch.transports.smtp_url import Relay, parse_smtp_url
from storage.outbox import new_reference

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Login:
    """How an attempt to connect and log in went; `encrypted` says whether under TLS."""

    trouble: str | None
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What the relay said to a test mail. `refused`: it will not take it; `later`: not just now."""

    address: str
    answer: str
    refused: bool = False
    later: bool = False


def try_login(url: str) -> Login:
    """Connect, log in, send nothing. `url` is an `smtp://` or `smtps://` one."""
    try:
        relay = parse_smtp_url(url)
    except ValueError as error:
        return Login(str(error).rstrip("."))
    return asyncio.run(_log_in(relay))


async def _log_in(relay: Relay) -> Login:
    pool = Pool(relay, size=1, idle_seconds=1, time_out=PATIENCE_S, tls=None)
    try:
        async with pool.connection() as connection:
            encrypted = connection.encrypted or relay.on_this_machine
        return Login(None, encrypted)
    except TryLater as trouble:
        return Login(trouble.reason)
    finally:
        pool.close_idle()


def sender_of(town: Opened, scheme: Scheme) -> Sender:
    """Who mails come from, as the service has it."""
    settings = town.settings
    return Sender.of(settings.mail_from, settings.reply_address, settings.admin_email, scheme)


def send_tests(town: Opened, scheme: Scheme) -> list[Tried]:
    """A test mail to every recipient's address, one each; what the relay said. Mail must be on."""
    assert town.settings.smtp_url is not None
    relay = parse_smtp_url(town.settings.smtp_url.get_secret_value())
    by_address: dict[str, list[Recipient]] = {}
    for recipient in scheme.recipients:
        by_address.setdefault(recipient.email.casefold(), []).append(recipient)
    letters = [_letter(town, scheme, recipients) for recipients in by_address.values()]
    return asyncio.run(_deliver(relay, letters))


async def _deliver(relay: Relay, letters: Sequence[Letter]) -> list[Tried]:
    transport = EmailTransport(relay, _nothing_to_compose, connections=1, time_out=PATIENCE_S)
    try:
        return [await _try(transport, letter) for letter in letters]
    finally:
        await transport.close()


async def _nothing_to_compose(row: object) -> Letter:
    raise AssertionError("test mails are ready letters")


async def _try(transport: EmailTransport, letter: Letter) -> Tried:
    (address,) = letter.recipients
    try:
        receipt = await transport.deliver(letter)
    except GiveUp as verdict:
        return Tried(address, verdict.reason, refused=True)
    except TryLater as verdict:
        return Tried(address, verdict.reason, refused=verdict.whole_kind, later=not verdict.whole_kind)
    except InDoubt as verdict:
        return Tried(address, verdict.reason, later=True)
    named = f", queued as {receipt.provider_id}" if receipt.provider_id else ""
    return Tried(address, f"taken{named}")


def _letter(town: Opened, scheme: Scheme, recipients: Sequence[Recipient]) -> Letter:
    sender, about = sender_of(town, scheme), scheme.about
    address = recipients[0].email
    subject = f"[{about.short_name}] Test: reports will come to this address"
    ids = {recipient.id for recipient in recipients}
    kinds = [kind.officer_name for kind in scheme.categories if ids & _everyone(kind)]
    lines = (
        f"This is a test by {about.name}. There is nothing to do.",
        f"When the scheme goes live, reports for {' and '.join(one.name for one in recipients)} come here.",
        f"Kinds of reports: {', '.join(kinds) or 'none yet'}.",
        "If this is not the right address, please tell us: "
        f"{about.contact.name}, {about.contact.email}, {about.contact.phone}.",
    )
    envelope = Envelope(
        sender=sender.address,
        sender_name=about.short_name,
        to=address,
        message_id=f"<{new_reference()}@{sender.domain}>",
        date=town.now,
        reply_to=about.contact.email,
        subject=subject,
    )
    data = compose_notice(subject, lines, envelope)
    return Letter(sender.address, (address,), data, require_tls=any(one.require_tls for one in recipients))


def _everyone(kind: Category) -> set[str]:
    now = {copy.recipient for copy in kind.copy_now}
    return {kind.owner} | now | {copy.recipient for copy in kind.copy_digest}
