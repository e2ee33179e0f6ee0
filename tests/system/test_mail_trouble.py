"""A mail server that refuses, hangs up or is away: nothing is lost, nothing is said twice."""

from pathlib import Path

from bot.demo.mailbox import Mailbox
from tests.system.town import ASB, BID, PARTNERSHIP, STREET, Town, reporting_mails, until

NO_SUCH_USER = "550 5.1.1 No such user"


async def test_a_refusing_owner_is_told_to_the_reporter_once_and_to_the_bid(town: Town) -> None:
    town.mailbox.faults.reply("RCPT", NO_SUCH_USER, address=STREET, times=None)
    phone = town.member()

    reference = await town.report(phone)
    late = await phone.wait_for("hasn't reached", 20)
    told = (await town.mailbox.wait_for(BID))[0]
    await town.all_settled()

    assert f"{reference} hasn't reached the council's street team yet" in late.text
    assert "101" in late.text
    assert reference in told.subject
    assert sum("hasn't reached" in message.text for message in phone.messages) == 1
    assert town.mailbox.to(STREET) == []
    assert len(await town.mails(reference, ASB)) == 1
    assert town.value("SELECT state FROM delivery WHERE address = ?", STREET) == "refused"


async def test_the_half_hour_timer_says_nothing_after_a_refusal_was_told(town: Town) -> None:
    town.mailbox.faults.reply("RCPT", NO_SUCH_USER, address=STREET, times=None)
    phone = town.member()
    await town.report(phone)
    await phone.wait_for("hasn't reached", 20)

    town.hurry("timer")
    await town.all_settled("timer")

    await town.all_settled("telegram")
    assert sum("hasn't reached" in message.text for message in phone.messages) == 1
    assert len(town.mailbox.to(BID)) == 1


async def test_a_refusing_copy_is_not_the_reporters_business(town: Town) -> None:
    town.mailbox.faults.reply("RCPT", NO_SUCH_USER, address=PARTNERSHIP, times=None)
    phone = town.member()

    reference = await town.report(phone)
    await town.mail(reference, STREET)
    await town.all_settled()

    query = "SELECT count(*) FROM outbox WHERE kind = 'timer' AND dedupe LIKE '%:refused'"
    assert town.value(query) == 0


async def test_a_busy_server_gets_the_mail_a_little_later(town: Town) -> None:
    town.mailbox.faults.reply("RCPT", "451 4.7.1 Greylisted", address=STREET)
    phone = town.member()

    reference = await town.report(phone)
    await until(lambda: town.value("SELECT 1 FROM outbox WHERE error LIKE '451%'"))
    town.hurry()

    assert len(await town.mails(reference, STREET)) == 1
    await until(lambda: town.value("SELECT 1 FROM delivery WHERE address = ? AND state = 'accepted'", STREET))


async def test_a_hang_up_after_the_whole_mail_repeats_it_under_the_same_message_id(town: Town) -> None:
    town.mailbox.faults.hang_up("DATA", keeps=True, times=3)
    phone = town.member()

    reference = await town.report(phone)
    await until(lambda: town.value("SELECT count(*) FROM outbox WHERE error LIKE 'in doubt%'") == 3)
    town.hurry()
    for recipient in (STREET, ASB, PARTNERSHIP):
        await town.mails(reference, recipient, 2)
    await until(lambda: town.value("SELECT count(*) FROM delivery WHERE state = 'accepted'") == 3)

    for recipient in (STREET, ASB, PARTNERSHIP):
        first, second = reporting_mails(town.mailbox.to(recipient), reference)
        assert first.message["Message-ID"] == second.message["Message-ID"]
        assert first.message["Date"] == second.message["Date"]
    accepted = town.rows("SELECT detail FROM report_event WHERE what = 'mail_accepted'")
    assert len(accepted) == 3


async def test_a_relay_that_is_away_and_comes_back_costs_no_attempt(town: Town) -> None:
    await town.mailbox.stop()
    phone = town.member()

    references = [await town.report(phone, words=f"report {number}") for number in range(3)]
    await until(lambda: "email" in str(town.service.runner.state()) and _paused(town), "the kind rests")
    attempts = town.rows("SELECT DISTINCT attempts FROM outbox WHERE kind = 'email'")
    await town.mailbox.start()
    for reference in references:
        await town.mails(reference, STREET, timeout=20)
    await town.all_settled()

    assert attempts == [(0,)]
    assert len(town.mailbox.to(STREET)) == 3
    assert town.rows("SELECT DISTINCT attempts, state FROM outbox WHERE kind = 'email'") == [(1, "sent")]


def _paused(town: Town) -> bool:
    return town.service.runner.state()["email"].paused_until is not None


async def test_healthz_names_the_way_out_that_is_away_and_stays_well(town: Town) -> None:
    await town.mailbox.stop()

    await town.report(town.member())
    await until(lambda: _paused(town))
    status, body = await town.health()

    assert status == 200
    assert body["out"]["email"]["paused_until"]
    assert body["out"]["email"]["failing"]


async def test_a_recipient_who_wants_tls_gets_nothing_over_a_bare_wire(tmp_path: Path) -> None:
    """127.1 is this machine, written so that it does not count as such."""
    async with Mailbox() as bare:
        settings = {"NTARS_SMTP_URL": f"smtp://127.1:{bare.port}"}
        async with Town(tmp_path, settings=settings) as town:
            phone = town.member()

            await town.report(phone)
            await until(
                lambda: town.value("SELECT count(*) FROM outbox WHERE error LIKE '%offers no TLS%'") == 3
            )

            assert bare.messages == []
            await phone.text("/reports")
            await phone.wait_for("on its way", 20)
