"""Reports, their photos, their history, and to whom they were given."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import Instant

STATUSES = (
    "open", "investigating", "in_progress", "planned", "action_scheduled", "fixed", "closed", "duplicate",
    "no_further_action", "not_councils_responsibility", "internal_referral", "cancelled",
)  # fmt: skip
_STATUS_LIST = ", ".join(f"'{status}'" for status in STATUSES)


class Report(SQLModel, table=True):
    """What a member of staff saw. Statuses are FixMyStreet's keys.

    `seen_at` is when it was seen, `seen_at_source` who says so; `received_at` is when the first message of it
    reached us, `filed_at` when Send was pressed. `test` reports were made before go-live, for ever.
    """

    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUS_LIST})", "status"),
        CheckConstraint("seen_at_source IN ('said', 'photo', 'message')", "seen_at_source"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", "point"),
        Index("ix_report_business_id_filed_at", "business_id", "filed_at"),
        Index("ix_report_member_id_filed_at", "member_id", "filed_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    draft: str = Field(unique=True)
    business_id: int = Field(foreign_key="business.id")
    member_id: int = Field(foreign_key="member.id")
    category: str
    status: str = "open"
    status_at: datetime = Field(sa_type=Instant)
    acted_at: datetime | None = Field(default=None, sa_type=Instant)
    test: bool = False
    place: str
    place_kind: str
    place_off_m: int | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    words: str = ""
    language: str
    answer: str | None = None
    under_18: str | None = None
    name_out: bool = False
    urgent: bool = False
    seen_at: datetime = Field(sa_type=Instant)
    seen_at_source: str
    seen_said: str | None = None
    received_at: datetime = Field(sa_type=Instant)
    filed_at: datetime = Field(index=True, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    late_told_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class Photo(SQLModel, table=True):
    """A photo or other media, from when it was announced; `received_*` tell of the bytes as received."""

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'kept', 'refused', 'removed')", "state"),
        CheckConstraint("(state = 'kept') = (name IS NOT NULL)", "name"),
    )
    id: str = Field(primary_key=True)
    draft: str = Field(index=True)
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    address: str
    kind: str
    state: str = "waiting"
    reason: str | None = None
    name: str | None = None
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None
    sha256: str | None = None
    received_sha256: str | None = None
    received_size: int | None = None
    received_format: str | None = None
    provider_at: datetime = Field(sa_type=Instant)
    announced_at: datetime = Field(sa_type=Instant)
    kept_at: datetime | None = Field(default=None, sa_type=Instant)
    exif_at: datetime | None = Field(default=None, sa_type=Instant)
    exif_lat: float | None = None
    exif_lon: float | None = None


class ReportEvent(SQLModel, table=True):
    """One line of a report's history; append-only. `what` is past tense, `detail` JSON, `by` who did it."""

    __tablename__ = "report_event"
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    at: datetime = Field(sa_type=Instant)
    what: str
    by: str
    detail: str = "{}"


class Delivery(SQLModel, table=True):
    """One mail to one address about one report, and what became of it; the disclosure log reads this.

    `part` tells mails on the same report apart: `new`, `photos:1`, `taken_back`, ….
    """

    __table_args__ = (
        UniqueConstraint("report_id", "address", "part"),
        CheckConstraint("state IN ('queued', 'accepted', 'refused', 'cancelled')", "state"),
        CheckConstraint("(state = 'queued') = (settled_at IS NULL)", "settled_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    recipients: str  # ids of the scheme file, the first one's rules count; "bid" before go-live
    address: str
    owner: bool
    part: str
    category: str  # when the thread began: its subject never changes
    on_route: bool = True  # false once the address was told that the report is not for it
    reference: str = Field(unique=True)
    state: str = "queued"
    reason: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
