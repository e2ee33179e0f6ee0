"""`ntars init`: two files, and nothing written over without a yes."""

import asyncio
import stat

from dotenv import dotenv_values

from admin_cli.init_files import env_text
from bot.demo.bot_api import BotApi
from bot.demo.mailbox import Mailbox
from bot.settings import read_settings, shipped_scheme
from conversations.scheme import parse
from tests.admin_cli.town import Town

ANSWERS = ("--yes", "--name", 'The "Best" Town', "--short-name", "BEST", "--contact", "office@bid.test")


def test_options_answer_the_questions_and_both_files_are_fit_for_use(town: Town, mailbox: Mailbox) -> None:
    result = town.run(
        "init", *ANSWERS, "--smtp-url", mailbox.url, "--mail-from", "BEST <reports@bid.test>",
        "--mailbox", "street=street@council.test", "--public-url", "http://127.0.0.1:9/",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "Wrote scheme.toml.\n"
        "Wrote .env, which only you may read.\n"
        "Next: read through scheme.toml (places, hours, numbers to call), then run: ntars doctor\n"
    )
    assert stat.S_IMODE((town.folder / ".env").stat().st_mode) == 0o600
    settings = read_settings()
    assert settings.smtp_url is not None
    assert settings.smtp_url.get_secret_value() == mailbox.url
    assert (settings.mail_from, settings.admin_email) == ("BEST <reports@bid.test>", "office@bid.test")
    assert settings.public_url == "http://127.0.0.1:9"
    assert str(settings.scheme) == "scheme.toml"
    scheme = parse((town.folder / "scheme.toml").read_text("utf-8"))
    assert (scheme.about.name, scheme.about.short_name) == ('The "Best" Town', "BEST")
    assert (scheme.about.contact.email, scheme.about.privacy_email) == ("office@bid.test", "office@bid.test")
    assert [one.email for one in scheme.recipients] == [
        "asb@council.example",
        "street@council.test",
        "outreach@council.example",
        "partnership@police.example",
    ]


def test_only_the_lines_that_were_answered_differ_from_the_shipped_file(town: Town) -> None:
    town.run("init", *ANSWERS)

    ours = (town.folder / "scheme.toml").read_text("utf-8").splitlines()
    shipped = shipped_scheme().read_text("utf-8").splitlines()
    assert [line for line, before in zip(ours, shipped, strict=True) if line != before] == [
        'name = "The \\"Best\\" Town"',
        'short_name = "BEST"',
        'privacy_email = "office@bid.test"',
        'email = "office@bid.test"',
    ]


async def test_the_questions_are_asked_and_wrong_answers_asked_again(town: Town, mailbox: Mailbox) -> None:
    async with BotApi() as api:
        town.env["NTARS_TELEGRAM_API_URL"] = api.url
        typed = [
            "", "BEST",
            "office", "office@bid.test",
            "110201543:wrong", api.token,
            "smtp://127.0.0.1:9", "n", mailbox.url, "",
            "asb@council.test", "", "", "",
            "",
        ]  # fmt: skip

        result = await asyncio.to_thread(lambda: town.run("init", given="\n".join(typed) + "\n"))

    assert result.exit_code == 0, result.output
    assert '"office" is no e-mail address; write it like name@example.org.' in result.stderr
    assert "Telegram does not know this token: the token is refused." in result.stderr
    assert f"Telegram says: this is @{api.username}." in result.stderr
    assert "Mail cannot leave there: the mail relay cannot be reached:" in result.stderr
    values = dotenv_values(town.folder / ".env")
    assert values["NTARS_TELEGRAM_TOKEN"] == api.token
    assert values["NTARS_SMTP_URL"] == mailbox.url
    assert values["NTARS_MAIL_FROM"] == "office@bid.test"
    assert "NTARS_PUBLIC_URL" not in values
    assert 'email = "asb@council.test"' in (town.folder / "scheme.toml").read_text("utf-8")


def test_files_that_are_there_stay_unless_somebody_says_yes(town: Town) -> None:
    (town.folder / "scheme.toml").write_text("mine")
    (town.folder / ".env").write_text("NTARS_SECRET_KEY=mine\n")

    silent = town.run("init", "--yes")
    refused = town.run("init", given="n\nn\n")

    assert (silent.exit_code, silent.stderr) == (
        1,
        "scheme.toml is there already; nothing was changed. Replace it: ntars init --yes --overwrite\n",
    )
    assert refused.exit_code == 1
    assert refused.stderr.endswith("Nothing to do: both files stay as they are. Check them: ntars doctor\n")
    assert (town.folder / "scheme.toml").read_text() == "mine"
    assert (town.folder / ".env").read_text() == "NTARS_SECRET_KEY=mine\n"


def test_settings_of_one_s_own_stay_in_env(town: Town) -> None:
    (town.folder / ".env").write_text("# ours\nNTARS_SECRET_KEY=mine\nNTARS_ADMIN_EMAIL=old@bid.test\n")

    town.run("init", *ANSWERS, "--overwrite")

    assert (town.folder / ".env").read_text() == (
        "# ours\nNTARS_SECRET_KEY=mine\nNTARS_ADMIN_EMAIL=office@bid.test\nNTARS_SCHEME=./scheme.toml\n"
    )


def test_an_answer_that_cannot_be_used_ends_a_silent_run_before_anything_is_written(town: Town) -> None:
    for option, value, complaint in (
        ("--contact", "nobody", '"nobody" is no e-mail address; write it like name@example.org.'),
        ("--telegram-token", "secret", "The answer is no bot token; copy it from BotFather."),
        ("--smtp-url", "http://x", "The SMTP URL begins with neither smtp:// nor smtps://."),
        (
            "--mailbox",
            "strt=a@b.test",
            'There is no recipient "strt". Recipients: asb, street, outreach, partnership.',
        ),
    ):
        result = town.run("init", "--yes", option, value)

        assert result.exit_code == 2
        assert result.stderr.startswith(complaint)
        assert result.stderr.endswith("Help: ntars init --help\n")
    assert list(town.folder.iterdir()) == []


def test_stopping_half_way_writes_nothing(town: Town) -> None:
    result = town.run("init", given="A Town\n")

    assert result.exit_code == 1
    assert result.stderr.endswith("Stopped. Nothing was changed.\n")
    assert list(town.folder.iterdir()) == []


def test_values_come_back_from_env_as_they_were(town: Town) -> None:
    values = {"A": 'it\'s "x" # y\\z', "B": "BEST <a@b.test>", "C": "smtp://u:p%24w#d@h:1", "D": "'quoted'"}

    (town.folder / "x.env").write_text(env_text("# B=\nZ=1\n", values))

    assert dotenv_values(town.folder / "x.env") == {**values, "Z": "1"}
