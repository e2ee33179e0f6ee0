"""`ntars`: the table of its commands. Nothing but click is imported before a command runs."""

import click

from admin_cli.lazy import Entry, LazyGroup, plain_streams

BEGIN, MEMBERS, REPORTS, RUN = "Set up", "Who reports", "What was reported", "Run and mend"

COMMANDS = {
    "init": Entry("admin_cli.init:init", "Ask six questions and write .env and scheme.toml.", BEGIN),
    "scheme": Entry("admin_cli.scheme:scheme", "Show or check the town's scheme file.", BEGIN),
    "go-live": Entry("admin_cli.go_live:go_live", "Let reports go to their recipients from now on.", BEGIN),
    "business": Entry("admin_cli.business:business", "Add, list and show businesses.", MEMBERS),
    "invite": Entry("admin_cli.invite:invite", "Show the code and links of a business's poster.", MEMBERS),
    "member": Entry("admin_cli.member:member", "List and remove the phones that report.", MEMBERS),
    "report": Entry("admin_cli.report:report", "List reports, or show one with its history.", REPORTS),
    "outbox": Entry(
        "admin_cli.outbox:outbox", "See what has not left yet, and try again what failed.", REPORTS
    ),
    "serve": Entry("admin_cli.serve:serve", "Run the service until it is stopped.", RUN),
    "doctor": Entry("admin_cli.doctor:doctor", "Check every part for real and say how to mend it.", RUN),
    "migrate": Entry("admin_cli.migrate:migrate", "Bring the database to this release.", RUN, daily=False),
    "replay": Entry(
        "admin_cli.replay:replay", "Take in again what came in and could not be handled.", RUN, daily=False
    ),
}


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    intro="NTARS: shop staff report, the council and the police hear at once.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--debug", is_flag=True, help="Show where in the program an error came from.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """NTARS: shop staff report, the council and the police hear at once."""
    assert isinstance(ctx.command, LazyGroup)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.command.overview())


def main() -> None:
    """The console script `ntars`."""
    plain_streams()
    cli.main()


if __name__ == "__main__":
    main()
