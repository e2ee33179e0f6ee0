"""The pace of sending, by a clock that the test moves."""

import pytest

from bot.channels.telegram.rate import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_chat_may_be_sent_three_at_once_then_one_a_second(clock: Clock) -> None:
    pace = Pace(clock)

    waits = [pace.reserve(7) for _ in range(5)]

    assert waits == [(True, 0), (True, 0), (True, 0), (True, 1), (False, 2)]


def test_what_was_refused_takes_no_place(clock: Clock) -> None:
    pace = Pace(clock)
    for _ in range(20):
        pace.reserve(7)

    clock.now += 1

    assert pace.reserve(7) == (True, 1)


def test_all_chats_together_get_twenty_five_a_second(clock: Clock) -> None:
    pace = Pace(clock)

    waits = [pace.reserve(chat)[1] for chat in range(50)]

    assert waits[24] == 0
    assert waits[25] == pytest.approx(1 / 25)
    assert waits[49] == pytest.approx(1)


@pytest.mark.parametrize("chats", [1, 40, 5000])
def test_over_a_minute_nobody_gets_more_than_the_pace(clock: Clock, chats: int) -> None:
    pace = Pace(clock)
    sent: list[int] = []

    for step in range(60 * 50):
        clock.now = 100 + step / 50
        sent += [chat for chat in (step % chats,) if pace.reserve(chat)[0]]

    assert len(sent) <= 25 * 60 + 25 + 25
    assert max(sent.count(chat) for chat in set(sent)) <= 60 + 3 + 1


def test_chats_long_silent_are_forgotten(clock: Clock) -> None:
    pace = Pace(clock)
    for chat in range(1001):
        clock.now += 1
        pace.reserve(chat)

    clock.now += 10
    pace.reserve(-1)

    assert len(pace._chats) == 1
