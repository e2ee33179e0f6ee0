"""Businesses, their posters' codes, and the phones that report for them: every change, and who reads."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, update

from conversations.facts import MemberView, Shop
from conversations.flows.enrol import CODE_LENGTH, CODE_LETTERS
from storage import audit
from storage.statements import PreparedIn
from storage.tables import Business, Invite, Member, Person, table
from storage.tx import Tx

_business, _invite, _member, _person = table(Business), table(Invite), table(Member), table(Person)


class NoSuchBusiness(LookupError):  # noqa: N818
    """No business of that name. `nearest` are names it may have meant."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        super().__init__(name)
        self.name, self.nearest = name, tuple(nearest)


class BusinessExists(ValueError):  # noqa: N818
    """A business of that name is there already."""


@dataclass(frozen=True, slots=True)
class BusinessLine:
    """A business in a list for admins."""

    id: int
    name: str
    address: str
    postcode: str
    kind: str
    status: str
    phone: str | None
    lat: float | None
    lon: float | None
    phones: int


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A phone in a list for admins. Its address never shows: the channel says enough."""

    id: int
    business: str
    name: str | None
    shop_phone: bool
    channel: str
    joined_at: datetime


def add_business(
    tx: Tx,
    *,
    name: str,
    address: str,
    postcode: str,
    kind: str,
    by: str,
    phone: str | None = None,
    point: tuple[float, float] | None = None,
) -> int:
    """Enrol a business; returns its id. Raises BusinessExists."""
    if tx.connection.execute(select(_business.c.id).where(_business.c.name == name)).first():
        raise BusinessExists(name)
    lat, lon = point or (None, None)
    added = tx.connection.execute(
        _business.insert().values(
            name=name,
            address=address,
            postcode=postcode,
            kind=kind,
            phone=phone,
            lat=lat,
            lon=lon,
            created_at=tx.now,
        )
    )
    audit.record(tx, by=by, what="business added", subject=name, detail={"kind": kind})
    assert added.inserted_primary_key is not None
    return int(added.inserted_primary_key[0])


def businesses(connection: Connection) -> list[BusinessLine]:
    """All businesses by name, with how many phones report for each."""
    phones = (
        select(func.count())
        .where(_member.c.business_id == _business.c.id, _member.c.left_at.is_(None))
        .scalar_subquery()
    )
    columns = [_business.c[name] for name in BusinessLine.__slots__ if name != "phones"]
    rows = connection.execute(select(*columns, phones.label("phones")).order_by(func.lower(_business.c.name)))
    return [BusinessLine(**row) for row in rows.mappings()]


def business(connection: Connection, business_id: int) -> Row[Any]:
    """The business's row; raises when there is none."""
    return connection.execute(select(_business).where(_business.c.id == business_id)).one()


def find_business(connection: Connection, name: str) -> BusinessLine:
    """The business of that name, however it is written; raises NoSuchBusiness with the nearest names."""
    everyone = businesses(connection)
    wanted = name.strip().casefold()
    for line in everyone:
        if line.name.casefold() == wanted:
            return line
    near = get_close_matches(wanted, [line.name.casefold() for line in everyone], n=3, cutoff=0.5)
    raise NoSuchBusiness(name, [line.name for line in everyone if line.name.casefold() in near])


def code_of(tx: Tx, business_id: int, *, by: str) -> str:
    """The business's poster code, made when it has none that is good."""
    good = select(_invite.c.code).where(
        _invite.c.business_id == business_id, _invite.c.withdrawn_at.is_(None)
    )
    if known := tx.connection.execute(good.order_by(_invite.c.created_at.desc())).scalar():
        return str(known)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    tx.connection.execute(_invite.insert().values(code=code, business_id=business_id, created_at=tx.now))
    audit.record(tx, by=by, what="invite made", subject=str(business_id))
    return code


_SHOP = (
    select(_business.c.id, _business.c.name, _business.c.address, _business.c.status)
    .join(_invite, _invite.c.business_id == _business.c.id)
    .where(
        _invite.c.code == bindparam("code"),
        _invite.c.withdrawn_at.is_(None),
        _business.c.status != "left",
    )
)


def shop_of(connection: Connection, code: str) -> Shop | None:
    """The business of a code that is still good."""
    row = connection.execute(_SHOP, {"code": code.upper()}).first()
    return Shop(row.name, row.address, row.status == "active") if row else None


def enrol(tx: Tx, *, address: str, code: str, notice_version: str) -> str | None:
    """This phone reports for the code's business from now on, and for no other; None when the code is bad."""
    shop = tx.connection.execute(_SHOP, {"code": code.upper()}).first()
    if shop is None:
        return None
    _leave(tx, _member.c.address == address)
    tx.connection.execute(
        _member.insert().values(
            business_id=shop.id,
            address=address,
            shop_phone=False,
            notice_version=notice_version,
            joined_at=tx.now,
        )
    )
    return str(shop.name)


def name_phone(tx: Tx, *, address: str, name: str | None) -> None:
    """What the BID may call the phone; None says that it is the shop's own."""
    now = update(_member).where(_member.c.address == address, _member.c.left_at.is_(None))
    tx.connection.execute(now.values(name=name, shop_phone=name is None))


def leave(tx: Tx, *, address: str, erase: bool) -> None:
    """The phone reports for nobody any more; `erase` also forgets its name and where it was reached."""
    _leave(tx, _member.c.address == address)
    if erase:
        gone = {"name": None, "address": "gone"}
        tx.connection.execute(update(_member).where(_member.c.address == address).values(**gone))


def remove_member(tx: Tx, member_id: int, *, by: str) -> bool:
    """The BID takes a phone off; False when there is no such phone."""
    gone = _leave(tx, _member.c.id == member_id)
    if gone:
        audit.record(tx, by=by, what="member removed", subject=str(member_id))
    return gone > 0


def _leave(tx: Tx, which: ColumnElement[bool]) -> int:
    now = update(_member).where(which, _member.c.left_at.is_(None))
    return tx.connection.execute(now.values(left_at=tx.now)).rowcount


def phones(connection: Connection, business_id: int | None = None) -> list[PhoneLine]:
    """The phones that report now, by business and time of joining."""
    query = (
        select(
            _member.c.id, _business.c.name, _member.c.name, _member.c.shop_phone, _member.c.address,
            _member.c.joined_at,
        )
        .join(_business, _business.c.id == _member.c.business_id)
        .where(_member.c.left_at.is_(None))
        .order_by(func.lower(_business.c.name), _member.c.joined_at)
    )  # fmt: skip
    if business_id is not None:
        query = query.where(_member.c.business_id == business_id)
    return [
        PhoneLine(number, business, name, shop_phone, address.partition(":")[0], joined_at)
        for number, business, name, shop_phone, address, joined_at in connection.execute(query)
    ]


_MEMBERS = PreparedIn(
    lambda addresses: (
        select(
            _member.c.address, _member.c.id, _business.c.id, _business.c.name, _business.c.address,
            _business.c.postcode, _business.c.lat, _business.c.lon, _business.c.status, _business.c.phone,
            _member.c.name, _member.c.shop_phone,
        )
        .join(_business, _business.c.id == _member.c.business_id)
        .where(_member.c.address.in_(addresses), _member.c.left_at.is_(None))
    )
)  # fmt: skip


def members_of(tx: Tx, addresses: Sequence[str]) -> dict[str, MemberView]:
    """Who of these addresses reports for whom; one statement for all."""
    return {row[0]: _view(row[1:]) for row in _MEMBERS.rows(tx, addresses)}


def _view(row: tuple[Any, ...]) -> MemberView:
    member, business, name, address, postcode, lat, lon, status, phone, called, shop_phone = row
    return MemberView(
        member, business, name, address, postcode, lat, lon, status == "active", phone, called,
        bool(shop_phone),
    )  # fmt: skip


def active_neighbours(connection: Connection) -> list[str]:
    """The addresses of all active businesses, to see how many a street has."""
    query = select(_business.c.address).where(_business.c.status == "active")
    return list(connection.execute(query).scalars())


def last_heard(connection: Connection) -> dict[int, datetime]:
    """When each phone that reports now last sent anything, by the phone's number."""
    query = (
        select(_member.c.id, _person.c.last_inbound_at)
        .join(_person, _person.c.address == _member.c.address)
        .where(_member.c.left_at.is_(None))
    )
    return {row.id: row.last_inbound_at for row in connection.execute(query)}
