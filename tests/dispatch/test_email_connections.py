"""Connections of the e-mail transport: kept, replaced, encrypted and logged in."""

import asyncio
import shutil
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from dispatch.transport import GiveUp, Outbound, TryLater
from dispatch.transports.email import NO_TLS, EmailTransport, Letter
from dispatch.transports.smtp_url import Relay
from dispatch.transports.smtp_verdicts import AUTH_REFUSED
from tests.dispatch.test_email import LETTER, Mailroom, a_relay, a_row, a_way_out, drop, sent

NOT_LOCALHOST = "127.1"  # reaches this machine, and is no name that the transport takes for it


async def test_letters_one_after_another_share_a_connection_even_after_a_refusal() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port) as transport:
        await transport.send(a_row())
        room.answers["RCPT"] = "550 5.1.1 No such user"
        with pytest.raises(GiveUp):
            await transport.send(a_row())
        del room.answers["RCPT"]
        await transport.send(a_row())

    assert len(room.letters) == 2
    assert len(room.connections) == 1


async def test_no_more_connections_than_allowed_are_open_at_once() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port, connections=2) as transport:
        await asyncio.gather(*(transport.send(a_row()) for _ in range(12)))

    assert len(room.letters) == 12
    assert len(room.connections) == 2


async def test_a_connection_that_died_while_waiting_is_replaced_without_a_failure() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port) as transport:
        await transport.send(a_row())
        drop(room.connections[0])  # the client has not read the end of it yet
        await transport.send(a_row())

    assert len(room.letters) == 2
    assert len(room.connections) == 2


async def test_a_relay_that_ends_a_kept_connection_with_421_is_asked_again() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port) as transport:
        await transport.send(a_row())
        room.answers["MAIL"] = "421 4.4.2 Idle for too long"
        with pytest.raises(TryLater, match="Idle"):  # the new connection says so too
            await transport.send(a_row())

    assert len(room.connections) == 2


async def test_an_idle_connection_is_closed_with_a_farewell() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port, idle_seconds=0.01) as transport:
        await transport.send(a_row())
        await asyncio.wait_for(room.gone.wait(), 5)

    assert room.commands[-1] == "QUIT"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key, for the name of a relay that is not this machine."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl makes the certificate of this test")
    pem = tmp_path_factory.mktemp("tls") / "relay.pem"
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=relay", "-addext", f"subjectAltName=DNS:{NOT_LOCALHOST}"]
    subprocess.run(
        [openssl, "req", *made, *names, "-keyout", str(pem), "-out", f"{pem}.crt"],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + Path(f"{pem}.crt").read_text())
    return pem


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


STRICT = Letter(LETTER.sender, LETTER.recipients, LETTER.data, require_tls=True)


async def test_starttls_is_used_when_offered(certificate: Path) -> None:
    room, trusted = Mailroom(), ssl.create_default_context(cafile=str(certificate))
    async with (
        a_relay(room, tls_context=server_tls(certificate), require_starttls=True) as port,
        a_way_out(port, letter=STRICT, host=NOT_LOCALHOST, tls=trusted) as transport,
    ):
        await transport.send(a_row())

    assert len(room.letters) == 1


async def test_an_smtps_relay_speaks_tls_from_the_start(certificate: Path) -> None:
    async def compose(row: Outbound) -> Letter:
        return STRICT

    room, trusted = Mailroom(), ssl.create_default_context(cafile=str(certificate))
    async with a_relay(room, tls_from_start=server_tls(certificate)) as port:
        transport = EmailTransport(Relay(NOT_LOCALHOST, port, tls_from_start=True), compose, tls=trusted)
        await transport.send(a_row())
        await transport.close()

    assert len(room.letters) == 1


async def test_a_certificate_that_nobody_vouches_for_pauses_the_kind_and_never_falls_back(
    certificate: Path,
) -> None:
    room = Mailroom()
    async with (
        a_relay(room, tls_context=server_tls(certificate)) as port,
        a_way_out(port, host=NOT_LOCALHOST) as transport,
    ):
        with pytest.raises(TryLater, match="certificate") as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind
    assert room.commands == []


async def test_a_letter_that_asks_for_tls_is_not_sent_in_clear() -> None:
    room = Mailroom()
    async with a_relay(room) as port, a_way_out(port, letter=STRICT, host=NOT_LOCALHOST) as transport:
        with pytest.raises(TryLater, match=NO_TLS) as verdict:
            await transport.send(a_row())

    assert not verdict.value.whole_kind
    assert room.commands == []


async def test_a_relay_on_this_machine_counts_as_safe() -> None:
    room = Mailroom()

    await sent(room, STRICT)

    assert len(room.letters) == 1


async def test_a_password_does_not_go_over_a_wire_in_clear() -> None:
    asked = []

    def check(*arguments: object) -> AuthResult:
        asked.append(arguments)
        return AuthResult(success=True)

    async with (
        a_relay(Mailroom(), authenticator=check, auth_require_tls=False) as port,
        a_way_out(port, host=NOT_LOCALHOST, user="ntars") as transport,
    ):
        with pytest.raises(TryLater, match="STARTTLS") as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind
    assert asked == []


async def test_a_wrong_password_pauses_the_whole_kind_for_long_and_says_so() -> None:
    def never(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with (
        a_relay(Mailroom(), authenticator=never, auth_require_tls=False) as port,
        a_way_out(port, user="ntars") as transport,
    ):
        with pytest.raises(TryLater, match=AUTH_REFUSED) as verdict:
            await transport.send(a_row())

    assert verdict.value.whole_kind
    assert verdict.value.after is not None
    assert verdict.value.after >= timedelta(minutes=5)
    assert "secret" not in verdict.value.reason


async def test_the_right_password_opens_the_relay() -> None:
    seen = []

    def check(server: object, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    room = Mailroom()
    async with (
        a_relay(room, authenticator=check, auth_require_tls=False) as port,
        a_way_out(port, user="ntars") as transport,
    ):
        await transport.send(a_row())

    assert seen == [(b"ntars", b"secret")]
    assert len(room.letters) == 1
