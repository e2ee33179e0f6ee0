"""Connections to the mail relay, kept for the next mail."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiosmtplib

from dispatch.transport import TryLater
from dispatch.transports.smtp_url import Relay
from dispatch.transports.smtp_verdicts import AUTH_REFUSED, REASON_LIMIT, WAIT_FOR_ADMIN, said

_WAIT_FOR_AUTH = timedelta(minutes=5)


class Connection:
    """One connection, greeted and logged in. `used`: a mail went over it before."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self.smtp = smtp
        self.used = False
        self.expiry: asyncio.TimerHandle | None = None
        protocol, transport = smtp.protocol, smtp.transport
        assert protocol is not None
        assert isinstance(transport, asyncio.WriteTransport)
        # With no room in the buffer `drain` returns when the kernel has every byte, so that we know what
        # was sent.
        transport.set_write_buffer_limits(high=0)
        self.writer = asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())

    @property
    def encrypted(self) -> bool:
        return self.smtp.get_transport_info("sslcontext") is not None


class Pool:
    """At most `size` connections at once; an idle one is closed after `idle_seconds`."""

    def __init__(
        self, relay: Relay, *, size: int, idle_seconds: float, time_out: float, tls: ssl.SSLContext | None
    ) -> None:
        self._relay, self._idle_seconds, self._time_out, self._tls = relay, idle_seconds, time_out, tls
        self._room = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def connection(self, *, fresh: bool = False) -> AsyncIterator[Connection]:
        """A connection for one mail. It is kept afterwards unless the body raises.

        `fresh`: none that was used before; those that wait are closed, as they will be as stale. Raises
        TryLater when there is no way to the relay.
        """
        async with self._room:
            if fresh:
                self.close_idle()
            connection = self._take_idle() or await self._connect()
            try:
                yield connection
            except BaseException:
                connection.smtp.close()
                raise
            self._keep(connection)

    def close_idle(self) -> None:
        """Close every connection that no mail is using."""
        while self._idle:
            self._drop(self._idle[-1])

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()  # the last one used is the least likely to be stale
            if connection.expiry:
                connection.expiry.cancel()
            if connection.smtp.is_connected:
                return connection
        return None

    def _keep(self, connection: Connection) -> None:
        connection.used = True
        if not connection.smtp.is_connected:
            return
        loop = asyncio.get_running_loop()
        connection.expiry = loop.call_later(self._idle_seconds, self._drop, connection)
        self._idle.append(connection)

    def _drop(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.expiry:
            connection.expiry.cancel()
        if connection.smtp.is_connected:
            connection.writer.write(b"QUIT\r\n")  # its answer tells nothing, so nobody waits for it
        connection.smtp.close()

    async def _connect(self) -> Connection:
        relay = self._relay
        smtp = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls_from_start,
            # A password goes over a wire only under TLS; without one, TLS is used when offered.
            start_tls=None if relay.tls_from_start or relay.on_this_machine or not relay.user else True,
            # A relay on this machine has the certificate that its package made; nobody can stand in between.
            validate_certs=not relay.on_this_machine,
            tls_context=self._tls,
            timeout=self._time_out,
            local_hostname=_our_name(),
        )
        try:
            await self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return Connection(smtp)

    async def _greet(self, smtp: aiosmtplib.SMTP) -> None:
        try:
            await smtp.connect()
            if self._relay.user:
                await self._log_in(smtp)
            if smtp.is_ehlo_or_helo_needed:  # as after smtps, or STARTTLS without a login
                await smtp.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TryLater(_why_no_way(error), whole_kind=True) from error

    async def _log_in(self, smtp: aiosmtplib.SMTP) -> None:
        try:
            await smtp.login(self._relay.user, self._relay.password)
        except aiosmtplib.SMTPAuthenticationError as error:
            reason = f"{AUTH_REFUSED}: {said(error.code, error.message)}"[:REASON_LIMIT]
            after = WAIT_FOR_ADMIN if error.code >= 500 else _WAIT_FOR_AUTH
            raise TryLater(reason, after=after, whole_kind=True) from error


def _our_name() -> str:
    """What EHLO says. Not the fully qualified name: DNS may take seconds for it, at every connection."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() and name.isprintable() else "[127.0.0.1]"


def _why_no_way(error: Exception) -> str:
    match error:
        case aiosmtplib.SMTPResponseException():
            why = said(error.code, error.message)
        case ssl.SSLError():
            why = f"its TLS certificate or version is not acceptable ({error.reason or 'no reason'})"
        case TimeoutError():
            why = "it does not answer in time"
        case _:
            why = str(error)
    return f"the mail relay cannot be reached: {why}"[:REASON_LIMIT]
