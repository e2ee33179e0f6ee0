"""`ntars outbox`: what has not left yet, and trying again what failed."""

from typing import Any

import click

from admin_cli.failures import Failure, Misuse
from admin_cli.lazy import Group
from admin_cli.output import json_option, print_json, table, when

MOST = 10_000


@click.group(cls=Group)
def outbox() -> None:
    """See what has not left yet, and try again what failed."""


@outbox.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List what has not left yet and what failed, oldest first.

    Chats are not named: "telegram" says enough. Timers that have not run out are left out.
    """
    from admin_cli.opened import opened, scheme_if_readable, zone_of
    from storage import outbox as rows_of
    from storage.tx import Tx

    with opened() as town:
        zone = zone_of(scheme_if_readable(town.settings))
        with town.database.read() as connection:
            found = rows_of.list_open(Tx(connection, town.now), limit=MOST)
    lines: list[dict[str, Any]] = [
        {
            "id": row.id,
            "kind": row.kind,
            "to": _to(row.kind, row.lane),
            "state": row.state,
            "attempts": row.attempts,
            "created_at": row.created_at.astimezone(zone),
            "not_before": row.not_before.astimezone(zone),
            "error": row.error,
        }
        for row in found
        if row.kind != "timer" or row.state != "due" or row.not_before <= town.now
    ]
    if as_json:
        print_json(lines)
    elif not lines:
        click.echo("Nothing waits, nothing failed.")
    else:
        table_rows = [
            (
                line["id"],
                line["kind"],
                line["to"] or "-",
                line["state"],
                line["attempts"],
                when(line["created_at"]),
                when(line["not_before"]),
                line["error"] or "",
            )
            for line in lines
        ]
        headings = ("No.", "Kind", "To", "State", "Tries", "Made", "Not before", "What was said")
        click.echo(table(headings, table_rows))


def _to(kind: str, lane: str) -> str | None:
    """A mail's address is a recipient's; every other lane names a person's chat."""
    return lane.rpartition(":")[2] if kind == "email" else None


@outbox.command()
@click.argument("number", metavar="ID", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Everything that failed.")
def retry(number: int | None, every: bool) -> None:
    """Try again what failed, as if it had never been tried."""
    from admin_cli.opened import opened, who
    from storage import audit
    from storage import outbox as rows_of

    if (number is None) != every:
        raise Misuse("Say which: ntars outbox retry ID, or ntars outbox retry --all")
    with opened() as town, town.database.write(town.now) as tx:
        again = rows_of.retry(tx, number)
        if again:
            detail = {"rows": again}
            audit.record(tx, by=who(), what="outbox retried", subject=str(number or "all"), detail=detail)
    if not again and number is not None:
        raise Failure(f"No row {number} has failed.", "What has: ntars outbox list")
    if again:
        rows = f"{again} row{'s' if again > 1 else ''}"
        click.echo(f"{rows} will be tried again at once, while the service runs.")
    else:
        click.echo("Nothing has failed.")
