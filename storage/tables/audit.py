"""Who changed what by hand, what people complained of, and the few facts that the service keeps of itself."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import Instant


class AuditEntry(SQLModel, table=True):
    """A change made by an admin or an operator; append-only."""

    __tablename__ = "audit_entry"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    by: str
    what: str
    subject: str
    detail: str = "{}"


class Complaint(SQLModel, table=True):
    """A data protection complaint (DPA 2018 s.164A): acknowledged within 30 days, then answered."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    address: str
    words: str
    at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class Fact(SQLModel, table=True):
    """A named value of the installation: the bot's name, the first start."""

    name: str = Field(primary_key=True)
    value: str
