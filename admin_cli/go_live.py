"""`ntars go-live`: from now on reports go to their recipients."""

from typing import TYPE_CHECKING

import click

from admin_cli.failures import Failure
from admin_cli.output import columns, yes_option

if TYPE_CHECKING:
    from pathlib import Path

    from admin_cli.opened import Opened
    from conversations.scheme import Scheme


@click.command("go-live")
@yes_option
def go_live(yes: bool) -> None:
    """Let reports go to their recipients from now on.

    Shows who gets what, sends each recipient a test mail, asks, and changes the line "live = false" of the
    scheme file. A running service notices by itself. Reports made before stay tests for ever.
    """
    from admin_cli.mail import send_tests
    from admin_cli.opened import opened
    from admin_cli.routes import who_gets_what

    with opened() as town:
        scheme, path = _own_scheme(town)
        if scheme.about.live:
            click.echo(f"{scheme.about.name} is live already ({path}).")
            return
        click.echo(who_gets_what(scheme))
        _refuse_unready(town, scheme, path)
        tried = send_tests(town, scheme)
        click.echo("\nTest mails")
        click.echo(columns([(one.address, one.answer) for one in tried], indent="  "))
        if refused := [one.address for one in tried if one.refused]:
            raise Failure(
                f"Not live: {', '.join(refused)} did not get the test mail.",
                f"Mend the address in {path}, or the mail server's settings: ntars doctor",
            )
        if any(one.later for one in tried):
            click.echo("Some servers want to be asked again later; reports to them would be tried for days.")
        if not yes:
            click.confirm(f"Let reports of {scheme.about.name} go to them from now on?", abort=True, err=True)
        _switch(town, path)
    click.echo(
        f'{scheme.about.name} is live. Changed in {path}: "live = true". A running service notices by itself.'
    )


def _own_scheme(town: "Opened") -> "tuple[Scheme, Path]":
    from bot.settings import scheme_source, shipped_scheme
    from conversations.scheme import parse

    text, path = scheme_source(town.settings)
    if path.resolve() == shipped_scheme().resolve():
        raise Failure(
            "The scheme file in force is the shipped one, with placeholder addresses.", "Run: ntars init"
        )
    return parse(text), path


def _refuse_unready(town: "Opened", scheme: "Scheme", path: "Path") -> None:
    from admin_cli.placeholders import placeholders

    if found := placeholders(scheme, town.settings):
        listed = "; ".join(f"{where} has {address}" for where, address in found)
        raise Failure(
            f"Not live: these addresses are placeholders: {listed}.", f"Put the real ones into {path} or .env"
        )
    if town.settings.smtp_url is None:
        raise Failure("Not live: mail is off, because NTARS_SMTP_URL is empty.", "Set it: ntars init")


def _switch(town: "Opened", path: "Path") -> None:
    from admin_cli.live_line import NoSuchLine, make_live
    from admin_cli.opened import who
    from storage import audit

    by_hand = f'Change the line "live = false" under [scheme] by hand: {path}'
    try:
        with town.database.write(town.now) as tx:
            audit.record(tx, by=who(), what="went live", subject=str(path))
            make_live(path)
    except NoSuchLine:
        raise Failure('The scheme file has no line "live = false" of its own.', by_hand) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Failure(f"{path} cannot be changed: {why}.", by_hand) from error
