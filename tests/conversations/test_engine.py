"""Facts of the dialogue that a transcript says poorly."""

from datetime import timedelta

import msgspec
import pytest

from conversations import acts
from conversations.engine import advance
from conversations.events import Choice, Command, Edited, Event, Fetched, Location, Media, Text, Woke
from conversations.facts import ReportView
from conversations.flows.enrol import code_in
from conversations.flows.shop_words import said_of_shop, without_shop
from conversations.says import Say
from conversations.state import State
from tests.conversations.world import SHOPS, START, World

SECOND = timedelta(seconds=1)


def a_member() -> World:
    return World(member=SHOPS["K7M4QX2P"])


def text(world: World, words: str, message: str = "1") -> list[Say]:
    return world.hear(Text(at=world.now, message=message, words=words))


def tap(world: World, rest: str, message: str = "9") -> list[Say]:
    assert world.state.draft
    world.now += 10 * SECOND
    return world.hear(Choice(at=world.now, message=message, data=f"{world.state.draft.id}:{rest}"))


def a_photo(at_message: str, *, caption: str = "", album: str | None = None) -> Media:
    return Media(
        at=START,
        message=at_message,
        kind="photo",
        handle="h",
        unique=f"u{at_message}",
        caption=caption,
        album=album,
    )


def test_two_reports_begun_from_the_same_button_on_two_days_are_two() -> None:
    """Telegram gives a tap the id of its message, which may stay in the chat for weeks."""
    world = a_member()
    world.hear(Choice(at=world.now, message="50", data="-:menu:report"))
    first = world.state.draft
    world.hear(Command(at=world.now, message="51", name="discard"))
    world.now += timedelta(days=1)
    world.hear(Choice(at=world.now, message="50", data="-:menu:report"))

    assert first
    assert world.state.draft
    assert world.state.draft.id != first.id


def test_the_same_message_opens_the_same_draft_again_after_a_crash() -> None:
    said = Text(at=START, message="1", words="graffiti in Gold Street")

    once, twice = advance(State(), said, a_member()), advance(State(), said, a_member())

    assert once == twice


def test_every_piece_of_an_album_carries_the_danger_line_and_one_collapse_key() -> None:
    world = a_member()
    turns = [world.hear(a_photo(str(n), album="a1")) for n in range(3)]

    for turn in turns:
        assert turn[0].text[0].key == "danger"
        assert {one.collapse for one in turn} == {"album:a1"}
        assert {one.delay_s for one in turn} == {1.5}


def test_a_photo_sent_twice_is_kept_once() -> None:
    world = a_member()
    world.hear(a_photo("1"))
    world.hear(msgspec.structs.replace(a_photo("2"), unique="u1"))

    assert sum(isinstance(act, acts.KeepMedia) for act in world.done) == 1


def test_what_takes_the_place_keyboard_away_comes_first_and_alone() -> None:
    world = a_member()
    world.hear(Command(at=START, message="1", name="report"))
    asked = tap(world, "category:graffiti")
    answered = text(world, "Gold Street", "3")

    assert asked[-1].wants_place
    assert [one.settles_place for one in answered] == [True, False]
    assert not world.state.place_open


def test_an_unknown_place_is_looked_up_and_nothing_waits_for_the_answer() -> None:
    world = a_member()
    world.geocoder = True
    world.hear(Command(at=START, message="1", name="report"))
    tap(world, "category:graffiti")
    says = text(world, "the old cinema", "3")

    assert isinstance(world.done[-1], acts.LookUp)
    assert says[-1].text[0].key == "photo-ask"


def test_timers_nudge_once_and_a_touch_puts_them_off() -> None:
    world = a_member()
    text(world, "graffiti on the wall")
    world.now += timedelta(minutes=29)
    tap(world, "category:graffiti")

    assert not world.pass_time(timedelta(minutes=5))
    assert world.pass_time(timedelta(minutes=26))
    assert not world.pass_time(timedelta(hours=20))
    assert world.pass_time(timedelta(hours=4))
    assert world.state.draft is None


def test_a_timer_that_fires_twice_says_nothing_the_second_time() -> None:
    world = a_member()
    text(world, "graffiti")
    world.now += timedelta(minutes=31)
    assert world.state.draft
    woke = Woke(at=world.now, subject=f"draft:{world.state.draft.id}")

    assert world.hear(woke)
    assert not world.hear(woke)


def test_the_time_of_a_report_is_that_of_its_first_message() -> None:
    world = a_member()
    world.now += timedelta(hours=1)
    world.hear(Text(at=START, message="1", words="graffiti"))
    world.hear(Text(at=START + timedelta(minutes=20), message="2", words="still there"))

    assert world.state.draft
    assert world.state.draft.started_at == START


def test_a_provider_whose_clock_is_ahead_does_not_keep_a_draft_for_ever() -> None:
    world = a_member()
    world.hear(Text(at=START + timedelta(days=400), message="1", words="graffiti on the wall"))

    assert world.pass_time(timedelta(days=1))
    assert world.state.draft is None


@pytest.mark.parametrize(("lat", "lon"), [(float("nan"), 0.0), (float("inf"), 0.0), (91.0, 0.0), (0.0, 1e9)])
def test_a_pin_that_is_nowhere_is_not_read_as_a_place(lat: float, lon: float) -> None:
    world = a_member()
    says = world.hear(Location(at=START, message="1", lat=lat, lon=lon))

    assert says[0].text[0].key == "unreadable"
    assert world.state.draft is None


def test_a_picture_whose_own_place_is_far_away_offers_only_its_time() -> None:
    world = a_member()
    world.hear(a_photo("1", caption="graffiti"))
    assert world.state.draft
    photo = world.state.draft.photos[0].id
    taken = START - timedelta(hours=1)
    says = world.hear(Fetched(at=START, photo=photo, exif_at=taken, lat=48.1, lon=11.5))

    assert says[-1].text[0].key == "photo-facts-ask"
    assert len(says[-1].text[0].values["facts"]) == 1  # type: ignore[arg-type]


def test_words_beyond_what_a_report_holds_are_cut_and_it_is_said() -> None:
    world = a_member()
    for number in range(3):
        says = text(world, "x" * 4096, str(number))

    assert "words-full" in {part.key for one in says for part in one.text}


def test_more_than_twenty_things_do_not_wait() -> None:
    world = a_member()
    text(world, "graffiti")
    world.now += timedelta(minutes=45)
    for number in range(21):
        says = text(world, f"more to say number {number}", f"m{number}")

    assert says[0].text[0].key == "held-full"
    assert len(world.state.pending[0].held) == 20


def test_an_edit_that_speaks_of_danger_brings_the_999_line() -> None:
    world = a_member()
    text(world, "a man by the market")
    says = world.hear(Edited(at=world.now, message="1", words="a man with a knife by the market"))

    assert says[0].text[0].key == "danger"


def test_leaving_forgets_the_photos_of_what_was_not_sent() -> None:
    world = a_member()
    world.hear(a_photo("1", caption="graffiti"))
    for value in ("leave", "gone"):
        world.hear(Choice(at=world.now, message="2", data=f"-:privacy:{value}"))

    assert [type(act) for act in world.done[-2:]] == [acts.ForgetMedia, acts.Leave]
    assert world.state.draft is None


def test_nobody_leaves_by_a_button_that_was_never_shown() -> None:
    world = a_member()
    world.hear(Choice(at=START, message="1", data="-:privacy:gone"))

    assert world.member
    assert not any(isinstance(act, acts.Leave) for act in world.done)


def test_a_draft_put_away_after_another_one_takes_its_place() -> None:
    world = a_member()
    events: list[Event] = [
        a_photo("1"),
        Command(at=START, message="2", name="discard"),
        a_photo("3"),
        Command(at=START, message="4", name="discard"),
    ]
    for event in events:
        world.hear(event)

    assert world.state.discarded
    assert [type(act) for act in world.done if isinstance(act, acts.ForgetMedia)] == [acts.ForgetMedia]


def test_a_code_is_found_wherever_it_stands() -> None:
    assert code_in("hello, my code is k7m4-qx2p thanks") == "K7M4QX2P"
    assert code_in("K7M4 QX2P") == "K7M4QX2P"
    assert code_in("no code in here") is None


def test_a_members_words_with_a_code_inside_are_words() -> None:
    world = a_member()
    text(world, "van with the plate B2C3D4F5 dumped bags")

    assert world.state.joining is None
    assert world.state.draft


def test_the_shops_name_is_found_however_it_is_written() -> None:
    world = a_member()

    assert said_of_shop("in front of ABBEY-BOOKS!", world) == "ABBEY-BOOKS"
    assert said_of_shop("12, Abington Street", world) == "12, Abington Street"
    assert said_of_shop("abbey bookshop", world) is None
    assert (
        without_shop("at Abbey Books, 12 Abington Street, by the door", world) == "at our shop, by the door"
    )


def test_a_report_that_holds_no_more_words_says_so_and_takes_no_more() -> None:
    world = a_member()
    full = ReportView("NT-7K42", "graffiti", "open", "Gold Street", START, True, "d1", words="a" * 8000)
    world.reports["NT-7K42"] = full

    world.hear(Choice(at=world.now, message="1", data="NT-7K42:sent:add"))
    says = world.hear(Text(at=world.now, message="2", words="b" * 300))

    assert "report-full" in {part.key for one in says for part in one.text}
    assert not [act for act in world.done if isinstance(act, acts.AddToReport)]
