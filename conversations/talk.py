"""One turn being made: what it changes, says and orders. Flows write into it, the engine hands it out."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from conversations.acts import Act, Wake
from conversations.events import Event
from conversations.facts import Facts
from conversations.says import Option, Phrase, Say, Value, say
from conversations.state import Draft, State


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event leads to: the state to keep, what to say, what to do."""

    state: State
    says: tuple[Say, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(slots=True)
class Talk:
    """A turn in the making."""

    state: State
    facts: Facts
    event: Event
    says: list[Say] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def set(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = msgspec.structs.replace(self.state, **changes)

    def set_draft(self, **changes: Any) -> Draft:
        """Change fields of the draft, which must be there."""
        assert self.state.draft is not None
        draft = msgspec.structs.replace(self.state.draft, **changes)
        self.set(draft=draft)
        return draft

    def say(self, key: str, *options: Option, **values: Value) -> None:
        """Say one phrase."""
        self.says.append(say(key, *options, **values))

    def say_phrases(self, *phrases: Phrase, options: tuple[Option, ...] = ()) -> None:
        """Say several phrases, a paragraph each; nothing when there are none."""
        if phrases:
            self.says.append(Say(text=phrases, options=options))

    def act(self, *acts: Act) -> None:
        """Order something done."""
        self.acts.extend(acts)

    def wake(self, subject: str, moment: datetime, after: timedelta = timedelta()) -> None:
        """Set a timer."""
        self.act(Wake(subject=subject, at=(moment + after).timestamp()))

    @property
    def message(self) -> str:
        """The id of the message that is being answered; "0" where time or a machine speaks."""
        return str(getattr(self.event, "message", "0"))

    def transition(self) -> Transition:
        """What the turn has come to."""
        return Transition(self.state, tuple(self.says), tuple(self.acts))


def short_id(address: str, message: str) -> str:
    """Twelve characters that stand for one message of one person: a pure engine has no randomness."""
    seed = f"{address}/{message}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(seed, digest_size=6).hexdigest()
