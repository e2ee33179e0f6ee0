"""What the engine may know: the scheme and a few narrow reads. Read-only and synchronous."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conversations.gazetteer import Gazetteer
from conversations.scheme import Scheme


@dataclass(frozen=True, slots=True)
class MemberView:
    """The phone that speaks, and its business."""

    member_id: int
    business_id: int
    business: str
    address: str
    postcode: str
    lat: float | None
    lon: float | None
    active: bool
    phone: str | None = None
    name: str | None = None
    shop_phone: bool = False


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report, as its reporter or shop may see it; `words` only of one's own."""

    reference: str
    category: str
    status: str
    place: str
    filed_at: datetime
    mine: bool
    draft: str
    words: str = ""
    photos: tuple[str, ...] = ()
    acted: bool = False
    withdrawn: bool = False
    test: bool = False
    name_out: bool = False
    late_told: bool = False
    owner_accepted_at: datetime | None = None
    under_18: str | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """A business that a code stands for."""

    business: str
    address: str
    active: bool


class Facts(Protocol):
    """Reads go through the batch's transaction and see its writes."""

    @property
    def now(self) -> datetime: ...
    @property
    def address(self) -> str:
        """Whose conversation it is: `channel:id`."""
        ...

    @property
    def scheme(self) -> Scheme: ...
    @property
    def gazetteer(self) -> Gazetteer: ...
    @property
    def geocoder(self) -> bool:
        """Whether unknown places can be looked up."""
        ...

    @property
    def member(self) -> MemberView | None: ...

    def shop_of(self, code: str) -> Shop | None:
        """The business of a code that is still good."""
        ...

    def report(self, reference: str) -> ReportView | None:
        """A report of this person's own, or None."""
        ...

    def report_of_draft(self, draft: str) -> ReportView | None:
        """The report that was made of a draft of this person's, or None."""
        ...

    def my_reports(self) -> tuple[ReportView, ...]:
        """The person's own latest ten, newest first."""
        ...

    def shop_reports(self) -> tuple[ReportView, ...]:
        """The latest ten of the person's business, newest first; kinds marked private left out."""
        ...
