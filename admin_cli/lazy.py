"""Groups of commands that are imported when they are run: `ntars --help` reads a table, nothing else."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click

from admin_cli.failures import Failure, Misuse, said

UNEXPECTED = (
    "NTARS itself failed here; that is no fault of yours, and what was not confirmed was not done. "
    "To see where, add --debug to the command."
)


class Entry(NamedTuple):
    """A command of the table. `target` is "module:function", `help` its first sentence.

    `daily` ones are an admin's, and stand in the short list.
    """

    target: str
    help: str
    section: str
    daily: bool = True


class Group(click.Group):
    """A noun and its verbs; a verb that is not there is answered with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but kinder. Raises Misuse."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            raise Misuse(no_command(args[0], known, ctx.command_path), ctx)
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """A group whose commands stand in a table. `intro` opens the short list of those that an admin uses."""

    def __init__(self, *arguments: Any, entries: Mapping[str, Entry], intro: str = "", **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.entries = entries
        self.intro = intro

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, function = entry.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command by section, without importing one."""
        self._write_sections(formatter, daily_only=False)

    def overview(self) -> str:
        """The commands that an admin uses, by section: what the bare name prints."""
        formatter = click.HelpFormatter(width=100)
        formatter.write_text(self.intro)
        self._write_sections(formatter, daily_only=True)
        formatter.write_paragraph()
        formatter.write_text("More, and what each takes: ntars --help, ntars business --help")
        return formatter.getvalue().rstrip("\n")

    def _write_sections(self, formatter: click.HelpFormatter, *, daily_only: bool) -> None:
        shown = {name: entry for name, entry in self.entries.items() if entry.daily or not daily_only}
        for section in dict.fromkeys(entry.section for entry in shown.values()):
            with formatter.section(section):
                formatter.write_dl(
                    [(name, entry.help) for name, entry in shown.items() if entry.section == section]
                )

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run a command line and exit: 0 done, 1 not done, 2 misunderstood. `--debug` may stand anywhere."""
        given = list(sys.argv[1:] if args is None else args)
        options = given[: given.index("--")] if "--" in given else given
        debug = "--debug" in options
        given = [word for word in options if word != "--debug"] + given[len(options) :]
        extra |= {"prog_name": "ntars", "standalone_mode": False}
        sys.exit(self._run(given, more, extra, debug=debug))

    def _run(self, given: list[str], more: Sequence[Any], extra: dict[str, Any], *, debug: bool) -> int:
        try:
            code = super().main(given, *more, **extra)
        except click.Abort:
            click.echo("Stopped. Nothing was changed.", err=True)
            return 1
        except click.ClickException as error:
            if debug:
                raise
            click.echo(said(error), err=True)
            return error.exit_code
        except Exception as error:
            if debug:
                raise
            click.echo(_explained(error), err=True)
            return 1
        return code if isinstance(code, int) else 0


def no_command(wrong: str, known: Sequence[str], path: str) -> str:
    """`There is no command "busines". Nearest: ntars business. All: ntars --help`"""
    from difflib import get_close_matches

    near = get_close_matches(wrong, known, n=1, cutoff=0.5)
    nearest = f" Nearest: {path} {near[0]}." if near else ""
    return f'There is no command "{path} {wrong}".{nearest} All: {path} --help'


def _explained(error: Exception) -> str:
    # Only now: the ways in which settings and database fail are known to heavy modules.
    from admin_cli.explain import explained

    failure: Failure | None = explained(error)
    return failure.message if failure else UNEXPECTED


def plain_streams() -> None:
    """What a terminal cannot show becomes an escape, never an error in the middle of the output."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
