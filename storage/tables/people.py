"""Businesses, the phones that report for them, and their conversations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import Instant


class Business(SQLModel, table=True):
    """A levy payer or voluntary member: one shop. `lat`, `lon` are null where nobody placed it."""

    __table_args__ = (
        CheckConstraint("kind IN ('levy', 'voluntary')", "kind"),
        CheckConstraint("status IN ('active', 'suspended', 'left')", "status"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", "point"),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    address: str
    postcode: str
    kind: str
    status: str = "active"
    phone: str | None = None
    lat: float | None = None
    lon: float | None = None
    created_at: datetime = Field(sa_type=Instant)


class Invite(SQLModel, table=True):
    """The code on a business's poster. One code, many phones."""

    code: str = Field(primary_key=True)
    business_id: int = Field(foreign_key="business.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Member(SQLModel, table=True):
    """A phone that reports for a business. `name` is what the person chose to give; most give none."""

    __table_args__ = (
        Index(
            "uq_member_address_now",
            "address",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    business_id: int = Field(foreign_key="business.id", index=True)
    address: str
    name: str | None = None
    shop_phone: bool = False
    notice_version: str
    joined_at: datetime = Field(sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)


class Person(SQLModel, table=True):
    """One conversation: an address (`channel:id`) and where it stands.

    `state` is the engine's, as JSON. `version` guards it where several processes could write.
    """

    address: str = Field(primary_key=True)
    state: str
    version: int = 1
    language: str | None = None
    blocked_at: datetime | None = Field(default=None, sa_type=Instant)
    last_inbound_at: datetime = Field(sa_type=Instant)
