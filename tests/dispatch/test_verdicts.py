from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.transport import Backoff, GiveUp, InDoubt, InDoubtRule, Kind, Outbound, Receipt, TryLater
from dispatch.verdicts import Doubtful, Failed, Later, Outcome, Sent, Verdict, judge, pause
from storage.claims import Claimed

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Nowhere:
    async def send(self, row: Outbound) -> Receipt:
        raise AssertionError("a verdict is judged without sending")


def a_kind(rule: InDoubtRule = InDoubtRule.REPEAT) -> Kind:
    return Kind("email", Nowhere(), rule, backoff=Backoff(patience=timedelta(days=3)))


def a_claimed_row(**other: Any) -> Claimed:
    values: dict[str, Any] = {
        "id": 1, "kind": "email", "lane": "l", "reference": "r", "payload": "{}", "attempts": 0,
        "created_at": NOW - timedelta(days=30), "not_before": NOW - timedelta(seconds=1), "also_edit": None,
        "doubts": 0, "first_tried_at": NOW,
    }  # fmt: skip
    return Claimed(**(values | other))


def verdict(
    outcome: Outcome, *, rule: InDoubtRule = InDoubtRule.REPEAT, dice: float = 0.5, **row: Any
) -> Verdict:
    return judge(a_kind(rule), a_claimed_row(**row), outcome, now=NOW, random=lambda: dice)


def test_a_receipt_is_sent() -> None:
    assert verdict(Receipt("<1@relay>")) == Sent("<1@relay>")


def test_who_gives_up_fails_at_once() -> None:
    assert verdict(GiveUp("no such address", address_dead=True)) == Failed(
        "no such address", address_dead=True
    )


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 15), (2, 45), (3, 90), (4, 180), (20, 3600)])
def test_the_wait_grows_with_every_attempt(attempts: int, seconds: int) -> None:
    assert verdict(TryLater("busy"), attempts=attempts) == Later(NOW + timedelta(seconds=seconds), "busy")


@pytest.mark.parametrize(("dice", "seconds"), [(0, 4), (0.5, 5), (1, 6)])
def test_the_wait_is_jittered_by_a_fifth(dice: float, seconds: int) -> None:
    assert verdict(TryLater("busy"), dice=dice) == Later(NOW + timedelta(seconds=seconds), "busy")


@pytest.mark.parametrize(("after", "waited"), [(60, 60), (1, 5)])
def test_what_the_other_side_asks_for_is_the_least(after: int, waited: int) -> None:
    outcome = TryLater("slow down", after=timedelta(seconds=after))

    assert verdict(outcome) == Later(NOW + timedelta(seconds=waited), "slow down")


def test_a_fault_of_the_kind_costs_the_row_neither_an_attempt_nor_its_place() -> None:
    fault = TryLater("refused", whole_kind=True)

    assert verdict(fault, first_tried_at=NOW - timedelta(days=9)) == Later(
        NOW - timedelta(seconds=1), "refused", counts=False
    )


def test_patience_ends_and_counts_from_the_first_try() -> None:
    assert isinstance(verdict(TryLater("busy"), first_tried_at=NOW - timedelta(days=2)), Later)
    assert verdict(TryLater("busy"), first_tried_at=NOW - timedelta(days=3)) == Failed("given up: busy")


def test_a_doubt_follows_the_kinds_rule() -> None:
    doubt = InDoubt("no answer")

    assert verdict(doubt) == Later(NOW + timedelta(seconds=5), "in doubt: no answer")
    assert verdict(doubt, rule=InDoubtRule.DROP) == Failed("in doubt, not repeated: no answer")
    assert verdict(doubt, rule=InDoubtRule.ONCE_MORE) == Doubtful(NOW + timedelta(seconds=3), "no answer")
    assert verdict(doubt, rule=InDoubtRule.ONCE_MORE, doubts=1) == Failed("in doubt: no answer")


def test_a_kind_rests_for_15_seconds_at_most_unless_told_otherwise() -> None:
    assert [pause(faults, None).total_seconds() for faults in (1, 2, 3, 4, 5, 500)] == [1, 2, 4, 8, 15, 15]
    assert pause(1, timedelta(minutes=5)) == timedelta(minutes=5)
