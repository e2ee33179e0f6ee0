"""What can be reported: categories, their questions and their routes in the scheme file."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from conversations.scheme_texts import (
    Advice,
    ButtonTexts,
    Id,
    Language,
    Line,
    ShortTexts,
    Table,
    Texts,
    said,
)

LABEL_LIMIT = 24
NSIR_CLASSES = ("personal", "nuisance", "environmental")


class Copy(Table):
    """A recipient that gets the report at once; with `when`, only if the question got that answer."""

    recipient: Id
    when: Id | None = None


class DigestCopy(Table):
    """A recipient that learns of the report in its digest alone, as rows or as a mere count."""

    recipient: Id
    as_: Literal["rows", "count"] = Field(alias="as")


class Answer(Table):
    """One answer of a category's question.

    `label` is on the button, `card` (absent: not shown) on the reporter's card, `officer` in the mail,
    `code` a code that officers' systems know (fly-tip sizes are WasteDataFlow's).
    """

    id: Id
    label: ButtonTexts
    officer: Line
    code: str | None = None
    card: Texts = Field(default_factory=dict)

    def label_in(self, language: str) -> str:
        """The button's text."""
        return said(self.label, language)

    def card_in(self, language: str) -> str:
        """What the reporter's card says for this answer; empty when it says nothing."""
        return said(self.card, language)


class Question(Table):
    """The one extra question of a category; `free_text` takes words (a crime number, a registration)."""

    text: Texts
    officer: Line
    answers: tuple[Answer, ...] = Field(default=(), max_length=10)
    free_text: bool = False

    def text_in(self, language: str) -> str:
        """The question as the reporter reads it."""
        return said(self.text, language)

    def answer(self, answer_id: str) -> Answer | None:
        """The answer with that id."""
        return next((answer for answer in self.answers if answer.id == answer_id), None)


def _to_copy(value: Any) -> Any:
    """`"asb"` is short for `{ recipient = "asb" }`."""
    return {"recipient": value} if isinstance(value, str) else value


class Category(Table):
    """A kind of report, and all that a town decides about it.

    `people`: about people, so no photos of them and other closing words. `crime`: the confirmation says it
    is no crime report. `urgent`: out of hours the confirmation names 101. `welfare`: help is wanted, not
    enforcement; police get it only with a reason. `private`: never shown to the shop's other staff.
    `danger_first`: the 999 line comes every time. `nearby`: shown to shops near by, offered for joining.
    """

    id: Id
    label: Texts
    label_short: ShortTexts = Field(default_factory=dict)
    officer_label: str | None = None
    words: Mapping[Language, tuple[Line, ...]]
    owner: Id
    copy_now: tuple[Annotated[Copy, BeforeValidator(_to_copy)], ...] = ()
    copy_digest: tuple[DigestCopy, ...] = ()
    can_pass_to: tuple[Id, ...] = ()
    nearby: bool = False
    private: bool = False
    photo: Literal["wanted", "thing", "none"]
    people: bool
    crime: bool = False
    urgent: bool = False
    welfare: bool = False
    danger_first: bool = False
    keep_pictures_for_police: bool = False
    advice: Advice = Field(default_factory=dict)
    question: Question | None = None
    lawful_basis: Id
    nsir_class: Literal["personal", "nuisance", "environmental"] | None = None
    nsir_type: str | None = None
    police_uk: str | None = None

    def label_in(self, language: str) -> str:
        """What the reporter sees, at full length."""
        return said(self.label, language)

    def short_label_in(self, language: str) -> str:
        """What a button shows: at most 24 characters in every language of the scheme."""
        short = self.label_short.get(language)
        label = self.label_in(language)
        return short or (label if len(label) <= LABEL_LIMIT else said(self.label_short, language) or label)

    def advice_in(self, language: str) -> str:
        """What is said when the kind was chosen; empty when there is nothing to say."""
        return said(self.advice, language)

    @property
    def officer_name(self) -> str:
        """The name in mails and exports, always English."""
        return self.officer_label or self.label_in("en")

    def at_once(self, answer: str | None = None) -> tuple[str, ...]:
        """Ids of the recipients that get the report now, owner first, given the question's answer."""
        copies = (copy.recipient for copy in self.copy_now if copy.when in (None, answer))
        return tuple(dict.fromkeys((self.owner, *copies)))
