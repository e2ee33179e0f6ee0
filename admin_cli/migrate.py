"""`ntars migrate`: brings the database to this release."""

import click


@click.command()
def migrate() -> None:
    """Bring the database to this release.

    Every command does so by itself; this one says what was done.
    """
    from admin_cli.explain import database_refused
    from bot.settings import read_settings
    from storage.database import DatabaseTrouble, open_database
    from storage.migrate import HEAD
    from storage.migrate import migrate as bring_up_to_date

    database = open_database(read_settings().database_url)
    try:
        run = bring_up_to_date(database)
    except DatabaseTrouble as trouble:
        raise database_refused(trouble, database.path) from trouble
    finally:
        database.dispose()
    if run:
        click.echo(f"The database {database.path} was brought to revision {HEAD} ({len(run)} run).")
    else:
        click.echo(f"The database {database.path} is at revision {HEAD} already.")
