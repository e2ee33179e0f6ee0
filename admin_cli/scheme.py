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
        click.get_binary_stream("stdout").write(path.read_bytes())


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
    else:
        summary = f"{len(found.categories)} categories, {len(found.recipients)} recipients, {len(found.area.places)} places"
    if as_json:
        fields = ("line", "where", "problem", "mend")
        print_json(
            {"path": str(path), "ok": not mistakes, "mistakes": [{name: getattr(one, name) for name in fields} for one in mistakes]}
        )
    elif mistakes:
        for mistake in mistakes:
            click.echo(f"{path}, {mistake}")
        click.echo(f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}. Mend and look again: ntars scheme check {path}")
    else:
        click.echo(f"{path} is in order: {summary}.")
    ctx.exit(1 if mistakes else 0)
