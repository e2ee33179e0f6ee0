"""Removes bytes from the photo store, when the database no longer knows them."""

import asyncio

import msgspec

from dispatch.transport import GiveUp, Outbound, Receipt, TryLater
from storage.media import ForgetOrder
from storage.photos import PhotoStore


class ForgetTransport:
    """Kind `forget`. In doubt: repeat; what is gone already is done."""

    def __init__(self, store: PhotoStore) -> None:
        self._store = store

    async def send(self, row: Outbound) -> Receipt:
        """Delete the bytes. Raises TryLater when the store cannot be written."""
        try:
            order = msgspec.json.decode(row.payload, type=ForgetOrder)
        except msgspec.MsgspecError as error:
            raise GiveUp("the payload is not a ForgetOrder") from error
        try:
            await asyncio.to_thread(self._store.delete, order.name)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise TryLater(f"the photo store cannot be written: {error.strerror}", whole_kind=True) from error
        return Receipt()
