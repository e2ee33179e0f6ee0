"""Keeps within the pace that Telegram allows: about 30 messages a second, one a second to each chat."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Bucket:
    """A token bucket. `rate` is tokens a second, `burst` how many may be saved up; all times in seconds."""

    rate: float
    burst: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        return max(0.0, (1 - self._level(now)) / self.rate)

    def take(self, now: float) -> None:
        """Take one, also in advance: the level may go below zero."""
        self.tokens, self.at = self._level(now) - 1, now

    def is_full(self, now: float) -> bool:
        """Whether it says no more than a new one would."""
        return self._level(now) >= self.burst

    def _level(self, now: float) -> float:
        return min(self.burst, self.tokens + (now - self.at) * self.rate)


class Pace:
    """The buckets of one bot: one for all, one for each chat that was lately written to.

    The pace for all stays below the 30 a second that Telegram names, so that answers to taps fit in as well.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        overall: float = 25,
        per_chat: float = 1,
        burst: float = 3,
        longest_wait: float = 1,
    ) -> None:
        self._clock, self._per_chat, self._burst, self.longest_wait = clock, per_chat, burst, longest_wait
        self._all = Bucket(overall, overall, overall, clock())
        self._chats: dict[int, Bucket] = {}

    def reserve(self, chat: int) -> tuple[bool, float]:
        """Whether a message to this chat may go after the wait in seconds that is given too.

        True takes the message's place in the pace. False takes none: the wait is longer than `longest_wait`.
        """
        now = self._clock()
        mine = self._bucket(chat, now)
        wait = max(self._all.wait(now), mine.wait(now))
        if wait > self.longest_wait:
            return False, wait
        self._all.take(now)
        mine.take(now)
        return True, wait

    def _bucket(self, chat: int, now: float) -> Bucket:
        if len(self._chats) > 1000:
            self._chats = {key: kept for key, kept in self._chats.items() if not kept.is_full(now)}
        return self._chats.setdefault(chat, Bucket(self._per_chat, self._burst, self._burst, now))
