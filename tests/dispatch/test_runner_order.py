"""What holds whatever the other side says."""

import asyncio
import tempfile
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.transport import Backoff, GiveUp, InDoubt, InDoubtRule, Outbound, Receipt, TryLater
from storage.database import open_database
from storage.tables import metadata
from storage.writer import Writer
from tests.dispatch.runner_world import a_kind, at_work
from tests.hand_clock import HandClock

_answers = st.sampled_from(["receipt", "later", "kind", "give up", "doubt", "doubt, arrived", "bug, arrived"])
_lanes = st.lists(st.lists(st.lists(_answers, max_size=3), min_size=1, max_size=3), min_size=8, max_size=8)


class Fickle:
    """A transport that answers from drawn lists and keeps account of what arrived."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = {name: list(some) for name, some in answers.items()}
        self.tries: list[str] = []
        self.arrived: list[str] = []
        self.doubted: set[str] = set()
        self.given_up: set[str] = set()
        self.busy: set[str] = set()

    async def send(self, row: Outbound) -> Receipt:
        assert row.lane not in self.busy
        self.busy.add(row.lane)
        self.tries.append(row.payload)
        try:
            await asyncio.sleep(0)
            return self.answer(row.payload)
        finally:
            self.busy.discard(row.lane)

    def answer(self, name: str) -> Receipt:
        answer = self.answers[name].pop(0) if self.answers[name] else "receipt"
        if answer == "receipt" or answer.endswith("arrived"):
            self.arrived.append(name)
        if answer.startswith(("doubt", "bug")):
            self.doubted.add(name)
        match answer:
            case "receipt":
                return Receipt()
            case "later":
                raise TryLater("busy")
            case "kind":
                raise TryLater("refused", whole_kind=True)
            case "give up":
                self.given_up.add(name)
                raise GiveUp("no")
            case "doubt" | "doubt, arrived":
                raise InDoubt("who knows")
        raise ZeroDivisionError


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lanes=_lanes, rule=st.sampled_from(InDoubtRule), lane_waits=st.booleans())
async def test_order_is_kept_and_nothing_is_lost_or_doubled_without_a_doubt(
    lanes: list[list[list[str]]], rule: InDoubtRule, lane_waits: bool
) -> None:
    clock = HandClock()
    names = {f"{lane}-{place}": some for lane, rows in enumerate(lanes) for place, some in enumerate(rows)}
    transport = Fickle(names)
    kind = a_kind(transport, rule=rule, lane_waits=lane_waits, backoff=Backoff(patience=timedelta(days=999)))
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/ntars.db")
        with database.write(clock()) as tx:
            metadata.create_all(tx.connection)
        writer = Writer(database, clock)
        writer.start()
        async with at_work(writer, clock, kind) as desk:
            for name in names:
                desk.put(name, lane=name.split("-")[0])
            async with asyncio.timeout(20):
                while not set(desk.states().values()) <= {"sent", "failed"}:
                    desk.pass_time(hours=2)
                    await asyncio.sleep(0.002)
            states = desk.states()
        await writer.stop()
        database.dispose()

    for lane in range(8):
        tries = [name for name in transport.tries if name.startswith(f"{lane}-")]
        assert tries == sorted(tries)
    for name, state in states.items():
        arrivals = transport.arrived.count(name)
        assert arrivals <= 1 or name in transport.doubted
        assert arrivals >= 1 or state == "failed"
        assert state == "sent" or name in transport.doubted | transport.given_up
