"""`ntars report`: what was reported, and what became of it."""

import click

from admin_cli.failures import Failure
from admin_cli.lazy import Group
from admin_cli.output import json_option, print_json, table, when


@click.group(cls=Group)
def report() -> None:
    """List reports, or show one with its history."""


@report.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all reports, oldest first."""
    from admin_cli.opened import opened, scheme_if_readable
    from admin_cli.report_views import listed, status_words

    with opened() as town:
        scheme = scheme_if_readable(town.settings)
        with town.database.read() as connection:
            lines = listed(connection, scheme)
    if as_json:
        print_json(lines)
    elif not lines:
        click.echo("No reports yet.")
    else:
        rows = [
            (
                line["reference"],
                when(line["filed_at"]),
                line["kind"],
                line["place"],
                status_words(line),
                line["photos"],
                line["business"],
            )
            for line in lines
        ]
        click.echo(table(("Reference", "Filed", "Kind", "Place", "Status", "Photos", "Business"), rows))


@report.command()
@click.argument("reference")
@json_option
def show(reference: str, as_json: bool) -> None:
    """Show one report: its history, who got it and when, its photos."""
    from admin_cli.opened import opened, scheme_if_readable
    from admin_cli.report_views import detailed, in_words

    with opened() as town:
        scheme = scheme_if_readable(town.settings)
        with town.database.read() as connection:
            found = detailed(connection, reference.strip(), scheme)
    if found is None:
        raise Failure(f'No report called "{reference}".', "All: ntars report list")
    if as_json:
        print_json(found)
    else:
        click.echo(in_words(found))
