"""A conversation's surroundings built from data, for tests of the engine alone."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources

from conversations import acts, scheme
from conversations.engine import advance
from conversations.events import Complained, Done, Enrolled, Event, Filed, Refused, Woke
from conversations.facts import MemberView, ReportView, Shop
from conversations.gazetteer import Gazetteer
from conversations.says import Say
from conversations.state import State

START = datetime(2026, 11, 24, 10, 31, tzinfo=UTC)
SHOPS = {
    "K7M4QX2P": MemberView(1, 1, "Abbey Books", "12 Abington Street", "NN1 2AJ", 52.23766, -0.89561, True),
    "B2C3D4F5": MemberView(2, 2, "Market Bakery", "3 Market Square", "NN1 2DL", None, None, True),
}
WITHDRAW_WITHIN = timedelta(hours=24)


@cache
def northampton(live: bool) -> scheme.Scheme:
    """The shipped scheme, before or after go-live."""
    text = resources.files("bot").joinpath("schemes/northampton.toml").read_text("utf-8")
    return scheme.parse(text.replace("\nlive = false", f"\nlive = {str(live).lower()}"))


@cache
def gazetteer() -> Gazetteer:
    """Its places."""
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
    others: dict[str, ReportView] = field(default_factory=dict)
    withdrawn_codes: set[str] = field(default_factory=set)
    timers: set[tuple[datetime, str]] = field(default_factory=set)
    done: list[acts.Act] = field(default_factory=list)
    address: str = "telegram:700100200"

    @property
    def scheme(self) -> scheme.Scheme:
        return northampton(self.live)

    @property
    def gazetteer(self) -> Gazetteer:
        return gazetteer()

    def shop_of(self, code: str) -> Shop | None:
        found = None if code.upper() in self.withdrawn_codes else SHOPS.get(code.upper())
        return Shop(found.business, found.address, found.active) if found else None

    def report(self, reference: str) -> ReportView | None:
        return self.reports.get(reference) if self.member else None

    def report_of_draft(self, draft: str) -> ReportView | None:
        found = (report for report in self.reports.values() if report.draft == draft)
        return next(found, None) if self.member else None

    def my_reports(self) -> tuple[ReportView, ...]:
        return tuple(replace(view, photos=()) for view in reversed(self.reports.values()))

    def shop_reports(self) -> tuple[ReportView, ...]:
        views = sorted((*self.reports.values(), *self.others.values()), key=lambda view: view.filed_at)
        private = {kind.id for kind in self.scheme.categories if kind.private}
        shown = [view for view in reversed(views) if view.category not in private]
        return tuple(replace(view, mine=False, words="", photos=()) for view in shown)

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
                self.timers.add((datetime.fromtimestamp(act.at, UTC), act.subject))
            case acts.Enrol():
                return self._enrol(act)
            case acts.NamePhone() if self.member:
                self.member = replace(self.member, name=act.name, shop_phone=act.name is None)
            case acts.FileReport():
                return self._file(act)
            case acts.Withdraw():
                return self._withdraw(act)
            case acts.ChangeKind():
                return self._change_kind(act)
            case acts.AddToReport():
                view = self.reports.get(act.reference)
                if view is None or view.withdrawn:
                    return Refused(at=self.now, why=f"gone:{act.reference}")
                self.reports[act.reference] = replace(view, words=f"{view.words}\n{act.piece.words}")
            case acts.ToldLate():
                self.reports[act.reference] = replace(self.reports[act.reference], late_told=True)
            case acts.Complain():
                return Complained(at=self.now, number="C-0001")
            case acts.Leave():
                self.member = None
        return None

    def _enrol(self, act: acts.Enrol) -> Event:
        if self.shop_of(act.code) is None:
            return Refused(at=self.now, why="code")
        self.member = SHOPS[act.code.upper()]
        return Enrolled(at=self.now, business=self.member.business)

    def _file(self, act: acts.FileReport) -> Event:
        draft = act.draft
        kind = self.scheme.category(draft.category or "")
        assert kind
        assert draft.place
        recipients = kind.at_once(draft.answer)
        if known := self.report_of_draft(draft.id):
            return Filed(at=self.now, reference=known.reference, recipients=recipients, test=known.test)
        reference = f"NT-7K{42 + len(self.reports)}"
        self.reports[reference] = ReportView(
            reference,
            kind.id,
            "open",
            draft.place.name,
            self.now,
            True,
            draft.id,
            words="\n".join(piece.words for piece in draft.words),
            photos=tuple(photo.id for photo in draft.photos if photo.kind == "photo"),
            test=not self.live,
            under_18=draft.under_18,
        )
        return Filed(at=self.now, reference=reference, recipients=recipients, test=not self.live)

    def _change_kind(self, act: acts.ChangeKind) -> Event:
        view = self.reports.get(act.reference)
        if view is None or view.withdrawn:
            return Refused(at=self.now, why=f"gone:{act.reference}")
        if view.acted:
            return Refused(at=self.now, why=f"acted:{act.reference}")
        self.reports[act.reference] = replace(view, category=act.category)
        return Done(at=self.now, act=f"changed:{act.reference}")

    def _withdraw(self, act: acts.Withdraw) -> Event:
        report = self.reports[act.reference]
        if report.acted:
            return Refused(at=self.now, why=f"acted:{act.reference}")
        if self.now - report.filed_at > WITHDRAW_WITHIN:
            return Refused(at=self.now, why=f"late:{act.reference}")
        self.reports[act.reference] = replace(report, withdrawn=True, words="", photos=())
        return Done(at=self.now, act=f"withdrawn:{act.reference}")
