"""Timers: a row that waits for its time comes back as an event."""

from collections.abc import Awaitable, Callable

import msgspec

from conversations.events import Inbound, Woke
from dispatch.transport import GiveUp, Outbound, Receipt


class TimerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a row of kind `timer`: wake `address`'s conversation about `subject` (`what:id`)."""

    address: str
    subject: str


class TimerTransport:
    """Kind `timer`. In doubt: repeat; the second event has the same external id and changes nothing."""

    def __init__(self, take: Callable[[Inbound], Awaitable[None]]) -> None:
        self._take = take

    async def send(self, row: Outbound) -> Receipt:
        """Hand in `Woke`, dated when it was due. Raises GiveUp for a payload that cannot be read."""
        try:
            order = msgspec.json.decode(row.payload, type=TimerOrder)
        except msgspec.MsgspecError as error:
            raise GiveUp("the payload is not a TimerOrder") from error
        woke = Woke(at=row.not_before, subject=order.subject)
        await self._take(Inbound(external_id=f"timer:{row.reference}", address=order.address, events=(woke,)))
        return Receipt()
