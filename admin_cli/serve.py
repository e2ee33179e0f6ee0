"""`ntars serve`: runs the whole service."""

import os

import click


@click.command()
def serve() -> None:
    """Run the service until it is stopped.

    Takes its settings from the environment and .env, makes or migrates the database, and ends cleanly on
    SIGTERM or Ctrl+C.
    """
    from admin_cli.failures import Failure
    from bot.app import run
    from bot.one_pen import AlreadyServing
    from bot.settings import read_settings

    settings = read_settings()
    try:
        run(settings)
    except AlreadyServing as held:
        raise Failure(
            f"Another ntars serve has this data folder ({held}).", "Is it well: ntars doctor"
        ) from held
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise Failure(
            f"The service cannot listen on {settings.listen}: {os.strerror(error.errno).lower()}.",
            "Who does: ss -ltnp",
        ) from error
