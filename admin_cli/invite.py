"""`ntars invite`: the code on a business's poster, and the links that carry it."""

from typing import TYPE_CHECKING

import click

from admin_cli.output import json_option, one_line, print_json

if TYPE_CHECKING:
    from admin_cli.opened import Opened


@click.command()
@click.argument("name")
@json_option
def invite(name: str, as_json: bool) -> None:
    """Show the code and links of a business's poster.

    The code is made the first time. One code serves any number of phones.
    """
    from admin_cli.named import the_business
    from admin_cli.opened import opened, who
    from storage import members

    with opened() as town:
        with town.database.write(town.now) as tx:
            line = the_business(tx.connection, name)
            code = members.code_of(tx, line.id, by=who())
        links = {"code": code, "telegram": _telegram_link(town, code), "whatsapp": None, "web": None}
    if as_json:
        print_json(links)
        return
    click.echo(f"{one_line(line.name)}, {one_line(line.address)}")
    for label, value in links.items():
        click.echo(f"  {label.capitalize():<9} {value or 'off'}")


def _telegram_link(town: "Opened", code: str) -> str | None:
    from admin_cli.telegram import BOT_FACT, ask_name
    from storage import installation
    from storage.tx import Tx

    token = town.settings.telegram_token
    if token is None:
        return None
    with town.database.read() as connection:
        bot = installation.get(Tx(connection, town.now), BOT_FACT)
    if bot is None:
        # The service keeps it; before its first start we ask ourselves, and do without after three seconds.
        answer = ask_name(token.get_secret_value(), town.settings.telegram_api_url)
        bot = answer.name
        if bot is not None:
            with town.database.write(town.now) as tx:
                installation.put(tx, BOT_FACT, bot)
    return f"https://t.me/{bot}?start={code}" if bot else None
