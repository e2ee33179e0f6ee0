"""A form that fills itself in whatever order people talk: the next question is the first unanswered one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from conversations.acts import Act
from conversations.events import Event
from conversations.facts import Facts
from conversations.says import Option, Phrase, Say, Style, Value
from conversations.state import Ask, Draft


@dataclass(frozen=True, slots=True)
class Answer:
    """What was taken: the draft with it, what to say of it, and what it sets off.

    `ask` is a question that has to be settled first ("which end?"). A draft that is as it was, with an echo,
    is a hint: the question is put again after it.
    """

    draft: Draft
    echo: tuple[Phrase, ...] = ()
    acts: tuple[Act, ...] = ()
    ask: Ask | None = None


class Step(ABC):
    """One question of the form. A value: it knows how to ask and how to accept, and nothing else.

    `name` is what its buttons carry (`draft:name:value`), `clears` the draft's fields as they are when the
    question is open again, `rests_on` the steps without whose answer this one's means nothing.
    """

    name: ClassVar[str]
    clears: ClassVar[Mapping[str, object]]
    rests_on: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def open(self, draft: Draft, facts: Facts) -> bool:
        """Whether the question applies and has no answer yet."""

    @abstractmethod
    def ask(self, draft: Draft, facts: Facts, language: str) -> Say:
        """The question, with its buttons."""

    @abstractmethod
    def accept(self, draft: Draft, value: str, facts: Facts, language: str) -> Answer | None:
        """Take a button's value; None where this step has no such button."""

    def hear(self, draft: Draft, event: Event, facts: Facts, language: str) -> Answer | None:
        """Take free words or a pin; None where they are no answer to this question."""
        return None


def option(subject: str, step: str, value: str, label: Value | None = None, style: Style = "plain") -> Option:
    """A button of a step; its label is the text key `option-step-value` unless given."""
    text = Phrase(f"option-{step}-{value}") if label is None else label
    return Option(f"{subject}:{step}:{value}", text, style)


def options(subject: str, step: str, *values: str) -> tuple[Option, ...]:
    """Several buttons of a step, each with its own text key."""
    return tuple(option(subject, step, value) for value in values)


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
