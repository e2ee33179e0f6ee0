"""`ntars scheme`: the file that holds what the town decides."""

from pathlib import Path

import click

from admin_cli.lazy import Group
from admin_cli.output import json_option, print_json


@click.group(cls=Group)
def scheme() -> None:
    """Show or check the town's scheme file."""


@scheme.command()
@json_option
def show(as_json: bool) -> None:
    """Print the scheme file in force, byte for byte."""
    from bot.settings import read_settings, scheme_source

    text, path = scheme_source(read_settings())
    if as_json:
        print_json({"path": str(path), "toml": text})
    else:
        click.echo(path.read_bytes(), nl=False)


@scheme.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
@click.pass_context
def check(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Check the scheme file in force, or FILE.

    Shows all mistakes at once, each with its line and how to mend it; exit code 1 when there are any.
    """
    from bot.settings import read_settings, scheme_source
    from conversations.scheme import Mistake, SchemeMistakes, parse

    settings = read_settings()
    text, path = scheme_source(settings if file is None else settings.model_copy(update={"scheme": file}))
    mistakes: tuple[Mistake, ...] = ()
    try:
        found = parse(text)
    except SchemeMistakes as wrong:
        mistakes = wrong.mistakes
    if as_json:
        fields = ("line", "where", "problem", "mend")
        listed = [{name: getattr(mistake, name) for name in fields} for mistake in mistakes]
        print_json({"path": str(path), "ok": not mistakes, "mistakes": listed})
    elif mistakes:
        for mistake in mistakes:
            click.echo(f"{path}, {mistake}")
        number = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        click.echo(f"{number}. Mend and look again: ntars scheme check {path}")
    else:
        parts = {"categories": found.categories, "recipients": found.recipients, "places": found.area.places}
        counted = ", ".join(f"{len(part)} {name}" for name, part in parts.items())
        click.echo(f"{path} is in order: {counted}.")
    ctx.exit(1 if mistakes else 0)
