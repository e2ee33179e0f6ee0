"""Which mails a report leads to, and when: the first ones, those that follow, and those called back."""

from pathlib import Path

import pytest

from conversations.state import Place
from dispatch import forwards
from storage.database import Database
from tests.dispatch.filed import (
    ASB,
    BID,
    OUTREACH,
    PARTNERSHIP,
    STREET,
    Desk,
    pictures,
    sent_to,
    text,
)
from tests.hand_clock import HandClock

ROUTE = {STREET, ASB, PARTNERSHIP}


@pytest.fixture
def desk(database: Database, clock: HandClock, tmp_path: Path) -> Desk:
    return Desk(database, clock, tmp_path)


async def test_a_report_without_photos_leaves_at_once_to_everybody_on_its_route(desk: Desk) -> None:
    desk.file()

    mails = await desk.send_due()

    assert {str(mail["To"]) for mail in mails} == ROUTE


async def test_a_report_waits_for_its_photo_and_goes_at_once_when_it_is_there(desk: Desk) -> None:
    desk.file(photos=("p1",))
    early = await desk.send_due()
    desk.clock.move(seconds=7)

    desk.arrives("p1")
    mails = await desk.send_due()

    assert early == []
    assert {str(mail["To"]) for mail in mails} == ROUTE
    assert all(len(pictures(mail)) == 1 for mail in mails)


async def test_one_of_two_photos_does_not_let_the_mail_go(desk: Desk) -> None:
    desk.file(photos=("p1", "p2"))

    desk.arrives("p1")
    early = await desk.send_due()
    desk.arrives("p2")
    mails = await desk.send_due()

    assert early == []
    assert [len(pictures(mail)) for mail in mails] == [2, 2, 2]


async def test_a_photo_that_never_comes_lets_the_mail_go_at_once(desk: Desk) -> None:
    desk.file(photos=("p1",))

    desk.arrives("p1", why="gone")
    mails = await desk.send_due()

    assert [pictures(mail) for mail in mails] == [[], [], []]


async def test_a_mail_waits_two_minutes_at_the_most(desk: Desk) -> None:
    desk.file(photos=("p1",))

    desk.clock.move(seconds=119)
    before = await desk.send_due()
    desk.clock.move(seconds=1)
    mails = await desk.send_due()

    assert before == []
    assert {str(mail["To"]) for mail in mails} == ROUTE
    assert all("photos_to_follow: 1" in text(mail) for mail in mails)


async def test_a_late_photo_follows_once_in_the_same_thread(desk: Desk) -> None:
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    first = await desk.send_due()
    desk.clock.move(seconds=5)

    desk.arrives("p1")
    desk.clock.move(seconds=20)
    later = await desk.send_due()
    desk.clock.move(hours=1)

    assert [pictures(mail) for mail in first] == [[], [], []]
    assert [len(pictures(mail)) for mail in later] == [1, 1, 1]
    assert await desk.send_due() == []
    for address in ROUTE:
        (root,), (follow,) = sent_to(first, address), sent_to(later, address)
        assert follow["In-Reply-To"] == root["Message-ID"]
        assert root["Message-ID"] in follow["References"]
        assert follow["Message-ID"] != root["Message-ID"]
        assert str(root["Subject"]) in str(follow["Subject"])


async def test_late_photos_that_come_together_are_one_mail(desk: Desk) -> None:
    desk.file(photos=("p1", "p2", "p3"))
    desk.clock.move(minutes=2)
    await desk.send_due()

    for photo in ("p1", "p2", "p3"):
        desk.clock.move(seconds=3)
        desk.arrives(photo)
    desk.clock.move(seconds=20)
    later = await desk.send_due()

    assert [len(pictures(mail)) for mail in later] == [3, 3, 3]


async def test_no_photo_is_sent_twice_and_none_is_lost_whenever_it_comes(desk: Desk) -> None:
    desk.file(photos=("p1", "p2", "p3", "p4"))
    mails = []
    desk.arrives("p1")
    desk.clock.move(minutes=2)
    mails += await desk.send_due()
    desk.clock.move(seconds=1)
    desk.arrives("p2")
    desk.clock.move(seconds=21)
    mails += await desk.send_due()
    desk.clock.move(seconds=1)
    desk.arrives("p3")
    desk.clock.move(seconds=21)
    mails += await desk.send_due()
    desk.clock.move(seconds=1)
    desk.arrives("p4")
    desk.clock.move(seconds=21)
    mails += await desk.send_due()

    for address in ROUTE:
        shown = [name for mail in sent_to(mails, address) for name in pictures(mail)]
        assert len(shown) == len(set(shown)) == 4, shown


async def test_a_photo_kept_in_the_moment_in_which_the_mail_is_claimed_is_sent_once(desk: Desk) -> None:
    """Both can be one transaction, and so one `now`."""
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    rows = desk.due()

    desk.arrives("p1")
    first = []
    for row in rows:
        first.append(await desk.letter(row))
        desk.settle(row)
    desk.clock.move(seconds=30)
    later = await desk.send_due()

    for address in ROUTE:
        shown = [name for mail in sent_to(first + later, address) for name in pictures(mail)]
        assert len(shown) == 1, shown
    assert all(pictures(mail) for mail in later)


async def test_a_photo_while_the_first_mail_is_on_its_way_follows_it(desk: Desk) -> None:
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    rows = desk.due()
    desk.clock.move(seconds=1)

    desk.arrives("p1")
    first = []
    for row in rows:
        first.append(await desk.letter(row))
        desk.settle(row)
    desk.clock.move(seconds=30)
    later = await desk.send_due()

    assert [pictures(mail) for mail in first] == [[], [], []]
    assert [len(pictures(mail)) for mail in later] == [1, 1, 1]


async def test_recipients_who_stay_get_a_correction_new_ones_the_whole_mail_and_dropped_ones_a_word(
    desk: Desk,
) -> None:
    desk.file()
    first = await desk.send_due()
    desk.clock.move(minutes=1)

    desk.change_kind("sleeping_rough", "now")
    later = await desk.send_due()

    (stays,) = sent_to(later, ASB)
    (new,) = sent_to(later, OUTREACH)
    assert stays["In-Reply-To"] == sent_to(first, ASB)[0]["Message-ID"]
    assert "Graffiti" in text(stays)
    assert "Rough sleeping" in text(stays)
    assert new["In-Reply-To"] is None
    assert "Rough sleeping" in str(new["Subject"])
    assert "report.csv" in [part.get_filename() for part in new.walk()]
    for dropped in (STREET, PARTNERSHIP):
        (mail,) = sent_to(later, dropped)
        assert f"Please delete {desk.report.reference}" in text(mail)
        assert "Rough sleeping" not in text(mail)


async def test_a_dropped_recipient_hears_nothing_more(desk: Desk) -> None:
    desk.file()
    await desk.send_due()
    desk.change_kind("sleeping_rough", "now")
    await desk.send_due()

    desk.add_words("moved on to the church")
    later = await desk.send_due()

    assert {str(mail["To"]) for mail in later} == {ASB, OUTREACH}


async def test_what_waits_for_a_dropped_recipient_does_not_leave(desk: Desk) -> None:
    desk.file()
    await desk.send_due()
    desk.add_words("blankets, a dog")

    desk.change_kind("sleeping_rough", "now")
    later = await desk.send_due()

    for dropped in (STREET, PARTNERSHIP):
        (mail,) = sent_to(later, dropped)
        assert "blankets" not in text(mail)


async def test_a_kind_changed_before_the_first_mail_left_leads_to_no_extra_mail(desk: Desk) -> None:
    desk.file()

    desk.change_kind("sleeping_rough", "now")
    mails = await desk.send_due()

    assert sorted(str(mail["To"]) for mail in mails) == sorted([ASB, OUTREACH])
    assert all("Rough sleeping" in str(mail["Subject"]) for mail in mails)
    assert all(mail["In-Reply-To"] is None for mail in mails)


async def test_a_kind_changed_twice_ends_where_it_began(desk: Desk) -> None:
    desk.file()
    await desk.send_due()

    desk.change_kind("sleeping_rough", "now")
    await desk.send_due()
    desk.change_kind("graffiti", "no")
    later = await desk.send_due()

    assert sorted(str(mail["To"]) for mail in later) == sorted([*ROUTE, OUTREACH])
    assert "Please delete" in text(sent_to(later, OUTREACH)[0])
    assert "red tag on the shutter" in text(sent_to(later, STREET)[0])


async def test_an_answer_decides_who_is_on_the_route(desk: Desk) -> None:
    desk.file(category="urination", answer="yes")

    assert {str(mail["To"]) for mail in await desk.send_due()} == {ASB, STREET, PARTNERSHIP}


async def test_taken_back_before_the_mail_nothing_leaves(desk: Desk) -> None:
    desk.file(photos=("p1",))

    desk.take_back()
    desk.clock.move(minutes=5)

    assert await desk.send_due() == []


async def test_taken_back_after_the_mail_everybody_who_has_it_is_told_in_the_thread(desk: Desk) -> None:
    desk.file()
    first = await desk.send_due()

    desk.take_back()
    later = await desk.send_due()

    assert {str(mail["To"]) for mail in later} == ROUTE
    for address in ROUTE:
        assert sent_to(later, address)[0]["In-Reply-To"] == sent_to(first, address)[0]["Message-ID"]
    assert all("red tag" not in text(mail) for mail in later)


async def test_words_and_photos_that_wait_do_not_leave_once_the_report_is_taken_back(desk: Desk) -> None:
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    await desk.send_due()
    desk.add_words("it was the boy from number nine")
    desk.arrives("p1")

    desk.take_back()
    desk.clock.move(minutes=5)
    later = await desk.send_due()

    assert len(later) == len(ROUTE)
    assert all("number nine" not in text(mail) for mail in later)
    assert all(pictures(mail) == [] for mail in later)


async def test_a_photo_that_comes_after_the_taking_back_leaves_nowhere(desk: Desk) -> None:
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    await desk.send_due()
    desk.take_back()
    await desk.send_due()

    desk.arrives("p1")
    desk.clock.move(minutes=5)

    assert await desk.send_due() == []
    with desk.database.read() as connection:
        forgotten = connection.exec_driver_sql("SELECT payload FROM outbox WHERE kind = 'forget'").scalars()
        assert [payload for payload in forgotten if "p1" in payload]


async def test_words_added_after_the_mail_follow_in_the_thread(desk: Desk) -> None:
    desk.file()
    first = await desk.send_due()

    desk.add_words("there is a second one now")
    later = await desk.send_due()

    assert {str(mail["To"]) for mail in later} == ROUTE
    assert all("there is a second one now" in text(mail) for mail in later)
    assert all(mail["In-Reply-To"] for mail in later)
    assert len(first) == 3


async def test_words_added_and_then_taken_back_never_leave_and_stand_nowhere(desk: Desk) -> None:
    desk.file()
    await desk.send_due()

    desk.add_words("there is a second one now")
    desk.take_back()
    later = await desk.send_due()

    assert {str(mail["To"]) for mail in later} == ROUTE
    assert not any("there is a second one now" in text(mail) for mail in later)
    with desk.database.read() as connection:
        everything = connection.connection.dbapi_connection.iterdump()  # type: ignore[union-attr]
        assert not any("there is a second one now" in line for line in everything)


async def test_words_added_before_the_mail_stand_in_it(desk: Desk) -> None:
    desk.file()

    desk.add_words("there is a second one now")
    mails = await desk.send_due()

    assert len(mails) == 3
    assert all("there is a second one now" in text(mail) for mail in mails)


async def test_a_photo_added_after_the_mail_follows(desk: Desk) -> None:
    desk.file()
    await desk.send_due()

    desk.clock.move(seconds=3)
    desk.announce("p9")
    desk.arrives("p9")
    desk.clock.move(seconds=20)
    later = await desk.send_due()

    assert [len(pictures(mail)) for mail in later] == [1, 1, 1]


async def test_a_test_report_goes_to_the_bid_alone_whatever_happens_to_it(desk: Desk) -> None:
    desk.file(test=True)
    mails = await desk.send_due()

    desk.add_words("more")
    desk.change_kind("sleeping_rough", "now")
    mails += await desk.send_due()
    desk.take_back()
    mails += await desk.send_due()

    assert {str(mail["To"]) for mail in mails} == {BID}
    assert all("TEST" in str(mail["Subject"]) for mail in mails)


async def test_a_relay_that_was_away_gets_a_late_photo_once(desk: Desk) -> None:
    """Put back without an attempt, the first mail is as if never tried: it shows the photo itself."""
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    rows = desk.due()
    desk.clock.move(seconds=1)
    desk.arrives("p1")
    for row in rows:
        desk.comes_back(row, tried=False)
    desk.clock.move(seconds=30)

    mails = await desk.send_due()

    assert len(mails) == len(ROUTE)
    assert [len(pictures(mail)) for mail in mails] == [1, 1, 1]


@pytest.mark.parametrize("tried", [True, False], ids=["asked to come again", "away"])
async def test_a_kind_changed_while_a_mail_is_on_its_way_tells_nobody_who_should_not_know(
    desk: Desk, tried: bool
) -> None:
    """The mail shows the report as it is when it leaves: by then some are off its route."""
    desk.file()
    rows = desk.due()

    desk.change_kind("sleeping_rough", "now")
    for row in rows:
        desk.comes_back(row, tried=tried)
    mails = await desk.send_due()

    for dropped in (STREET, PARTNERSHIP):
        assert all("Rough sleeping" not in text(mail) for mail in sent_to(mails, dropped))
        assert all("report.csv" not in str(mail) for mail in sent_to(mails, dropped))
    if not tried:
        assert {str(mail["To"]) for mail in mails} == {ASB, OUTREACH}
        assert len(mails) == 2


async def test_a_kind_changed_while_a_refused_mail_waits_for_its_next_try(desk: Desk) -> None:
    desk.file()
    for row in desk.due():
        desk.comes_back(row, tried=True)

    desk.change_kind("sleeping_rough", "now")
    mails = await desk.send_due()

    for dropped in (STREET, PARTNERSHIP):
        assert ["Please delete" in text(mail) for mail in sent_to(mails, dropped)] == [True]


@pytest.mark.parametrize("tried", [True, False], ids=["asked to come again", "away"])
async def test_taken_back_while_the_mail_is_on_its_way_it_does_not_leave_later(
    desk: Desk, tried: bool
) -> None:
    desk.file()
    rows = desk.due()

    desk.take_back()
    for row in rows:
        desk.comes_back(row, tried=tried)
    mails = await desk.send_due()

    assert len(mails) == (len(ROUTE) if tried else 0)
    assert all("red tag" not in text(mail) and "report.csv" not in str(mail) for mail in mails)


async def test_who_is_to_delete_a_report_hears_it_though_it_is_taken_back_before_that_mail_left(
    desk: Desk,
) -> None:
    desk.file()
    await desk.send_due()
    desk.change_kind("sleeping_rough", "now")
    on_their_way = desk.due()

    desk.take_back()
    for row in on_their_way:
        desk.comes_back(row, tried=False)
    mails = await desk.send_due()

    for dropped in (STREET, PARTNERSHIP):
        (mail,) = sent_to(mails, dropped)
        assert "Please delete" in text(mail)
    assert sent_to(mails, OUTREACH) == []
    assert len(sent_to(mails, ASB)) == 1


async def test_who_is_off_on_and_off_the_route_again_while_the_relay_is_away_is_told_to_delete(
    desk: Desk,
) -> None:
    desk.file()
    await desk.send_due()

    desk.change_kind("sleeping_rough", "now")
    desk.change_kind("graffiti", "no")
    desk.change_kind("sleeping_rough", "now")
    mails = await desk.send_due()

    (mail,) = sent_to(mails, STREET)
    assert "Please delete" in text(mail)
    assert "report.csv" not in str(mail)


async def test_delivered_means_that_whoever_owns_the_report_now_has_it(desk: Desk) -> None:
    desk.file()
    await desk.send_due()
    before = desk.view()

    desk.change_kind("sleeping_rough", "now")
    between = desk.view()
    await desk.send_due()

    assert before.owner_accepted_at is not None
    assert between.owner_accepted_at is None
    assert desk.view().owner_accepted_at is not None


def test_a_notice_to_the_bid_is_sent_once_a_key(desk: Desk) -> None:
    for _ in range(3):
        with desk.database.write(desk.clock()) as tx:
            forwards.tell_bid(tx, "broken:2026-11-24", "A message could not be handled", "Somebody's message")

    assert len(desk.due()) == 1


async def test_only_the_place_of_a_shop_says_where_the_shop_is(desk: Desk) -> None:
    desk.file(place=Place("known", "Market Square", 52.2378, -0.8962), name_out=True)

    mails = await desk.send_due()

    assert all("member business in Market Square" not in text(mail) for mail in mails)
