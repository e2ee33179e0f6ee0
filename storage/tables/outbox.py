"""What is to leave the system, and what came into it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import Instant


class Outbox(SQLModel, table=True):
    """One thing that must leave, or happen later; sent in the order of `id` within its `lane`.

    `dedupe` makes a second insert of the same thing a no-op. `reference` is ours and travels with the
    message. A due row with the same `collapse` key is replaced by a newer one. `also_edit` names the row
    whose message loses its buttons when this one is sent. `first_tried_at` is when patience began to count,
    `doubts` how often nobody knew whether it was sent.
    """

    __table_args__ = (
        CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'doubtful', 'failed', 'cancelled')",
            "state",
        ),
        CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", "claimed_by"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", "sent_at"),
        Index(
            "ix_outbox_open",
            "lane",
            "id",
            sqlite_where=text("state IN ('due', 'sending', 'doubtful')"),
            postgresql_where=text("state IN ('due', 'sending', 'doubtful')"),
        ),
        Index(
            "ix_outbox_due",
            "kind",
            "not_before",
            "id",
            sqlite_where=text("state IN ('due', 'doubtful')"),
            postgresql_where=text("state IN ('due', 'doubtful')"),
        ),
        Index(
            "ix_outbox_doubtful",
            "id",
            sqlite_where=text("state = 'doubtful'"),
            postgresql_where=text("state = 'doubtful'"),
        ),
        Index(
            "ix_outbox_sending",
            "id",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_outbox_failed",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        # What was said to one person is found, to be erased, and what is done is found, to be tidied away.
        Index(
            "ix_outbox_lane",
            "lane",
            sqlite_where=text("kind = 'telegram'"),
            postgresql_where=text("kind = 'telegram'"),
        ),
        Index(
            "ix_outbox_done",
            "created_at",
            sqlite_where=text("state IN ('sent', 'cancelled') AND kind <> 'email'"),
            postgresql_where=text("state IN ('sent', 'cancelled') AND kind <> 'email'"),
        ),
        # After a week of operation rows must be able to go without their ids being given again.
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    lane: str
    dedupe: str = Field(unique=True)
    reference: str = Field(unique=True)
    payload: str
    collapse: str | None = None
    also_edit: str | None = None
    not_before: datetime = Field(sa_type=Instant)
    not_after: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    doubts: int = 0
    first_tried_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = "due"
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    provider_id: str | None = None
    error: str | None = None


class Seen(SQLModel, table=True):
    """The external id of everything that was taken in, so that a repeat is known."""

    external_id: str = Field(primary_key=True)
    at: datetime = Field(index=True, sa_type=Instant)


class DeadLetter(SQLModel, table=True):
    """What came in and could not be handled: kept with its body and the error, for `ntars replay`."""

    __tablename__ = "dead_letter"
    id: int | None = Field(default=None, primary_key=True)
    external_id: str = Field(unique=True)
    channel: str
    body: str
    error: str
    at: datetime = Field(sa_type=Instant)
    replayed_at: datetime | None = Field(default=None, sa_type=Instant)
