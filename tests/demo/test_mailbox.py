"""The SMTP stand-in against aiosmtplib and the standard library's client."""

import asyncio
import smtplib
import ssl
import subprocess
from email.message import EmailMessage

import aiosmtplib
import pytest

from bot.demo.mailbox import Mailbox

COUNCIL = "council@council.example"
POLICE = "police@police.example"


@pytest.fixture
async def mailbox():
    async with Mailbox() as mailbox:
        yield mailbox


def a_mail(*recipients, subject="[NTARS NT-7K4F] Graffiti, 14 Gold Street"):
    message = EmailMessage()
    message["From"] = "NTARS <ntars@bid.example>"
    message["To"] = ", ".join(recipients or [COUNCIL])
    message["Subject"] = subject
    message.set_content("Graffiti — “red tag”")
    message.add_alternative("<p>Graffiti</p>", subtype="html")
    message.add_attachment(b"a,b\r\n", maintype="text", subtype="csv", filename="report.csv")
    return message


async def send(mailbox, *recipients, **options):
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port, timeout=5, **options) as client:
        return await client.send_message(a_mail(*recipients))


async def test_a_mail_is_kept_with_its_envelope(mailbox):
    await send(mailbox, COUNCIL, POLICE)

    (mail,) = await mailbox.wait_for(POLICE)
    assert (mail.mail_from, mail.rcpt_tos) == ("ntars@bid.example", [COUNCIL, POLICE])
    assert mail.subject == "[NTARS NT-7K4F] Graffiti, 14 Gold Street"
    assert mail.body("plain").strip() == "Graffiti — “red tag”"
    assert mail.body("html").strip() == "<p>Graffiti</p>"
    assert [part.get_filename() for part in mail.attachments()] == ["report.csv"]
    assert mailbox.url == f"smtp://127.0.0.1:{mailbox.port}"


async def test_code_that_blocks_the_event_loop_can_send_too(mailbox):
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=5) as client:
        client.send_message(a_mail())

    assert len(mailbox.to(COUNCIL)) == 1


async def test_waiting_ends_when_the_mail_comes(mailbox):
    waiting = asyncio.create_task(mailbox.wait_for(COUNCIL, count=2, timeout=5))

    await send(mailbox)
    await send(mailbox)

    assert len(await waiting) == 2


async def test_waiting_in_vain_says_what_is_there(mailbox):
    await send(mailbox)

    with pytest.raises(AssertionError, match="Gold Street"):
        await mailbox.wait_for(POLICE, timeout=0.01)


async def test_a_sender_can_be_refused_for_a_while(mailbox):
    mailbox.faults.reply("MAIL", "451 4.7.1 Greylisted, try again later")

    with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
        await send(mailbox)
    await send(mailbox)

    assert refused.value.code == 451
    assert len(mailbox.messages) == 1


async def test_one_recipient_can_be_refused_for_good_while_the_other_gets_it(mailbox):
    mailbox.faults.reply("RCPT", "550 5.1.1 No such user", address=POLICE, times=None)

    refused, _ = await send(mailbox, COUNCIL, POLICE)

    assert refused[POLICE][0] == 550
    assert (len(mailbox.to(COUNCIL)), mailbox.to(POLICE)) == (1, [])


async def test_a_mailbox_can_be_full_once(mailbox):
    mailbox.faults.mailbox_full(COUNCIL)

    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(mailbox)
    await send(mailbox)

    assert refused.value.recipients[0].code == 452
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("reply", ["452 4.3.1 Out of disk", "554 5.7.1 Looks like spam"])
async def test_the_content_can_be_refused(mailbox, reply):
    mailbox.faults.reply("DATA", reply)

    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(mailbox)

    assert refused.value.code == int(reply[:3])
    assert mailbox.messages == []


@pytest.mark.parametrize(
    ("stage", "keeps", "kept"),
    [("EHLO", False, 0), ("MAIL", False, 0), ("RCPT", False, 0), ("DATA", False, 0), ("DATA", True, 1)],
)
async def test_the_line_can_go_dead_at_any_stage(mailbox, stage, keeps, kept):
    mailbox.faults.hang_up(stage, keeps=keeps)

    with pytest.raises((aiosmtplib.SMTPException, ConnectionError)):
        await send(mailbox)

    assert len(mailbox.messages) == kept
    await send(mailbox)
    assert len(mailbox.messages) == kept + 1


async def test_a_stopped_mailbox_refuses_connections_and_comes_back_on_its_port(mailbox):
    await mailbox.stop()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(mailbox)

    await mailbox.start()

    await send(mailbox)
    assert len(mailbox.messages) == 1


async def test_a_login_can_be_asked_for():
    async with Mailbox(login=("ntars", "s3cret")) as mailbox:
        with pytest.raises(aiosmtplib.SMTPSenderRefused, match="Authentication required"):
            await send(mailbox)
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(mailbox, username="ntars", password="wrong")
        await send(mailbox, username="ntars", password="s3cret")

        assert mailbox.url == f"smtp://ntars:s3cret@127.0.0.1:{mailbox.port}"
        assert len(mailbox.messages) == 1


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-made certificate for 127.0.0.1: contexts for the server and for a client that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}".split(),
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=cert)


@pytest.mark.parametrize("implicit", [False, True])
async def test_tls_is_spoken_after_starttls_or_from_the_start(certificate, implicit):
    server, trusting = certificate

    async with Mailbox(tls=server, implicit_tls=implicit) as mailbox:
        await send(mailbox, use_tls=implicit, start_tls=not implicit, tls_context=trusting)

        assert len(mailbox.messages) == 1
        assert mailbox.url.startswith("smtps://" if implicit else "smtp://")
