"""Every change of a report leaves a line in its history, and too late is too late."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, update

from conversations.facts import MemberView
from conversations.state import Draft, PhotoNote, Piece, Place
from storage import media, members, reports
from storage.reports import Filing, TooLate
from storage.tables import Report, table
from storage.tx import Tx
from tests.storage.rows import later

ADDRESS = "telegram:700100200"
MARKET = Place("known", "Market Square", 52.2378, -0.8962, 60.0)


@pytest.fixture
def member(tx: Tx) -> MemberView:
    return a_member(tx)


def a_member(tx: Tx, business: str = "Abbey Books", address: str = ADDRESS) -> MemberView:
    shop = members.add_business(
        tx, name=business, address="12 Abington Street", postcode="NN1 2AJ", kind="levy", by="test"
    )
    members.enrol(tx, address=address, code=members.code_of(tx, shop, by="test"), notice_version="1")
    return members.members_of(tx, [address])[address]


def a_filing(tx: Tx, member: MemberView, *, draft: str = "d1", test: bool = False, **more: Any) -> Filing:
    values: dict[str, Any] = {"category": "graffiti", "words": (Piece("1", "red tag"),), "answer": "no"}
    made = Draft(id=draft, started_at=tx.now, touched_at=tx.now, place=MARKET, **(values | more))
    return Filing(made, member, MARKET, prefix="NT", language="en", urgent=False, test=test)


def a_report(tx: Tx, member: MemberView, **more: Any) -> Row[Any]:
    return reports.file_report(tx, a_filing(tx, member, **more))


def again(tx: Tx, report: Row[Any]) -> Row[Any]:
    return reports.by_id(tx.connection, report.id)


def history(tx: Tx, report: Row[Any]) -> list[str]:
    return [line.what for line in reports.history(tx.connection, report.id)]


def test_filing_leaves_the_first_line(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)

    (line,) = reports.history(tx.connection, report.id)
    assert (line.what, line.by, line.at) == ("report_filed", "reporter", tx.now)
    assert (report.words, report.place, report.status) == ("red tag", "Market Square", "open")


def test_a_draft_that_is_filed_already_is_the_same_report(tx: Tx, member: MemberView) -> None:
    first, second = a_report(tx, member), a_report(tx, member)

    assert first.reference == second.reference
    assert history(tx, first) == ["report_filed"]


def test_references_are_found_in_any_case_and_differ(tx: Tx, member: MemberView) -> None:
    filed = {a_report(tx, member, draft=f"d{number}").reference for number in range(200)}

    assert len(filed) == 200
    one = filed.pop()
    found = reports.by_reference(tx.connection, one.lower())
    assert found is not None
    assert found.reference == one


def test_photos_of_the_draft_become_the_reports(tx: Tx, member: MemberView) -> None:
    from conversations.acts import KeepMedia

    order = KeepMedia("p1", "d1", "photo", "handle", tx.now.timestamp())
    media.announce(tx, order, address=ADDRESS, report_id=None)

    report = a_report(tx, member, photos=(PhotoNote("p1", "photo", "u1"),))

    assert [photo.id for photo in media.of_report(tx.connection, report.id)] == ["p1"]
    assert media.waiting(tx.connection, report.id) == 1


@pytest.mark.parametrize(
    ("draft", "source", "said"),
    [({}, "message", None), ({"when": "today"}, "said", "today")],
    ids=["of the message", "as said"],
)
def test_it_is_kept_where_the_time_is_from(
    tx: Tx, member: MemberView, draft: dict[str, Any], source: str, said: str | None
) -> None:
    report = a_report(tx, member, **draft)

    assert (report.seen_at_source, report.seen_said) == (source, said)


def test_added_words_stand_behind_the_first_ones_and_leave_a_line(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)

    reports.add_words(tx, report, "two metres wide", edited=False)
    reports.add_words(tx, again(tx, report), "three metres", edited=True)

    assert again(tx, report).words == "red tag\ntwo metres wide\nthree metres"
    assert history(tx, report) == ["report_filed", "words_added", "words_changed"]


def test_a_changed_kind_leaves_a_line(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)

    reports.change_kind(tx, report, category="damage", answer="public", under_18=None)

    assert (again(tx, report).category, again(tx, report).answer) == ("damage", "public")
    assert history(tx, report)[-1] == "kind_changed"


def test_taking_back_erases_the_words_wherever_they_stand_and_leaves_a_line(
    tx: Tx, member: MemberView
) -> None:
    report = a_report(tx, member)
    reports.add_words(tx, report, "a zebra", edited=False)

    reports.withdraw(tx, again(tx, report))

    assert (again(tx, report).words, again(tx, report).status) == ("", "cancelled")
    assert history(tx, report)[-1] == "report_withdrawn"
    assert "zebra" not in str(reports.history(tx.connection, report.id))


def test_being_told_late_leaves_a_line(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)

    reports.told_late(tx, report)

    assert history(tx, report)[-1] == "reporter_told_late"
    view = reports.view(tx.connection, report.reference, member.member_id)
    assert view
    assert view.late_told


@pytest.mark.parametrize(("hours", "allowed"), [(23.99, True), (24, True), (24.01, False)])
def test_a_report_can_be_taken_back_for_24_hours(
    tx: Tx, member: MemberView, hours: float, allowed: bool
) -> None:
    report = a_report(tx, member)
    then = later(tx, hours=hours)

    if allowed:
        reports.withdraw(then, report)
    else:
        with pytest.raises(TooLate, match="late"):
            reports.withdraw(then, report)

    assert (again(tx, report).withdrawn_at is not None) == allowed


def test_a_report_that_somebody_acted_on_stays_as_it_is(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)
    rows = table(Report)
    tx.connection.execute(update(rows).values(acted_at=tx.now, status="investigating"))
    acted = again(tx, report)

    with pytest.raises(TooLate, match="acted"):
        reports.withdraw(tx, acted)
    with pytest.raises(TooLate, match="acted"):
        reports.change_kind(tx, acted, category="damage", answer=None, under_18=None)

    assert history(tx, report) == ["report_filed"]


def test_a_report_is_taken_back_once(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)
    reports.withdraw(tx, report)

    with pytest.raises(TooLate, match="gone"):
        reports.withdraw(tx, again(tx, report))

    assert history(tx, report).count("report_withdrawn") == 1


@pytest.mark.parametrize("second", ["add_words", "change_kind", "withdraw", "told_late"])
def test_who_read_before_another_wrote_changes_nothing(tx: Tx, member: MemberView, second: str) -> None:
    """Two writers, interleaving: both read version 1, and only one of them writes over it."""
    read_by_both = a_report(tx, member)
    reports.add_words(tx, read_by_both, "from the first", edited=False)
    change: dict[str, Any] = {
        "add_words": lambda: reports.add_words(tx, read_by_both, "from the second", edited=False),
        "change_kind": lambda: reports.change_kind(
            tx, read_by_both, category="damage", answer=None, under_18=None
        ),
        "withdraw": lambda: reports.withdraw(tx, read_by_both),
        "told_late": lambda: reports.told_late(tx, read_by_both),
    }

    with pytest.raises(TooLate, match="acted"):
        change[second]()

    now = again(tx, read_by_both)
    assert now.words == "red tag\nfrom the first"
    assert (now.category, now.withdrawn_at, now.late_told_at) == ("graffiti", None, None)
    assert now.version == 2
    assert history(tx, now) == ["report_filed", "words_added"]


def test_a_phone_sees_its_own_reports_alone(tx: Tx, member: MemberView) -> None:
    other = a_member(tx, "Tea Room", "telegram:2")
    mine = a_report(tx, member)
    theirs = a_report(tx, other, draft="d2")

    assert [view.reference for view in reports.latest_of_phone(tx.connection, member.member_id)] == [
        mine.reference
    ]
    assert reports.view(tx.connection, theirs.reference, member.member_id) is None


def test_the_shops_reports_show_no_words_and_no_private_kinds(tx: Tx, member: MemberView) -> None:
    a_report(tx, member)
    a_report(tx, member, draft="d2", category="staff_abuse")

    seen = reports.latest_of_business(tx.connection, member.business_id, frozenset({"staff_abuse"}))

    assert [(view.category, view.words, view.mine) for view in seen] == [("graffiti", "", False)]


def test_open_reports_are_those_that_can_still_be_taken_back(tx: Tx, member: MemberView) -> None:
    kept, gone = a_report(tx, member), a_report(tx, member, draft="d2")
    reports.withdraw(tx, gone)

    assert [row.id for row in reports.open_of_phone(tx.connection, member.member_id)] == [kept.id]


def test_the_reporter_is_reached_until_the_phone_leaves(tx: Tx, member: MemberView) -> None:
    report = a_report(tx, member)
    before = reports.address_of(tx.connection, report.id)

    members.leave(tx, address=ADDRESS, erase=True)

    assert before == ADDRESS
    assert reports.address_of(tx.connection, report.id) is None


def test_newest_come_first(tx: Tx, member: MemberView) -> None:
    first = a_report(tx, member)
    second = a_report(Tx(tx.connection, tx.now + timedelta(minutes=1)), member, draft="d2")

    assert [view.reference for view in reports.latest_of_phone(tx.connection, member.member_id)] == [
        second.reference,
        first.reference,
    ]
