"""What the mails of the outbox say: read from the database when they leave."""

from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from conversations.state import Place
from dispatch.forwards import ReportOrder
from dispatch.mails.osgb import grid_point
from dispatch.transport import GiveUp, Outbound
from storage import media
from storage.database import Database
from tests.dispatch.filed import STREET, Desk, outbound, pictures, sent_to, text
from tests.hand_clock import HandClock

SHOP_POINT = (52.23761, -0.89557)
AT_SHOP = Place("shop", "Abbey Books, 12 Abington Street", *SHOP_POINT)
NAMED_OUT = {
    "the shop itself": AT_SHOP,
    "a pin at the shop": Place("pin", "Abington Street", 52.237612, -0.895573, 8.0),
    "a venue with the shop's name": Place("pin", "Abbey Books", 52.237612, -0.895573),
    "the shop's address typed": Place("typed", "outside 12 Abington Street"),
    "a place elsewhere": Place("known", "Market Square", 52.2378, -0.8962, 60.0),
    "the town centre": Place("known", "Northampton town centre"),
}


def _secrets() -> list[bytes]:
    grid = grid_point(*SHOP_POINT)
    assert grid
    told = ["abbey books", "12 abington", "nn1 2aj", "496 1234", "52.2376", "-0.8955"]
    return [secret.encode() for secret in (*told, str(grid.easting), str(grid.northing))]


def _everything(mail: EmailMessage) -> bytes:
    parts = [part.get_payload(decode=True) or b"" for part in mail.walk()]
    headers = str(mail.items()).encode()
    return b"\n".join([mail.as_bytes(), headers, *(one for one in parts if isinstance(one, bytes))]).lower()


@pytest.fixture
def desk(database: Database, clock: HandClock, tmp_path: Path) -> Desk:
    return Desk(database, clock, tmp_path)


async def _whole_thread(desk: Desk) -> list[EmailMessage]:
    """Every sort of mail that one report can lead to."""
    desk.clock.move(minutes=2)
    mails = await desk.send_due()
    desk.clock.move(seconds=1)
    desk.arrives("p1")
    desk.clock.move(seconds=30)
    mails += await desk.send_due()
    desk.add_words("a second one now")
    mails += await desk.send_due()
    desk.change_kind("sleeping_rough", "now")
    mails += await desk.send_due()
    desk.take_back()
    return mails + await desk.send_due()


@pytest.mark.parametrize("place", NAMED_OUT.values(), ids=list(NAMED_OUT))
async def test_no_mail_tells_which_shop_it_is_that_is_not_to_be_named(desk: Desk, place: Place) -> None:
    desk.file(place=place, name_out=True, photos=("p1",))

    mails = await _whole_thread(desk)

    assert len(mails) >= 12
    for mail in mails:
        everything = _everything(mail)
        for secret in _secrets():
            assert secret not in everything, (str(mail["Subject"]), secret)


async def test_a_shop_that_may_be_named_is(desk: Desk) -> None:
    desk.file(place=AT_SHOP)

    mail = sent_to(await desk.send_due(), STREET)[0]

    for told in ("Abbey Books", "12 Abington Street", "NN1 2AJ", "01604 496 1234"):
        assert told in text(mail)
    assert b"52.237610" in _everything(mail)


async def test_a_shop_alone_in_its_street_is_a_member_business_in_the_town_centre(desk: Desk) -> None:
    desk.file(name_out=True)

    mail = sent_to(await desk.send_due(), STREET)[0]

    assert "a member business in the town centre" in text(mail)


async def test_a_shop_among_others_is_a_member_business_in_its_own_street(desk: Desk) -> None:
    """Also when the report is about another street."""
    desk.a_member("Tea Room", "40 Abington Street", "telegram:2")
    desk.a_member("Shoes", "51a Abington Street", "telegram:3")
    desk.file(place=Place("known", "Market Square", 52.2378, -0.8962), name_out=True)

    mail = sent_to(await desk.send_due(), STREET)[0]

    assert "a member business in Abington Street" in text(mail)


async def test_no_mail_names_the_person_or_their_chat(desk: Desk) -> None:
    desk.file(photos=("p1",))

    for mail in await _whole_thread(desk):
        assert b"telegram" not in _everything(mail)
        assert b"700100200" not in _everything(mail)


async def test_a_removed_photo_is_in_no_mail_and_its_bytes_go(desk: Desk) -> None:
    desk.file(photos=("p1", "p2"))
    desk.arrives("p1")
    with desk.database.write(desk.clock()) as tx:
        media.remove(tx, ["p1"])
    desk.arrives("p2")

    mails = await desk.send_due()

    assert [len(pictures(mail)) for mail in mails] == [1, 1, 1]
    assert all(b"picturep1" not in _everything(mail) for mail in mails)
    with desk.database.read() as connection:
        payload = connection.exec_driver_sql("SELECT payload FROM outbox WHERE kind = 'forget'").scalar_one()
        assert payload == '{"name":"2026/11/p1.jpg"}'


async def test_a_photo_whose_bytes_are_missing_keeps_no_mail_back(desk: Desk) -> None:
    desk.file(photos=("p1",))
    desk.arrives("p1")
    desk.store.delete("2026/11/p1.jpg")

    mails = await desk.send_due()

    assert [pictures(mail) for mail in mails] == [[], [], []]


async def test_the_same_row_gives_the_same_mail_whatever_has_come_since(desk: Desk) -> None:
    """A repeat in doubt has the same Message-ID, so it must be the same mail."""
    desk.file(photos=("p1",))
    desk.clock.move(minutes=2)
    row = desk.due()[0]
    first = await desk.letter(row)
    desk.clock.move(seconds=5)
    desk.arrives("p1")

    again = await desk.letter(row)

    assert again["Message-ID"] == first["Message-ID"]
    assert again["Date"] == first["Date"]
    assert pictures(again) == pictures(first) == []


async def test_the_subject_of_a_thread_never_changes(desk: Desk) -> None:
    desk.file()
    mails = await desk.send_due()
    desk.change_kind("damage", "public")
    mails += await desk.send_due()
    desk.add_words("more")
    mails += await desk.send_due()

    for address in {str(mail["To"]) for mail in mails}:
        root, *later = [str(mail["Subject"]) for mail in sent_to(mails, address)]
        assert all(root in subject for subject in later), (root, later)


async def test_an_admins_retry_sends_nothing_of_a_report_that_was_taken_back(desk: Desk) -> None:
    desk.file()
    rows = desk.due()
    desk.take_back()

    with pytest.raises(GiveUp, match="taken back"):
        await desk.letter(rows[0])


async def test_an_admins_retry_sends_nothing_to_who_is_off_the_route(desk: Desk) -> None:
    desk.file()
    rows = desk.due()
    desk.change_kind("sleeping_rough", "now")

    (to_street,) = [row for row in rows if STREET in row.lane]
    with pytest.raises(GiveUp, match="not for this recipient"):
        await desk.letter(to_street)


async def test_a_row_that_says_nothing_readable_is_given_up(desk: Desk) -> None:
    desk.file()
    row = outbound(desk.due()[0])
    broken = Outbound(row.id, row.kind, row.lane, row.reference, "{}", 0, row.created_at, row.not_before)

    with pytest.raises(GiveUp):
        await desk.writer().write(broken)


def test_the_payload_of_a_mail_holds_no_words_of_anybody(desk: Desk) -> None:
    desk.file()
    desk.due()
    desk.add_words("the boy from number nine")

    with desk.database.read() as connection:
        payloads = connection.exec_driver_sql("SELECT payload FROM outbox").scalars().all()

    assert not any("number nine" in payload or "red tag" in payload for payload in payloads)
    assert all(msgspec.json.decode(payload)["type"] == "report" for payload in payloads)
    assert ReportOrder(1).news is None
