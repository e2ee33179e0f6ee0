"""What an attempt to send comes to: from what the transport said to what the row becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.transport import GiveUp, InDoubt, InDoubtRule, Kind, Receipt, TryLater
from storage.claims import Claimed

# A person who waits for a prompt notices a gap of a few seconds less than the same prompt twice.
REPEAT_IN_DOUBT = timedelta(seconds=3)
JITTER = 0.2
LONGEST_PAUSE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has it."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Later:
    """It has not left; tried again at `not_before`. `counts`: as an attempt, of which there is an end."""

    not_before: datetime
    reason: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Failed:
    """It is not tried again, unless an admin says so."""

    reason: str
    address_dead: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Sent or not; tried once more at `not_before`, unless something newer is to be said by then."""

    not_before: datetime
    reason: str


Verdict = Sent | Later | Failed | Doubtful
Outcome = Receipt | TryLater | GiveUp | InDoubt


def judge(
    kind: Kind, row: Claimed, outcome: Outcome, *, now: datetime, random: Callable[[], float]
) -> Verdict:
    """What becomes of the row. `random` gives 0 up to 1, for the jitter."""
    match outcome:
        case Receipt():
            return Sent(outcome.provider_id)
        case GiveUp():
            return Failed(outcome.reason, outcome.address_dead)
        case TryLater(whole_kind=True):
            # Its old time is kept: a row with a time to come would be overtaken by what is behind it.
            return Later(row.not_before, outcome.reason, counts=False)
        case TryLater():
            return _again(kind, row, outcome.reason, outcome.after, now=now, random=random)
        case InDoubt():
            return _in_doubt(kind, row, outcome.reason, now=now, random=random)


def pause(faults: int, after: timedelta | None) -> timedelta:
    """How long a whole kind rests after so many faults in a row (1 or more): 1, 2, 4, 8, then 15 seconds.

    Where the other side said how long, that long.
    """
    return after if after is not None else min(timedelta(seconds=2 ** min(faults - 1, 10)), LONGEST_PAUSE)


def _again(
    kind: Kind,
    row: Claimed,
    reason: str,
    after: timedelta | None,
    *,
    now: datetime,
    random: Callable[[], float],
) -> Verdict:
    if row.first_tried_at is not None and now >= row.first_tried_at + kind.backoff.patience:
        return Failed(f"given up: {reason}")
    wait = kind.backoff.wait(row.attempts + 1) * (1 - JITTER + 2 * JITTER * random())
    return Later(now + max(wait, after or timedelta(0)), reason)


def _in_doubt(
    kind: Kind, row: Claimed, reason: str, *, now: datetime, random: Callable[[], float]
) -> Verdict:
    match kind.in_doubt:
        case InDoubtRule.REPEAT:
            return _again(kind, row, f"in doubt: {reason}", None, now=now, random=random)
        case InDoubtRule.ONCE_MORE if row.doubts == 0:
            return Doubtful(now + REPEAT_IN_DOUBT, reason)
        case InDoubtRule.ONCE_MORE:
            return Failed(f"in doubt: {reason}")
        case InDoubtRule.DROP:
            return Failed(f"in doubt, not repeated: {reason}")
