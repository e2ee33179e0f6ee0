"""Runs the revisions on the connection that `storage.migrate` hands over; alembic loads this file itself."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from storage.tables import metadata
from storage.tables.columns import Instant


def render_type(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Plain types in the revisions: they must still run when ours are gone."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(thing, (sa.String, AutoString)):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_type,
)
# The transaction is the caller's: it holds the pen from before the version was read.
context.run_migrations()
