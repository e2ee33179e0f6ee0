"""The scheme file: one TOML text holds what a town decides, and becomes a `Scheme` or a list of mistakes."""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from conversations.scheme_checks import cross_checks
from conversations.scheme_kinds import Answer, Category, Copy, DigestCopy, Question
from conversations.scheme_lines import Lines
from conversations.scheme_mistakes import Found, Mistake, SchemeMistakes, from_pydantic, where_is
from conversations.scheme_people import Digest, Hours, Open311, Recipient
from conversations.scheme_texts import Table, said
from conversations.scheme_town import (
    About,
    Alerts,
    Area,
    Contact,
    NamedPoint,
    Place,
    Privacy,
    Pspo,
    Retention,
    Training,
    Urls,
)

__all__ = [
    "About",
    "Alerts",
    "Answer",
    "Area",
    "Category",
    "Contact",
    "Copy",
    "Digest",
    "DigestCopy",
    "Hours",
    "Mistake",
    "NamedPoint",
    "Open311",
    "Place",
    "Privacy",
    "Pspo",
    "Question",
    "Recipient",
    "Retention",
    "Scheme",
    "SchemeMistakes",
    "Training",
    "Urls",
    "parse",
    "said",
]


class Scheme(Table):
    """All that a town decides; immutable, so it may be shared by everything that runs."""

    about: About = Field(alias="scheme")
    area: Area
    categories: tuple[Category, ...] = Field(min_length=1)
    recipients: tuple[Recipient, ...] = Field(min_length=1)
    training: Training
    retention: Retention = Retention()
    alerts: Alerts = Alerts()
    privacy: Privacy
    pspo: Pspo | None = None

    def __hash__(self) -> int:
        """Cheap, and equal for equal schemes, so that what is built from a scheme can be remembered."""
        return hash((self.about.name, len(self.categories), len(self.area.places)))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The town's clock."""
        return ZoneInfo(self.about.time_zone)

    @cached_property
    def _categories_by_id(self) -> Mapping[str, Category]:
        return {category.id: category for category in self.categories}

    @cached_property
    def _recipients_by_id(self) -> Mapping[str, Recipient]:
        return {recipient.id: recipient for recipient in self.recipients}

    def category(self, category_id: str) -> Category | None:
        """The category with that id; a stored report may name one that the file has dropped."""
        return self._categories_by_id.get(category_id)

    def recipient(self, recipient_id: str) -> Recipient | None:
        """The recipient with that id; a stored route may name one that the file has dropped."""
        return self._recipients_by_id.get(recipient_id)


def parse(text: str) -> Scheme:
    """Read a scheme file.

    Raises `SchemeMistakes` with all mistakes at once; only broken TOML comes alone, because nothing behind
    the break can be read.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise SchemeMistakes((_broken(broken, text),)) from None
    found = cross_checks(raw)
    try:
        scheme = Scheme.model_validate(raw)
    except ValidationError as invalid:
        found = [*from_pydantic(invalid, raw, Scheme), *found]
    else:
        if not found:
            return scheme
    raise SchemeMistakes(_placed(found, raw, Lines(text)))


def _placed(found: list[Found], raw: Mapping[str, Any], lines: Lines) -> tuple[Mistake, ...]:
    mistakes = {
        Mistake(lines.of(one.path), where_is(one.path, raw), one.problem, one.mend): None for one in found
    }
    return tuple(sorted(mistakes, key=lambda mistake: mistake.line or 0))


def _broken(broken: tomllib.TOMLDecodeError, text: str) -> Mistake:
    message = str(broken)
    return Mistake(
        line=Lines.named_in(message, text),
        where="the file",
        problem=f"this is not TOML: {message.partition(' (at ')[0]}",
        mend='Look for a missing quote, bracket or "=" on this line or just above it.',
    )
