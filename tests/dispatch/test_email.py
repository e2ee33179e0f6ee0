"""The e-mail transport against an SMTP server that really listens, and misbehaves when asked to."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from dispatch.transport import GiveUp, InDoubt, Outbound, Receipt, TryLater
from dispatch.transports.email import EmailTransport, Letter
from dispatch.transports.smtp_url import Relay

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
LETTER = Letter("bounce@ntars.example", ("street@council.example",), b"Subject: x\r\n\r\n.dot\r\nbody\r\n")


class Mailroom:
    """A relay's behaviour: what it answers, where it hangs up, and all that it saw."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.hang_up_at = ""
        self.connections: list[SMTP] = []
        self.letters: list[Envelope] = []
        self.commands: list[str] = []
        self.gone = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up_at == "dot":
            drop(server)
        if "." not in self.answers:
            self.letters.append(envelope)
        return self.answers.get(".", "250 2.0.0 Ok: queued as 4F2B1A")


class Server(SMTP):
    """aiosmtpd's server, which asks the mailroom before each command."""

    room: Mailroom

    async def _call(self, method: Callable[[str], Awaitable[None]], name: str, arg: str) -> None:
        self.room.commands.append(f"{name} {arg}".strip())
        if self.room.hang_up_at == name:
            drop(self)
        elif answer := self.room.answers.get(name):
            await self.push(answer)
        else:
            await method(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        await self._call(super().smtp_MAIL, "MAIL", arg or "")

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await self._call(super().smtp_RCPT, "RCPT", arg or "")

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._call(super().smtp_DATA, "DATA", arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        await self._call(super().smtp_QUIT, "QUIT", arg or "")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.room.connections.append(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.room.gone.set()
        super().connection_lost(error)


def drop(server: SMTP) -> None:
    """Hang up at once."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


@asynccontextmanager
async def a_relay(
    room: Mailroom, *, tls_from_start: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """The port of a server that behaves as `room` says."""

    def made() -> Server:
        server = Server(room, hostname="relay.example", **options)
        server.room = room
        return server

    listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, ssl=tls_from_start)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        for connection in room.connections:
            drop(connection)
        listening.close()
        await listening.wait_closed()


@asynccontextmanager
async def a_way_out(
    port: int, *, letter: Letter = LETTER, host: str = "127.0.0.1", user: str = "", **options: Any
) -> AsyncIterator[EmailTransport]:
    async def compose(row: Outbound) -> Letter:
        return letter

    relay = Relay(host, port, user, "secret" if user else "")
    transport = EmailTransport(relay, compose, **({"time_out": 5, "answer_time_out": 5} | options))
    try:
        yield transport
    finally:
        await transport.close()


def a_row() -> Outbound:
    return Outbound(1, "email", "NT-7K4F/street", "ref", "{}", 0, NOW, NOW)


async def sent(room: Mailroom, letter: Letter = LETTER, **options: Any) -> Receipt:
    async with a_relay(room, **options) as port, a_way_out(port, letter=letter) as transport:
        return await transport.send(a_row())


async def test_a_letter_arrives_byte_for_byte_with_its_envelope() -> None:
    room = Mailroom()

    receipt = await sent(room)

    assert receipt == Receipt("4F2B1A")
    assert room.letters[0].original_content == LETTER.data
    assert room.letters[0].mail_from == "bounce@ntars.example"
    assert room.letters[0].rcpt_tos == ["street@council.example"]
    assert f"MAIL FROM:<bounce@ntars.example> SIZE={len(LETTER.data)}" in room.commands


@pytest.mark.parametrize(
    ("command", "answer", "dead"),
    [
        ("RCPT", "550 5.1.1 No such user", True),
        ("RCPT", "550 5.1.10 Recipient domain has null MX", True),
        ("RCPT", "556 Domain takes no mail", True),
        ("RCPT", "550 5.7.1 Relaying denied", False),
        ("RCPT", "550 Mailbox unavailable", False),
        ("RCPT", "552 5.3.4 Message too large", False),
        ("MAIL", "552 Message size exceeds fixed limit", False),
        (".", "552 5.3.4 Message too large", False),
        (".", "552 message too big", False),
        (".", "554 5.7.1 Looks like spam", False),
        (".", "550 Rejected", False),
    ],
)
async def test_a_refusal_for_good_is_given_up(command: str, answer: str, dead: bool) -> None:
    room = Mailroom()
    room.answers[command] = answer

    with pytest.raises(GiveUp) as verdict:
        await sent(room)

    assert verdict.value.address_dead is dead
    assert verdict.value.reason == answer


@pytest.mark.parametrize(
    ("command", "answer", "slow"),
    [
        ("MAIL", "451 4.3.0 Try again later", False),
        ("MAIL", "421 Too busy", False),
        ("MAIL", "550 5.7.1 Sender not allowed", True),
        ("MAIL", "530 5.7.0 Authentication required", True),
        ("RCPT", "450 4.2.0 Greylisted", False),
        ("RCPT", "421 4.7.0 Slow down", False),
        ("RCPT", "452 4.2.2 Mailbox full", True),
        ("RCPT", "552 5.2.2 Mailbox full", True),
        ("RCPT", "552 Mailbox full", True),
        ("DATA", "451 Local error", False),
        (".", "451 4.3.0 Queue file write error", False),
        (".", "452 4.3.1 Insufficient storage", False),
        (".", "552 5.2.2 Over quota", True),
    ],
)
async def test_what_may_pass_is_tried_later(command: str, answer: str, slow: bool) -> None:
    room = Mailroom()
    room.answers[command] = answer

    with pytest.raises(TryLater) as verdict:
        await sent(room)

    assert not verdict.value.whole_kind
    assert (verdict.value.after is not None) is slow
    assert verdict.value.reason == answer


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_hang_up_before_the_mail_is_tried_later(command: str) -> None:
    room = Mailroom()
    room.hang_up_at = command

    with pytest.raises(TryLater, match=f"hung up or fell silent at {command}"):
        await sent(room)


async def test_a_hang_up_after_the_final_dot_is_in_doubt() -> None:
    room = Mailroom()
    room.hang_up_at = "dot"

    with pytest.raises(InDoubt):
        await sent(room)


async def test_silence_after_the_final_dot_is_in_doubt() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talk(reader, writer)
        await reader.readuntil(b"\r\n.\r\n")
        await reader.read()  # until the client gives up
        writer.close()

    async with raw_server(swallow) as port, a_way_out(port, answer_time_out=0.05) as transport:
        with pytest.raises(InDoubt):
            await transport.send(a_row())


async def test_a_hang_up_in_the_middle_of_the_mail_is_tried_later() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talk(reader, writer)
        await reader.readexactly(1000)
        writer.transport.abort()

    large = Letter(LETTER.sender, LETTER.recipients, b"x" * 76 + b"\r\n" + b"y" * 30_000_000)
    async with raw_server(cut) as port, a_way_out(port, letter=large) as transport:
        with pytest.raises(TryLater, match="in the middle of the mail"):
            await transport.send(a_row())


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet, say yes to everything, and return when the client may send the mail."""
    writer.write(b"220 relay.example\r\n")
    while line := await reader.readline():
        if line.startswith(b"DATA"):
            writer.write(b"354 Go on\r\n")
            return
        writer.write(b"250 OK\r\n")


@asynccontextmanager
async def raw_server(
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    server = await asyncio.start_server(behave, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_refused_connection_pauses_the_whole_kind() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))

        async with a_way_out(closed.getsockname()[1]) as transport:
            with pytest.raises(TryLater, match="cannot be reached") as verdict:
                await transport.send(a_row())

    assert verdict.value.whole_kind


async def test_an_unknown_host_pauses_the_whole_kind() -> None:
    async with a_way_out(25, host="relay.invalid") as transport:
        with pytest.raises(TryLater) as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind


@pytest.mark.parametrize(
    "greeting", [b"421 Too many connections\r\n", b"554 No service\r\n", b"", b"hello\r\n"]
)
async def test_a_server_that_greets_badly_pauses_the_whole_kind(greeting: bytes) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with raw_server(greet) as port, a_way_out(port) as transport:
        with pytest.raises(TryLater) as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind


async def test_a_server_that_never_greets_pauses_the_whole_kind() -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with raw_server(wait) as port, a_way_out(port, time_out=0.05) as transport:
        with pytest.raises(TryLater, match="in time") as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind


async def test_a_mail_larger_than_the_relay_takes_is_given_up_unsent() -> None:
    room = Mailroom()

    with pytest.raises(GiveUp, match="bytes"):
        await sent(room, data_size_limit=20)

    assert room.commands == []


async def test_an_address_beyond_ascii_needs_smtputf8() -> None:
    letter = Letter("bounce@ntars.example", ("józef@council.example",), LETTER.data)
    room = Mailroom()

    with pytest.raises(GiveUp, match="SMTPUTF8"):
        await sent(room, letter)
    await sent(room, letter, enable_SMTPUTF8=True)

    assert room.letters[0].rcpt_tos == ["józef@council.example"]


async def test_a_domain_beyond_ascii_travels_in_its_ascii_form() -> None:
    room = Mailroom()

    await sent(room, Letter("", ("post@żółw.example",), LETTER.data))

    assert room.letters[0].rcpt_tos == ["post@xn--w-uga1v8h.example"]
    assert room.letters[0].mail_from == "<>"


@pytest.mark.parametrize(
    "address", ["a@b.example>\r\nRSET", "a b@c.example", "nobody", "@c.example", "a@b..example…"]
)
async def test_an_address_that_could_end_the_command_is_given_up(address: str) -> None:
    room = Mailroom()

    with pytest.raises(GiveUp) as verdict:
        await sent(room, Letter("bounce@ntars.example", (address,), LETTER.data))

    assert verdict.value.address_dead
    assert room.commands == []


async def test_a_mistake_in_our_own_address_is_not_held_against_the_recipient() -> None:
    with pytest.raises(TryLater, match="our sender address"):
        await sent(Mailroom(), Letter("reports at ntars", LETTER.recipients, LETTER.data))


async def test_with_one_recipient_refused_nobody_gets_the_letter() -> None:
    room = Mailroom()
    letter = Letter("bounce@ntars.example", ("a@council.example", "not an address"), LETTER.data)

    with pytest.raises(GiveUp):
        await sent(room, letter)

    assert room.letters == []


async def test_a_letter_that_cannot_be_written_is_tried_later() -> None:
    async def compose(row: Outbound) -> Letter:
        raise KeyError("category")

    transport = EmailTransport(Relay("127.0.0.1", 25), compose)

    with pytest.raises(TryLater, match="could not be written: KeyError"):
        await transport.send(a_row())
