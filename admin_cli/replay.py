"""`ntars replay`: takes in again what came in and could not be handled."""

from typing import Any

import click

from admin_cli.failures import Failure, Misuse
from admin_cli.output import json_option, print_json, table, when


@click.command()
@click.argument("number", metavar="ID", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Everything that waits.")
@json_option
def replay(number: int | None, every: bool, as_json: bool) -> None:
    """Take in again what came in and could not be handled.

    Without ID or --all it lists what waits. May run beside the service; nothing is taken in twice.
    """
    from admin_cli.opened import opened
    from admin_cli.replaying import replay_letters, waiting

    if number is not None and every:
        raise Misuse("Say which: ntars replay ID, or ntars replay --all")
    with opened() as town:
        letters = waiting(town)
        if number is not None:
            letters = [letter for letter in letters if letter.id == number]
            if not letters:
                raise Failure(f"No message {number} waits for a replay.", "What does: ntars replay")
        if number is None and not every:
            lines = [
                {"id": one.id, "channel": one.channel, "at": one.at, "error": one.error} for one in letters
            ]
            _show(lines, as_json)
            return
        outcomes = replay_letters(town, letters)
    failed = [letter for letter, why in outcomes.items() if why is not None]
    if as_json:
        print_json([{"id": letter, "done": why is None, "error": why} for letter, why in outcomes.items()])
    else:
        for letter, why in outcomes.items():
            click.echo(f"{letter}: {'taken in' if why is None else f'failed again: {why}'}")
        if not outcomes:
            click.echo("Nothing waits.")
    if failed:
        raise Failure(
            f"{len(failed)} of {len(outcomes)} failed again and are kept.",
            "After the next update of NTARS: ntars replay --all",
        )


def _show(lines: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(lines)
    elif not lines:
        click.echo("Nothing waits.")
    else:
        rows = [(line["id"], line["channel"], when(line["at"]), line["error"]) for line in lines]
        click.echo(table(("No.", "Channel", "Came", "What went wrong"), rows))
        click.echo("Take them in again: ntars replay --all")
