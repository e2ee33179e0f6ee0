"""What the runner and the transports say to each other: a row goes in, a verdict comes out."""

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outbound:
    """One row of the outbox as a transport sees it.

    `reference` is ours, made when the row was written, and travels with the message, so that a receipt finds
    its row. `lane` is the ordering key: rows of one lane are sent in the order in which they were written.
    """

    id: int
    kind: str
    lane: str
    reference: str
    payload: str
    attempts: int
    created_at: datetime
    not_before: datetime
    also_edit: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side has it. `provider_id` is its name for the message, where it gave one."""

    provider_id: str | None = None


class TryLater(Exception):  # noqa: N818  a verdict, not an error
    """Not sent; worth another try.

    `after` is the wait that the other side asked for. `whole_kind` says that nothing of this kind can be sent
    just now (connection refused, rate limit for all): the kind pauses and its rows lose no attempt.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None, whole_kind: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.after, self.whole_kind = reason, after, whole_kind


class GiveUp(Exception):  # noqa: N818
    """Not sent, and never will be. `address_dead`: nothing else to this address will be either."""

    def __init__(self, reason: str, *, address_dead: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.address_dead = reason, address_dead


class InDoubt(Exception):  # noqa: N818
    """Sent or not: nobody can tell."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transport(Protocol):
    """The way out of one kind."""

    async def send(self, row: Outbound) -> Receipt:
        """Send the row once. Raises TryLater, GiveUp or InDoubt; any other exception counts as InDoubt."""
        ...


class InDoubtRule(enum.Enum):
    """What a kind does with a row of which nobody knows whether it was sent."""

    REPEAT = "repeat"  # the other side recognises a repeat, or a repeat does no harm
    ONCE_MORE = "once more"  # a repeat is seen, and harmless once
    DROP = "drop"  # rather never than twice


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between tries: first as listed, then doubling up to `ceiling`; given up at `patience`."""

    first: tuple[timedelta, ...] = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45))
    ceiling: timedelta = timedelta(hours=1)
    patience: timedelta = timedelta(days=3)

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after `attempts` tries (1 or more), before jitter."""
        if attempts <= len(self.first):
            return self.first[attempts - 1]
        doublings = min(attempts - len(self.first), 40)
        return min(self.first[-1] * (1 << doublings), self.ceiling)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of row is sent: its transport, how many at once, what a failure and a doubt mean."""

    name: str
    transport: Transport
    in_doubt: InDoubtRule
    at_once: int = 8
    backoff: Backoff = field(default_factory=Backoff)
    lane_waits: bool = False  # a row that waits for its time or its next try holds back what follows it
    time_out: timedelta = timedelta(seconds=120)
