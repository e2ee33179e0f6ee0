"""The six questions of `ntars init`, in order."""

from dataclasses import dataclass

import click

from admin_cli import init_answers as answers
from admin_cli.failures import Misuse
from admin_cli.init_answers import Check, Wrong
from admin_cli.init_files import TownAnswers
from conversations.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line answers already."""

    name: str | None
    short_name: str | None
    contact: str | None
    telegram_token: str | None
    smtp_url: str | None
    mail_from: str | None
    mailbox: tuple[str, ...]
    public_url: str | None
    overwrite: bool
    yes: bool


def checked(value: str, check: Check) -> str:
    """An answer from the command line: what is wrong ends the command, what could not be tried is said."""
    try:
        return check(value)
    except Wrong as wrong:
        if wrong.certain:
            raise Misuse(f"{wrong} Help: ntars init --help") from None
        click.echo(f"Note: {wrong}", err=True)
        return value.strip()


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks what the command line does not answer; when `silent`, nothing. At `api_url` tokens are tried."""

    silent: bool
    api_url: str

    def ask_all(
        self, given: Given, scheme: Scheme, mailboxes: dict[str, str], *, town: bool, service: bool
    ) -> tuple[TownAnswers, dict[str, str]]:
        """The answers for the scheme file and for the settings; what is not wanted is not asked."""
        about, name, short, boxes, found = scheme.about, None, None, mailboxes, {}
        if town:
            self._say("1 of 6: the scheme. Enter keeps what stands in brackets.")
            name = self._ask("Name", given.name, answers.name, about.name)
            short = self._ask("Short name", given.short_name, answers.short_name, about.short_name)
        self._say(
            "2 of 6: the BID's e-mail address. It hears of trouble, and gets all reports until you go live."
        )
        contact = self._ask("Address", given.contact, answers.email)
        if service:
            found = {"NTARS_ADMIN_EMAIL": contact, **self._telegram(given), **self._mail(given, contact)}
        if town:
            boxes = self._mailboxes(scheme, mailboxes)
        if service:
            self._say("6 of 6: the address that people reach this service at. Enter: none.")
            found["NTARS_PUBLIC_URL"] = self._ask("Address", given.public_url, answers.public_url)
        settings = {variable: value for variable, value in found.items() if value}
        return TownAnswers(name, short, contact or None, boxes), settings

    def _telegram(self, given: Given) -> dict[str, str]:
        self._say("3 of 6: Telegram. Make a bot at https://t.me/BotFather; Enter leaves Telegram off.")
        return {"NTARS_TELEGRAM_TOKEN": self._ask("Token", given.telegram_token, answers.token(self.api_url))}

    def _mail(self, given: Given, contact: str) -> dict[str, str]:
        self._say("4 of 6: mail, such as smtp://user:password@mail.example.org:587. Enter leaves mail off.")
        url = self._ask("Mail server", given.smtp_url, answers.smtp_url)
        if not url:
            return {}
        sender = self._ask("Mails come from", given.mail_from, answers.mail_from, contact)
        return {"NTARS_SMTP_URL": url, "NTARS_MAIL_FROM": sender}

    def _mailboxes(self, scheme: Scheme, known: dict[str, str]) -> dict[str, str]:
        self._say("5 of 6: who receives reports. Enter leaves a placeholder, to be changed in scheme.toml.")
        asked = {
            one.id: known.get(one.id) or self._ask(one.name, None, answers.email) for one in scheme.recipients
        }
        return {recipient: address for recipient, address in asked.items() if address}

    def _say(self, words: str) -> None:
        if not self.silent:
            click.echo(f"\n{words}", err=True)

    def _ask(self, question: str, given: str | None, check: Check, default: str = "") -> str:
        if given is not None:
            return checked(given, check)
        if self.silent:
            return default
        while True:
            value: str = click.prompt(f"   {question}", default=default, show_default=bool(default), err=True)
            if not value.strip() or value == default:
                return default
            try:
                return check(value)
            except Wrong as wrong:
                click.echo(f"   {wrong}", err=True)
                if not wrong.certain and click.confirm("   Keep it all the same?", err=True):
                    return value.strip()
