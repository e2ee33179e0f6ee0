"""What a test may do to the stand-in: make it slow, wrong, or gone in the middle of a call."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.demo.limits import ApiError, Json

ANY_METHOD = "*"
HTML_ERROR = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"

When = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Answer:
    """Answer this instead of acting."""

    status: int
    body: Json | str


@dataclass(frozen=True)
class HangUp:
    """Close the connection without an answer, after having acted or not."""

    after_acting: bool


@dataclass(frozen=True)
class Delay:
    """Act and answer, but only so many seconds later."""

    seconds: float


@dataclass
class Hold:
    """Keep the call until the test lets it go: an order of events without any sleeping."""

    after_acting: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let the held call go on."""
        self.released.set()

    async def keep(self) -> None:
        """Stand still here until released."""
        self.reached.set()
        await self.released.wait()


Action = Answer | HangUp | Delay | Hold


@dataclass
class _Scripted:
    method: str
    action: Action
    times: int | None
    when: When | None

    def fits(self, method: str, parameters: Mapping[str, str]) -> bool:
        return self.method in (ANY_METHOD, method) and (self.when is None or self.when(parameters))


class Faults:
    """A script of faults by method, first come first served; `times=None` lasts until `clear()`."""

    def __init__(self) -> None:
        self._script: list[_Scripted] = []
        self._gates: list[Hold] = []

    def too_many_requests(
        self, method: str, retry_after: int | None = 1, *, times: int | None = 1, when: When | None = None
    ) -> None:
        """429; `retry_after=None` leaves the parameters out, as the server sometimes does."""
        words = "Too Many Requests" + (f": retry after {retry_after}" if retry_after is not None else "")
        self.add(method, Answer(429, ApiError(429, words, retry_after).body()), times=times, when=when)

    def refuse(
        self, method: str, code: int, description: str, *, times: int | None = 1, when: When | None = None
    ) -> None:
        """An `ok: false` in the server's own form, for instance 403 "Forbidden: user is deactivated"."""
        self.add(method, Answer(code, ApiError(code, description).body()), times=times, when=when)

    def server_error(
        self, method: str, status: int = 502, *, times: int | None = 1, when: When | None = None
    ) -> None:
        """A 5xx (or 413) with the HTML of the web server before the Bot API."""
        self.add(method, Answer(status, HTML_ERROR.format(status)), times=times, when=when)

    def answer(
        self, method: str, status: int, body: Json | str, *, times: int | None = 1, when: When | None = None
    ) -> None:
        """Any status with any body: JSON when it is a dict, HTML when it is text."""
        self.add(method, Answer(status, body), times=times, when=when)

    def hang_up(
        self, method: str, *, after_acting: bool, times: int | None = 1, when: When | None = None
    ) -> None:
        """Close the connection before answering; after acting, the message has arrived all the same."""
        self.add(method, HangUp(after_acting), times=times, when=when)

    def delay(self, method: str, seconds: float, *, times: int | None = 1, when: When | None = None) -> None:
        """Take so many seconds for it."""
        self.add(method, Delay(seconds), times=times, when=when)

    def hold(self, method: str, *, after_acting: bool = False, when: When | None = None) -> Hold:
        """Stop the next such call until `.release()`; `.reached` is set when it has come in."""
        gate = Hold(after_acting)
        self._gates.append(gate)
        self.add(method, gate, times=1, when=when)
        return gate

    def add(self, method: str, action: Action, *, times: int | None, when: When | None) -> None:
        """Put one action at the end of the script."""
        self._script.append(_Scripted(method.lower(), action, times, when))

    def take(self, method: str, parameters: Mapping[str, str]) -> Action | None:
        """What the script says on this call; counts it as used."""
        for scripted in self._script:
            if scripted.fits(method.lower(), parameters):
                self._use(scripted)
                return scripted.action
        return None

    def clear(self) -> None:
        """Forget the rest of the script and let go of what is held."""
        for gate in self._gates:
            gate.release()
        self._gates.clear()
        self._script.clear()

    def _use(self, scripted: _Scripted) -> None:
        if scripted.times is None:
            return
        scripted.times -= 1
        if scripted.times <= 0:
            self._script.remove(scripted)
