"""Until `ntars go-live` only the BID hears, and what was made before that stays a test for ever."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.system.town import ASB, BID, PARTNERSHIP, STREET, Town, a_scheme, until


@pytest_asyncio.fixture
async def not_live(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path, live=False) as opened:
        yield opened


def _nobody_else(town: Town) -> bool:
    return not any(town.mailbox.to(other) for other in (STREET, ASB, PARTNERSHIP))


async def test_only_the_bid_gets_the_mail_and_it_says_test(not_live: Town) -> None:
    phone = not_live.member()

    reference = await not_live.report(phone)
    saved = await phone.wait_for("Saved: ", 15)
    mail = await not_live.mail(reference, BID)
    await not_live.all_settled()

    assert "Not live yet: only the BID sees this" in saved.text
    assert "TEST" in mail.subject
    assert "test: yes" in mail.body("plain")
    assert _nobody_else(not_live)


async def test_going_live_while_running_holds_for_new_reports_and_not_for_old_ones(not_live: Town) -> None:
    phone = not_live.member()
    old = await not_live.report(phone)
    await not_live.mail(old, BID)

    not_live.scheme.write_text(a_scheme(live=True), "utf-8")
    await until(lambda: not_live.service.scheme_file.current().scheme.about.live, "the file was read again")
    new = await not_live.report(phone)
    await not_live.mail(new, STREET)
    await not_live.press(phone, f"{old}:sent:add")
    await phone.text("it is still there")
    await not_live.mail(old, BID, 2)
    await not_live.all_settled()

    assert not_live.rows("SELECT reference, test FROM report ORDER BY id") == [(old, 1), (new, 0)]
    for recipient in (STREET, ASB, PARTNERSHIP):
        assert not any(old in mail.subject for mail in not_live.mailbox.to(recipient))
    assert not any(new in mail.subject for mail in not_live.mailbox.to(BID))
    assert all("TEST" in mail.subject for mail in not_live.mailbox.to(BID))


async def test_a_scheme_file_that_became_wrong_changes_nothing(town: Town) -> None:
    phone = town.member()
    town.scheme.write_text("this is not TOML", "utf-8")
    stamp = town.service.scheme_file._stamp
    await until(lambda: town.service.scheme_file.current() and town.service.scheme_file._stamp != stamp)

    reference = await town.report(phone)

    assert len(await town.mails(reference, STREET)) == 1
