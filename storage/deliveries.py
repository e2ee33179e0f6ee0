"""Which mail about which report went to whom, and what became of it: the disclosure log."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, update

from storage.tables import Delivery, Outbox, table
from storage.tx import Tx

_delivery, _outbox = table(Delivery), table(Outbox)


@dataclass(frozen=True, slots=True)
class Handover:
    """One mail about one report to one address."""

    report_id: int
    recipients: tuple[str, ...]
    address: str
    owner: bool
    part: str
    category: str
    reference: str


def queue(tx: Tx, handover: Handover) -> bool:
    """Write down that the mail is on its way; False when it was before."""
    same = select(_delivery.c.id).where(
        _delivery.c.report_id == handover.report_id,
        _delivery.c.address == handover.address,
        _delivery.c.part == handover.part,
    )
    if tx.connection.execute(same).first():
        return False
    tx.connection.execute(
        _delivery.insert().values(
            report_id=handover.report_id,
            recipients=",".join(handover.recipients),
            address=handover.address,
            owner=handover.owner,
            part=handover.part,
            category=handover.category,
            reference=handover.reference,
        )
    )
    return True


def settle(tx: Tx, reference: str, state: str, reason: str | None = None) -> Row[Any] | None:
    """The mail of this reference was accepted, refused or cancelled; None when it is no report's mail."""
    which = _delivery.c.reference == reference
    changes = {"state": state, "reason": reason, "settled_at": tx.now}
    tx.connection.execute(update(_delivery).where(which).values(**changes))
    return tx.connection.execute(select(_delivery).where(which)).first()


def first_mails(connection: Connection, report_id: int) -> list[Row[Any]]:
    """The report's first mail to each address on its route that was not called back, with its outbox row."""
    query = (
        _with_row()
        .where(
            _delivery.c.report_id == report_id,
            _delivery.c.part.like("new%"),
            _delivery.c.state != "cancelled",
            _delivery.c.on_route,
        )
        .order_by(_delivery.c.id)
    )
    return list(connection.execute(query))


def unsent(connection: Connection, report_id: int, address: str) -> list[Row[Any]]:
    """The report's mails to an address that are neither on their way nor settled, oldest first."""
    query = _with_row().where(
        _delivery.c.report_id == report_id, _delivery.c.address == address, _outbox.c.state == "due"
    )
    return list(connection.execute(query.order_by(_delivery.c.id)))


def _with_row() -> Select[Any]:
    row = (
        _outbox.c.dedupe, _outbox.c.state.label("row_state"), _outbox.c.attempts, _outbox.c.first_tried_at
    )  # fmt: skip
    return select(_delivery, *row).join(_outbox, _outbox.c.reference == _delivery.c.reference)


def call_back(tx: Tx, mail: Row[Any]) -> None:
    """A mail of `unsent` is not wanted any more. One that was tried may have left all the same."""
    waits = update(_outbox).where(_outbox.c.reference == mail.reference, _outbox.c.state == "due")
    tx.connection.execute(waits.values(state="cancelled", error="taken back"))
    settle(tx, mail.reference, "cancelled")


def never_tried(mail: Row[Any]) -> bool:
    """Whether a row of `first_mails` or `unsent` is certain not to have left."""
    return bool(mail.row_state == "due" and mail.attempts == 0)


def reassign(tx: Tx, delivery_id: int, *, recipients: tuple[str, ...], owner: bool, category: str) -> None:
    """A mail that has not left is now for these recipients of its address, under this kind."""
    changes = {"recipients": ",".join(recipients), "owner": owner, "category": category}
    tx.connection.execute(update(_delivery).where(_delivery.c.id == delivery_id).values(**changes))


def retire(tx: Tx, delivery_id: int) -> None:
    """The address is off the route: what happens to the report later is not told there."""
    which = update(_delivery).where(_delivery.c.id == delivery_id)
    tx.connection.execute(which.values(on_route=False, owner=False))


def waits(connection: Connection, report_id: int, address: str, part: str) -> bool:
    """Whether a mail of the part (a LIKE pattern) to this address has not been tried yet."""
    query = (
        select(_delivery.c.id)
        .join(_outbox, _outbox.c.reference == _delivery.c.reference)
        .where(
            _delivery.c.report_id == report_id,
            _delivery.c.address == address,
            _delivery.c.part.like(part),
            _outbox.c.state == "due",
            _outbox.c.attempts == 0,
        )
    )
    return connection.execute(query).first() is not None


def of_report(connection: Connection, report_id: int) -> list[Row[Any]]:
    """Every mail about the report, oldest first."""
    query = select(_delivery).where(_delivery.c.report_id == report_id).order_by(_delivery.c.id)
    return list(connection.execute(query))


def by_reference(connection: Connection, reference: str) -> Row[Any]:
    """The mail of that outbox reference; raises when it is no report's."""
    return connection.execute(select(_delivery).where(_delivery.c.reference == reference)).one()


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """The mail of that outbox reference; None when it is no report's."""
    return connection.execute(select(_delivery).where(_delivery.c.reference == reference)).first()


def thread_before(connection: Connection, delivery: Row[Any]) -> list[Row[Any]]:
    """The mails about the same report to the same address before this one, the root first.

    Those that certainly never left are left out.
    """
    query = (
        select(_delivery, _outbox.c.first_tried_at)
        .join(_outbox, _outbox.c.reference == _delivery.c.reference)
        .where(
            _delivery.c.report_id == delivery.report_id,
            _delivery.c.address == delivery.address,
            _delivery.c.id < delivery.id,
            or_(_delivery.c.state != "cancelled", _outbox.c.first_tried_at.is_not(None)),
        )
        .order_by(_delivery.c.id)
    )
    return list(connection.execute(query))
