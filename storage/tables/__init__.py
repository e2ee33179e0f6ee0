"""The tables; `metadata` knows them all."""

from sqlalchemy import Table
from sqlmodel import SQLModel

from storage.tables.audit import AuditEntry, Complaint, Fact
from storage.tables.outbox import DeadLetter, Outbox, Seen
from storage.tables.people import Business, Invite, Member, Person
from storage.tables.reports import Delivery, Photo, Report, ReportEvent

metadata = SQLModel.metadata


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model; `Model.__table__` is unknown to type checkers."""
    return metadata.tables[str(model.__tablename__)]


__all__ = [
    "AuditEntry", "Business", "Complaint", "DeadLetter", "Delivery", "Fact", "Invite", "Member", "Outbox",
    "Person", "Photo", "Report", "ReportEvent", "Seen", "metadata", "table",
]  # fmt: skip
