"""`ntars init`: six questions, two files."""

import click

from admin_cli.output import yes_option


@click.command()
@click.option("--name", help="1. The scheme's name.")
@click.option("--short-name", help="1. Its short name, which stands in every subject.")
@click.option("--contact", metavar="ADDRESS", help="2. The BID's e-mail address.")
@click.option("--telegram-token", metavar="TOKEN", help="3. The bot's token, from https://t.me/BotFather.")
@click.option("--smtp-url", metavar="URL", help="4. smtp://user:password@host:587, or smtps://.")
@click.option("--mail-from", metavar="ADDRESS", help="4. Where mails come from.")
@click.option("--mailbox", metavar="ID=ADDRESS", multiple=True, help="5. A recipient's mailbox; repeat it.")
@click.option("--public-url", metavar="URL", help="6. The address that people reach this service at.")
@click.option("--overwrite", is_flag=True, help="Replace scheme.toml, and change .env, without asking.")
@yes_option
def init(
    name: str | None,
    short_name: str | None,
    contact: str | None,
    telegram_token: str | None,
    smtp_url: str | None,
    mail_from: str | None,
    mailbox: tuple[str, ...],
    public_url: str | None,
    overwrite: bool,
    yes: bool,
) -> None:
    """Ask six questions and write .env and scheme.toml.

    Answers are tried at once: the token at Telegram, the login at the mail server. Options answer questions
    before they are asked; with --yes nothing is asked, and what no option says stays as it is shipped.
    """
    from admin_cli.init_flow import run
    from admin_cli.init_questions import Given

    run(
        Given(
            name,
            short_name,
            contact,
            telegram_token,
            smtp_url,
            mail_from,
            mailbox,
            public_url,
            overwrite,
            yes,
        )
    )
