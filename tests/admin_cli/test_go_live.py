"""`ntars go-live`, against a real mail server."""

from pathlib import Path

import pytest

from admin_cli.live_line import NoSuchLine, live
from bot.demo.mailbox import Mailbox
from bot.settings import shipped_scheme
from tests.admin_cli.town import Town

NAME = "Northampton Town Centre Anti-Social Behaviour Reporting Scheme"
QUESTION = f"Let reports of {NAME} go to them from now on? [y/N]: "


@pytest.fixture
def ready(town: Town, mailbox: Mailbox) -> Town:
    town.own_scheme()
    town.env |= {"NTARS_SMTP_URL": mailbox.url, "NTARS_MAIL_FROM": "NTARS <reports@bid.test>"}
    return town


def scheme_of(town: Town) -> Path:
    return Path(town.env["NTARS_SCHEME"] or "")


def test_the_shipped_file_never_goes_live(town: Town) -> None:
    before = shipped_scheme().read_bytes()

    result = town.run("go-live", "--yes")

    assert (result.exit_code, result.output) == (
        1,
        "The scheme file in force is the shipped one, with placeholder addresses. Run: ntars init\n",
    )
    assert shipped_scheme().read_bytes() == before


def test_going_live_shows_who_gets_what_tries_every_address_asks_and_changes_one_word(
    ready: Town, mailbox: Mailbox
) -> None:
    path = scheme_of(ready)
    before = path.read_bytes()
    path.chmod(0o640)

    result = ready.run("go-live", given="y\n")

    assert result.exit_code == 0
    assert path.read_bytes() == before.replace(b"live = false", b"live = true", 1)
    assert path.stat().st_mode & 0o777 == 0o640
    shown = result.stdout.splitlines()
    assert shown[0].split() == ["Recipient", "Address", "Name"]
    assert shown[1].split()[:2] == ["asb", "asb@council.town.test"]
    assert any(line.split() == ["Graffiti", "street", "asb,", "partnership", "-"] for line in shown)
    tests = shown[shown.index("Test mails") + 1 :]
    assert [line.split() for line in tests[:4]] == [
        ["asb@council.town.test", "taken"],
        ["street@council.town.test", "taken"],
        ["outreach@council.town.test", "taken"],
        ["partnership@police.town.test", "taken"],
    ]
    assert tests[4:] == [
        f'{NAME} is live. Changed in {path}: "live = true". A running service notices by itself.'
    ]
    assert result.stderr.startswith(QUESTION)
    assert ready.audit() == [("cli:ann", "went live", str(path))]
    assert [mail.rcpt_tos for mail in mailbox.messages] == [[line.split()[0]] for line in tests[:4]]
    mail = mailbox.messages[1]
    assert mail.subject == "[NTARS] Test: reports will come to this address"
    assert "There is nothing to do." in mail.body("plain")
    assert "Graffiti" in mail.body("plain")


def test_a_no_changes_nothing(ready: Town) -> None:
    before = scheme_of(ready).read_bytes()

    result = ready.run("go-live", given="\n")

    assert result.exit_code == 1
    assert result.stderr == f"{QUESTION}\nStopped. Nothing was changed.\n"
    assert scheme_of(ready).read_bytes() == before
    assert ready.audit() == []


def test_a_second_time_there_is_nothing_to_do(ready: Town, mailbox: Mailbox) -> None:
    ready.run("go-live", "--yes")
    mails = len(mailbox.messages)

    result = ready.run("go-live", "--yes")

    assert (result.exit_code, result.output) == (0, f"{NAME} is live already ({scheme_of(ready)}).\n")
    assert len(mailbox.messages) == mails


def test_an_address_that_is_refused_keeps_the_scheme_from_going_live(ready: Town, mailbox: Mailbox) -> None:
    mailbox.faults.reply("RCPT", "550 5.1.1 No such user", address="street@council.town.test")
    before = scheme_of(ready).read_bytes()

    result = ready.run("go-live", "--yes")

    assert result.exit_code == 1
    assert "  street@council.town.test      550 5.1.1 No such user\n" in result.stdout
    assert result.stderr == (
        "Not live: street@council.town.test did not get the test mail. "
        f"Mend the address in {scheme_of(ready)}, or the mail server's settings: ntars doctor\n"
    )
    assert scheme_of(ready).read_bytes() == before


def test_a_server_that_wants_to_be_asked_later_does_not(ready: Town, mailbox: Mailbox) -> None:
    mailbox.faults.mailbox_full("asb@council.town.test")

    result = ready.run("go-live", "--yes")

    assert result.exit_code == 0
    assert "  asb@council.town.test         452 4.2.2 The mailbox is full\n" in result.stdout
    assert "Some servers want to be asked again later" in result.stdout


def test_a_mail_server_that_is_down_does(ready: Town) -> None:
    ready.env["NTARS_SMTP_URL"] = "smtp://127.0.0.1:9"

    result = ready.run("go-live", "--yes")

    assert result.exit_code == 1
    assert "live = false" in scheme_of(ready).read_text("utf-8")


def test_placeholders_are_named_and_refused(ready: Town, mailbox: Mailbox) -> None:
    path = scheme_of(ready)
    path.write_text(path.read_text("utf-8").replace("asb@council.town.test", "asb@council.example"), "utf-8")
    ready.env["NTARS_MAIL_FROM"] = "NTARS <reports@bid.example>"

    result = ready.run("go-live", "--yes")

    assert result.exit_code == 1
    assert result.stderr == (
        'Not live: these addresses are placeholders: recipient "asb" has asb@council.example; '
        f"NTARS_MAIL_FROM has NTARS <reports@bid.example>. Put the real ones into {path} or .env\n"
    )
    assert mailbox.messages == []


def test_without_mail_nothing_goes_live(ready: Town) -> None:
    ready.env["NTARS_SMTP_URL"] = None

    result = ready.run("go-live", "--yes")

    assert result.stderr == "Not live: mail is off, because NTARS_SMTP_URL is empty. Set it: ntars init\n"


def test_a_file_with_mistakes_is_not_touched(ready: Town) -> None:
    path = scheme_of(ready)
    path.write_text(path.read_text("utf-8").replace('owner = "street"', 'owner = "stret"', 1), "utf-8")

    result = ready.run("go-live", "--yes")

    assert result.exit_code == 1
    assert result.stderr.startswith("The scheme file cannot be used: line ")
    assert result.stderr.endswith("All mistakes: ntars scheme check\n")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_the_line_of_the_scheme_s_own_table_is_changed(town: Town, line_end: str) -> None:
    before = town.own_scheme(line_end=line_end).read_bytes()
    trap = b'# live = false\nzz = """\nlive = false\n"""'.replace(b"\n", line_end.encode())
    text = before.replace(b"live = false", b"live=false  # until we are ready", 1)

    assert live(text) == text.replace(b"live=false", b"live=true", 1)
    with pytest.raises(NoSuchLine):
        live(trap + line_end.encode() + before.replace(b"live = false", b"live = true", 1))
