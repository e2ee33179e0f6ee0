"""What the engine may know, read in the transaction of the batch."""

from dataclasses import dataclass
from datetime import datetime

from conversations.facts import MemberView, ReportView, Shop
from conversations.gazetteer import Gazetteer
from conversations.scheme import Scheme
from storage import members, reports
from storage.tx import Tx


@dataclass(slots=True)
class TxFacts:
    """Facts for one person within one batch; `member` is read ahead and renewed when it changes."""

    tx: Tx
    address: str
    scheme: Scheme
    gazetteer: Gazetteer
    geocoder: bool
    member: MemberView | None

    @property
    def now(self) -> datetime:
        return self.tx.now

    def shop_of(self, code: str) -> Shop | None:
        return members.shop_of(self.tx.connection, code)

    def report(self, reference: str) -> ReportView | None:
        if self.member is None:
            return None
        return reports.view(self.tx.connection, reference, self.member.member_id)

    def report_of_draft(self, draft: str) -> ReportView | None:
        if self.member is None:
            return None
        return reports.view_of_draft(self.tx.connection, draft, self.member.member_id)

    def my_reports(self) -> tuple[ReportView, ...]:
        if self.member is None:
            return ()
        return reports.latest_of_phone(self.tx.connection, self.member.member_id)

    def shop_reports(self) -> tuple[ReportView, ...]:
        if self.member is None:
            return ()
        hidden = frozenset(kind.id for kind in self.scheme.categories if kind.private)
        return reports.latest_of_business(self.tx.connection, self.member.business_id, hidden)

    def renew_member(self) -> None:
        """Read again whom the phone reports for."""
        self.member = members.members_of(self.tx, [self.address]).get(self.address)
