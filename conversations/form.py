"""A form that fills itself in whatever order people talk: the next question is the first unanswered one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from conversations.acts import Act
from conversations.events import Event
from conversations.facts import Facts
from conversations.says import Option, Phrase, Say, Value
from conversations.state import Ask, Draft


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was taken: the draft with it, what to say of it, and what it sets off.

    `ask` is a question that has to be settled first ("which end?").
    """

    draft: Draft
    echo: tuple[Phrase, ...] = ()
    acts: tuple[Act, ...] = ()
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Not an answer, and what to say before the question is put again."""

    phrase: Phrase


class Step(Protocol):
    """One question of the form. A value: it knows how to ask and how to accept, and nothing else."""

    @property
    def name(self) -> str:
        """What its buttons carry: `draft:name:value`."""
        ...

    @property
    def clears(self) -> dict[str, object]:
        """The draft's fields as they are when this question is open again."""
        ...

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Names of the steps without whose answer this one's means nothing."""
        ...

    def open(self, draft: Draft, facts: Facts) -> bool:
        """Whether the question applies and has no answer yet."""
        ...

    def ask(self, draft: Draft, facts: Facts, language: str) -> Say: ...

    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | Hint | None:
        """Take a button's value; None where this step has no such button."""
        ...

    def hear(self, draft: Draft, event: Event, facts: Facts) -> Answer | Hint | None:
        """Take free words or a pin; None where they are no answer to this question."""
        ...


def option(subject: str, step: str, value: str, label: Value | None = None, **more: str) -> Option:
    """A button of a step; its label is the text key `option-step-value` unless given."""
    text = Phrase(f"option-{step}-{value}") if label is None else label
    return Option(f"{subject}:{step}:{value}", text, **more)  # type: ignore[arg-type]


def next_step(steps: Iterable[Step], draft: Draft, facts: Facts) -> Step | None:
    """The first question without an answer; None when the form is full."""
    return next((step for step in steps if step.open(draft, facts)), None)


def cleared(steps: Iterable[Step], draft: Draft, name: str) -> Draft:
    """The draft with one answer taken back, and with it every answer that rests on it."""
    gone: dict[str, object] = {}
    for step in steps:
        if step.name == name or name in step.rests_on:
            gone |= step.clears
    return msgspec.structs.replace(draft, **gone)
