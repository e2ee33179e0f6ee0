"""Photos and recordings: announced, kept, removed. The bytes are in the photo store; this is about them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select, update

from conversations.acts import KeepMedia
from storage import outbox
from storage.outbox import NewRow, new_reference
from storage.tables import Photo, table
from storage.tx import Tx

_photo = table(Photo)

PICTURES = ("photo", "image_file")


class ForgetOrder(msgspec.Struct, frozen=True):
    """The payload of a row of kind `forget`: a name in the photo store whose bytes are to go."""

    name: str


def announce(tx: Tx, order: KeepMedia, *, address: str, report_id: int | None) -> bool:
    """A photo is on its way; False when it was announced before."""
    if tx.connection.execute(select(_photo.c.id).where(_photo.c.id == order.id)).first():
        return False
    tx.connection.execute(
        _photo.insert().values(
            id=order.id,
            draft=order.draft,
            report_id=report_id,
            address=address,
            kind=order.kind,
            provider_at=datetime.fromtimestamp(order.provider_at, UTC),
            announced_at=tx.now,
        )
    )
    return True


def settle(tx: Tx, photo: str, *, name: str | None, why: str | None, **facts: Any) -> Row[Any] | None:
    """The bytes arrived under `name`, or never will (`why`). Returns the row as it is now.

    A photo that was removed meanwhile stays removed, and its bytes go too.
    """
    row = get(tx.connection, photo)
    if name is not None and (row is None or (row.state != "waiting" and row.name != name)):
        # Nobody would ever find these bytes again.
        _erase_bytes(tx, [name])
    if row is None or row.state == "removed":
        return None
    if row.state == "waiting":
        state = "kept" if why is None else "refused"
        values = {"state": state, "name": name, "reason": why, "kept_at": tx.now, **facts}
        tx.connection.execute(update(_photo).where(_photo.c.id == photo).values(**values))
    return get(tx.connection, photo)


def remove(tx: Tx, ids: Sequence[str]) -> None:
    """Take photos away, bytes too; what is not there any more does no harm."""
    if not ids:
        return
    which = _photo.c.id.in_(list(ids))
    names = tx.connection.execute(select(_photo.c.name).where(which, _photo.c.name.is_not(None))).scalars()
    _erase_bytes(tx, list(names))
    tx.connection.execute(
        update(_photo)
        .where(which)
        .values(state="removed", name=None, exif_at=None, exif_lat=None, exif_lon=None, kept_at=tx.now)
    )


def forget_sender(tx: Tx, address: str) -> None:
    """Keep no record of which phone sent which picture."""
    tx.connection.execute(update(_photo).where(_photo.c.address == address).values(address="gone"))


def _erase_bytes(tx: Tx, names: Sequence[str]) -> None:
    rows = [
        NewRow(
            kind="forget",
            lane=f"forget:{name}",
            dedupe=f"forget:{name}:{new_reference()}",
            payload=msgspec.json.encode(ForgetOrder(name)).decode(),
            not_before=tx.now,
        )
        for name in names
    ]
    outbox.insert(tx, rows)


def get(connection: Connection, photo: str) -> Row[Any] | None:
    """One photo's row."""
    return connection.execute(select(_photo).where(_photo.c.id == photo)).first()


def of_report(connection: Connection, report_id: int) -> list[Row[Any]]:
    """The report's photos and recordings that were not removed, in the order in which they came."""
    query = select(_photo).where(_photo.c.report_id == report_id, _photo.c.state != "removed")
    return list(connection.execute(query.order_by(_photo.c.announced_at, _photo.c.id)))


def waiting(connection: Connection, report_id: int) -> int:
    """How many of the report's photos are still on their way."""
    query = select(func.count()).where(_photo.c.report_id == report_id, _photo.c.state == "waiting")
    return connection.execute(query).scalar_one()
