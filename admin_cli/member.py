"""`ntars member`: the phones that report, and taking one off."""

import click

from admin_cli.failures import Failure
from admin_cli.lazy import Group
from admin_cli.output import json_option, one_line, print_json, table, when, yes_option


@click.group(cls=Group)
def member() -> None:
    """List and remove the phones that report."""


@member.command("list")
@click.option("--business", metavar="NAME", help="Only the phones of this business.")
@json_option
def list_(business: str | None, as_json: bool) -> None:
    """List the phones that report now, by business."""
    from dataclasses import asdict

    from admin_cli.named import the_business
    from admin_cli.opened import opened, scheme_if_readable, zone_of
    from storage import members

    with opened() as town, town.database.read() as connection:
        only = the_business(connection, business).id if business is not None else None
        zone = zone_of(scheme_if_readable(town.settings))
        heard = members.last_heard(connection)
        lines = [
            {
                **asdict(line),
                "joined_at": line.joined_at.astimezone(zone),
                "last_seen": heard[line.id].astimezone(zone) if line.id in heard else None,
            }
            for line in members.phones(connection, only)
        ]
    if as_json:
        print_json(lines)
    elif not lines:
        click.echo('No phones yet. Give staff a code: ntars invite "NAME OF THE BUSINESS"')
    else:
        rows = [
            (
                line["id"],
                line["business"],
                "the shop's phone" if line["shop_phone"] else line["name"] or "-",
                line["channel"],
                when(line["joined_at"]),
                when(line["last_seen"]),
            )
            for line in lines
        ]
        click.echo(table(("No.", "Business", "Name", "Channel", "Joined", "Last seen"), rows))


@member.command()
@click.argument("number", metavar="ID", type=int)
@yes_option
def remove(number: int, yes: bool) -> None:
    """Take a phone off: it reports for nobody any more.

    Reports that it sent stay. It may join again with the code of a poster.
    """
    from admin_cli.opened import opened, who
    from storage import members

    with opened() as town:
        with town.database.read() as connection:
            line = next((one for one in members.phones(connection) if one.id == number), None)
        if line is None:
            raise Failure(f"No phone has the number {number}.", "All: ntars member list")
        called = line.name or ("the shop's phone" if line.shop_phone else "no name")
        named = f"phone {number} of {one_line(line.business)} ({one_line(called)}, {line.channel})"
        if not yes:
            click.confirm(f"Remove {named}?", abort=True, err=True)
        with town.database.write(town.now) as tx:
            gone = members.remove_member(tx, number, by=who())
    if not gone:
        raise Failure(f"The phone {number} has left meanwhile.", "All: ntars member list")
    click.echo(f"Removed {named}. Its reports stay.")
