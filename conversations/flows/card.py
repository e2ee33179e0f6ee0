"""The card that is sent, and the list of what can be changed on it."""

import msgspec

from conversations.facts import Facts
from conversations.flows.report_steps import (
    BY_NAME,
    STEPS,
    category_of,
    place_phrase,
    words_of,
)
from conversations.form import option
from conversations.says import Clock, Phrase, Say, Value
from conversations.state import Draft

CHANGEABLE = ("category", "place", "photo", "words", "answer", "when")


def card(draft: Draft, facts: Facts, language: str) -> Say:
    """`Graffiti · by Gold Street · today 10:31 · 1 photo`, the words, and [Send]."""
    lines = [Phrase("card", {"facts": _facts(draft, facts, language)})]
    if draft.words:
        lines.append(Phrase("card-words", {"words": words_of(draft)}))
    lines.extend(_shop_line(draft, facts))
    values = ("send", "discard") if draft.of else ("send", "change", "discard")
    styles = {"send": "good"}
    options = tuple(
        msgspec.structs.replace(option(draft.id, "card", value), style=styles.get(value, "plain"))
        for value in values
    )
    return Say(text=tuple(lines), options=options)


def _facts(draft: Draft, facts: Facts, language: str) -> tuple[Value, ...]:
    kind = category_of(draft, facts)
    assert kind is not None
    assert draft.place is not None
    parts: list[Value] = [kind.label_in(language), place_phrase(draft.place), when(draft, facts)]
    if kind.question and draft.answer:
        answer = kind.question.answer(draft.answer)
        said = answer.card_in(language) if answer else draft.answer
        if said:
            parts.append(said)
    pictures = sum(photo.kind == "photo" for photo in draft.photos)
    if pictures:
        parts.append(Phrase("card-photos", {"count": pictures}))
    if len(draft.photos) > pictures:
        parts.append(Phrase("card-recordings", {"count": len(draft.photos) - pictures}))
    return tuple(parts)


def when(draft: Draft, facts: Facts) -> Value:
    """When it was seen, as the reporter said, as the photo says, or by the first message."""
    if draft.when in ("hour", "today", "before"):
        return Phrase(f"when-{draft.when}")
    return clock((draft.photo_at or draft.started_at).timestamp(), facts)


def clock(at: float, facts: Facts) -> Clock:
    return Clock(at, facts.now.timestamp(), facts.scheme.about.time_zone)


def _shop_line(draft: Draft, facts: Facts) -> tuple[Phrase, ...]:
    kind = category_of(draft, facts)
    if draft.name_out:
        return (Phrase("card-name-out"),)
    if kind and kind.people and facts.member and not draft.of:
        return (Phrase("card-shop-named", {"shop": facts.member.business}),)
    return ()


def change_menu(draft: Draft, facts: Facts, language: str) -> Say:
    """What can be changed: every answer, and whether the shop is named."""
    kind = category_of(draft, facts)
    names = [name for name in CHANGEABLE if _applies(name, draft, facts)]
    options = [option(draft.id, "change", name) for name in names]
    options.append(option(draft.id, "change", "name_in" if draft.name_out else "name_out"))
    options.append(option(draft.id, "change", "back"))
    label = kind.label_in(language) if kind else ""
    return Say(text=(Phrase("change-ask", {"kind": label}),), options=tuple(options))


def _applies(name: str, draft: Draft, facts: Facts) -> bool:
    kind = category_of(draft, facts)
    match name:
        case "answer":
            return kind is not None and kind.question is not None
        case "photo":
            return bool(draft.photos) or (kind is not None and kind.photo == "wanted")
        case _:
            return name in BY_NAME and BY_NAME[name] in STEPS
