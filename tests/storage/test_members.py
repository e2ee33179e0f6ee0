"""Businesses, codes and phones: who reports for whom, and what is written down of every change."""

import pytest
from sqlalchemy import select

from storage import members
from storage.members import BusinessExists, NoSuchBusiness
from storage.tables import AuditEntry, Invite, Member, table
from storage.tx import Tx

PHONE = "telegram:700100200"


def a_shop(tx: Tx, name: str = "Abbey Books", address: str = "12 Abington Street") -> int:
    return members.add_business(tx, name=name, address=address, postcode="NN1 2AJ", kind="levy", by="ann")


def a_code(tx: Tx, shop: int) -> str:
    return members.code_of(tx, shop, by="ann")


def audit(tx: Tx) -> list[tuple[str, str]]:
    rows = table(AuditEntry)
    query = select(rows.c.what, rows.c.by).order_by(rows.c.id)
    return [(row.what, row.by) for row in tx.connection.execute(query)]


def test_adding_a_business_and_making_its_code_leave_their_lines(tx: Tx) -> None:
    a_code(tx, a_shop(tx))

    assert audit(tx) == [("business added", "ann"), ("invite made", "ann")]


def test_a_name_is_taken_once(tx: Tx) -> None:
    a_shop(tx)

    with pytest.raises(BusinessExists, match="Abbey Books"):
        a_shop(tx)


def test_a_business_is_found_however_its_name_is_written(tx: Tx) -> None:
    a_shop(tx)

    assert members.find_business(tx.connection, "  abbey BOOKS ").name == "Abbey Books"
    with pytest.raises(NoSuchBusiness) as missed:
        members.find_business(tx.connection, "Abey Books")
    assert missed.value.nearest == ("Abbey Books",)


def test_a_code_stays_the_same_until_it_is_withdrawn(tx: Tx) -> None:
    shop = a_shop(tx)
    first = a_code(tx, shop)
    again = a_code(tx, shop)
    invites = table(Invite)
    tx.connection.execute(invites.update().values(withdrawn_at=tx.now))

    assert first == again
    assert a_code(tx, shop) != first
    assert members.shop_of(tx.connection, first) is None


def test_a_good_code_makes_a_phone_report_for_the_shop(tx: Tx) -> None:
    code = a_code(tx, a_shop(tx))

    business = members.enrol(tx, address=PHONE, code=code.lower(), notice_version="2")

    assert business == "Abbey Books"
    member = members.members_of(tx, [PHONE, "telegram:2"])
    assert set(member) == {PHONE}
    assert member[PHONE].business == "Abbey Books"
    assert member[PHONE].active


def test_a_bad_code_changes_nothing(tx: Tx) -> None:
    code = a_code(tx, a_shop(tx))
    members.enrol(tx, address=PHONE, code=code, notice_version="2")

    assert members.enrol(tx, address=PHONE, code="22222222", notice_version="2") is None
    assert members.members_of(tx, [PHONE])[PHONE].business == "Abbey Books"


def test_a_phone_reports_for_one_shop_at_a_time(tx: Tx) -> None:
    first, second = a_code(tx, a_shop(tx)), a_code(tx, a_shop(tx, "Tea Room"))
    members.enrol(tx, address=PHONE, code=first, notice_version="2")

    members.enrol(tx, address=PHONE, code=second, notice_version="2")

    assert members.members_of(tx, [PHONE])[PHONE].business == "Tea Room"
    rows = table(Member)
    left = tx.connection.execute(select(rows.c.left_at).order_by(rows.c.id)).scalars().all()
    assert left == [tx.now, None]


def test_leaving_and_deleting_forgets_the_name_everywhere(tx: Tx) -> None:
    for shop in ("Abbey Books", "Tea Room"):
        members.enrol(tx, address=PHONE, code=a_code(tx, a_shop(tx, shop)), notice_version="2")
        members.name_phone(tx, address=PHONE, name="Sam")

    members.leave(tx, address=PHONE, erase=True)

    rows = table(Member)
    assert set(tx.connection.execute(select(rows.c.name)).scalars()) == {None}
    assert members.members_of(tx, [PHONE]) == {}


def test_a_shops_own_phone_has_no_name(tx: Tx) -> None:
    members.enrol(tx, address=PHONE, code=a_code(tx, a_shop(tx)), notice_version="2")

    members.name_phone(tx, address=PHONE, name=None)

    assert members.members_of(tx, [PHONE])[PHONE].shop_phone


def test_a_phone_that_the_bid_removes_is_gone_and_it_is_written_down(tx: Tx) -> None:
    members.enrol(tx, address=PHONE, code=a_code(tx, a_shop(tx)), notice_version="2")
    (line,) = members.phones(tx.connection)

    removed, again = (members.remove_member(tx, line.id, by="ann") for _ in range(2))

    assert (removed, again) == (True, False)
    assert members.members_of(tx, [PHONE]) == {}
    assert audit(tx).count(("member removed", "ann")) == 1


def test_a_list_for_admins_shows_a_channel_and_no_address(tx: Tx) -> None:
    members.enrol(tx, address=PHONE, code=a_code(tx, a_shop(tx)), notice_version="2")

    (line,) = members.phones(tx.connection)

    assert line.channel == "telegram"
    assert "700100200" not in str(line)
    assert [shop.phones for shop in members.businesses(tx.connection)] == [1]
