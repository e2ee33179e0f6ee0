"""E-mail: a letter of ready bytes handed to the mail relay, and what came of it."""

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiosmtplib

from dispatch.transport import GiveUp, InDoubt, Outbound, Receipt, TryLater
from dispatch.transports.smtp_pool import Connection, Pool
from dispatch.transports.smtp_url import Relay
from dispatch.transports.smtp_verdicts import WAIT_FOR_ADMIN, Stage, Verdict, said, verdict_on

NO_TLS = "the mail relay offers no TLS and this recipient asks for it, so the mail was not sent"

log = logging.getLogger(__name__)

# Postfix, Exim and Exchange Online name a mail so in their last answer.
_QUEUE_ID = re.compile(r"(?:queued as |id=|InternalId=)([A-Za-z0-9.-]+)")
_UNSAFE = re.compile(r"[\s<>\x00-\x1f\x7f]")  # would end the command, or start a parameter
_LINE_START_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for the relay.

    `sender` is the envelope sender, where bounces go. `data` has CRLF line ends. `require_tls`: the hop to
    the relay must be encrypted (a relay on this machine counts as such). With several recipients either all
    are taken or nothing is sent.
    """

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    require_tls: bool = False


class EmailTransport:
    """The way out of kind `email`. In doubt, repeat: the Message-ID is the same."""

    def __init__(
        self,
        relay: Relay,
        compose: Callable[[Outbound], Awaitable[Letter]],
        *,
        connections: int = 4,
        idle_seconds: float = 30,
        time_out: float = 20,
        answer_time_out: float = 60,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`time_out` is for each step, `answer_time_out` for the answer after the whole mail, in seconds.

        RFC 5321, 4.5.3.2.6 would wait ten minutes for that answer; the runner's limit of a send is shorter.
        `tls` replaces the system's certificates.
        """
        self._relay, self._compose = relay, compose
        self._answer_time_out = answer_time_out
        self._pool = Pool(relay, size=connections, idle_seconds=idle_seconds, time_out=time_out, tls=tls)

    async def send(self, row: Outbound) -> Receipt:
        """Compose the row's letter and hand it over. The receipt has the relay's name for it, if it gave one.

        Raises TryLater, GiveUp or InDoubt as `smtp_verdicts` has it. `compose` may raise the first two
        itself; anything else it raises is TryLater, because nothing was sent.
        """
        try:
            letter = await self._compose(row)
        except (TryLater, GiveUp):
            raise
        except Exception as error:
            log.exception("mail could not be composed", extra={"outbox_id": row.id})
            raise TryLater(f"the mail could not be written: {type(error).__name__}") from error
        return await self.deliver(letter)

    async def deliver(self, letter: Letter) -> Receipt:
        """Hand one letter over, without a row: the test mail of a command. Verdicts as `send`."""
        try:
            outcome = await self._over_a_connection(letter, fresh=False)
        except _Stale:
            outcome = await self._over_a_connection(letter, fresh=True)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Close the connections that wait for the next mail."""
        self._pool.close_idle()

    async def _over_a_connection(self, letter: Letter, *, fresh: bool) -> Receipt | Verdict:
        """A verdict that leaves the connection in order is returned; one that breaks it is raised."""
        async with self._pool.connection(fresh=fresh) as connection:
            try:
                orders = self._orders(connection, letter)
            except (TryLater, GiveUp) as verdict:
                return verdict
            refusal = await _open(connection, orders)
            if refusal:
                await _reset(connection)
                return refusal
            await self._write(connection, letter.data)
            return await self._finish(connection)

    def _orders(self, connection: Connection, letter: Letter) -> list[tuple[Stage, bytes]]:
        """The commands before the mail itself. Raises the verdict when it cannot go over this connection."""
        smtp = connection.smtp
        if letter.require_tls and not connection.encrypted and not self._relay.on_this_machine:
            raise TryLater(NO_TLS, after=WAIT_FOR_ADMIN)
        limit = smtp.esmtp_extensions.get("size", "")  # RFC 1870; 0 is no limit
        if limit.isdecimal() and 0 < int(limit) < len(letter.data):
            raise GiveUp(f"the mail has {len(letter.data)} bytes and the mail relay takes {limit}")

        options = f" SIZE={len(letter.data)}" if limit or smtp.supports_extension("size") else ""
        sender, recipients = _mailboxes(letter)
        if not "".join([sender, *recipients]).isascii():
            if not smtp.supports_extension("smtputf8"):
                raise GiveUp("the address has letters that the mail relay cannot carry (no SMTPUTF8)")
            options += " SMTPUTF8"  # RFC 6531
        mail = (Stage.MAIL, f"MAIL FROM:{sender}{options}".encode())
        rcpt = [(Stage.RCPT, f"RCPT TO:{recipient}".encode()) for recipient in recipients]
        return [mail, *rcpt, (Stage.DATA, b"DATA")]

    async def _write(self, connection: Connection, data: bytes) -> None:
        """Everything but the final dot: without it, no server may deliver the mail (RFC 5321, 4.1.1.4)."""
        try:
            async with asyncio.timeout(self._answer_time_out):
                connection.writer.write(_LINE_START_DOT.sub(b"..", data))
                if not data.endswith(b"\r\n"):
                    connection.writer.write(b"\r\n")
                await connection.writer.drain()
        except OSError as error:
            raise TryLater("the mail relay hung up in the middle of the mail") from error

    async def _finish(self, connection: Connection) -> Receipt | Verdict:
        if not connection.smtp.is_connected:
            raise TryLater("the mail relay hung up in the middle of the mail")
        try:
            answer = await connection.smtp.execute_command(b".", timeout=self._answer_time_out)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise InDoubt("the mail relay had the whole mail and gave no answer") from error
        if 200 <= answer.code <= 299:
            queued = _QUEUE_ID.search(answer.message)
            return Receipt(queued.group(1) if queued else None)
        return verdict_on(Stage.DATA, answer.code, answer.message)


class _Stale(TryLater):
    """A kept connection was dead before this mail began: worth a new one at once."""


async def _open(connection: Connection, orders: list[tuple[Stage, bytes]]) -> Verdict | None:
    """Give the orders one by one. None: the server waits for the mail."""
    for stage, order in orders:
        try:
            answer = await connection.smtp.execute_command(order)
        except (aiosmtplib.SMTPException, OSError) as error:
            stale = connection.used and not isinstance(error, TimeoutError)
            verdict = _Stale if stale else TryLater
            raise verdict(f"the mail relay hung up or fell silent at {stage}") from error
        if answer.code == 421 and connection.used:  # it closes what was idle for too long
            raise _Stale(said(answer.code, answer.message))
        if answer.code // 100 != (3 if stage is Stage.DATA else 2):
            return verdict_on(stage, answer.code, answer.message)
    return None


async def _reset(connection: Connection) -> None:
    """Make the connection ready for another mail after a refusal, or close it."""
    try:
        await connection.smtp.rset()
    except (aiosmtplib.SMTPException, OSError):
        connection.smtp.close()


def _mailboxes(letter: Letter) -> tuple[str, list[str]]:
    try:
        sender = _mailbox(letter.sender) if letter.sender else "<>"  # empty as that of a bounce
    except ValueError as error:
        raise TryLater("our sender address is not an e-mail address", after=WAIT_FOR_ADMIN) from error
    try:
        return sender, [_mailbox(recipient) for recipient in letter.recipients]
    except ValueError as error:
        raise GiveUp("the address is not one that mail can be sent to", address_dead=True) from error


def _mailbox(address: str) -> str:
    """The address in angle brackets, its domain in ASCII. Raises ValueError when it could not be sent so."""
    local_part, _, domain = address.rpartition("@")
    if not local_part or not domain or _UNSAFE.search(address):
        raise ValueError("not an address")
    return f"<{local_part}@{domain if domain.isascii() else domain.encode('idna').decode()}>"
