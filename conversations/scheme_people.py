"""Who receives reports: addresses, hours and digests of the scheme file's recipients."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, tzinfo
from typing import Literal

from pydantic import Field

from conversations.scheme_texts import ClockTime, Email, Id, Line, Table, Texts

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Table):
    """When a recipient reads its mail, on the town's clock; bank holidays are closed."""

    opens: ClockTime
    closes: ClockTime
    days: tuple[Day, ...] = Field(min_length=1)
    words: Texts

    def open_on(self, day: date, bank_holidays: Collection[date]) -> bool:
        """Whether anybody reads on that day at all."""
        return WEEK[day.weekday()] in self.days and day not in bank_holidays


class Digest(Table):
    """Which digests a recipient gets, and when on the town's clock."""

    daily: bool = True
    weekly: bool = True
    at: ClockTime = Field(default="07:30", validate_default=True)
    weekly_on: Day = "mon"


class Open311(Table):
    """A GeoReport v2 server that takes this recipient's reports; its key is in the environment."""

    url: Line
    jurisdiction_id: str | None = None
    # our category id -> their service code
    services: Mapping[Id, Line] = Field(default_factory=dict)


class Recipient(Table):
    """A mailbox that gets reports.

    `name` is the formal name for mails and lists, `spoken` what the chat calls it after "on its way to",
    `known_as` the short form in news ("the council has it"). `police` marks a recipient that is police or
    sits with them: passing a welfare report there needs a typed reason.
    """

    id: Id
    name: Line
    spoken: Texts
    known_as: Texts
    email: Email
    immediate: bool = True
    digest: Digest = Digest()
    hours: Hours | None = None
    require_tls: bool = True
    domains: tuple[Line, ...] = ()
    phone: str | None = None
    police: bool = False
    open311: Open311 | None = None

    def reads_at(self, moment: datetime, zone: tzinfo, bank_holidays: Collection[date]) -> bool:
        """Whether somebody reads reports at `moment` (aware); one without hours reads always."""
        if self.hours is None:
            return True
        local = moment.astimezone(zone)
        in_time = self.hours.opens <= local.time() < self.hours.closes
        return in_time and self.hours.open_on(local.date(), bank_holidays)
