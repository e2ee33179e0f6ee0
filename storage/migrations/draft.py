"""Drafts a revision from what the models have and the migrations do not; for developers.

    .venv/bin/python -m storage.migrations.draft "Remember who closed a report"

Read the draft, then put its number into `storage.migrate.HEAD`. Alembic sees neither CHECK constraints nor
the conditions of partial indexes in tables that are already there: write those by hand; a test compares.
"""

import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from storage.database import open_database
from storage.migrate import alembic_config


def draft(message: str) -> Path:
    """Write the revision and return its file."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/draft.db")
        with database.write(datetime.now(UTC)) as tx:
            config = alembic_config(tx.connection)
            command.upgrade(config, "head")
            last = ScriptDirectory.from_config(config).get_current_head()
            number = f"{int(last or 0) + 1:04}"
            script = command.revision(config, message=message, autogenerate=True, rev_id=number)
        database.dispose()
    assert script is not None
    assert not isinstance(script, list)
    path = Path(script.path)
    path.write_text(_tidied(path.read_text()))
    return path


def _tidied(text: str) -> str:
    text = re.sub(r"    # ### .*\n", "", text).replace(", schema=None", "")
    return re.sub(r"^(.{111,})$", r"\1  # noqa: E501", text, flags=re.MULTILINE).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(f"{draft(sys.argv[1])}\n")
