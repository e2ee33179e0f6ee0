"""A conversation's surroundings built from data, for tests of the engine alone."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources

from conversations import acts, scheme
from conversations.engine import advance
from conversations.events import Done, Enrolled, Event, Filed, Refused, Woke
from conversations.facts import MemberView, ReportView, Shop
from conversations.gazetteer import Gazetteer
from conversations.says import Say
from conversations.state import State

START = datetime(2026, 11, 24, 10, 31, tzinfo=UTC)
SHOPS = {
    "K7M4QX2P": MemberView(1, 1, "Abbey Books", "12 Abington Street", "NN1 2AJ", 52.23766, -0.89561, True),
    "B2C3D4F5": MemberView(2, 2, "Market Bakery", "3 Market Square", "NN1 2DL", None, None, True),
}


@cache
def northampton(live: bool) -> scheme.Scheme:
    text = resources.files("bot").joinpath("schemes/northampton.toml").read_text("utf-8")
    return scheme.parse(text.replace("\nlive = false", f"\nlive = {str(live).lower()}"))


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer(northampton(True).area)


@dataclass
class World:
    """Facts from data, and what acts do to them; `hear` feeds one event and whatever follows from it."""

    now: datetime = START
    live: bool = True
    geocoder: bool = False
    member: MemberView | None = None
    state: State = field(default_factory=State)
    reports: dict[str, ReportView] = field(default_factory=dict)
    timers: list[tuple[datetime, str]] = field(default_factory=list)
    done: list[acts.Act] = field(default_factory=list)
    address: str = "telegram:700100200"

    @property
    def scheme(self) -> scheme.Scheme:
        return northampton(self.live)

    @property
    def gazetteer(self) -> Gazetteer:
        return gazetteer()

    def shop_of(self, code: str) -> Shop | None:
        found = SHOPS.get(code.upper())
        return Shop(found.business, found.address, found.active) if found else None

    def report(self, reference: str) -> ReportView | None:
        return self.reports.get(reference)

    def report_of_draft(self, draft: str) -> ReportView | None:
        return next((report for report in self.reports.values() if report.draft == draft), None)

    def my_reports(self) -> tuple[ReportView, ...]:
        return tuple(reversed(self.reports.values()))

    def shop_reports(self) -> tuple[ReportView, ...]:
        return tuple(replace(report, mine=False, words="") for report in self.my_reports())

    def hear(self, event: Event) -> list[Say]:
        """The says that one event leads to; its acts are carried out, their outcomes heard."""
        says: list[Say] = []
        waiting = [event]
        while waiting:
            step = advance(self.state, waiting.pop(0), self)
            self.state = step.state
            says.extend(step.says)
            for act in step.acts:
                self.done.append(act)
                if outcome := self._carry_out(act):
                    waiting.append(outcome)
        return says

    def pass_time(self, time: timedelta) -> list[Say]:
        """Let time pass; timers that run out are heard at their time, in order."""
        until = self.now + time
        says: list[Say] = []
        while due := min((timer for timer in self.timers if timer[0] <= until), default=None):
            self.timers.remove(due)
            self.now = max(self.now, due[0])
            says.extend(self.hear(Woke(at=due[0], subject=due[1])))
        self.now = until
        return says

    def _carry_out(self, act: acts.Act) -> Event | None:
        match act:
            case acts.Wake():
                self.timers.append((datetime.fromtimestamp(act.at, UTC), act.subject))
            case acts.Enrol():
                self.member = SHOPS[act.code.upper()]
                return Enrolled(at=self.now, business=self.member.business)
            case acts.NamePhone() if self.member:
                self.member = replace(self.member, name=act.name, shop_phone=act.name is None)
            case acts.FileReport():
                return self._file(act)
            case acts.Withdraw():
                return self._withdraw(act)
            case acts.ChangeKind():
                self.reports[act.reference] = replace(self.reports[act.reference], category=act.category)
                return Done(at=self.now, act=f"changed:{act.reference}")
            case acts.ToldLate():
                self.reports[act.reference] = replace(self.reports[act.reference], late_told=True)
            case acts.Complain():
                return Filed(at=self.now, reference="C-0001")
            case acts.Leave():
                self.member = None
        return None

    def _file(self, act: acts.FileReport) -> Event:
        draft = act.draft
        kind = self.scheme.category(draft.category or "")
        assert kind
        assert draft.place
        reference = f"NT-7K4{len(self.reports) + 2}"
        self.reports[reference] = ReportView(
            reference,
            kind.id,
            "open",
            draft.place.name,
            self.now,
            True,
            draft.id,
            words="\n".join(piece.words for piece in draft.words),
            photos=tuple(photo.id for photo in draft.photos),
            test=not self.live,
            under_18=draft.under_18,
        )
        return Filed(
            at=self.now, reference=reference, recipients=kind.at_once(draft.answer), test=not self.live
        )

    def _withdraw(self, act: acts.Withdraw) -> Event:
        report = self.reports[act.reference]
        if report.acted:
            return Refused(at=self.now, why=f"acted:{act.reference}")
        if self.now - report.filed_at > timedelta(hours=24):
            return Refused(at=self.now, why=f"late:{act.reference}")
        self.reports[act.reference] = replace(report, withdrawn=True)
        return Done(at=self.now, act=f"withdrawn:{act.reference}")
