from datetime import UTC, datetime

import msgspec
import pytest

from conversations.events import Inbound, Woke
from dispatch.transport import GiveUp, Outbound, Receipt
from dispatch.transports.timer import TimerOrder, TimerTransport

DUE = datetime(2026, 11, 24, 10, 31, tzinfo=UTC)


def a_row(payload: str) -> Outbound:
    return Outbound(
        id=7,
        kind="timer",
        lane="draft:d7f3a1",
        reference="r7",
        payload=payload,
        attempts=0,
        created_at=datetime(2026, 11, 24, 10, 1, tzinfo=UTC),
        not_before=DUE,
    )


async def test_a_timer_wakes_the_conversation_at_the_time_it_was_due() -> None:
    taken: list[Inbound] = []

    async def take(inbound: Inbound) -> None:
        taken.append(inbound)

    order = TimerOrder(address="telegram:700100200", subject="draft:d7f3a1")
    row = a_row(msgspec.json.encode(order).decode())
    transport = TimerTransport(take)

    assert await transport.send(row) == Receipt()
    assert await transport.send(row) == Receipt()

    woken = Inbound(
        external_id="timer:r7",
        address="telegram:700100200",
        events=(Woke(at=DUE, subject="draft:d7f3a1"),),
    )
    assert taken == [woken, woken]  # the same external id twice: the intake answers the first alone


@pytest.mark.parametrize("payload", ["", "{", "{}", "[]", '{"address": 1, "subject": "draft:1"}'])
async def test_a_payload_that_cannot_be_read_is_given_up(payload: str) -> None:
    async def take(inbound: Inbound) -> None:
        raise AssertionError(inbound)

    with pytest.raises(GiveUp):
        await TimerTransport(take).send(a_row(payload))
