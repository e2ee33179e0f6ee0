"""An SMTP server on loopback that keeps what it gets, and can fail in every way a mail server fails."""
# ruff: noqa: ASYNC109  "timeout" reads best in a test; inside it is asyncio.timeout
# ruff: noqa: N802  aiosmtpd finds its hooks by these names

import asyncio
import email
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any, Literal, cast
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.demo.changes import Changes

LARGEST = 35 * 2**20  # bytes, as many a real server
FULL = "452 4.2.2 The mailbox is full"

Stage = Literal["EHLO", "MAIL", "RCPT", "DATA"]


@dataclass(frozen=True)
class Received:
    """One mail with its envelope."""

    mail_from: str
    rcpt_tos: list[str]
    message: EmailMessage
    content: bytes
    received_at: float

    @property
    def subject(self) -> str:
        """The subject line, decoded."""
        return str(self.message["Subject"] or "")

    def body(self, kind: Literal["plain", "html"]) -> str:
        """The text of one kind with plain line ends, empty when the mail has none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""

    def attachments(self) -> list[EmailMessage]:
        """What a mail program lists below the text."""
        return list(self.message.iter_attachments())


@dataclass
class _Scripted:
    stage: Stage
    reply: str | None  # None: hang up
    address: str | None
    keeps: bool
    times: int | None


@dataclass
class MailFaults:
    """A script of faults by stage of the transaction; `times=None` lasts until `clear()`."""

    _script: list[_Scripted] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, stage: Stage, words: str, *, address: str | None = None, times: int | None = 1) -> None:
        """Answer this at a stage, for instance "550 5.1.1 No such user"; at RCPT for one address only."""
        self._add(_Scripted(stage, words, address, False, times))

    def mailbox_full(self, address: str, *, times: int | None = 1) -> None:
        """452 at RCPT for one address."""
        self.reply("RCPT", FULL, address=address, times=times)

    def hang_up(self, stage: Stage, *, keeps: bool = False, times: int | None = 1) -> None:
        """Close the connection at a stage without an answer; at DATA with or without keeping the mail."""
        self._add(_Scripted(stage, None, None, keeps, times))

    def clear(self) -> None:
        """Forget the rest of the script."""
        with self._lock:
            self._script.clear()

    def take(self, stage: Stage, address: str | None = None) -> _Scripted | None:
        """What the script says here; counts it as used."""
        with self._lock:
            for scripted in self._script:
                if scripted.stage == stage and scripted.address in (None, address):
                    self._use(scripted)
                    return scripted
        return None

    def _add(self, scripted: _Scripted) -> None:
        with self._lock:
            self._script.append(scripted)

    def _use(self, scripted: _Scripted) -> None:
        if scripted.times is not None:
            scripted.times -= 1
            if scripted.times <= 0:
                self._script.remove(scripted)


class Mailbox:
    """The server. It runs in a thread of its own, so that blocking code may send to it too."""

    def __init__(
        self,
        *,
        port: int = 0,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`login` asks for AUTH; `tls` offers STARTTLS, or with `implicit_tls` speaks TLS from the start."""
        self.messages: list[Received] = []
        self.connections = 0
        self.faults = MailFaults()
        self.changes = Changes()
        self._port = port
        self._login = login
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._open: WeakSet[_Protocol] = WeakSet()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    @property
    def url(self) -> str:
        """What NTARS_SMTP_URL wants."""
        scheme = "smtps" if self._implicit_tls else "smtp"
        login = f"{self._login[0]}:{self._login[1]}@" if self._login else ""
        return f"{scheme}://{login}127.0.0.1:{self._port}"

    @property
    def asks_for_login(self) -> bool:
        """Whether nobody may send without AUTH."""
        return self._login is not None

    async def start(self) -> None:
        """Listen on loopback; a port of 0 becomes the one that was found."""
        await asyncio.to_thread(self.start_now)

    async def stop(self) -> None:
        """Close the port; what was received stays readable."""
        await asyncio.to_thread(self.stop_now)

    async def __aenter__(self) -> "Mailbox":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def start_now(self) -> None:
        """`start` for code without an event loop."""
        listening: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=[listening], name="mailbox", daemon=True)
        self._thread.start()
        listening.result()

    def stop_now(self) -> None:
        """`stop` for code without an event loop."""
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        self._thread = None

    def to(self, recipient: str) -> list[Received]:
        """What was delivered to one address, oldest first."""
        wanted = recipient.lower()
        return [mail for mail in list(self.messages) if wanted in map(str.lower, mail.rcpt_tos)]

    async def wait_for(self, recipient: str, count: int = 1, timeout: float = 10.0) -> list[Received]:
        """Wait until so many mails were delivered to one address; all that were."""

        def enough() -> list[Received]:
            mails = self.to(recipient)
            return mails if len(mails) >= count else []

        try:
            return await self.changes.until(enough, timeout)
        except TimeoutError:
            there = "\n".join(f"{mail.rcpt_tos} {mail.subject}" for mail in self.messages)
            raise AssertionError(
                f"Not {count} mail(s) to {recipient} within {timeout:g} s. There is:\n{there}"
            ) from None

    def _run(self, listening: "Future[None]") -> None:
        try:
            asyncio.run(self._serve(listening))
        except OSError as error:  # the port is taken
            listening.set_exception(error)

    async def _serve(self, listening: "Future[None]") -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tls = self._tls if self._implicit_tls else None
        server = await self._loop.create_server(self._protocol, "127.0.0.1", self._port, ssl=tls)
        self._port = server.sockets[0].getsockname()[1]
        listening.set_result(None)
        async with server:
            await self._stop.wait()
        for protocol in list(self._open):
            protocol.cut()

    def _protocol(self) -> SMTP:
        self.connections += 1
        protocol = _Protocol(
            _Handler(self),
            loop=self._loop,
            hostname="mailbox.example",
            ident="NTARS demo mailbox",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            tls_context=None if self._implicit_tls else self._tls,
            authenticator=self._authenticate if self._login else None,
            auth_require_tls=self._login is None,  # without a login to ask for, AUTH is not offered
        )
        self._open.add(protocol)
        return protocol

    def _authenticate(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and self._login == (
            data.login.decode(),
            data.password.decode(),
        )
        return AuthResult(success=right, handled=False)

    def keep(self, envelope: Envelope) -> None:
        """Put one mail away and tell who waits."""
        content = cast(bytes, envelope.content)
        message = email.message_from_bytes(content, policy=SMTP_POLICY)
        received = Received(
            envelope.mail_from or "", list(envelope.rcpt_tos), message, content, self._clock()
        )
        self.messages.append(received)
        self.changes.ring()


class _Protocol(SMTP):
    """aiosmtpd, but quiet on a connection that was cut."""

    def cut(self) -> None:
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    async def push(self, status: Any) -> None:
        if self.transport is not None and not self.transport.is_closing():
            await super().push(status)


class _Handler:
    """aiosmtpd's hooks: look into the script first, then do what a mail server does."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(
        self, server: SMTP, session: Session, _: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        reply = self._scripted(server, "EHLO")
        return [reply] if reply else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._scripted(server, "MAIL"):
            return reply
        if self._mailbox.asks_for_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._scripted(server, "RCPT", address):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        fault = self._mailbox.faults.take("DATA")
        if fault is None or fault.keeps:
            self._mailbox.keep(envelope)
        if fault is not None:
            return self._obey(server, fault)
        return "250 2.0.0 OK: kept"

    def _scripted(self, server: SMTP, stage: Stage, address: str | None = None) -> str | None:
        fault = self._mailbox.faults.take(stage, address)
        return self._obey(server, fault) if fault else None

    def _obey(self, server: SMTP, fault: _Scripted) -> str:
        if fault.reply is None:
            cast(_Protocol, server).cut()
        return fault.reply or "421 4.3.2 Gone"  # the words of a cut connection go nowhere
