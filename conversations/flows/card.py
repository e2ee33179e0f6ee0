"""The card that is sent, and the list of what can be changed on it."""

from conversations.facts import Facts
from conversations.flows.drafts import category_of, shows_pictures, words_of
from conversations.flows.place_step import place_phrase
from conversations.form import option, options
from conversations.says import Clock, Phrase, Say, Value
from conversations.state import Draft, Place

CHANGEABLE = ("category", "place", "photo", "words", "answer", "when")

# Of the words on the card, so that it fits every channel; all of them are sent.
SHOWN_WORDS = 500


def card(draft: Draft, facts: Facts, language: str) -> Say:
    """`Graffiti · by Gold Street · today 10:31 · 1 photo`, the words, and [Send]."""
    lines = [Phrase("card", {"facts": _facts(draft, facts, language)})]
    if draft.words:
        lines.append(Phrase("card-words", {"words": shortened(words_of(draft), SHOWN_WORDS)}))
    lines.extend(_shop_line(draft, facts))
    send = option(draft.id, "card", "send", style="good")
    others = ("discard",) if draft.of else ("change", "discard")
    return Say(text=tuple(lines), options=(send, *options(draft.id, "card", *others)))


def shortened(words: str, most: int) -> str:
    """The beginning of the words, up to `most` UTF-16 units, in which channels count."""
    units = words.encode("utf-16-le")
    return words if len(units) <= 2 * most else units[: 2 * most - 2].decode("utf-16-le", "ignore") + "…"


def _facts(draft: Draft, facts: Facts, language: str) -> tuple[Value, ...]:
    kind = category_of(draft, facts)
    assert kind is not None
    assert draft.place is not None
    parts: list[Value] = [kind.label_in(language), _place_shown(draft, draft.place), when(draft, facts)]
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


def _place_shown(draft: Draft, place: Place) -> Phrase:
    """What leaves: a shop that is not to be named has no address either."""
    if draft.name_out and place.kind == "shop":
        return Phrase("place-shop-hidden")
    return place_phrase(place)


def when(draft: Draft, facts: Facts) -> Value:
    """When it was seen, as the reporter said, as the photo says, or by the first message."""
    if draft.when in ("hour", "today", "before"):
        return Phrase(f"when-{draft.when}")
    return clock((draft.photo_at or draft.started_at).timestamp(), facts)


def clock(at: float, facts: Facts) -> Clock:
    """A moment by the town's clock, as seen from now."""
    return Clock(at, facts.now.timestamp(), facts.scheme.about.time_zone)


def _shop_line(draft: Draft, facts: Facts) -> tuple[Phrase, ...]:
    kind = category_of(draft, facts)
    if draft.name_out:
        return (Phrase("card-name-out"),)
    if kind and kind.people and facts.member and not draft.of:
        return (Phrase("card-shop-named", {"shop": facts.member.business}),)
    return ()


def change_menu(draft: Draft, facts: Facts) -> Say:
    """What can be changed: every answer, and whether the shop is named."""
    names = [name for name in CHANGEABLE if _applies(name, draft, facts)]
    names += ["name_in" if draft.name_out else "name_out", "back"]
    return Say(text=(Phrase("change-ask"),), options=options(draft.id, "change", *names))


def _applies(name: str, draft: Draft, facts: Facts) -> bool:
    kind = category_of(draft, facts)
    match name:
        case "answer":
            return kind is not None and kind.question is not None
        case "photo":
            return (
                shows_pictures(draft) or bool(draft.photos) or (kind is not None and kind.photo == "wanted")
            )
    return True
