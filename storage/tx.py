"""What a change to the database is written with: a connection inside one transaction, and one now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction. `now` is taken once and passed down; nobody below asks a clock."""

    connection: Connection
    now: datetime
